"""A statement on one connection to PostgreSQL, whose session may be a pooler's: whatever is done here, the
next client of that session must not notice.

So nothing is set, and a statement gets a name only where it is the server itself that answers: what it says
of its process is what the connection was greeted with, which a pooler makes up. There, names save two thirds
of the time of a look-up, that of planning it.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors, generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus

from .errors import StoreUnavailable
from .row import Raw

INTERVAL: Final = 0.05
"""Seconds after which the driver comes back, at least."""
SESSION: Final = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(), pg_catalog.version()"
_PGLITE: Final = re.compile("pglite|emscripten", re.IGNORECASE)
_NAMED_FROM: Final = 3
"""The use from which on a statement has a name: a process that ends soon need not wait for it."""

RV = TypeVar("RV")
Wait = Generator[Any, Any, RV]
AnyConnection = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]


class Late(Exception):
    """The time is up."""


def bounded(waits: Wait[RV], end: float) -> Wait[RV]:
    """The same steps until `end`."""
    try:
        step = next(waits)
        while True:
            ready = yield step
            if not ready and monotonic() >= end:
                raise Late
            step = waits.send(ready)
    except StopIteration as done:
        result: RV = done.value
        return result


class Session:
    """One connection, and what is known of the session behind it."""

    __slots__ = ("_loaders", "_names", "_uses", "connection", "is_direct", "pgconn")

    def __init__(self, connection: AnyConnection) -> None:
        self.connection, self.pgconn = connection, connection.pgconn
        self._loaders = Transformer(connection)
        self._uses: dict[str, int] = {}
        self._names: dict[str, bytes] = {}
        self.is_direct = False

    def greeted(self, row: Raw | None) -> None:
        """Judges the answer to `SESSION`."""
        if row is None or row[0] is not False:
            raise StoreUnavailable("unreachable", "the server is a standby")
        if _PGLITE.search(row[2]):
            raise StoreUnavailable("unreachable", "it is PGlite: all its clients share one session")
        self.is_direct = row[1] == self.pgconn.backend_pid

    def ask(self, statement: str, given: tuple[str, ...]) -> Wait[Raw | None]:
        """The steps to the first row, or to None."""
        connection, cells = self.pgconn, [cell.encode() for cell in given]
        name = self._names.get(statement)
        if name is None and self.is_direct and self._is_used_often(statement):
            name = b"keyctl_%d" % len(self._names)
            connection.send_prepare(name, statement.encode())
            _only((yield from generators.execute(connection)))
            self._names[statement] = name
        if name is None:
            connection.send_query_params(statement.encode(), cells)
        else:
            connection.send_query_prepared(name, cells)
        found = _only((yield from generators.execute(connection)))
        if found.ntuples == 0:
            return None
        self._loaders.set_pgresult(found)
        row: Raw = self._loaders.load_row(0, tuple)
        return row

    def _is_used_often(self, statement: str) -> bool:
        self._uses[statement] = uses = self._uses.get(statement, 0) + 1
        return uses >= _NAMED_FROM

    @property
    def is_lost(self) -> bool:
        """Whether the connection has ended."""
        return self.connection.closed

    @property
    def is_busy(self) -> bool:
        """Whether the server is at work for it, or may be."""
        return not self.is_lost and self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE

    def finish(self) -> None:
        self.pgconn.finish()


def _only(results: list[Any]) -> Any:
    found = results[-1]
    if found.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise errors.error_from_result(found)
    return found
