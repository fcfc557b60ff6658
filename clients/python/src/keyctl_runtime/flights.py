"""Callers that ask for the same thing at once share one look-up: threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from .errors import StoreUnavailable, Unavailable

A = TypeVar("A")
T = TypeVar("T")
WAIT: Final = 10.0
"""Seconds: longer than a connection, two look-ups and a slow hash take together."""


class _Flight(Generic[T]):
    __slots__ = ("error", "landed", "result")

    def __init__(self) -> None:
        self.result: T | None = None
        self.error: Unavailable | None = None
        # A lock that is held until the answer is there: an Event is ten times as dear.
        self.landed = threading.Lock()
        self.landed.acquire()


class Flights(Generic[T]):
    """Look-ups under way, by what is looked up."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, _Flight[T]] = {}

    def forget(self) -> None:
        """In a process that was forked: whoever flew is not here."""
        self._under_way = {}

    def share(self, key: Hashable, look_up: Callable[[A], T], asked: A) -> T:
        """The answer of `look_up(asked)`, by this caller or by one who is at it."""
        while True:
            mine: _Flight[T] = _Flight()
            flight = self._under_way.setdefault(key, mine)
            if flight is mine:
                return self._fly(key, mine, look_up, asked)
            if not flight.landed.acquire(timeout=WAIT):
                raise StoreUnavailable("timeout", "another caller's look-up did not end")
            flight.landed.release()
            if flight.error is not None:
                raise flight.error.again()
            if flight.result is not None:
                return flight.result
            # The one who flew was interrupted by something of their own.

    def _fly(self, key: Hashable, flight: _Flight[T], look_up: Callable[[A], T], asked: A) -> T:
        try:
            flight.result = result = look_up(asked)
            return result
        except Unavailable as error:
            flight.error = error
            raise
        finally:
            self._under_way.pop(key, None)
            flight.landed.release()
