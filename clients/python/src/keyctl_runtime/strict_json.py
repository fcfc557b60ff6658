"""JSON that can be read in one way only (RFC 8259 §4): no name twice in an object, no lone surrogates, not
too deep."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

_DEEPEST: Final = 127


class _Other:
    """A number that is no integer of 64 bits, or is not written as one."""


_OTHER: Final = _Other()


def _integer(written: str) -> int | _Other:
    if len(written) > 300:
        raise ValueError("too large")
    number = int(written)
    return number if -(2**63) <= number < 2**63 and written != "-0" else _OTHER


def _number(written: str) -> _Other:
    if abs(float(written)) == float("inf"):
        raise ValueError("too large")
    return _OTHER


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands there twice")
    return members


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_integer, parse_float=_number, parse_constant=_no_constant
)


def parse_object(raw: bytes) -> dict[str, Any]:
    """An object; `ValueError` for what is none, or could be read in two ways."""
    text = raw.decode()
    if text.count("[") + text.count("{") > _DEEPEST and _depth(text) > _DEEPEST:
        raise ValueError("too deep")
    if text.startswith("\ufeff"):
        raise ValueError("a byte order mark")
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise ValueError("no object")
    if "\\u" in text:
        # A lone surrogate has no UTF-8.
        _encodable(value)
    return value


def _encodable(value: object) -> None:
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict):
        for name, inner in value.items():
            name.encode()
            _encodable(inner)
    elif isinstance(value, list):
        for inner in value:
            _encodable(inner)


def _depth(text: str) -> int:
    """How deep brackets outside of strings are."""
    deepest = depth = 0
    for bracket in re.findall(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        if bracket in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in ("]", "}"):
            depth -= 1
    return deepest
