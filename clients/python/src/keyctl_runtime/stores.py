"""What the readers need of a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .find import Reading, Sent
from .row import Raw

Now = Callable[[], Sent]


class Store(Protocol):
    """For threads. Everything raises `StoreUnavailable`, and nothing else, where it fails."""

    def token(self, token_hash: str) -> Reading: ...
    def secret(self, token_hash: str, provider: str) -> Reading: ...
    def mark(self) -> Reading: ...
    def nonce(self, seq: int) -> Raw:
        """The mark, and the nonce of that change; None in its place where it is not known."""

    def close(self) -> None: ...


class AsyncStore(Protocol):
    """For asyncio; otherwise as `Store`."""

    async def token(self, token_hash: str) -> Reading: ...
    async def secret(self, token_hash: str, provider: str) -> Reading: ...
    async def mark(self) -> Reading: ...
    async def nonce(self, seq: int) -> Raw: ...
    async def close(self) -> None: ...
