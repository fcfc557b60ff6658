"""The text that a client sends: `prefix_id_secretcheck`.

The check is CRC-32 (IEEE 802.3, as zlib) of all before it, in base 62, six digits wide. It finds
slips and guards nothing.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_ALPHABET: Final = re.compile(r"[0-9A-Za-z_]+")
_PREFIX: Final = re.compile(r"(?=.{2,9}\Z)[a-z][a-z0-9]*(?:_[a-z0-9]+)?")
_SHAPE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")
_ID: Final = 12
_TAIL: Final = 49
_CHECK: Final = 6
_SHORTEST: Final = 2 + 1 + _ID + 1 + _TAIL
_LONGEST: Final = 9 + 1 + _ID + 1 + _TAIL


class TokenError(ValueError):
    """Why a text is not a token. Nothing repeats the text."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class PublicPart:
    """What of a token may be shown."""

    prefix: str
    id: str

    @property
    def display(self) -> str:
        return f"{self.prefix}_{self.id}"


def check_of(body: bytes) -> str:
    """The six characters that belong behind this body."""
    rest, low = divmod(zlib.crc32(body), 3844)
    high, middle = divmod(rest, 3844)
    return _PAIRS[high] + _PAIRS[middle] + _PAIRS[low]


def has_shape(text: str) -> bool:
    """Whether it looks like one of ours, whatever its check."""
    return _SHORTEST <= len(text) <= _LONGEST and _SHAPE.fullmatch(text) is not None


def has_check(text: str) -> bool:
    """Whether the check of a text that `has_shape` belongs to the rest."""
    return check_of(text[:-_CHECK].encode("ascii")) == text[-_CHECK:]


def parse(text: str) -> PublicPart:
    """The public part of a token; `TokenError` names the first fault. Nothing is trimmed."""
    if not text:
        raise TokenError("empty")
    if not _ALPHABET.fullmatch(text):
        raise TokenError("alphabet")
    parts = text.rsplit("_", 2)
    if len(parts) != 3:
        raise TokenError("shape")
    prefix, token_id, tail = parts
    if not _PREFIX.fullmatch(prefix):
        raise TokenError("prefix")
    if len(token_id) != _ID:
        raise TokenError("id_length")
    if len(tail) != _TAIL:
        raise TokenError("secret_length")
    if not has_check(text):
        raise TokenError("check")
    return PublicPart(prefix, token_id)
