"""Permissions: their grammar, and which covers which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_WORD: Final = r"[a-z0-9][a-z0-9._-]*"
_SCOPE: Final = re.compile(rf"\*|{_WORD}(?::{_WORD})*(?::\*)?")
_LONGEST: Final = 128
_OWN: Final = frozenset({"keyctl:resolve", "keyctl:introspect"})


def is_scope(text: str) -> bool:
    """Words joined by colons, a last one may be `*`; under `keyctl` only the tool's own two."""
    if len(text) > _LONGEST or not _SCOPE.fullmatch(text):
        return False
    return text in _OWN or text.split(":", 1)[0] != "keyctl"


def covers(held: str, asked: str) -> bool:
    """Whether holding the one allows the other. Both are scopes."""
    if held == asked:
        return True
    if asked.startswith("keyctl:"):
        return False
    if held == "*":
        return True
    return asked.startswith(held[:-1] if held.endswith(":*") else held + ":")


def any_covers(held: Iterable[str], asked: str) -> bool:
    return any(covers(one, asked) for one in held)
