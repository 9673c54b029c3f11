"""Where an answer leads: which part of it is the parameter of which other operation (OpenAPI links).

Programs, and the test that calls everything, follow them instead of guessing numbers.
"""

from __future__ import annotations

from typing import Any

from siquan.insight.scoring.states import VERBS as APPEAL_VERBS
from siquan.work.cases.states import VERBS

_ONE = "$response.body#/"
_FIRST = "$response.body#/items/0/"
_CASE_ACTS = [f"case_{verb.replace('-', '_')}" for verb in VERBS]
_APPEAL_ACTS = [f"appeal_{verb}" for verb in APPEAL_VERBS]

# (operation, status): {operation it leads to: {parameter: where in the answer}}
LINKS: dict[tuple[str, int], dict[str, dict[str, str]]] = {
    ("reports_report", 201): {"reports_follow": {"token": f"{_ONE}token"}},
    ("cases_list_cases", 200): {
        "cases_list_cases": {"cursor": f"{_ONE}next"},
        "cases_read_case": {"number": f"{_FIRST}number"},
    },
    ("cases_read_case", 200): {
        **{act: {"number": f"{_ONE}number"} for act in _CASE_ACTS},
        "case_contact": {"number": f"{_ONE}number"},
        "case_photo_original": {"number": f"{_ONE}number", "key": f"{_ONE}photos/0/key"},
        "rates_new_appeal": {"number": f"{_ONE}number"},
    },
    **{(act, 200): {"cases_read_case": {"number": f"{_ONE}number"}} for act in _CASE_ACTS},
    ("rates_read_period", 200): {"rates_read_cases": {"period": f"{_ONE}period"}},
    ("rates_read_cases", 200): {"cases_read_case": {"number": f"{_FIRST}number"}},
    ("rates_list_appeals", 200): {"rates_read_appeal": {"appeal_id": f"{_FIRST}id"}},
    ("rates_new_appeal", 201): {"rates_read_appeal": {"appeal_id": f"{_ONE}id"}},
    ("rates_read_appeal", 200): {act: {"appeal_id": f"{_ONE}id"} for act in _APPEAL_ACTS},
    ("callbacks_list_call_backs", 200): {
        "callbacks_list_call_backs": {"cursor": f"{_ONE}next"},
        "callbacks_read_call_back": {"key": f"{_FIRST}id"},
    },
    ("callbacks_take_next", 200): {
        "callbacks_read_call_back": {"key": f"{_ONE}id"},
        "callbacks_save_call": {"key": f"{_ONE}id"},
    },
    ("callbacks_read_call_back", 200): {"callbacks_correct": {"key": f"{_ONE}id"}},
    ("callbacks_save_call", 200): {
        "callbacks_take_back": {"key": f"{_ONE}id"},
        "callbacks_correct": {"key": f"{_ONE}id"},
    },
    ("evaluations_list_rounds", 200): {"evaluations_read_round": {"key": f"{_ONE}0/id"}},
    ("evaluations_announce", 201): {
        "evaluations_read_round": {"key": f"{_ONE}id"},
        "evaluations_act": {"key": f"{_ONE}id"},
    },
    ("evaluations_mine", 200): {"evaluations_judge": {"key": f"{_ONE}0/id"}},
}


def links_of(operation: str, status: int) -> dict[str, Any]:
    """Return the links of an answer as OpenAPI writes them."""
    return {
        target: {"operationId": target, "parameters": parameters}
        for target, parameters in LINKS.get((operation, status), {}).items()
    }
