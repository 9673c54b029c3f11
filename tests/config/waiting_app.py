"""A small application behind the product's intake and server: `python -m tests.config.waiting_app PORT`."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

from django.http import FileResponse, HttpResponse

from siquan.base.web.limits import TURNED_AWAY
from siquan.config.granian_web import server
from siquan.config.intake import Intake

LONG = 40_000_000  # bytes, more than all buffers on the way hold


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Say how long the body is; send something long."""
    response: Any = HttpResponse(f"{len(environ['wsgi.input'].read())} bytes")
    if TURNED_AWAY in environ:
        response = HttpResponse("turned away", status=503)
    elif environ["PATH_INFO"] == "/long":
        response = FileResponse(io.BytesIO(bytes(LONG)))
    start_response(f"{response.status_code} ", list(response.items()))
    return response


application = Intake(answer)

if __name__ == "__main__":
    server("tests.config.waiting_app:application", "127.0.0.1", int(sys.argv[1]), 1).serve()
