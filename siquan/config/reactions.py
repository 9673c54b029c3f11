"""What follows what: every consequence across rooms, in one table.

Each reaction is queued in the transaction that wrote the journal entry, runs at least once, and its effect
in the database happens exactly once (siquan/base/journal/README.md).
"""

from __future__ import annotations

from siquan.base.files import jobs as files
from siquan.base.journal.reactions import Reactions

REACTIONS: Reactions = {
    "file.stored": [files.make_thumbnail],
}
