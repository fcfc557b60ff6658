"""Permissions: their grammar, and which covers which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_WORD: Final = r"[a-z0-9][a-z0-9._-]*"
_SCOPE: Final = re.compile(rf"\*|{_WORD}(?::{_WORD})*(?::\*)?")
_LONGEST: Final = 128


def is_scope(text: str) -> bool:
    """Words joined by colons, a last one may be `*`. Below `keyctl` stand the tool's own, never a wildcard;
    one that is not known here is of a later release."""
    if len(text) > _LONGEST or not _SCOPE.fullmatch(text):
        return False
    return text != "keyctl" and not (text.startswith("keyctl:") and text.endswith("*"))


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
