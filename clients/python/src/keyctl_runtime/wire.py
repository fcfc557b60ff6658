"""A statement on one connection to PostgreSQL, whose session may be a pooler's: whatever is done here, the
next client of that session must not notice.

So nothing is set, and a statement gets a name only where it is the server itself that answers: what it says
of its process is what the connection was greeted with, which a pooler makes up. There, names save two thirds
of the time of a look-up, that of planning it.

Behind a pooler a token is looked up by a function of the store's, whose plan the server keeps. A session is
ours for as long as a transaction there, so look-ups that come close together share one: a burst, in which the
statement without a name is planned once. Each sees what is committed when it is sent.
Whoever ends bursts that nobody goes on with is the store; the server does if this process is stopped.
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
from .row import STORE_AT, Raw
from .sql import POSTGRES

INTERVAL: Final = 0.05
"""Seconds after which the driver comes back, at least."""
# In `public` others may have made a function of that name, where the store is too old to have it.
SESSION: Final = (
    "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_backend_pid(), pg_catalog.version(),"
    " (SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE') FROM pg_catalog.pg_proc AS p"
    " JOIN pg_catalog.pg_class AS c ON c.relowner OPERATOR(pg_catalog.=) p.proowner"
    " WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure('public.keyctl_look_v2(pg_catalog.text)')"
    " AND c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.keyctl_tokens_v1'))"
)
LINGER: Final = 0.005
"""Seconds for which a transaction is held open for the next look-up."""
_BURST_FROM: Final = 4
"""Look-ups so close to the one before them after which a transaction pays, where the server keeps a plan."""
_LONGEST: Final = 0.1
"""Seconds that it lasts at most: others wait for the session, too."""
_BEGIN: Final = (
    b"BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY;"
    b" SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL idle_in_transaction_session_timeout = 1000"
)
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

    __slots__ = (
        "_burst_end", "_close", "_loaders", "_names", "_parsed", "_uses", "connection", "is_direct", "is_in_burst",
        "is_planned", "is_watched", "pgconn", "used_at",
    )  # fmt: skip

    def __init__(self, connection: AnyConnection) -> None:
        self.connection, self.pgconn = connection, connection.pgconn
        self._loaders = Transformer(connection)
        self._uses: dict[str, int] = {}
        self._names: dict[str, bytes] = {}
        self.is_direct = self.is_in_burst = self.is_watched = self.is_planned = False
        self._parsed, self._burst_end, self._close, self.used_at = "", 0.0, 0, float("-inf")

    def greeted(self, row: Raw | None) -> None:
        """Judges the answer to `SESSION`."""
        if row is None or row[0] is not False:
            raise StoreUnavailable("unreachable", "the server is a standby")
        if _PGLITE.search(row[2]):
            raise StoreUnavailable("unreachable", "it is PGlite: all its clients share one session")
        self.is_direct = row[1] == self.pgconn.backend_pid
        self.is_planned = row[3] is True and not self.is_direct

    def ask(self, statement: str, given: tuple[str, ...]) -> Wait[Raw | None]:
        """The steps to the first row, or to None."""
        connection, cells = self.pgconn, [cell.encode() for cell in given]
        name = self._names.get(statement)
        if name is None and self.is_direct and self._is_used_often(statement):
            name = b"keyctl_%d" % len(self._names)
            connection.send_prepare(name, statement.encode())
            _only((yield from generators.execute(connection)))
            self._names[statement] = name
        if name is None and not self.is_direct:
            name = yield from self._in_burst(statement)
        is_planned = name is None and self._has_plan(statement)
        if name is not None:
            connection.send_query_prepared(name, cells)
        else:
            connection.send_query_params((POSTGRES.planned if is_planned else statement).encode(), cells)
        found = _only((yield from generators.execute(connection)))
        self.used_at = monotonic()
        if found.ntuples == 0:
            return None
        self._loaders.set_pgresult(found)
        row: Raw = self._loaders.load_row(0, tuple)
        return (row[0], *row[STORE_AT:]) if is_planned and statement == POSTGRES.row else row

    def _has_plan(self, statement: str) -> bool:
        """Whether the server has a function for it, which it need not plan."""
        return self.is_planned and statement in (POSTGRES.token, POSTGRES.row)

    def _in_burst(self, statement: str) -> Wait[bytes | None]:
        """The empty name, if the statement is planned in this transaction; None for one that comes alone."""
        now = monotonic()
        if self.is_in_burst and now >= self._burst_end:
            yield from self.end_burst()
        if not self.is_in_burst:
            self._close = self._close + 1 if now - self.used_at < LINGER else 0
            if self._close < (_BURST_FROM if self._has_plan(statement) else 1):
                return None
            yield from self._simple(_BEGIN)
            self.is_in_burst, self._parsed, self._burst_end = True, "", now + _LONGEST
        if self._parsed != statement:
            self.pgconn.send_prepare(b"", statement.encode())
            _only((yield from generators.execute(self.pgconn)))
            self._parsed = statement
        return b""

    def end_burst(self) -> Wait[None]:
        """Gives the session back to whoever pools it."""
        yield from self._simple(b"COMMIT")
        self.is_in_burst = False

    def _simple(self, statements: bytes) -> Wait[None]:
        self.pgconn.send_query(statements)
        for found in (yield from generators.execute(self.pgconn)):
            _only([found])

    @property
    def is_left(self) -> bool:
        """Whether a transaction is open that nobody has gone on with."""
        return self.is_in_burst and monotonic() - self.used_at >= LINGER

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
