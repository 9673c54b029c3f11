"""What the worker does by the clock."""

from __future__ import annotations

from siquan.base.files import jobs as files
from siquan.base.journal import jobs as journal
from siquan.base.journal.reactions import Every

SCHEDULE = [
    Every(seconds=2, job=journal.seal),
    Every(seconds=3600, job=files.sweep_orphans),
]
