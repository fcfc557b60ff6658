"""Under which hashes a presented text is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Final

from . import token as tokens

SHA256: Final = "sha256"
ARGON2ID: Final = "argon2id"
FOREIGN_PARAMS: Final = "argon2id$v=19$m=65536,t=3,p=4"
LONGEST: Final = 4096
"""Characters of the longest text that may be a token of any kind."""

_VISIBLE: Final = re.compile(r"[!-~]+")
_WORD: Final = re.compile(r"[a-z]+[-_]")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{32,}")
_RANDOM: Final = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])[0-9A-Za-z_-]{22,}")


class Kind(Enum):
    """What a text may be."""

    OURS = "ours"
    STRONG = "strong"
    """Made elsewhere, with enough random bits for a fast hash."""
    WEAK = "weak"
    """Made elsewhere, and perhaps to be guessed."""


_OURS: Final = Kind.OURS
"""Since looking up an enumeration's member takes as long as calling a function."""


@dataclass(frozen=True, slots=True)
class SlowHash:
    """An Argon2id hash that is to be computed. `repr` shows nothing of the text."""

    text: str
    salt: bytes
    mark: str
    """The change mark under which the text was not found by its fast hash."""

    def __repr__(self) -> str:
        return "SlowHash(…)"


def is_strong(text: str) -> bool:
    """Whether a text of visible characters, made elsewhere, is known to be random enough."""
    word = _WORD.match(text)
    body = text[word.end() :] if word else text
    if _HEX.fullmatch(body):
        return True
    return _RANDOM.fullmatch(body) is not None and len(set(body)) >= 10


def kind_of(text: str) -> Kind | None:
    """None for what is a token of no kind: that is never looked up."""
    if tokens.has_shape(text):
        return _OURS if tokens.has_check(text) else None
    if not text or len(text) > LONGEST or not _VISIBLE.fullmatch(text):
        return None
    return Kind.STRONG if is_strong(text) else Kind.WEAK


def fast_hash(text: str) -> str:
    """SHA-256 of a text's ASCII bytes in lower-case hex."""
    return sha256(text.encode("ascii")).hexdigest()
