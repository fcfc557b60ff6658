"""PostgreSQL by psycopg 3, for threads and for asyncio.

A server that hangs answers nothing, and its kernel acknowledges all the same: so every wait has an end
on this side, too.
"""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any, Final, TypeVar

from .errors import ConfigurationError, StoreUnavailable

try:
    import psycopg
    from psycopg import waiting
except ImportError:
    raise ConfigurationError("the store is PostgreSQL: install keyctl-runtime[postgres]") from None

from .apool import AsyncPool
from .dsn import parameters
from .find import Reading
from .location import PostgresLocation
from .pool import Pool
from .row import Raw
from .sql import POSTGRES
from .stores import Now

TIMEOUT: Final = 2.0
"""Seconds for a look-up."""
_INTERVAL: Final = 0.05
# The path first of all: a view of the same name in another schema must not be read in its place.
_SESSION: Final = (
    "SELECT pg_is_in_recovery(), set_config('statement_timeout', '2000', false),"
    " set_config('default_transaction_read_only', 'on', false),"
    " set_config('search_path', 'pg_catalog', false)"
)

RV = TypeVar("RV")
_Wait = Generator[Any, Any, RV]


class _Late(Exception):
    """The time is up."""


def _bounded(waits: _Wait[RV], end: float) -> _Wait[RV]:
    """The same steps until `end`. The driver comes back at least every `_INTERVAL`."""
    try:
        step = next(waits)
        while True:
            ready = yield step
            if not ready and monotonic() >= end:
                raise _Late
            step = waits.send(ready)
    except StopIteration as done:
        result: RV = done.value
        return result


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    end: float = 0.0

    def wait(self, gen: _Wait[RV], *_: Any, **__: Any) -> RV:
        try:
            return waiting.wait(_bounded(gen, self.end), self.pgconn.socket, interval=_INTERVAL)
        except BaseException:
            # Asking the server to cancel would wait for it again.
            self.pgconn.finish()
            raise


class _AsyncConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    end: float = 0.0

    async def wait(self, gen: _Wait[RV], *_: Any, **__: Any) -> RV:
        try:
            return await waiting.wait_async(_bounded(gen, self.end), self.pgconn.socket, interval=_INTERVAL)
        except BaseException:
            self.pgconn.finish()
            raise


def _unavailable(error: Exception) -> StoreUnavailable:
    if isinstance(error, _Late | psycopg.errors.QueryCanceled | psycopg.errors.ConnectionTimeout):
        return StoreUnavailable("timeout", f"PostgreSQL did not answer within {TIMEOUT:g} s")
    state = getattr(error, "sqlstate", None)
    text = str(error).strip().split("\n", 1)[0]
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return StoreUnavailable("view_version", f"PostgreSQL: {text} ({state})")
    return StoreUnavailable("unreachable", f"PostgreSQL: {text}" + (f" ({state})" if state else ""))


def _check_session(row: tuple[Any, ...] | None) -> None:
    if row is None or row[0] is not False:
        raise StoreUnavailable("unreachable", "the PostgreSQL server is a standby")


def _is_lost(error: Exception, connection: psycopg.Connection[Any] | psycopg.AsyncConnection[Any]) -> bool:
    """Whether a connection that was idle had ended before it was used: then another one is tried."""
    is_error = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return is_error and not isinstance(error, psycopg.errors.QueryCanceled) and connection.closed


class PostgresStore:
    """Look-ups in a database. It may be used by several threads."""

    def __init__(self, location: PostgresLocation, now: Now, connections: int) -> None:
        self._parameters, self._now = parameters(location), now
        self._pool: Pool[_Connection] = Pool(connections, self._open, _close)

    def token(self, token_hash: str) -> Reading:
        return self._read(POSTGRES.token, (token_hash,))

    def secret(self, token_hash: str, provider: str) -> Reading:
        return self._read(POSTGRES.secret, (token_hash, provider, provider, provider))

    def mark(self) -> Reading:
        return self._read(POSTGRES.mark, ())

    def close(self) -> None:
        self._pool.close()

    def _open(self) -> _Connection:
        try:
            made = _Connection.connect(**self._parameters, autocommit=True)
        except psycopg.Error as error:
            raise _unavailable(error) from None
        try:
            made.end = monotonic() + TIMEOUT
            _check_session(made.execute(_SESSION).fetchone())
        except (psycopg.Error, _Late) as error:
            made.close()
            raise _unavailable(error) from None
        except BaseException:
            made.close()
            raise
        return made

    def _read(self, statement: str, given: tuple[str, ...]) -> Reading:
        end = monotonic() + TIMEOUT
        while True:
            one = self._pool.take()
            try:
                sent = self._now()
                one.end = max(end, monotonic() + _INTERVAL)
                raw: Raw | None = one.execute(statement, given).fetchone()
            except BaseException as error:
                self._pool.discard(one)
                if not isinstance(error, psycopg.Error | _Late):
                    raise
                if _is_lost(error, one) and monotonic() < end:
                    continue
                raise _unavailable(error) from None
            self._pool.give_back(one)
            return raw, sent


def _close(one: _Connection) -> None:
    one.pgconn.finish()


class AsyncPostgresStore:
    """Look-ups in a database, for one event loop."""

    def __init__(self, location: PostgresLocation, now: Now, connections: int) -> None:
        self._parameters, self._now = parameters(location), now
        self._pool: AsyncPool[_AsyncConnection] = AsyncPool(connections, self._open, _close_async)

    async def token(self, token_hash: str) -> Reading:
        return await self._read(POSTGRES.token, (token_hash,))

    async def secret(self, token_hash: str, provider: str) -> Reading:
        return await self._read(POSTGRES.secret, (token_hash, provider, provider, provider))

    async def mark(self) -> Reading:
        return await self._read(POSTGRES.mark, ())

    async def close(self) -> None:
        self._pool.close()

    async def _open(self) -> _AsyncConnection:
        try:
            made = await _AsyncConnection.connect(**self._parameters, autocommit=True)
        except psycopg.Error as error:
            raise _unavailable(error) from None
        try:
            made.end = monotonic() + TIMEOUT
            _check_session(await (await made.execute(_SESSION)).fetchone())
        except (psycopg.Error, _Late) as error:
            made.pgconn.finish()
            raise _unavailable(error) from None
        except BaseException:
            made.pgconn.finish()
            raise
        return made

    async def _read(self, statement: str, given: tuple[str, ...]) -> Reading:
        end = monotonic() + TIMEOUT
        while True:
            one = await self._pool.take()
            try:
                sent = self._now()
                one.end = max(end, monotonic() + _INTERVAL)
                raw: Raw | None = await (await one.execute(statement, given)).fetchone()
            except BaseException as error:
                self._pool.discard(one)
                if not isinstance(error, psycopg.Error | _Late):
                    raise
                if _is_lost(error, one) and monotonic() < end:
                    continue
                raise _unavailable(error) from None
            self._pool.give_back(one)
            return raw, sent


def _close_async(one: _AsyncConnection) -> None:
    one.pgconn.finish()
