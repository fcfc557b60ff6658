"""The slow hash of tokens that may be guessed: Argon2id (RFC 9106), two at a time.

Each takes 64 MiB and tens of milliseconds, so whoever waits for a turn waits 2 seconds at most.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from .errors import StoreUnavailable, not_loaded
from .hashing import SlowHash

AT_A_TIME: Final = 2
WAIT: Final = 2.0
"""Seconds that a caller waits for a turn."""

_turns = threading.BoundedSemaphore(AT_A_TIME)


def compute(ask: SlowHash) -> str:
    """Version 19, 64 MiB, three passes, four lanes, 32 bytes, in lower-case hex."""
    try:
        from argon2.low_level import Type, hash_secret_raw
    except ImportError as error:
        raise StoreUnavailable(
            "argon2id", not_loaded("the store holds tokens made elsewhere", "argon2", "argon2", error)
        ) from error
    turns = _turns
    if not turns.acquire(timeout=WAIT):
        raise StoreUnavailable("timeout", "too many slow hashes at once")
    try:
        return hash_secret_raw(
            ask.text.encode("ascii"),
            ask.salt,
            time_cost=3,
            memory_cost=65536,
            parallelism=4,
            hash_len=32,
            type=Type.ID,
            version=19,
        ).hex()
    finally:
        turns.release()


def _after_fork() -> None:
    """Whoever had a turn is not here."""
    global _turns
    _turns = threading.BoundedSemaphore(AT_A_TIME)


os.register_at_fork(after_in_child=_after_fork)
