"""A bounded number of connections, shared by threads; and none of them in use while the process forks.

A thread that is inside of SQLite when another one forks may hold one of its mutexes. What hung in 4 children
of 60, by their stacks, was each time the one around a file's shared memory (`unixShmLock`, from
`sqlite3WalBeginReadTransaction`), which all of a process's connections to that file have in common, a new
one of the child's, too: nobody is there to let go of it. Python's and the C library's locks are seen to by
themselves, ours are made anew; SQLite and libpq see to nothing. So before a fork every connection is taken
out of use, and afterwards given back.

SQLite's are closed, moreover: its account of the locks that the process holds on the file would be in the
child, but not the locks.
"""

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
FORK_WAIT: Final = 3.0
"""Seconds that a fork waits for those in use: longer than a look-up. Then it goes on all the same, since a
process that never forks is worse than a child that may hang."""

T = TypeVar("T")
_forgotten: list[Any] = []
_pools: weakref.WeakSet[Pool[Any]] = weakref.WeakSet()
_held: list[Pool[Any]] = []
_forking = threading.Lock()
_holder: int | None = None


class Pool(Generic[T]):
    """Connections that are opened when they are needed. The one used last is used next."""

    def __init__(
        self,
        size: int,
        open_one: Callable[[], T],
        close_one: Callable[[T], None],
        *,
        closes_before_fork: bool = False,
    ) -> None:
        self._size, self._open, self._close = size, open_one, close_one
        self._closes_before_fork = closes_before_fork
        self._start_anew()
        _pools.add(self)

    def _start_anew(self) -> None:
        self._free: list[T] = []
        self._aside: list[T] = []
        self._open_count = self._waiting = 0
        self._closed = self._is_held = False
        self._freed = threading.Condition(threading.Lock())

    def forget(self) -> None:
        """In a process that was forked: what is open belongs to the parent, and is not even closed."""
        _forgotten.append((self._free, self._aside))
        self._start_anew()

    def hold(self, end: float) -> None:
        """Takes all connections, and lets nobody open or close one, until `release`."""
        with self._freed:
            self._is_held = True
            self._waiting += 1
            try:
                while True:
                    while self._free:
                        with suppress(IndexError):
                            self._aside.append(self._free.pop())
                    # Whatever is counted and not here is in use, being opened or being closed.
                    if len(self._aside) >= self._open_count or not self._freed.wait(end - monotonic()):
                        break
                while self._closes_before_fork and self._aside:
                    self._close(self._aside.pop())
                    self._open_count -= 1
            finally:
                self._waiting -= 1

    def release(self) -> None:
        """Gives back what `hold` took."""
        with self._freed:
            self._free += self._aside
            self._aside, self._is_held = [], False
            self._freed.notify_all()
        if self._closed:
            self.close()

    def close(self) -> None:
        """Closes what is free now, and the rest when it comes back."""
        with self._freed:
            self._closed = True
            free, self._free = self._free, []
            self._freed.notify_all()
        for one in free:
            self.discard(one)

    def take(self) -> T:
        try:
            # Both are atomic; the lock is for those who have to wait.
            return self._free.pop()
        except IndexError:
            return self._take_slowly()

    def take_this(self, one: T) -> bool:
        """Takes one that nobody uses, if it is such a one."""
        try:
            self._free.remove(one)
        except ValueError:
            return False
        return True

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
                    if self._free and not self._is_held:
                        with suppress(IndexError):
                            return self._free.pop()
                    if self._open_count < self._size and not self._is_held:
                        self._open_count += 1
                        return None
                    if not self._freed.wait(end - monotonic()) and monotonic() >= end:
                        raise StoreUnavailable("pool", f"all {self._size} connections are in use")
                raise StoreUnavailable("unreachable", "the reader is closed")
            finally:
                self._waiting -= 1

    def give_back(self, one: T) -> None:
        if self._is_held and self._set_aside(one):
            return
        self._free.append(one)
        if self._waiting:
            self._notify()
        if self._closed:
            self.close()

    def _set_aside(self, one: T) -> bool:
        """For whoever holds: else the next look-up of the same thread would be quicker, again and again."""
        with self._freed:
            if self._is_held:
                self._aside.append(one)
                self._freed.notify_all()
            return self._is_held

    def discard(self, one: T) -> None:
        """Closes one that was taken."""
        try:
            self._close(one)
        finally:
            self._leave()

    def abandon(self, one: T) -> None:
        """Another one may be opened in its place; whoever has it closes it."""
        del one
        self._leave()

    def _leave(self) -> None:
        with self._freed:
            self._open_count -= 1
        self._notify()

    def _notify(self) -> None:
        with self._freed:
            if self._is_held:
                # Which of those who wait is the one that holds, nobody knows.
                self._freed.notify_all()
            else:
                self._freed.notify()


def _before_fork() -> None:
    global _holder
    end = monotonic() + FORK_WAIT
    # Two threads that fork at once would each hold what the other one waits for.
    if not _forking.acquire(timeout=FORK_WAIT):
        return
    _holder = threading.get_ident()
    for pool in list(_pools):
        pool.hold(end)
        _held.append(pool)


def _after_fork_in_parent() -> None:
    global _holder
    if _holder != threading.get_ident():
        return
    while _held:
        _held.pop().release()
    _holder = None
    _forking.release()


def _after_fork_in_child() -> None:
    global _forking, _holder
    _forking, _holder = threading.Lock(), None
    _held.clear()
    for pool in list(_pools):
        pool.forget()


os.register_at_fork(
    before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
)
