"""Answer with a whole page, or with one part of it when htmx asks."""

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template import Template
from django.template.base import Node
from django.template.context import make_context
from django.template.loader import get_template, render_to_string
from django.template.loader_tags import BlockNode
from django.utils.cache import patch_vary_headers


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    part: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template` whole, or only its block `part` when htmx asks for it.

    The block stands in the template file itself, so a page and its part never drift apart.
    """
    found = get_template(template)
    if part and wants_part(request):
        inner: Template = found.template  # type: ignore[attr-defined]
        text = _render_block(inner, part, request, context) + _messages(request)
    else:
        text = found.render(context, request)
    response = HttpResponse(text, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a piece of this page, and not for a page restored from history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def _render_block(template: Template, name: str, request: HttpRequest, values: dict[str, Any] | None) -> str:
    context = make_context(values, request)
    with context.bind_template(template), context.render_context.push_state(template):
        return str(_block(template, name).render(context))


def _messages(request: HttpRequest) -> str:
    """Return the messages that are waiting, so that they reach the page together with the part."""
    waiting = get_messages(request)
    if not len(waiting):
        return ""
    return render_to_string("web/parts/messages.html", {"messages": waiting, "oob": True}, request)


def _block(template: Template, name: str) -> Node:
    for node in template.nodelist.get_nodes_by_type(BlockNode):
        if isinstance(node, BlockNode) and node.name == name:
            return node
    raise LookupError(f"{template.name} has no block {name!r}")
