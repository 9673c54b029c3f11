"""What the worker does by the clock."""

from __future__ import annotations

from siquan.base.files import jobs as files
from siquan.base.journal import jobs as journal
from siquan.base.journal.reactions import Every
from siquan.base.notices import jobs as notices

SCHEDULE = [
    Every(seconds=2, job=journal.seal),
    Every(seconds=3, job=notices.deliver_due, own_transactions=True),
    Every(seconds=3600, job=files.sweep_orphans),
]
