"""A real PgBouncer before the tests' PostgreSQL, configured as Debian ships it but for its places."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psycopg
from postgres_server import PASSWORD, USER, Server, free_port, unprivileged

CONFIGURATION = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
logfile = {folder}/log
pidfile = {folder}/pid
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
auth_type = md5
auth_file = {folder}/userlist.txt
pool_mode = {mode}
"""


def _program() -> str:
    found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "PgBouncer was not found: scripts/test installs it"
    return found


class Pooler:
    """Runs while the context lasts. `mode` is `session` or `transaction`."""

    def __init__(self, server: Server, mode: str) -> None:
        self._server, self.mode = server, mode

    def __enter__(self) -> Pooler:
        user = unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="keyctl-python-pgbouncer-"))
        self.port = free_port()
        given = {"server": self._server.port, "folder": self.folder, "port": self.port, "mode": self.mode}
        (self.folder / "pgbouncer.ini").write_text(CONFIGURATION.format(**given))
        (self.folder / "userlist.txt").write_text(f'"{USER}" "{PASSWORD}"\n')
        words: list[str] = []
        if user:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, user.pw_uid, user.pw_gid)
            words = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._process = subprocess.Popen(
            [*words, _program(), "-q", str(self.folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        shutil.rmtree(self.folder)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.address("postgres"), prepare_threshold=None).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def address(self, database: str) -> str:
        """Of a database of the server, through this."""
        return f"postgres://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def through(self, direct: str) -> str:
        """The same database as this address of the server."""
        return self.address(direct.rsplit("/", 1)[1])
