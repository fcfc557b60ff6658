"""The reader for threads."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from hashlib import sha256

from . import jwt, location, slow
from .cache import Cache, Clock, Entry, JwtEntry
from .core import Core, check_provider
from .decide import check_ask, decide
from .errors import StoreUnavailable, TokenDenied
from .find import MALFORMED, Found, Query, Reading, judge_fast, judge_slow, query
from .flights import Flights
from .hashing import ARGON2ID, SHA256, SlowHash
from .history import OnRollback, Question, Verdict
from .keys import FROM_ENVIRONMENT, KeyOption, at_hand
from .lease import WAIT, Leasing
from .lease_place import Configured, CredentialsKey
from .network import Ip
from .results import JWT_DENIED, Denied, JwtResult, Result
from .row import CLOCK_AT, Raw, answered, known, read_mark, read_store
from .secret import SecretValue
from .stores import Store

_readers: weakref.WeakSet[Reader] = weakref.WeakSet()


class Reader:
    """Verifies tokens and gets secrets. It may be used by any number of threads, and in a process
    that was forked. `async` code wants `AsyncReader`."""

    def __init__(self, core: Core, store: Store, credentials: Configured | None = None) -> None:
        self._core, self._store = core, store
        self._credentials = credentials or Configured()
        self._cache, self._monotonic, self._wall = core.cache, core.cache.monotonic, core.cache.wall
        self._flights: Flights[Entry] = Flights()
        self._questions: Flights[Raw] = Flights()
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
    ) -> Reader:
        """Makes a reader of a path, `sqlite:PATH` or `postgres://…`, by default of `KEYCTL_STORE`.

        The master key comes from the environment unless it is given; None is none. It connects at the
        first look-up, so that a service can start before its database. `allow_unmetered` lets keys
        with a quota pass, which nobody counts here. `on_rollback="warn"` goes on, with a warning in the log,
        where the store went back to what it was before a change that this reader has seen. At most
        `connections` are open at a time.

        `lease` asks at `credentials_socket`, by default `KEYCTL_CREDENTIALS_SOCKET`, with the service's own
        key: `credentials_key`, by default what the file holds that `KEYCTL_CREDENTIALS_KEY_FILE` names. The
        socket must belong to root, to the user of this process, or to the user with the number
        `credentials_owner`, by default `KEYCTL_CREDENTIALS_OWNER`.

        `ConfigurationError` for an address, and `MasterKeyError` for a master key, that is none.
        """
        keys = at_hand(master_key, master_key_previous)
        core = Core(Cache(monotonic, wall), keys, allow_unmetered, on_rollback)
        credentials = Configured(credentials_socket, credentials_key, credentials_owner)
        return cls(core, _connect(location.parse(store), core, connections), credentials)

    def verify(self, token: str, scope: str | None = None, owner: str | None = None, ip: Ip = None) -> Result:
        """Whether the token may do that: an `Allowed`, which is true, or a `Denied`, which is false.

        `owner` is whose data is touched, `ip` the client's address, if it can be trusted.
        `StoreUnavailable` if nobody can tell; `InvalidAsk` for a scope or owner that is none.
        """
        # Most of what this costs is here: nothing is called that can be done without.
        window = self._cache.window
        if self._monotonic() < window.monotonic_end and self._wall() < window.wall_end:
            try:
                digest = sha256(token.encode()).digest()
                result = window.allowed[scope].get(digest)
            except (AttributeError, KeyError, TypeError, UnicodeEncodeError):
                return self._verify(token, None, scope, owner, ip)
            # What the window holds is allowed from anywhere, to its owner.
            if result is not None and (owner is None or owner == result.principal):
                return result
            return self._verify(token, digest, scope, owner, ip)
        return self._verify(token, None, scope, owner, ip)

    def verify_jwt(
        self, token: str, audience: str | None = None, scope: str | None = None, owner: str | None = None
    ) -> JwtResult:
        """Whether a short-lived token, a JWT of the store's own, may do that: a `JwtAllowed`, which is true, or a
        `Denied`, which is false.

        `audience` is whom it must be for, the store's issuer unless it is named. `StoreUnavailable` if nobody can
        tell; `InvalidAsk` for an audience, scope or owner that is none.
        """
        check_ask(scope, owner)
        jwt.check_audience(audience)
        if not jwt.is_presentable(token):
            return JWT_DENIED["malformed"]
        digest = sha256(token.encode()).digest()
        entry = self._usable_jwt(digest)
        good = entry.good if entry is not None else self._look_up_jwt(token, digest, audience)
        return jwt.decide(good, audience, scope, owner) if isinstance(good, jwt.Good) else good

    def secret(
        self,
        token: str,
        provider: str,
        scope: str | None = None,
        owner: str | None = None,
        ip: Ip = None,
    ) -> SecretValue:
        """The provider's secret that the token's key, its owner, or the store is bound to.

        `TokenDenied` if `verify` would deny it, `KeyUnavailable` if the token is good and the secret
        is not to be had, `StoreUnavailable` if nobody can tell. Nothing of it is kept.
        """
        check_ask(scope, owner)
        check_provider(provider)
        text = query(token)
        if text is None:
            raise TokenDenied(MALFORMED)
        found = self._find(text, lambda token_hash: self._store.secret(token_hash, provider))
        if found.is_settled:
            self._cache.note_mark(found.facts.mark, found.sent)
        return self._core.secret(found, provider, scope, owner, ip)

    def lease(
        self,
        provider: str,
        *,
        api_key: str | None = None,
        hold_for: float | None = None,
        wait: float = WAIT,
        min_valid: float | None = None,
    ) -> Leasing:
        """The token of the credential that a provider is called with, from keyctl serve over its Unix socket:
        `with reader.lease("github") as token:`. The token is a text, good now; where a new one would end it,
        it is leased, and nobody gets a new one before the block has ended, or the lease.

        `api_key` is the token of a client, whose binding counts; without it that of the service's own key
        does. In seconds: `hold_for` how long a lease is held (10 minutes if it is not said, and never longer
        than half of the token's life), `wait` how long others are waited for, `min_valid` how long the token
        must still live (a minute; half of its life is enough).

        `LeaseUnconfigured` if no socket is named. Entering raises `KeyUnavailable` if there is no token,
        `LeaseBusy` if others use or get it for as long as `wait` says, `TokenDenied` if `api_key` is denied,
        `StoreUnavailable` if serve cannot read the store, `LeaseLimited` if it is asked for too much, and
        `InvalidAsk`. Leaving raises nothing.
        """
        return Leasing(self._credentials, provider, api_key, hold_for, wait, min_valid)

    def close(self) -> None:
        """Closes the connections. Kept answers go, too."""
        self._store.close()
        self._cache.drop_all()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _verify(
        self, token: str, digest: bytes | None, scope: str | None, owner: str | None, ip: Ip
    ) -> Result:
        """`digest` is the token's, if it is known and the scope is one that was asked for before."""
        if digest is None or owner is not None:
            check_ask(scope, owner)
        text = query(token, digest)
        if text is None:
            return MALFORMED
        window = self._cache.window
        entry = self._usable(text) if self._cache.holds(text.digest) else None
        if entry is not None:
            return self._core.answer(entry, window, scope, owner, ip)
        entry = self._flights.share(text.digest, self._look_up, text)
        window.expect(scope)
        return decide(entry.found, scope, owner, ip, self._core.allow_unmetered)

    def _usable(self, text: Query) -> Entry | None:
        """What is kept, after the mark was read again if it is this caller's turn."""
        cache = self._cache
        now = cache.now()
        entry = cache.usable(text.digest, now)
        if entry is None or not cache.claim_refresh(now):
            return entry
        self._refresh()
        return cache.usable(text.digest, cache.now())

    def _usable_jwt(self, digest: bytes) -> JwtEntry | None:
        cache = self._cache
        now = cache.now()
        entry = cache.usable_jwt(digest, now)
        if entry is None or not cache.claim_refresh(now):
            return entry
        self._refresh()
        return cache.usable_jwt(digest, cache.now())

    def _refresh(self) -> None:
        """Reads the mark again, as the one whose turn it is."""
        cache = self._cache
        try:
            raw, sent = self._store.mark()
            mark = read_mark(raw, self._core.check)
            if self._judge(mark, self._core.history.look(mark, sent)) is Verdict.KEEP:
                cache.note_mark(mark, sent)
        except StoreUnavailable as error:
            self._core.distrust(error)
            cache.refresh_failed()
        finally:
            cache.release_refresh()

    def _look_up(self, text: Query) -> Entry:
        try:
            reading = self._store.token(text.fast_hash)
        except StoreUnavailable as error:
            self._core.distrust(error)
            raise
        raw, sent = reading
        if raw is not None:
            # What most look-ups come to, in few steps.
            row = known(raw, text.fast_hash, self._core.trusted)
            entry = self._cache.keep_known(text.digest, row, raw, sent) if row is not None else None
            if entry is not None:
                return entry
        return self._core.keep(text, self._find(text, self._store.token, reading))

    def _look_up_jwt(self, token: str, digest: bytes, audience: str | None) -> jwt.Good | Denied:
        asked = jwt.parse(token)
        if isinstance(asked, Denied):
            return asked
        try:
            reading = self._store.jwt(asked.kid, asked.key_id)
            verdict = self._look(reading, SHA256)
            raw, sent = answered(reading[0]), reading[1]
            read_store(raw, SHA256, self._core.check)
            good = asked.judge(raw, audience)
        except StoreUnavailable as error:
            self._core.distrust(error)
            raise
        if isinstance(good, jwt.Good) and verdict is Verdict.KEEP:
            self._cache.keep_jwt(digest, good, raw[0], raw[CLOCK_AT], sent)
        return good

    def _find(self, text: Query, read: Callable[[str], Reading], first: Reading | None = None) -> Found:
        """`first` is what was already read by the fast hash."""
        core, check = self._core, self._core.check
        try:
            reading = first or read(text.fast_hash)
            verdicts = [self._look(reading, SHA256)]
            found = judge_fast(text, reading, check)
            if isinstance(found, SlowHash):
                slow_hash = slow.compute(found)
                reading = read(slow_hash)
                verdicts.append(self._look(reading, ARGON2ID))
                found = judge_slow(found, slow_hash, reading, check)
            return core.settle(found, verdicts)
        except StoreUnavailable as error:
            self._core.distrust(error)
            raise

    def _look(self, reading: Reading, hash_alg: str) -> Verdict:
        raw, sent = reading
        verdict = self._core.look(raw, hash_alg, sent)
        return self._judge(answered(raw)[0], verdict) if isinstance(verdict, Question) else verdict

    def _judge(self, mark: str, verdict: Verdict | Question) -> Verdict:
        """After a mark that nobody has seen before, asks the store whether it follows the one before."""
        if not isinstance(verdict, Question):
            return verdict
        answer = self._questions.share(verdict, self._store.nonce, verdict.of.counter)
        return self._core.history.judge(verdict, answer, mark)

    def _after_fork(self) -> None:
        self._cache.renew_locks()
        self._core.history.renew_locks()
        self._flights.forget()
        self._questions.forget()


def _connect(where: location.Location, core: Core, connections: int) -> Store:
    if isinstance(where, location.SqliteLocation):
        from .sqlite import SqliteStore

        return SqliteStore(where, core.cache.now, connections)
    from .postgres import PostgresStore

    return PostgresStore(where, core.cache.now, connections)


def _after_fork() -> None:
    for reader in list(_readers):
        reader._after_fork()


os.register_at_fork(after_in_child=_after_fork)
