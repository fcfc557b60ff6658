"""A bounded number of connections, shared by threads."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from .errors import StoreUnavailable

WAIT: Final = 2.0
"""Seconds that a caller waits for a free connection."""

T = TypeVar("T")
_forgotten: list[Any] = []
_pools: weakref.WeakSet[Pool[Any]] = weakref.WeakSet()


class Pool(Generic[T]):
    """Connections that are opened when they are needed. The one used last is used next."""

    def __init__(self, size: int, open_one: Callable[[], T], close_one: Callable[[T], None]) -> None:
        self._size, self._open, self._close = size, open_one, close_one
        self._start_anew()
        _pools.add(self)

    def _start_anew(self) -> None:
        self._free: list[T] = []
        self._open_count = self._waiting = 0
        self._closed = False
        self._freed = threading.Condition(threading.Lock())

    def forget(self) -> None:
        """In a process that was forked: what is open belongs to the parent, and is not even closed."""
        _forgotten.append(self._free)
        self._start_anew()

    def close(self) -> None:
        """Closes what is free now, and the rest when it comes back."""
        with self._freed:
            self._closed = True
            free, self._free = self._free, []
            self._freed.notify_all()
        for one in free:
            self._close(one)

    def take(self) -> T:
        try:
            # Both are atomic; the lock is for those who have to wait.
            return self._free.pop()
        except IndexError:
            return self._take_slowly()

    def _take_slowly(self) -> T:
        free = self._wait_for_turn()
        if free is not None:
            return free
        try:
            return self._open()
        except BaseException:
            self._leave()
            raise

    def _wait_for_turn(self) -> T | None:
        """A connection that came back, or None for the right to open one."""
        end = monotonic() + WAIT
        with self._freed:
            self._waiting += 1
            try:
                while not self._closed:
                    # Whoever gives one back looks at `_waiting` after that: so none is missed.
                    if self._free:
                        with suppress(IndexError):
                            return self._free.pop()
                    if self._open_count < self._size:
                        self._open_count += 1
                        return None
                    if not self._freed.wait(end - monotonic()) and monotonic() >= end:
                        raise StoreUnavailable("pool", f"all {self._size} connections are in use")
                raise StoreUnavailable("unreachable", "the reader is closed")
            finally:
                self._waiting -= 1

    def give_back(self, one: T) -> None:
        self._free.append(one)
        if self._waiting:
            with self._freed:
                self._freed.notify()
        if self._closed:
            self.close()

    def discard(self, one: T) -> None:
        self._leave()
        self._close(one)

    def _leave(self) -> None:
        with self._freed:
            self._open_count -= 1
            self._freed.notify()


def _forget_all() -> None:
    for pool in list(_pools):
        pool.forget()


os.register_at_fork(after_in_child=_forget_all)
