"""Where a store is, as it is written: a path, `sqlite:PATH`, `postgres://…`, `postgresql://…`.

`tests/vectors/README.md` says in which order a text is looked at; nothing of a refused one is repeated.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

from . import address
from .address import Address
from .errors import AddressError, ConfigurationError
from .leak import is_secret

_VARIABLE: Final = "KEYCTL_STORE"
_POSTGRES: Final = re.compile(r"postgres(?:ql)?://")
_OTHER_POSTGRES: Final = re.compile(r"postgres(?:ql)?:", re.IGNORECASE)
_OTHER_FORM: Final = frozenset("host hostaddr user password dbname port service sslmode passfile".split())
"""Words of libpq's other form, `host=… password=…`."""
_SQLITE: Final = frozenset("cache immutable mode modeof nolock psow vfs".split())
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PATH: Final = re.compile(r"/|\./|\.\./")
_BEHIND_SLASHES: Final = re.compile("//.*:.*@", re.DOTALL)
_PAIRS: Final = re.compile("[?&; ]")
_PASSWORDS: Final = frozenset("password passwd pwd secret token key hexkey apikey api_key".split())
_CREDENTIALS: Final = re.compile("[^/]*:.*@", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SqliteLocation:
    """A file; the path is absolute."""

    path: str
    follow_symlink: bool = False
    origin: str | None = None
    """The variable that named it, if one did."""


@dataclass(frozen=True, slots=True)
class PostgresLocation:
    """A database."""

    address: Address
    origin: str | None = None

    def __repr__(self) -> str:
        return f"PostgresLocation({self.address})"


Location = SqliteLocation | PostgresLocation


def parse(store: str | os.PathLike[str] | None) -> Location:
    """`ConfigurationError` for what names no store; None is `KEYCTL_STORE`."""
    named = os.environ.get(_VARIABLE) or ""
    if store is None:
        if not named:
            raise ConfigurationError(f"no store is named: set {_VARIABLE}, or pass one")
        store = named
    text = os.fspath(store)
    # A service may pass on what the variable says.
    origin = _VARIABLE if text == named else None
    try:
        return _parse(text, origin)
    except AddressError as error:
        raise AddressError(error.fault, error.parameter, origin) from None


def _parse(text: str, origin: str | None) -> Location:
    if not text.strip(" \t\r\n"):
        raise AddressError("empty")
    scheme = _POSTGRES.match(text)
    if scheme is not None:
        return PostgresLocation(address.parse(text[scheme.end() :]), origin)
    path, follow_symlink = path_of(text)
    return SqliteLocation(os.path.abspath(path), follow_symlink, origin)


def path_of(text: str) -> tuple[str, bool]:
    """The path as it is written, and whether a symbolic link may be followed."""
    if is_secret(text.removeprefix("sqlite:")):
        raise AddressError("secret")
    if _CONTROL.search(text) or text != text.strip(" "):
        raise AddressError("character")
    words = {word.partition("=")[0] for word in text.split(" ") if "=" in word}
    if "://" in text or _OTHER_POSTGRES.match(text) or words & _OTHER_FORM:
        raise AddressError("form")
    # An address with a slip, which as a path would be shown.
    named = {pair.partition("=")[0].lower() for pair in _PAIRS.split(text) if "=" in pair}
    if _BEHIND_SLASHES.search(text) or named & _PASSWORDS:
        raise AddressError("form")
    if text.startswith("sqlite:"):
        return _sqlite_path(text.removeprefix("sqlite:"))
    if not _PATH.match(text) and _CREDENTIALS.match(text):
        raise AddressError("form")
    return text, False


def _sqlite_path(text: str) -> tuple[str, bool]:
    path, mark, parameter = text.partition("?")
    name, _, value = parameter.partition("=")
    if mark and name != "symlink":
        raise AddressError("parameter", name if name in _SQLITE else None)
    if mark and value != "follow":
        raise AddressError("value", "symlink")
    if not path:
        raise AddressError("empty")
    return path, bool(mark)
