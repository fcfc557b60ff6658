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


class _Flight(list[threading.Lock], Generic[T]):
    """A look-up under way: the locks on which others wait for it. Mostly nobody does, so that nothing is
    made for them beforehand. It has a result, an error or, where the one who flew was interrupted by
    something of their own, neither."""

    __slots__ = ("error", "result")

    result: T
    error: Unavailable


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
                try:
                    mine.result = result = look_up(asked)
                    return result
                except Unavailable as error:
                    mine.error = error
                    raise
                finally:
                    self._under_way.pop(key, None)
                    for landed in mine:
                        landed.release()
            self._wait(key, flight)
            if hasattr(flight, "error"):
                raise flight.error.again()
            if hasattr(flight, "result"):
                return flight.result

    def _wait(self, key: Hashable, flight: _Flight[T]) -> None:
        landed = threading.Lock()
        landed.acquire()
        flight.append(landed)
        # It lands by first leaving and then looking who waits: whoever still sees it here is seen.
        if self._under_way.get(key) is flight and not landed.acquire(timeout=WAIT):
            raise StoreUnavailable("timeout", "another caller's look-up did not end")
