"""How a text is found in a store: what is looked up, and what a reading means. No I/O: whoever asks
reads rows and computes slow hashes, with threads, with asyncio, or from a list of rows."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from .errors import StoreUnavailable
from .hashing import ARGON2ID, SHA256, Kind, SlowHash, kind_of
from .results import DENIED, Denied
from .row import Raw, StoreFacts, TokenRow, read

MALFORMED: Final = DENIED["malformed"]
UNKNOWN: Final = DENIED["unknown"]

Sent = tuple[float, float]
"""When a statement was sent: seconds by the monotonic clock and by the wall's."""

Reading = tuple[Raw | None, Sent]
"""What a statement returned, and when it was sent. Both are plain tuples: one is made for each look-up,
and named ones take three times as long."""


class Query:
    """A text that may be a token. `repr` shows nothing of it."""

    __slots__ = ("digest", "fast_hash", "kind", "text")

    def __init__(self, text: str, kind: Kind, digest: bytes) -> None:
        self.text, self.kind = text, kind
        self.digest, self.fast_hash = digest, digest.hex()

    def __repr__(self) -> str:
        return f"Query({self.kind})"


class Found:
    """The answer of the store to a query."""

    __slots__ = ("facts", "is_one_snapshot", "is_settled", "raw", "row", "sent")

    def __init__(
        self, row: TokenRow | Denied, facts: StoreFacts, reading: Reading, is_one_snapshot: bool = True
    ) -> None:
        self.row, self.facts = row, facts
        self.raw, self.sent = reading
        # Whether all of it was read under one change mark.
        self.is_one_snapshot = is_one_snapshot
        # Whether its mark is the one that holds now, as far as is known.
        self.is_settled = True


class Identity:
    """Which store it is: the first uuid that was read."""

    __slots__ = ("_uuid",)

    def __init__(self) -> None:
        self._uuid: str | None = None

    def check(self, uuid: str) -> None:
        if self._uuid is None:
            self._uuid = uuid
        elif uuid != self._uuid:
            raise StoreUnavailable("swapped", "another store than before is in its place")


Check = Callable[[str], None]


def query(text: str, digest: bytes | None = None) -> Query | None:
    """None for what is a token of no kind: `malformed`, without a look at the store. `digest` is its
    SHA-256, if that is known."""
    if not isinstance(text, str):
        raise TypeError("a token is a str")
    kind = kind_of(text)
    return Query(text, kind, digest or sha256(text.encode()).digest()) if kind is not None else None


def judge_fast(asked: Query, reading: Reading, check: Check) -> Found | SlowHash:
    """What was found under `asked.fast_hash`, or what is to be looked up then."""
    facts, row = read(reading[0], asked.fast_hash, SHA256, check)
    if row is not None:
        return Found(row, facts, reading)
    if facts.salt is None:
        return Found(UNKNOWN if asked.kind is Kind.OURS else MALFORMED, facts, reading)
    if asked.kind is not Kind.WEAK:
        return Found(UNKNOWN, facts, reading)
    return SlowHash(asked.text, facts.salt, facts.mark)


def judge_slow(asked: SlowHash, slow_hash: str, reading: Reading, check: Check) -> Found:
    """What was found under the slow hash."""
    facts, row = read(reading[0], slow_hash, ARGON2ID, check)
    if row is not None:
        return Found(row, facts, reading)
    is_one = (facts.mark, facts.salt) == (asked.mark, asked.salt)
    return Found(UNKNOWN, facts, reading, is_one)
