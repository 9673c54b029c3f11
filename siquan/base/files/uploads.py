"""Refuse an absurdly large request before a byte of it is kept."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# Six photos at the limit, or one large table of tickets.
MOST_BYTES = 160_000_000


class BoundedUpload(FileUploadHandler):
    """First of `FILE_UPLOAD_HANDLERS`: looks at the declared length, then leaves the work to the others."""

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Raise `RequestDataTooBig` (answered with 400) when the request is larger than any honest one."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes in one request; at most {MOST_BYTES}.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the bytes on."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
