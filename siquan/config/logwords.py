"""Log lines without personal data: numbers, cards and e-mails masked, private links cut."""

from __future__ import annotations

import logging
import re
from typing import Final

from siquan.base.kernel.masking import masked_text

# Whatever stands in an address and nobody could guess opens something: a case, what was joined, a file.
PRIVATE_LINK: Final = re.compile(r"/[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_.-])")


class Discreet(logging.Filter):
    """Masks what a line says before it is written; a private link opens a case to whoever reads it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the finished, masked words into the record, and let it pass."""
        record.msg = PRIVATE_LINK.sub("/***", masked_text(record.getMessage()))
        record.args = None
        return True
