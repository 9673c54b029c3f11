"""Start an installation: database, tables, demo district if asked for, web server and worker."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from siquan.config import env
from siquan.config.cluster import Cluster, ClusterError
from siquan.config.leash import Leash, TakenError
from siquan.config.prepared import Preparation
from siquan.config.secrets import NoKeys, sealing_keys
from siquan.demo import signins

READY_WITHIN = 180.0  # seconds
WORKER_WITHIN = 5.0  # seconds; what follows from reports waits so long at most, should pages not answer
RESTART_AFTER = 1.0  # seconds; a process that dies at once must not be started a thousand times
MOST_CASES = 5_000_000  # case numbers hold ten million a year
BYTES_PER_CASE = 8_000  # measured: tables, indexes and the database's own log
LOCAL = {"127.0.0.1", "localhost", "::1"}
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to ask when listening everywhere


class CannotStart(RuntimeError):
    """What was asked for cannot be started; the message says what to do."""


def demo(words: Sequence[str]) -> int:
    """Run `siquan demo`: the demo district, made on the first start."""
    parser = _parser("demo", "Create the demo district if there is none, start web server and worker.")
    parser.add_argument(
        "--cases",
        type=_number_up_to(0, MOST_CASES),
        default=20_000,
        metavar="N",
        help="how many cases the year has (default 20,000)",
    )
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same district")
    parser.add_argument("--until", metavar="ISO", help="when the year of cases ends (default: now)")
    options = parser.parse_args(words)
    if "SIQUAN_DIR" not in os.environ:
        os.environ["SIQUAN_DIR"] = str(Path("demo-district").absolute())
    os.environ.setdefault("SIQUAN_DEMO", "1")
    if options.host not in LOCAL:  # nothing in a demo is worth guarding
        os.environ.setdefault("SIQUAN_HOSTS", "*")
    prepare = ["--demo", str(options.cases), "--seed", str(options.seed)]
    prepare += ["--until", options.until] if options.until else []
    return _run(options, prepare, room_for=options.cases * BYTES_PER_CASE)


def serve(words: Sequence[str]) -> int:
    """Run `siquan serve`: this installation as it is."""
    options = _parser("serve", "Start web server and worker of this installation.").parse_args(words)
    return _run(options, [], room_for=0)


def _parser(name: str, text: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"siquan {name}", description=text)
    parser.add_argument("--port", type=_number_up_to(1, 65535), default=8000, metavar="N")
    parser.add_argument("--host", default="127.0.0.1")
    # The command line has taken --dir away already (it is every command's); here it is explained.
    parser.add_argument("--dir", help="folder for the database, photos and keys")
    parser.add_argument(
        "--workers", type=_number_up_to(1, 64), default=2, metavar="N", help="web processes (default 2)"
    )
    return parser


def _number_up_to(least: int, most: int) -> Callable[[str], int]:
    """Return the reader of a whole number within bounds, for argparse."""

    def read(text: str) -> int:
        try:
            number = int(text.replace(",", "").replace("_", ""))
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not a whole number") from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most:,}")
        return number

    return read


def _run(options: argparse.Namespace, prepare: Sequence[str], *, room_for: int) -> int:
    os.environ["SIQUAN_WEB_PROCESSES"] = str(options.workers)  # each counts its share of the limits
    if env.text("SIQUAN_LIMITS") == "off":
        print("siquan: no limits on posting (SIQUAN_LIMITS=off); for measuring only", file=sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    try:
        _check_folder(env.folder(), room_for)
        _check_port(options.host, options.port)
        sealing_keys()
        leash = Leash(env.folder())
    except (CannotStart, TakenError, NoKeys) as error:
        return _refuse(error)
    cluster = None
    try:
        cluster = None if os.environ.get("DATABASE_URL") else Cluster(env.folder())
        return _up(options, prepare, leash, cluster, stop)
    except (ClusterError, OSError) as error:
        return _refuse(error)
    finally:
        if cluster:
            cluster.stop()
        leash.release()


def _up(
    options: argparse.Namespace,
    prepare: Sequence[str],
    leash: Leash,
    cluster: Cluster | None,
    stop: threading.Event,
) -> int:
    """Have the database and everything prepared, then keep the processes running; return the exit code."""
    if cluster:
        os.environ["DATABASE_URL"] = cluster.url
    url = os.environ["DATABASE_URL"]
    preparation = Preparation(env.folder(), prepare)
    # Where there seems to be nothing to prepare, the rooms are loaded while the database starts.
    early = _Early(leash, _processes(options)["web"]) if preparation.may_be_done() else None
    if cluster:
        cluster.start()
    if preparation.is_done(url):
        if prepare:
            print(signins.told(env.folder()), flush=True)
    else:
        if early:
            early.end()
            early = None
        if not _prepare(prepare, leash, stop):
            return 0 if stop.is_set() else 1
        preparation.note(url)
    _watch(options, leash, cluster, stop, early)
    return 0


class _Early:
    """The web processes, loading before the database is there; they ask it nothing until `go`."""

    def __init__(self, leash: Leash, command: Sequence[str]) -> None:
        far, self._near = os.pipe()
        self._leash, self.process = leash, leash.start(command, stdin=far)
        os.close(far)

    def go(self) -> subprocess.Popen[bytes]:
        """Let them serve."""
        os.close(self._near)
        return self.process

    def end(self) -> None:
        """Do without them: what they have loaded may be out of date."""
        self._leash.end(self.process)
        os.close(self._near)


def _refuse(error: Exception) -> int:
    print(f"siquan: {error}", file=sys.stderr)
    return 1


def _check_folder(folder: Path, room_for: int) -> None:
    """Make the folder; raise CannotStart when that, or writing into it, is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"write-test-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"Cannot write into {folder} ({error.strerror}). Choose another folder with --dir."
        ) from None
    free = shutil.disk_usage(folder).free
    if room_for > free and not (folder / "postgres").exists():
        raise CannotStart(
            f"So many cases need about {room_for / 1e9:.0f} GB, and {folder} has {free / 1e9:.0f} GB left."
        )


def _check_port(host: str, port: int) -> None:
    """Raise CannotStart when nobody can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do it: connections of a server that has just ended do not hold the port.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {host} port {port} ({error.strerror}). Choose another port with --port."
        ) from None


def _prepare(words: Sequence[str], leash: Leash, stop: threading.Event) -> bool:
    """Bring everything up to date in a process of its own, which gives its memory back."""
    process = leash.start([sys.executable, "-m", "siquan", "django", "prepare", *words])
    while process.poll() is None and not stop.wait(0.05):
        pass
    leash.end(process)
    return process.returncode == 0


def _processes(options: argparse.Namespace) -> dict[str, list[str]]:
    web = [sys.executable, "-m", "siquan.config.granian_web", "--host", options.host]
    web += ["--port", str(options.port), "--workers", str(options.workers)]
    return {"web": web, "worker": [sys.executable, "-m", "siquan", "worker"]}


def _watch(
    options: argparse.Namespace,
    leash: Leash,
    cluster: Cluster | None,
    stop: threading.Event,
    early: _Early | None,
) -> None:
    """Keep the processes running until told to stop, and say when the address answers."""
    commands = _processes(options)
    running = {"web": early.go() if early else leash.start(commands["web"])}
    answers = threading.Event()
    threading.Thread(target=_announce, args=(options.host, options.port, stop, answers), daemon=True).start()
    try:
        answers.wait(WORKER_WITHIN)  # two that load at once would make people wait for both
        running["worker"] = leash.start(commands["worker"])
        while not stop.wait(RESTART_AFTER):
            if cluster:
                _heal(cluster)
            for name, process in running.items():
                if process.poll() is not None:
                    print(f"siquan: {name} ended ({process.returncode}); starting it again", file=sys.stderr)
                    leash.end(process)  # what it started itself may still be there and hold the port
                    running[name] = leash.start(commands[name])
    finally:
        leash.end(*running.values())


def _heal(cluster: Cluster) -> None:
    if cluster.accepts():
        return
    print("siquan: the database does not answer; starting it again", file=sys.stderr)
    try:
        cluster.start()
    except (ClusterError, subprocess.SubprocessError) as error:  # its old processes may need a moment to go
        print(f"siquan: {error}", file=sys.stderr)


def _announce(host: str, port: int, stop: threading.Event, answers: threading.Event) -> None:
    asked, shown = _in_address(ANYWHERE.get(host, host)), _in_address(host)
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and not stop.is_set():
        try:
            with urllib.request.urlopen(f"http://{asked}:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    answers.set()
                    print(f"ready http://{shown}:{port}", flush=True)
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stop.is_set():
        print(f"siquan: http://{shown}:{port} does not answer; see what was said above.", file=sys.stderr)


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
