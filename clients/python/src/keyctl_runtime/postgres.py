"""PostgreSQL by psycopg 3, for threads and for asyncio.

A server that hangs answers nothing, and its kernel acknowledges all the same: so every wait has an end
on this side. What is given up is cancelled, since no timeout is set in a session that may be a pooler's.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, Final

from .errors import ConfigurationError, StoreUnavailable, not_loaded

try:
    import psycopg
    from psycopg import waiting
except ImportError as error:
    raise ConfigurationError(not_loaded("the store is PostgreSQL", "psycopg", "postgres", error)) from error

from .apool import AsyncPool
from .find import Reading
from .hosts import FAULTS, TIMEOUT, Hosts, unavailable
from .location import PostgresLocation
from .pool import Pool
from .row import CLOCK_AT, STORE_AT, Raw, answered
from .sql import POSTGRES
from .stores import Now
from .wire import INTERVAL, LINGER, RV, SESSION, Late, Session, Wait, bounded

_CANCEL: Final = 1.0
"""Seconds that the server has to take note that nobody waits any more."""
_AT_A_TIME: Final = 4
_REMEMBERED: Final = 1.0
"""Seconds for which the store's own row is not read again, as long as the mark is the same."""
# A plan that does not fit the views any more, a statement that is not there or is already, a transaction that
# was left open since this process, or its event loop, stood still, a function that is no more. It is asked again
# on another connection.
_ANEW: Final = frozenset({"0A000", "26000", "42P05", "25P03", "42883"})


_cancelling = threading.Semaphore(_AT_A_TIME)
_watches: weakref.WeakSet[_Watch] = weakref.WeakSet()


def _is_tried_again(error: Exception, one: Session) -> bool:
    """Whether the connection had ended before it was used, or the server behind it is another one."""
    if isinstance(error, StoreUnavailable):
        return True
    if getattr(error, "sqlstate", None) in _ANEW:
        return True
    is_error = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return is_error and not isinstance(error, psycopg.errors.QueryCanceled) and one.is_lost


def _check_primary(raw: Raw | None, clock_at: int) -> None:
    """Behind a pooler the server may have become another one."""
    if raw is not None and raw[clock_at] is None:
        raise StoreUnavailable("unreachable", "the server is a standby")


class _Remembered:
    """The store's own row, as it was read under the current mark a moment ago."""

    __slots__ = ("_end", "_store")

    def __init__(self) -> None:
        self._store: tuple[Any, ...] | None = None
        self._end = 0.0

    def note(self, raw: Raw | None) -> None:
        self._store = tuple(raw[:STORE_AT]) if raw else None
        self._end = monotonic() + _REMEMBERED

    def store(self) -> tuple[Any, ...] | None:
        return self._store if monotonic() < self._end else None


def _completed(raw: Raw | None, store: tuple[Any, ...]) -> Raw | None:
    """What `POSTGRES.token` would have returned, of what `POSTGRES.row` did; None if the mark has moved."""
    return (*store, *raw[1:]) if raw is not None and raw[0] == store[0] else None


class _Base(ABC):
    """What is alike for threads and for asyncio."""

    _pool: Pool[Session] | AsyncPool[Session]

    def __init__(self, location: PostgresLocation, now: Now) -> None:
        self._hosts = Hosts(location.address, location.origin)
        self._now, self._remembered = now, _Remembered()

    def _served(self, one: Session) -> None:
        self._pool.give_back(one)
        if one.is_in_burst and not one.is_watched:
            self._watch(one)

    def _failed(self, one: Session, error: Exception, end: float) -> StoreUnavailable | None:
        """What is to be raised, outside of what handles the driver's error, so that nothing of that hangs at
        it; None where the look-up is tried again."""
        is_tried_again = _is_tried_again(error, one) and monotonic() < end
        self._give_up(one)
        return None if is_tried_again else unavailable(error)

    @abstractmethod
    def _watch(self, one: Session) -> None:
        """Sees to it that the burst ends."""

    @abstractmethod
    def _give_up(self, one: Session) -> None:
        """Ends the connection. What the server is still at is cancelled first, by somebody else: whoever
        waited has waited long enough."""


class PostgresStore(_Base):
    """Look-ups in a database. It may be used by several threads."""

    def __init__(self, location: PostgresLocation, now: Now, connections: int) -> None:
        super().__init__(location, now)
        self._pool: Pool[Session] = Pool(connections, self._open, Session.finish)
        self._bursts = _Watch(self._end_burst)

    def token(self, token_hash: str) -> Reading:
        store = self._remembered.store()
        if store is not None:
            raw, sent = self._read(POSTGRES.row, (token_hash,), 1)
            completed = _completed(raw, store)
            if completed is not None:
                return completed, sent
        raw, sent = self._read(POSTGRES.token, (token_hash,))
        self._remembered.note(raw)
        return raw, sent

    def secret(self, token_hash: str, provider: str) -> Reading:
        return self._read(POSTGRES.secret, (token_hash, provider))

    def jwt(self, kid: str, key_id: str) -> Reading:
        return self._read(POSTGRES.jwt, (kid, key_id))

    def mark(self) -> Reading:
        return self._read(POSTGRES.mark, (), 3)

    def nonce(self, seq: int) -> Raw:
        return answered(self._read(POSTGRES.nonce, (str(seq),), None)[0])

    def close(self) -> None:
        self._pool.close()

    def _open(self) -> Session:
        faults: dict[int, StoreUnavailable] = {}
        for at in self._hosts:
            with self._hosts.trying(at, faults):
                return self._open_at(at)
        raise self._hosts.failed(faults)

    def _open_at(self, at: int) -> Session:
        one = Session(psycopg.Connection.connect(**self._hosts.parameters(at), autocommit=True))
        try:
            one.greeted(_wait(one, SESSION, (), monotonic() + TIMEOUT))
        except BaseException:
            one.finish()
            raise
        return one

    def _read(self, statement: str, given: tuple[str, ...], clock_at: int | None = CLOCK_AT) -> Reading:
        end = monotonic() + TIMEOUT
        while True:
            one, sent = self._pool.take(), self._now()
            try:
                raw = _wait(one, statement, given, max(end, monotonic() + INTERVAL))
                if clock_at is not None:
                    _check_primary(raw, clock_at)
            except FAULTS as error:
                fault = self._failed(one, error, end)
            except BaseException:
                self._give_up(one)
                raise
            else:
                self._served(one)
                return raw, sent
            if fault is not None:
                raise fault

    def _end_burst(self, one: Session) -> bool:
        """Ends a transaction that nobody has gone on with. Whether there is none any more."""
        if not one.is_left or not self._pool.take_this(one):
            return not one.is_in_burst or one.is_lost
        try:
            _run(one, one.end_burst(), monotonic() + TIMEOUT)
        except (psycopg.Error, Late):
            self._pool.discard(one)
        else:
            self._pool.give_back(one)
        return True

    def _watch(self, one: Session) -> None:
        self._bursts.add(one)

    def _give_up(self, one: Session) -> None:
        if not (one.is_busy and _cancelling.acquire(blocking=False)):
            self._pool.discard(one)
            return
        self._pool.abandon(one)
        threading.Thread(target=_cancel, args=(one, _cancelling), daemon=True).start()


class _Watch:
    """A thread that ends bursts, for as long as there are any."""

    def __init__(self, end_burst: Callable[[Session], bool]) -> None:
        self._end_burst = end_burst
        self.forget()
        _watches.add(self)

    def forget(self) -> None:
        """In a process that was forked: the thread is not here."""
        self._lock, self._watched, self._is_running = threading.Lock(), list[Session](), False

    def add(self, one: Session) -> None:
        with self._lock:
            if one.is_watched:
                return
            one.is_watched = True
            self._watched.append(one)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="keyctl_runtime", daemon=True).start()

    def _run(self) -> None:
        idle_since = monotonic()
        while True:
            sleep(LINGER)
            for one in list(self._watched):
                idle_since = monotonic()
                if self._end_burst(one):
                    with self._lock:
                        self._watched.remove(one)
                        one.is_watched = False
                        # It may have begun anew in between, when it was still watched.
                        if one.is_in_burst and not one.is_lost:
                            one.is_watched = True
                            self._watched.append(one)
            with self._lock:
                # A thread is dear: this one waits a little for the next burst.
                if not self._watched and monotonic() - idle_since > 1:
                    self._is_running = False
                    return


def _run(one: Session, steps: Wait[RV], end: float) -> RV:
    return waiting.wait(bounded(steps, end), one.pgconn.socket, interval=INTERVAL)


def _wait(one: Session, statement: str, given: tuple[str, ...], end: float) -> Raw | None:
    return _run(one, one.ask(statement, given), end)


def _cancel(one: Session, turns: threading.Semaphore) -> None:
    assert isinstance(one.connection, psycopg.Connection)
    try:
        with suppress(psycopg.Error):
            one.connection.cancel_safe(timeout=_CANCEL)
    finally:
        one.finish()
        turns.release()


class AsyncPostgresStore(_Base):
    """Look-ups in a database, for one event loop."""

    def __init__(self, location: PostgresLocation, now: Now, connections: int) -> None:
        super().__init__(location, now)
        self._pool: AsyncPool[Session] = AsyncPool(connections, self._open, Session.finish)
        self._cancelling: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def token(self, token_hash: str) -> Reading:
        store = self._remembered.store()
        if store is not None:
            raw, sent = await self._read(POSTGRES.row, (token_hash,), 1)
            completed = _completed(raw, store)
            if completed is not None:
                return completed, sent
        raw, sent = await self._read(POSTGRES.token, (token_hash,))
        self._remembered.note(raw)
        return raw, sent

    async def secret(self, token_hash: str, provider: str) -> Reading:
        return await self._read(POSTGRES.secret, (token_hash, provider))

    async def jwt(self, kid: str, key_id: str) -> Reading:
        return await self._read(POSTGRES.jwt, (kid, key_id))

    async def mark(self) -> Reading:
        return await self._read(POSTGRES.mark, (), 3)

    async def nonce(self, seq: int) -> Raw:
        return answered((await self._read(POSTGRES.nonce, (str(seq),), None))[0])

    async def close(self) -> None:
        self._pool.close()

    async def _open(self) -> Session:
        faults: dict[int, StoreUnavailable] = {}
        for at in self._hosts:
            with self._hosts.trying(at, faults):
                return await self._open_at(at)
        raise self._hosts.failed(faults)

    async def _open_at(self, at: int) -> Session:
        connection = await psycopg.AsyncConnection.connect(**self._hosts.parameters(at), autocommit=True)
        one = Session(connection)
        try:
            one.greeted(await _wait_async(one, SESSION, (), monotonic() + TIMEOUT))
        except BaseException:
            one.finish()
            raise
        return one

    async def _read(self, statement: str, given: tuple[str, ...], clock_at: int | None = CLOCK_AT) -> Reading:
        end = monotonic() + TIMEOUT
        while True:
            one, sent = await self._pool.take(), self._now()
            try:
                raw = await _wait_async(one, statement, given, max(end, monotonic() + INTERVAL))
                if clock_at is not None:
                    _check_primary(raw, clock_at)
            except FAULTS as error:
                fault = self._failed(one, error, end)
            except BaseException:
                self._give_up(one)
                raise
            else:
                self._served(one)
                return raw, sent
            if fault is not None:
                raise fault

    def _watch(self, one: Session) -> None:
        one.is_watched = True
        asyncio.get_running_loop().call_later(LINGER, self._look_after, one)

    def _look_after(self, one: Session) -> None:
        """Ends a transaction that nobody has gone on with, or looks again later."""
        if not one.is_in_burst or one.is_lost:
            one.is_watched = False
        elif one.is_left:
            task = asyncio.get_running_loop().create_task(self._end_burst(one))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        else:
            self._watch(one)

    async def _end_burst(self, one: Session) -> None:
        if not await self._pool.take_this(one):
            self._watch(one)
            return
        one.is_watched = False
        try:
            await _run_async(one, one.end_burst(), monotonic() + TIMEOUT)
        except (psycopg.Error, Late):
            self._pool.discard(one)
        except BaseException:
            self._pool.discard(one)
            raise
        else:
            self._pool.give_back(one)

    def _give_up(self, one: Session) -> None:
        if not one.is_busy or len(self._cancelling) >= _AT_A_TIME:
            self._pool.discard(one)
            return
        self._pool.abandon(one)
        task = asyncio.get_running_loop().create_task(_cancel_async(one))
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)


async def _wait_async(one: Session, statement: str, given: tuple[str, ...], end: float) -> Raw | None:
    return await _run_async(one, one.ask(statement, given), end)


async def _run_async(one: Session, steps: Wait[RV], end: float) -> RV:
    return await waiting.wait_async(bounded(steps, end), one.pgconn.socket, interval=INTERVAL)


async def _cancel_async(one: Session) -> None:
    assert isinstance(one.connection, psycopg.AsyncConnection)
    try:
        with suppress(psycopg.Error, TimeoutError):
            async with asyncio.timeout(_CANCEL):
                await one.connection.cancel_safe(timeout=_CANCEL)
    finally:
        one.finish()


def _after_fork() -> None:
    """Whoever had a turn is not here."""
    global _cancelling
    _cancelling = threading.Semaphore(_AT_A_TIME)
    for watch in list(_watches):
        watch.forget()


os.register_at_fork(after_in_child=_after_fork)
