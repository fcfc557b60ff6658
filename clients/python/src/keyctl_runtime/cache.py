"""Answers that are kept, and whether they may still be used.

A kept answer is good while its change mark is the current one, while less than 5 seconds have passed
since the last successful read of the mark was sent, and while time alone cannot have changed its row.

Reads take no lock: whoever reads looks at the clock first and at the answers second, and whoever writes
drops the answers first and moves the clock second. So no answer is taken by the clock of a later mark.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic as _monotonic
from time import time as _wall
from typing import Final

from .find import Found, Sent
from .results import Allowed, Denied
from .row import TokenRow

BOUND: Final = 5.0
"""Seconds after which nothing is used any more without a new read of the mark."""
CALM: Final = 1.0
"""Seconds for which the mark is not read again, after a good read and after a failed one."""
MOST_ALLOWED: Final = 10_000
MOST_DENIED: Final = 1_000
_MEMO: Final = 64
_NEVER: Final = float("-inf")
_FOREVER: Final = float("inf")

Clock = Callable[[], float]


class Entry:
    """One answer: the row, until when it may be used, and what it came to for the scopes asked."""

    __slots__ = ("allowed_scopes", "found", "monotonic_end", "wall_end")

    def __init__(self, found: TokenRow | Denied, sent: Sent, seconds: float) -> None:
        self.found = found
        self.monotonic_end = sent[0] + seconds
        self.wall_end = sent[1] + seconds
        self.allowed_scopes: dict[str | None, Allowed] = {}

    def remember(self, scope: str | None, result: Allowed) -> None:
        """That this scope is allowed, from anywhere, to the row's owner."""
        if len(self.allowed_scopes) < _MEMO:
            self.allowed_scopes[scope] = result


def entry(found: Found) -> Entry:
    """What may be kept of an answer, and for how long by time alone."""
    row = found.row
    if isinstance(row, Denied):
        return Entry(row, found.sent, _FOREVER)
    if row.state != "active":
        return Entry(row, found.sent, BOUND)
    if row.expires_at is None:
        return Entry(row, found.sent, _FOREVER)
    return Entry(row, found.sent, (row.expires_at - found.facts.now) / 1000)


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
        self.allowed: OrderedDict[bytes, Entry] = OrderedDict()
        self.denied: OrderedDict[bytes, Entry] = OrderedDict()
        self.calm_monotonic = self.calm_wall = _NEVER
        # Who was used last matters only where somebody may have to go.
        self.is_crowded = False
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
        self.touch(digest)
        return kept

    def touch(self, digest: bytes) -> None:
        """It was used."""
        for kept in (self.allowed, self.denied):
            try:
                kept.move_to_end(digest)
            except KeyError:
                continue
            return

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
        made, sent = entry(found), found.sent
        with self._lock:
            self._note(found.facts.mark, sent)
            if found.is_one_snapshot and found.facts.mark == self._mark:
                self._insert(digest, made)
        return made

    def drop_all(self) -> None:
        """Nothing that is kept can be trusted."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self.calm_monotonic = self.calm_wall = _NEVER
        self._sent = (_NEVER, _NEVER)
        self._mark = None
        self.allowed.clear()
        self.denied.clear()

    def _note(self, mark: str, sent: Sent) -> None:
        # Of two reads, the one that was sent later counts, whichever came back first.
        if sent[0] < self._sent[0]:
            return
        if mark != self._mark:
            self._drop()
            self._mark = mark
        self._sent = sent
        self.calm_wall = sent[1] + CALM
        self.calm_monotonic = sent[0] + CALM

    def _insert(self, digest: bytes, made: Entry) -> None:
        if isinstance(made.found, TokenRow) and made.found.state == "active":
            kept, other, most = self.allowed, self.denied, self._most_allowed
        else:
            kept, other, most = self.denied, self.allowed, self._most_denied
        if digest in other:
            other.pop(digest)
        elif digest in kept:
            kept.move_to_end(digest)
        kept[digest] = made
        if len(self.allowed) * 2 > self._most_allowed:
            self.is_crowded = True
        if len(kept) > most:
            kept.popitem(last=False)
