"""Run every benchmark of this folder, each in a process of its own, and name the machine (`make bench`)."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("Django", "psycopg", "granian", "numpy", "shapely", "Pillow")


def main() -> int:
    """Run them; names as arguments run only these."""
    wanted = sys.argv[1:] or sorted(path.stem for path in HERE.glob("[!_]*.py"))
    print(f"{platform.platform()}, {_processor()}, {os.cpu_count()} cores")
    print(f"Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}")
    print(f"load when begun: {', '.join(f'{each:.1f}' for each in os.getloadavg())}")
    failed = []
    for name in wanted:
        print(f"\n== {name}", flush=True)
        if subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"], cwd=HERE.parent, check=False
        ).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _processor() -> str:
    """Return the name of the processor, as far as the system tells it."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "processor unknown")


if __name__ == "__main__":
    sys.exit(main())
