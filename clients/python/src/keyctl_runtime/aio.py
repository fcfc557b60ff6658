"""The reader for asyncio."""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, TypeVar

from . import jwt, lease, location, slow
from .cache import Cache, Clock, Entry, JwtEntry
from .core import Core, check_provider
from .decide import check_ask
from .errors import StoreUnavailable, TokenDenied, Unavailable
from .find import MALFORMED, Found, Query, Reading, judge_fast, judge_slow, query
from .hashing import ARGON2ID, SHA256, SlowHash
from .history import OnRollback, Question, Verdict
from .keys import FROM_ENVIRONMENT, KeyOption, at_hand
from .lease_place import Configured, CredentialsKey
from .network import Ip
from .pool import WAIT
from .results import JWT_DENIED, Denied, JwtResult, Result
from .row import CLOCK_AT, Raw, answered, read_mark, read_store
from .secret import SecretValue
from .stores import AsyncStore, Store

T = TypeVar("T")
_GRACE = 0.5
_forgotten: list[Any] = []
_readers: weakref.WeakSet[AsyncReader] = weakref.WeakSet()


class AsyncReader:
    """Verifies tokens and gets secrets, for the tasks of one event loop; also in a process that was
    forked, where it is another loop."""

    def __init__(self, core: Core, store: AsyncStore, credentials: Configured | None = None) -> None:
        self._core, self._store = core, store
        self._credentials = credentials or Configured()
        self._cache, self._monotonic, self._wall = core.cache, core.cache.monotonic, core.cache.wall
        self._under_way: dict[bytes, asyncio.Task[Entry]] = {}
        self._slow = _Threads(slow.AT_A_TIME)
        _readers.add(self)

    @classmethod
    def open(
        cls,
        store: str | os.PathLike[str] | None = None,
        *,
        master_key: KeyOption = FROM_ENVIRONMENT,
        master_key_previous: KeyOption = FROM_ENVIRONMENT,
        allow_unmetered: bool = False,
        on_rollback: OnRollback = "refuse",
        connections: int = 4,
        credentials_socket: str | os.PathLike[str] | None = None,
        credentials_key: CredentialsKey = None,
        credentials_owner: int | None = None,
        monotonic: Clock = time.monotonic,
        wall: Clock = time.time,
    ) -> AsyncReader:
        """As `Reader.open`. No loop need run yet."""
        keys = at_hand(master_key, master_key_previous)
        core = Core(Cache(monotonic, wall), keys, allow_unmetered, on_rollback)
        credentials = Configured(credentials_socket, credentials_key, credentials_owner)
        return cls(core, _connect(location.parse(store), core, connections), credentials)

    async def verify(
        self, token: str, scope: str | None = None, owner: str | None = None, ip: Ip = None
    ) -> Result:
        """As `Reader.verify`."""
        # Most of what this costs is here: nothing is called that can be done without.
        window = self._cache.window
        if self._monotonic() < window.monotonic_end and self._wall() < window.wall_end:
            try:
                result = window.allowed[scope].get(sha256(token.encode()).digest())
            except (AttributeError, KeyError, TypeError, UnicodeEncodeError):
                result = None
            # What the window holds is allowed from anywhere, to its owner.
            if result is not None and (owner is None or owner == result.principal):
                return result
        return await self._verify(token, scope, owner, ip)

    async def verify_jwt(
        self, token: str, audience: str | None = None, scope: str | None = None, owner: str | None = None
    ) -> JwtResult:
        """As `Reader.verify_jwt`."""
        check_ask(scope, owner)
        jwt.check_audience(audience)
        if not jwt.is_presentable(token):
            return JWT_DENIED["malformed"]
        digest = sha256(token.encode()).digest()
        entry = await self._usable_jwt(digest)
        good = entry.good if entry is not None else await self._look_up_jwt(token, digest, audience)
        return jwt.decide(good, audience, scope, owner) if isinstance(good, jwt.Good) else good

    async def secret(
        self,
        token: str,
        provider: str,
        scope: str | None = None,
        owner: str | None = None,
        ip: Ip = None,
    ) -> SecretValue:
        """As `Reader.secret`."""
        check_ask(scope, owner)
        check_provider(provider)
        text = query(token)
        if text is None:
            raise TokenDenied(MALFORMED)
        found = await self._find(text, lambda token_hash: self._store.secret(token_hash, provider))
        if found.is_settled:
            self._cache.note_mark(found.facts.mark, found.sent)
        return self._core.secret(found, provider, scope, owner, ip)

    def lease(
        self,
        provider: str,
        *,
        api_key: str | None = None,
        hold_for: float | None = None,
        wait: float = lease.WAIT,
        min_valid: float | None = None,
    ) -> lease.AsyncLeasing:
        """As `Reader.lease`: `async with reader.lease("github") as token:`."""
        return lease.AsyncLeasing(self._credentials, provider, api_key, hold_for, wait, min_valid)

    async def close(self) -> None:
        """Closes the connections. Kept answers go, too."""
        await self._store.close()
        self._slow.close()
        self._cache.drop_all()

    async def __aenter__(self) -> AsyncReader:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _verify(self, token: str, scope: str | None, owner: str | None, ip: Ip) -> Result:
        check_ask(scope, owner)
        text = query(token)
        if text is None:
            return MALFORMED
        window = self._cache.window
        entry = await self._usable(text)
        if entry is None:
            entry = await self._share(text)
        return self._core.answer(entry, window, scope, owner, ip)

    async def _usable(self, text: Query) -> Entry | None:
        cache = self._cache
        now = cache.now()
        entry = cache.usable(text.digest, now)
        if entry is None or not cache.claim_refresh(now):
            return entry
        await self._refresh()
        return cache.usable(text.digest, cache.now())

    async def _usable_jwt(self, digest: bytes) -> JwtEntry | None:
        cache = self._cache
        now = cache.now()
        entry = cache.usable_jwt(digest, now)
        if entry is None or not cache.claim_refresh(now):
            return entry
        await self._refresh()
        return cache.usable_jwt(digest, cache.now())

    async def _refresh(self) -> None:
        """Reads the mark again, as the one whose turn it is."""
        cache = self._cache
        try:
            raw, sent = await self._store.mark()
            mark = read_mark(raw, self._core.check)
            if await self._judge(mark, self._core.history.look(mark, sent)) is Verdict.KEEP:
                cache.note_mark(mark, sent)
        except StoreUnavailable as error:
            self._core.distrust(error)
            cache.refresh_failed()
        finally:
            cache.release_refresh()

    async def _share(self, text: Query) -> Entry:
        task = self._under_way.get(text.digest)
        if task is None:
            # A task of its own: whoever asked first may be cancelled, and the others want the answer.
            task = asyncio.create_task(self._look_up(text))
            self._under_way[text.digest] = task
            task.add_done_callback(lambda done: self._land(text.digest, done))
        try:
            return await asyncio.shield(task)
        except Unavailable as error:
            raise error.again() from None

    def _land(self, digest: bytes, done: asyncio.Task[Entry]) -> None:
        self._under_way.pop(digest, None)
        if not done.cancelled():
            # Seen, also where nobody waits any more.
            done.exception()

    async def _look_up(self, text: Query) -> Entry:
        return self._core.keep(text, await self._find(text, self._store.token))

    async def _look_up_jwt(self, token: str, digest: bytes, audience: str | None) -> jwt.Good | Denied:
        asked = jwt.parse(token)
        if isinstance(asked, Denied):
            return asked
        try:
            reading = await self._store.jwt(asked.kid, asked.key_id)
            verdict = await self._look(reading, SHA256)
            raw, sent = answered(reading[0]), reading[1]
            read_store(raw, SHA256, self._core.check)
            good = asked.judge(raw, audience)
        except StoreUnavailable as error:
            self._core.distrust(error)
            raise
        if isinstance(good, jwt.Good) and verdict is Verdict.KEEP:
            self._cache.keep_jwt(digest, good, raw[0], raw[CLOCK_AT], sent)
        return good

    async def _find(self, text: Query, read: Callable[[str], Awaitable[Reading]]) -> Found:
        core, check = self._core, self._core.check
        try:
            reading = await read(text.fast_hash)
            verdicts = [await self._look(reading, SHA256)]
            found = judge_fast(text, reading, check)
            if isinstance(found, SlowHash):
                asked = found
                slow_hash = await self._slow.run(lambda: slow.compute(asked), slow.WAIT)
                reading = await read(slow_hash)
                verdicts.append(await self._look(reading, ARGON2ID))
                found = judge_slow(asked, slow_hash, reading, check)
            return core.settle(found, verdicts)
        except StoreUnavailable as error:
            self._core.distrust(error)
            raise

    async def _look(self, reading: Reading, hash_alg: str) -> Verdict:
        raw, sent = reading
        verdict = self._core.look(raw, hash_alg, sent)
        return await self._judge(answered(raw)[0], verdict) if isinstance(verdict, Question) else verdict

    async def _judge(self, mark: str, verdict: Verdict | Question) -> Verdict:
        """After a mark that nobody has seen before, asks the store whether it follows the one before. Tasks
        that see it at once may each ask."""
        if not isinstance(verdict, Question):
            return verdict
        return self._core.history.judge(verdict, await self._store.nonce(verdict.of.counter), mark)

    def _after_fork(self) -> None:
        self._cache.renew_locks()
        self._core.history.renew_locks()
        _forgotten.append(self._under_way)
        self._under_way = {}


class _Threads:
    """A few threads, and a bounded wait for one that is free."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._start_anew()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._turns = asyncio.Semaphore(self._count)
        self._threads: ThreadPoolExecutor | None = None

    def _be_at_home(self) -> None:
        """In a process that was forked: the threads are not here."""
        if self._pid != os.getpid():
            _forgotten.append(self._threads)
            self._start_anew()

    async def run(self, work: Callable[[], T], most: float) -> T:
        """`work` ends by itself within about `most` seconds; then nobody waits for it any more."""
        self._be_at_home()
        turns = self._turns
        try:
            async with asyncio.timeout(WAIT):
                await turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("pool", f"all {self._count} threads are in use") from None
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._count, "keyctl_runtime")
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # The turn lasts as long as the thread is busy, whoever was cancelled in the meantime.
        running.add_done_callback(lambda done: _end(turns, done))
        try:
            async with asyncio.timeout(most + _GRACE):
                return await asyncio.shield(running)
        except TimeoutError:
            raise StoreUnavailable("timeout", "the look-up did not end") from None

    def close(self) -> None:
        self._be_at_home()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
            self._threads = None


def _end(turns: asyncio.Semaphore, done: asyncio.Future[T]) -> None:
    turns.release()
    if not done.cancelled():
        done.exception()


class _ThreadedStore:
    """A store for threads, in threads."""

    def __init__(self, store: Store, connections: int) -> None:
        self._store, self._threads = store, _Threads(connections)

    async def token(self, token_hash: str) -> Reading:
        return await self._threads.run(lambda: self._store.token(token_hash), WAIT)

    async def secret(self, token_hash: str, provider: str) -> Reading:
        return await self._threads.run(lambda: self._store.secret(token_hash, provider), WAIT)

    async def jwt(self, kid: str, key_id: str) -> Reading:
        return await self._threads.run(lambda: self._store.jwt(kid, key_id), WAIT)

    async def mark(self) -> Reading:
        return await self._threads.run(self._store.mark, WAIT)

    async def nonce(self, seq: int) -> Raw:
        return await self._threads.run(lambda: self._store.nonce(seq), WAIT)

    async def close(self) -> None:
        self._threads.close()
        self._store.close()


def _connect(where: location.Location, core: Core, connections: int) -> AsyncStore:
    if isinstance(where, location.SqliteLocation):
        from .sqlite import SqliteStore

        return _ThreadedStore(SqliteStore(where, core.cache.now, connections), connections)
    from .postgres import AsyncPostgresStore

    return AsyncPostgresStore(where, core.cache.now, connections)


def _after_fork() -> None:
    for reader in list(_readers):
        reader._after_fork()


os.register_at_fork(after_in_child=_after_fork)
