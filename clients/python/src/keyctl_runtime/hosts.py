"""The hosts of an address, each tried in turn, and a fault of one of them in the words of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from . import dsn
from .address import Address
from .errors import StoreUnavailable, named_by
from .wire import Late

TIMEOUT: Final = 2.0
"""Seconds for a look-up."""
FAULTS: Final = (psycopg.Error, Late, StoreUnavailable)
"""What `unavailable` has words for."""


def unavailable(error: Exception) -> StoreUnavailable:
    if isinstance(error, StoreUnavailable):
        return error
    if isinstance(error, Late | psycopg.errors.QueryCanceled | psycopg.errors.ConnectionTimeout):
        return StoreUnavailable("timeout", f"PostgreSQL did not answer within {TIMEOUT:g} s")
    state = getattr(error, "sqlstate", None)
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return StoreUnavailable("view_version", f"PostgreSQL: {_first_line(error)} ({state})")
    return StoreUnavailable(
        "unreachable", f"PostgreSQL: {_first_line(error)}" + (f" ({state})" if state else "")
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


class Hosts:
    """The hosts of an address, each tried in turn, and why each of them was none."""

    def __init__(self, address: Address, origin: str | None = None) -> None:
        self._address, self._origin, self._good = address, origin, 0
        dsn.check(address)

    def __iter__(self) -> Iterator[int]:
        """From the one that was good last time."""
        count = len(self._address.hosts)
        return iter([(self._good + number) % count for number in range(count)])

    def parameters(self, at: int) -> dict[str, Any]:
        return dsn.parameters(self._address, at)

    @contextmanager
    def trying(self, at: int, faults: dict[int, StoreUnavailable]) -> Iterator[None]:
        """Remembers that the host is good, or notes among the faults why it is not."""
        try:
            yield
        except FAULTS as error:
            faults[at] = unavailable(error)
        else:
            self._good = at

    def failed(self, faults: dict[int, StoreUnavailable]) -> StoreUnavailable:
        return named_by(self._failed(faults), self._origin)

    def _failed(self, faults: dict[int, StoreUnavailable]) -> StoreUnavailable:
        reasons = {fault.reason for fault in faults.values()}
        if len(faults) == 1:
            return next(iter(faults.values()))
        texts = [f"{self._address.hosts[at]}: {faults[at].detail}" for at in sorted(faults)]
        return StoreUnavailable("timeout" if reasons == {"timeout"} else "unreachable", "; ".join(texts))
