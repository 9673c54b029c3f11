"""Start an installation: database, tables, demo district if asked for, web server and worker."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from siquan.config import env
from siquan.config.cluster import Cluster, ClusterError

READY_WITHIN = 60.0  # seconds
RESTART_AFTER = 1.0  # seconds; a process that dies at once must not be started a thousand times


def demo(words: Sequence[str]) -> int:
    """Run `siquan demo`: the demo district, made on the first start."""
    parser = _parser("demo", "Create the demo district if there is none, start web server and worker.")
    parser.add_argument(
        "--cases", type=int, default=20_000, help="how many cases the year has (default 20,000)"
    )
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same district")
    options = parser.parse_args(words)
    os.environ["SIQUAN_DIR"] = str(Path(options.dir or "demo-district").absolute())
    os.environ.setdefault("SIQUAN_DEMO", "1")
    return _run(options, prepare=["demo_build", "--cases", str(options.cases), "--seed", str(options.seed)])


def serve(words: Sequence[str]) -> int:
    """Run `siquan serve`: this installation as it is."""
    options = _parser("serve", "Start web server and worker of this installation.").parse_args(words)
    if options.dir:
        os.environ["SIQUAN_DIR"] = str(Path(options.dir).absolute())
    return _run(options, prepare=None)


def _parser(name: str, text: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"siquan {name}", description=text)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--dir", help="folder for the database, photos and keys")
    parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
    return parser


def _run(options: argparse.Namespace, prepare: Sequence[str] | None) -> int:
    cluster = None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        if not os.environ.get("DATABASE_URL"):
            cluster = Cluster(env.folder())
            os.environ["DATABASE_URL"] = cluster.start()
        if not _prepare(prepare):
            return 1
        return _watch(options, cluster, stop)
    except ClusterError as error:
        print(f"siquan: {error}", file=sys.stderr)
        return 1
    finally:
        if cluster:
            cluster.stop()


def _prepare(command: Sequence[str] | None) -> bool:
    """Bring tables and static files up to date, in processes of their own that give their memory back."""
    steps = [
        ["migrate", "--no-input", "--verbosity", "0"],
        ["collectstatic", "--no-input", "--verbosity", "0"],
    ]
    if command:
        steps.append(list(command))
    return all(
        subprocess.run([sys.executable, "-m", "siquan", "django", *step], check=False).returncode == 0  # noqa: S603
        for step in steps
    )


def _processes(options: argparse.Namespace) -> dict[str, list[str]]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", options.host]
    web += ["--port", str(options.port), "--workers", str(options.workers), "--blocking-threads", "4"]
    web += ["--no-ws", "--respawn-failed-workers", "--log-level", "warning", "siquan.config.wsgi:application"]
    return {"web": web, "worker": [sys.executable, "-m", "siquan", "worker"]}


def _watch(options: argparse.Namespace, cluster: Cluster | None, stop: threading.Event) -> int:
    """Keep the processes running and say when the address answers."""
    commands = _processes(options)
    address = f"http://{options.host}:{options.port}"
    running = {name: _start(command) for name, command in commands.items()}
    threading.Thread(target=_announce, args=(address, stop), daemon=True).start()
    code = 0
    try:
        while not stop.wait(RESTART_AFTER):
            if cluster and not cluster.is_running():
                cluster.start()
            for name, process in running.items():
                if process.poll() is not None:
                    print(
                        f"siquan: {name} ended with {process.returncode}; starting it again", file=sys.stderr
                    )
                    running[name] = _start(commands[name])
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
    return code


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches siquan, which then stops its processes in order.
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603


def _announce(address: str, stop: threading.Event) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not stop.is_set():
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    print(f"ready {address}", flush=True)
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stop.is_set():
        print(f"siquan: {address} does not answer; is the port taken? Try --port.", file=sys.stderr)
