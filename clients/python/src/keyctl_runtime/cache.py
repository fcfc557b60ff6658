"""Answers that are kept, and whether they may still be used.

A kept answer is good while its change mark is the current one, while less than 5 seconds have passed
since the last successful read of the mark was sent, and while time alone cannot have changed its row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from time import monotonic as _monotonic
from time import time as _wall
from typing import Final

from .find import Found, Sent
from .jwt import Good
from .results import Allowed, Denied
from .row import STORE_AT, Known, Raw, TokenRow

BOUND: Final = 5.0
"""Seconds after which nothing is used any more without a new read of the mark."""
CALM: Final = 1.0
"""Seconds for which the mark is not read again, after a good read and after a failed one."""
MOST_ALLOWED: Final = 10_000
MOST_DENIED: Final = 1_000
_RENEW: Final = 0.5
_NOT_KEPT: Final = -1
_NEVER: Final = float("-inf")
_FOREVER: Final = float("inf")

Clock = Callable[[], float]


class Entry:
    """One answer: the row, until when it may be used, and in which epoch of the cache it was kept."""

    __slots__ = ("digest", "epoch", "found", "monotonic_end", "wall_end")

    def __init__(self, digest: bytes, found: Known | Denied, sent: Sent, seconds: float) -> None:
        self.digest, self.found, self.epoch = digest, found, _NOT_KEPT
        self.monotonic_end = sent[0] + seconds
        self.wall_end = sent[1] + seconds


class Window:
    """The second after a read of the mark was sent, and what was allowed in it: nothing of that needs
    another look, since it lasts longer than the second. The next read of the mark opens another one, so
    that nobody can put into it what was decided before; and into one after a change of the mark nobody
    can put what was read before that, however late they come with it."""

    __slots__ = ("_count", "allowed", "epoch", "monotonic_end", "wall_end")

    def __init__(self, sent: Sent, epoch: int) -> None:
        self.epoch = epoch
        self.monotonic_end, self.wall_end = sent[0] + CALM, sent[1] + CALM
        self.allowed: dict[str | None, dict[bytes, Allowed]] = {}
        self._count = 0

    def expect(self, scope: str | None) -> None:
        """That what is asked next may be here: then it need not fail to find out that it is not."""
        if scope not in self.allowed and self._count < MOST_ALLOWED:
            self.allowed[scope] = {}
            self._count += 1

    def remember(self, entry: Entry, scope: str | None, result: Allowed) -> None:
        """That this scope is allowed, from anywhere, to the row's owner."""
        if self._count >= MOST_ALLOWED or entry.epoch != self.epoch:
            return
        if entry.monotonic_end >= self.monotonic_end and entry.wall_end >= self.wall_end:
            self.allowed.setdefault(scope, {})[entry.digest] = result
            self._count += 1


class JwtEntry:
    """A short-lived token that was verified."""

    __slots__ = ("good", "monotonic_end", "wall_end")

    def __init__(self, good: Good, sent: Sent, seconds: float) -> None:
        self.good = good
        self.monotonic_end, self.wall_end = sent[0] + seconds, sent[1] + seconds


def entry(digest: bytes, found: Found) -> Entry:
    """What may be kept of an answer, and for how long by time alone."""
    row, seconds = found.row, _FOREVER
    if isinstance(row, TokenRow):
        if row.state != "active":
            seconds = BOUND
        elif row.expires_at is not None:
            seconds = (row.expires_at - found.facts.now) / 1000
    return Entry(digest, row, found.sent, seconds)


class Cache:
    """All kept answers of one store, by the SHA-256 of the presented text."""

    def __init__(
        self,
        monotonic: Clock = _monotonic,
        wall: Clock = _wall,
        most_allowed: int = MOST_ALLOWED,
        most_denied: int = MOST_DENIED,
    ) -> None:
        self.monotonic, self.wall = monotonic, wall
        self.allowed: dict[bytes, Entry] = {}
        self.denied: dict[bytes, Entry] = {}
        # Only what was verified, so that forged ones cost nobody a place.
        self.jwts: dict[bytes, JwtEntry] = {}
        # One more each time that all is dropped: what is kept in one was read under one mark.
        self._epoch = 0
        self.window = Window((_NEVER, _NEVER), self._epoch)
        self._most_allowed, self._most_denied = most_allowed, most_denied
        self._mark: str | None = None
        self._sent: Sent = (_NEVER, _NEVER)
        self._failed_at = _NEVER
        self.renew_locks()

    def renew_locks(self) -> None:
        """In a process that was forked: whoever held them is not here."""
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()

    def now(self) -> Sent:
        return self.monotonic(), self.wall()

    def age(self, now: Sent) -> float:
        """Seconds since the last good read of the mark was sent, by the larger of both clocks."""
        sent = self._sent
        return max(now[0] - sent[0], now[1] - sent[1])

    def usable(self, digest: bytes, now: Sent) -> Entry | None:
        """A kept answer that may be used; `now` was taken before."""
        if self.age(now) >= BOUND:
            return None
        kept = self.allowed.get(digest) or self.denied.get(digest)
        if kept is None or now[0] >= kept.monotonic_end or now[1] >= kept.wall_end:
            return None
        self._touch(digest)
        return kept

    def usable_jwt(self, digest: bytes, now: Sent) -> JwtEntry | None:
        """The same of a short-lived token."""
        kept = self.jwts.get(digest)
        if kept is None or self.age(now) >= BOUND or now[0] >= kept.monotonic_end or now[1] >= kept.wall_end:
            return None
        return kept

    def keep_jwt(self, digest: bytes, good: Good, mark: str, now: int, sent: Sent) -> None:
        """Notes the mark, and keeps what was read under it, if it still is the current one."""
        made = JwtEntry(good, sent, (good.ends - now) / 1000)
        with self._lock:
            self._note(mark, sent)
            if mark != self._mark:
                return
            self.jwts[digest] = made
            if len(self.jwts) > self._most_allowed:
                # They all end soon: the oldest go first.
                for old in list(islice(self.jwts, max(1, self._most_allowed // 100))):
                    del self.jwts[old]

    def _touch(self, digest: bytes) -> None:
        with self._lock:
            for kept in (self.allowed, self.denied):
                # It may have been dropped in the meantime.
                entry = kept.pop(digest, None)
                if entry is not None:
                    kept[digest] = entry

    def claim_refresh(self, now: Sent) -> bool:
        """Whether the caller is the one who reads the mark now; then `release_refresh` is theirs."""
        if self.age(now) < CALM or now[0] - self._failed_at < CALM:
            return False
        return self._refreshing.acquire(blocking=False)

    def release_refresh(self) -> None:
        self._refreshing.release()

    def refresh_failed(self) -> None:
        self._failed_at = self.monotonic()

    def holds(self, digest: bytes) -> bool:
        """Whether anything is kept, be it good or not."""
        return digest in self.allowed or digest in self.denied

    def note_mark(self, mark: str, sent: Sent) -> None:
        """A good read of the mark."""
        with self._lock:
            self._note(mark, sent)

    def keep(self, digest: bytes, found: Found) -> Entry:
        """Notes the mark and keeps the answer, if it may be kept."""
        made, sent = entry(digest, found), found.sent
        if not found.is_settled:
            made.monotonic_end = _NEVER
            return made
        with self._lock:
            self._note(found.facts.mark, sent)
            if found.is_one_snapshot and found.facts.mark == self._mark:
                made.epoch = self._epoch
                if isinstance(found.row, TokenRow) and found.row.state == "active":
                    self._insert(digest, made, self.allowed, self.denied, self._most_allowed)
                else:
                    self._insert(digest, made, self.denied, self.allowed, self._most_denied)
            else:
                made.monotonic_end = _NEVER
        return made

    def keep_known(self, digest: bytes, row: Known, raw: Raw, sent: Sent) -> Entry | None:
        """As `keep` for an active row, read under the mark at the beginning of `raw`; None where that is
        another one than before, which is to be judged first."""
        mark, end = raw[0], row.expires_at
        made = Entry(digest, row, sent, _FOREVER if end is None else (end - raw[STORE_AT]) / 1000)
        with self._lock:
            last = self._sent
            if mark != self._mark:
                return None
            if sent[0] - last[0] >= _RENEW or sent[1] - last[1] >= _RENEW:
                self._note(mark, sent)
            kept = self.allowed
            made.epoch = self._epoch
            if len(kept) < self._most_allowed and digest not in kept and digest not in self.denied:
                kept[digest] = made
            else:
                self._insert(digest, made, kept, self.denied, self._most_allowed)
        return made

    def drop_all(self) -> None:
        """Nothing that is kept can be trusted."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._sent = (_NEVER, _NEVER)
        self._epoch += 1
        self.window = Window(self._sent, self._epoch)
        self._mark = None
        self.allowed.clear()
        self.denied.clear()
        self.jwts.clear()

    def _note(self, mark: str, sent: Sent) -> None:
        # Of two reads, the one that was sent later counts, whichever came back first.
        if sent[0] < self._sent[0]:
            return
        if mark != self._mark:
            self._drop()
            self._mark = mark
        elif sent[0] - self._sent[0] < _RENEW and sent[1] - self._sent[1] < _RENEW:
            # Not for each look-up: what the window holds is good for what is left of it.
            return
        self._sent = sent
        self.window = Window(sent, self._epoch)

    def _insert(
        self, digest: bytes, made: Entry, kept: dict[bytes, Entry], other: dict[bytes, Entry], most: int
    ) -> None:
        """Behind all that was used before. What is too many goes a hundredth at a time: finding the first
        ones takes as long as finding the first."""
        before = len(kept)
        kept[digest] = made
        if len(kept) == before:
            kept[digest] = kept.pop(digest)
        elif before >= most:
            for old in list(islice(kept, max(1, most // 100))):
                del kept[old]
        if other:
            other.pop(digest, None)
