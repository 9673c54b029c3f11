"""The contract (OpenAPI) of the API: what every operation can answer is said once, here."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from siquan.doors.api.links import links_of
from siquan.doors.api.problems import PROBLEM_KIND, Problem

PROBLEM = {"$ref": "#/components/schemas/Problem"}
ANYWHERE = (
    400,
    404,
    422,
    429,
    500,
    503,
)  # unreadable, no such thing, does not fit, too many, our fault, away
WITH_BODY = (413,)
WITH_TOKEN = (401, 403)


class Contract(NinjaAPI):
    """The API with short names of operations, and a schema that says what is the same everywhere."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the room and the function: `cases_read_case`."""
        function = operation.view_func
        return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the schema with refusals, their media type and links in every operation."""
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"] |= _problem_schemas()
        for path in schema["paths"].values():
            for operation in path.values():
                _complete(operation)
        return schema


def _problem_schemas() -> dict[str, Any]:
    whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    return {**whole.pop("$defs"), "Problem": whole}


def _complete(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    refusals = set(ANYWHERE)
    if "requestBody" in operation:
        refusals.update(WITH_BODY)
    if "security" in operation:
        refusals.update(WITH_TOKEN)
    for status in sorted(refusals | {int(each) for each in responses if int(each) >= 400}):
        responses.pop(status, None)
        responses[str(status)] = _refusal(status)
    for status, response in responses.items():
        if links := links_of(operation["operationId"], int(status)):
            response["links"] = links


def _refusal(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_KIND: {"schema": PROBLEM}},
    }
    if status in (429, 503):
        found["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
        }
    return found
