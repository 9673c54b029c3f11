"""A child process that everybody else goes before, and that dies rather than take the machine's memory."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def be_modest(*, nice: int, memory_bytes: int) -> None:
    """Make this process nice in a session of its own, with so many bytes of addresses and no core dump."""
    import resource

    os.nice(nice)
    # Linux counts niceness among the processes of a session only, unless the session itself is nice.
    with suppress(OSError):
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(nice))
    with suppress(ValueError, OSError):  # macOS refuses a limit on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
