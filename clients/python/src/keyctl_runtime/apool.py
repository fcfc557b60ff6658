"""A bounded number of connections, shared by the tasks of one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from .errors import StoreUnavailable
from .pool import WAIT

T = TypeVar("T")


class AsyncPool(Generic[T]):
    """Connections that are opened when they are needed. The one used last is used next."""

    def __init__(
        self, size: int, open_one: Callable[[], Awaitable[T]], close_one: Callable[[T], None]
    ) -> None:
        self._size, self._open, self._close = size, open_one, close_one
        self._free: list[T] = []
        self._turns = asyncio.Semaphore(size)
        self._closed = False

    async def take(self) -> T:
        try:
            async with asyncio.timeout(WAIT):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreUnavailable("pool", f"all {self._size} connections are in use") from None
        try:
            if self._closed:
                raise StoreUnavailable("unreachable", "the reader is closed")
            return self._free.pop() if self._free else await self._open()
        except BaseException:
            self._turns.release()
            raise

    def give_back(self, one: T) -> None:
        if self._closed:
            return self.discard(one)
        self._free.append(one)
        return self._turns.release()

    def discard(self, one: T) -> None:
        self._close(one)
        self._turns.release()

    def close(self) -> None:
        """Closes what is free now, and the rest when it comes back."""
        self._closed = True
        free, self._free = self._free, []
        for one in free:
            self._close(one)
