"""Where a store is, as it is written: a path, `sqlite:PATH`, `postgres://…`, `postgresql://…`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from .errors import ConfigurationError

_POSTGRES: Final = ("postgres://", "postgresql://")


@dataclass(frozen=True, slots=True)
class SqliteLocation:
    """A file; the path is absolute."""

    path: str


@dataclass(frozen=True, slots=True)
class PostgresLocation:
    """A database. `repr` leaves the address out: it may hold a password."""

    address: str

    def __repr__(self) -> str:
        return "PostgresLocation(…)"


Location = SqliteLocation | PostgresLocation


def parse(store: str | os.PathLike[str] | None) -> Location:
    """`ConfigurationError` for what names no store; None is `KEYCTL_STORE`."""
    if store is None:
        store = os.environ.get("KEYCTL_STORE") or ""
        if not store:
            raise ConfigurationError("no store is named: set KEYCTL_STORE, or pass one")
    text = os.fspath(store)
    if not text.strip() or "\0" in text:
        raise ConfigurationError("the name of the store is empty")
    if text.startswith(_POSTGRES):
        return PostgresLocation(text)
    if text.startswith(("postgres:", "postgresql:")) or "://" in text:
        raise ConfigurationError("a store is a path, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE")
    return SqliteLocation(os.path.abspath(_path(text)))


def _path(text: str) -> str:
    if not text.startswith("sqlite:"):
        return text
    path, _, parameter = text.removeprefix("sqlite:").partition("?")
    if parameter not in ("", "symlink=follow") or not path:
        raise ConfigurationError("behind sqlite: stands a path; the only parameter is symlink=follow")
    return path
