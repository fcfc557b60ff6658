"""A bounded number of connections, shared by the tasks of one event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from .errors import StoreUnavailable
from .pool import WAIT

T = TypeVar("T")
_forgotten: list[Any] = []


class AsyncPool(Generic[T]):
    """Connections that are opened when they are needed. The one used last is used next."""

    def __init__(
        self, size: int, open_one: Callable[[], Awaitable[T]], close_one: Callable[[T], None]
    ) -> None:
        self._size, self._open, self._close = size, open_one, close_one
        self._closed = False
        self._start_anew()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        self._free: list[T] = []
        self._taken: set[T] = set()
        self._turns = asyncio.Semaphore(self._size)

    def _be_at_home(self) -> None:
        """In a process that was forked: what is open belongs to the parent, and is not even closed."""
        if self._pid != os.getpid():
            _forgotten.append((self._free, self._taken))
            self._start_anew()

    async def take(self) -> T:
        self._be_at_home()
        try:
            async with asyncio.timeout(WAIT):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("pool", f"all {self._size} connections are in use") from None
        try:
            if self._closed:
                raise StoreUnavailable("unreachable", "the reader is closed")
            one = self._free.pop() if self._free else await self._open()
            self._taken.add(one)
            return one
        except BaseException:
            self._turns.release()
            raise

    async def take_this(self, one: T) -> bool:
        """Takes one that nobody uses, if it is such a one when it is this caller's turn."""
        self._be_at_home()
        await self._turns.acquire()
        if one not in self._free:
            self._turns.release()
            return False
        self._free.remove(one)
        self._taken.add(one)
        return True

    def give_back(self, one: T) -> None:
        if self._closed:
            self.discard(one)
        elif self._is_ours(one):
            self._free.append(one)
            self._turns.release()

    def discard(self, one: T) -> None:
        if self._is_ours(one):
            self._close(one)
            self._turns.release()

    def abandon(self, one: T) -> None:
        """Another one may be opened in its place; whoever has it closes it."""
        if self._is_ours(one):
            self._turns.release()

    def _is_ours(self, one: T) -> bool:
        """Whether it was taken in this process; then it is no longer."""
        self._be_at_home()
        if one not in self._taken:
            return False
        self._taken.remove(one)
        return True

    def close(self) -> None:
        """Closes what is free now, and the rest when it comes back."""
        self._be_at_home()
        self._closed = True
        free, self._free = self._free, []
        for one in free:
            self._close(one)
