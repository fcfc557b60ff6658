"""Tokens of credentials, just before they are used.
 A reader reads, and getting a new token is a change. So it asks `keyctl serve`, or `keyctl exec --oauth`,
over a Unix socket.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress
from typing import Any, Final, NoReturn, Self

from . import names
from .errors import InvalidAsk, KeyctlError, KeyUnavailable, LeaseBusy
from .lease_answer import (
    ASKED_AT_MOST,
    Given,
    Lease,
    Present,
    Wanted,
    odd,
    of_holder,
    refused,
    refused_holder,
    renewed,
)
from .lease_place import Configured, Place
from .lease_wire import Answer, Incoming, Odd, request
from .secret import SecretValue

WAIT: Final = 15
"""Seconds for which others are waited for where nobody says."""
_PATIENCE: Final = 10.0
_LEAVES_WITHIN: Final = 2.0
_CONNECTS_WITHIN: Final = 5.0
_AGAIN: Final = 0.02
_RETRY_AFTER: Final = 1
_PIECE: Final = 65536


class _Way:
    """Where a token was taken, and is given up, whatever the environment says then."""

    def __init__(self, place: Place, configured: Configured) -> None:
        self._place, self._configured = place, configured

    def ask(self, path: str, body: bytes, within: float) -> Answer:
        where, asked = self._place.checked(), request(path, self._configured.key(), body)
        try:
            return _talk(where, asked, within)
        except (OSError, Odd) as error:
            raise _failed(where, error) from None

    async def ask_async(self, path: str, body: bytes, within: float) -> Answer:
        where, asked = self._place.checked(), request(path, self._configured.key(), body)
        try:
            async with asyncio.timeout(within):
                return await _talk_async(where, asked)
        except (TimeoutError, OSError, Odd) as error:
            raise _failed(where, error) from None


def _failed(where: str, error: Exception) -> KeyUnavailable:
    if isinstance(error, Odd):
        return odd(str(error)) if str(error) else KeyUnavailable("unreachable", f"{where}: it hung up")
    if isinstance(error, TimeoutError):
        return KeyUnavailable("timeout", f"{where}: it did not answer in time")
    why = error.strerror if isinstance(error, OSError) else None
    return KeyUnavailable("unreachable", f"{where}: {why or error}")


def _talk(where: str, asked: bytes, within: float) -> Answer:
    until = time.monotonic() + within

    def left() -> float:
        rest = until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest

    incoming = Incoming()
    with _connected(where, min(within, _CONNECTS_WITHIN)) as stream:
        sent: OSError | None = None
        try:
            stream.settimeout(left())
            stream.sendall(asked)
        except OSError as error:
            # Whoever refuses by the head alone may close before all of it is sent, and has answered all the
            # same.
            sent = error
        while True:
            try:
                stream.settimeout(left())
                answer = incoming.take(stream.recv(_PIECE))
            except (OSError, Odd) as error:
                raise sent or error from None
            if answer is not None:
                return answer


def _connected(where: str, within: float) -> socket.socket:
    until = time.monotonic() + within
    while True:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            stream.settimeout(within)
            stream.connect(where)
        except BlockingIOError:
            # As many as may wait there already.
            stream.close()
            if time.monotonic() >= until:
                raise TimeoutError from None
            time.sleep(_AGAIN)
        except BaseException:
            stream.close()
            raise
        else:
            return stream


async def _talk_async(where: str, asked: bytes) -> Answer:
    reader, writer = await asyncio.open_unix_connection(where)
    try:
        writer.write(asked)
        incoming, sent = Incoming(), None
        try:
            await writer.drain()
        except OSError as error:
            sent = error
        while True:
            try:
                answer = incoming.take(await reader.read(_PIECE))
            except (OSError, Odd) as error:
                raise sent or error from None
            if answer is not None:
                return answer
    finally:
        writer.transport.abort()


class _Token(str):
    """A token, and what is known of it."""

    present: Present
    """How it stands in a request to the provider: `bearer` in `Authorization`, or `x-api-key` in a header of
    that name."""
    expires_at: int | None
    """Until when it may be used, in milliseconds since 1970; None where nobody knows."""
    lease: Lease | None
    """Its lease; None where none is needed, since a new token ends none."""
    provider: str
    credential: str
    """The name of the credential that it is of."""
    version: int
    """Which of the credential's tokens it is."""
    _way: _Way
    _holder_token: SecretValue

    def __new__(cls, given: Given, provider: str, way: _Way) -> Self:
        token = super().__new__(cls, given.token)
        token.present, token.expires_at, token.lease = given.present, given.expires_at, given.lease
        token.provider, token.credential, token.version = provider, given.credential, given.version
        token._way, token._holder_token = way, given.holder_token
        return token

    def expose(self) -> str:
        """The token itself, as every other way of reading this text gives it: it is a `str`."""
        return str.__str__(self)

    def __str__(self) -> str:
        return str.__str__(self)

    def headers(self) -> dict[str, str]:
        """The header that presents it."""
        if self.present == "bearer":
            return {"Authorization": f"Bearer {self.expose()}"}
        return {"x-api-key": self.expose()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.credential!r}, …)"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a token is not pickled")

    def _renewed(self, answer: Answer) -> None:
        if answer.status != 200:
            raise refused_holder(answer)
        self.lease = renewed(answer)
        self.expires_at = self.lease.expires_at


class LeasedToken(_Token):
    """A token of a credential: a text as any other, whose `repr` shows nothing of it. Nothing renews it but
    `renew`."""

    def renew(self, hold_for: float | None = None) -> None:
        """Holds the lease for longer, 10 minutes from now if it is not said. Where there is none, nothing is
        done.

        `LeaseEnded` where it is over or the credential has another token, `LeaseBusy` where a new one is
        waited for: finish, and leave the block.
        """
        asked = of_holder(self._holder_token, hold_for)
        if self.lease is not None:
            self._renewed(self._way.ask("/lease/renew", asked, _PATIENCE))


class AsyncLeasedToken(_Token):
    """As `LeasedToken`."""

    async def renew(self, hold_for: float | None = None) -> None:
        """As `LeasedToken.renew`."""
        asked = of_holder(self._holder_token, hold_for)
        if self.lease is not None:
            self._renewed(await self._way.ask_async("/lease/renew", asked, _PATIENCE))


class _Rounds:
    """Asks until there is a token, or the wait is over: what each answer means. No I/O."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted, self._until = wanted, time.monotonic() + wanted.wait

    def next(self) -> tuple[bytes, float]:
        """What is asked, and for how long the answer is waited for."""
        left = min(max(self._until - time.monotonic(), 0), ASKED_AT_MOST)
        return self._wanted.body(left), left + _PATIENCE

    def judge(self, answer: Answer) -> Given | float:
        """The token, or how long to pause before the next one is asked for."""
        if answer.status == 200:
            return Given(answer, self._wanted.provider)
        error = refused(answer)
        pause = _RETRY_AFTER if answer.retry_after is None else answer.retry_after
        if not isinstance(error, LeaseBusy) or self._until - time.monotonic() <= pause:
            raise error
        return pause


class _Leasing:
    def __init__(
        self,
        configured: Configured,
        provider: str,
        api_key: str | None,
        hold_for: float | None,
        wait: float,
        min_valid: float | None,
    ) -> None:
        # Where nothing is configured, that is said before anything else.
        self._way = _Way(configured.place(), configured)
        if not isinstance(provider, str) or not names.is_name(provider):
            raise InvalidAsk("this is not a provider, as in github")
        self._wanted = Wanted(provider, api_key, hold_for, wait, min_valid)
        self._once = threading.Lock()

    def _begin(self) -> _Rounds:
        if not self._once.acquire(blocking=False):
            raise RuntimeError("a lease is entered once: ask for another one")
        return _Rounds(self._wanted)


class Leasing(_Leasing):
    """A token while a `with` block runs. Its lease, if it has one, is given up at the end; what cannot be
    given up ends by itself."""

    _token: LeasedToken

    def __enter__(self) -> LeasedToken:
        rounds = self._begin()
        while True:
            judged = rounds.judge(self._way.ask("/lease", *rounds.next()))
            if isinstance(judged, Given):
                self._token = LeasedToken(judged, self._wanted.provider, self._way)
                return self._token
            time.sleep(judged)

    def __exit__(self, *_: object) -> None:
        if self._token.lease is not None:
            with suppress(KeyctlError):
                self._way.ask("/lease/release", of_holder(self._token._holder_token), _LEAVES_WITHIN)


class AsyncLeasing(_Leasing):
    """As `Leasing`, for `async with`."""

    _token: AsyncLeasedToken

    async def __aenter__(self) -> AsyncLeasedToken:
        rounds = self._begin()
        while True:
            judged = rounds.judge(await self._take(*rounds.next()))
            if isinstance(judged, Given):
                self._token = AsyncLeasedToken(judged, self._wanted.provider, self._way)
                return self._token
            await asyncio.sleep(judged)

    async def __aexit__(self, *_: object) -> None:
        if self._token.lease is not None:
            await _whatever_happens(self._release(self._token._holder_token))

    async def _release(self, holder_token: SecretValue) -> None:
        with suppress(KeyctlError):
            await self._way.ask_async("/lease/release", of_holder(holder_token), _LEAVES_WITHIN)

    async def _take(self, asked: bytes, within: float) -> Answer:
        """Where the caller is cancelled meanwhile, a lease that comes all the same is given up."""
        asking = asyncio.ensure_future(self._way.ask_async("/lease", asked, within))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            _remember(asyncio.ensure_future(self._give_back(asking)))
            raise

    async def _give_back(self, asking: asyncio.Future[Answer]) -> None:
        with suppress(KeyctlError):
            answer = await asking
            given = Given(answer, self._wanted.provider) if answer.status == 200 else None
            if given is not None and given.lease is not None:
                await self._release(given.holder_token)


_under_way: set[asyncio.Future[Any]] = set()


def _remember(task: asyncio.Future[Any]) -> None:
    """The loop itself keeps no task alive."""
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _whatever_happens(work: Any) -> None:
    """Also where the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    _remember(task)
    await asyncio.shield(task)
