"""Texts that look like a secret: where something else is expected, they are refused and not repeated."""

from __future__ import annotations

import re
from typing import Final

_OUTER: Final = " \t\r\n\"'"
# Also with something grown onto it.
_TOKEN: Final = re.compile(r"[_-][0-9A-Za-z]{12}[_-][0-9A-Za-z]{49}")
_HIDDEN_PART: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{49}(?![0-9A-Za-z])")
_NAME: Final = re.compile(r"(?:export )?[0-9A-Za-z_]+[=:]")
_PATH: Final = re.compile(r"(?:\.{0,2}|~)/")
_MASTER_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=|hex:.*", re.DOTALL)
_PADDED: Final = re.compile(r"[0-9A-Za-z+/_-]{16,}={1,2}$")
_SHELL_WORDS: Final = re.compile("[\\s\"'`();|&<>]+")
_UNPADDED: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Z])(?=.*[a-z])[0-9A-Za-z+/_-]{43}")
_STARTS: Final = (
    "sk- sk_live_ sk_test_ rk_live_ pk_live_ ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xoxb- xoxp- "
    "AKIA AIza hf_ gsk_ agpt_"
).split()
_PROVIDER: Final = re.compile(
    rf"(?=.{{16}})(?=.*[0-9])(?:(?:{'|'.join(_STARTS)})[0-9A-Za-z_-]*|eyJ[0-9A-Za-z_.-]*)"
)


def is_secret(text: str) -> bool:
    """Whether it has the form of a token, of a master key or of a provider's key."""
    text = text.strip(_OUTER)
    if _TOKEN.search(text) or any(map(_is_mixed, _HIDDEN_PART.findall(text))):
        return True
    value = _NAME.sub("", text, count=1) if _NAME.match(text) else text
    value = value.strip(_OUTER)
    path = _PATH.match(value)
    # A provider's key behind it is more likely a name: `./sk-store-2027`.
    is_key_in_path = path is not None and _is_master_key(value[path.end() :])
    return _is_key(text) or _is_key(value) or is_key_in_path


def is_no_path(text: str) -> bool:
    """Whether what should be a path is a secret, or has one in it: the error of a missing file repeats it."""
    return is_secret(text) or _has_credentials(text) or _PADDED.search(text) is not None


def is_in_command(text: str) -> bool:
    """Whether a command is a secret or has a master key in it: its shell's errors repeat it, and whoever
    lists processes sees it. Hex without its prefix may be the id of a container or a commit."""
    words = [word for word in _SHELL_WORDS.split(text) if word]
    if is_secret(text) or (words and _is_master_key(words[0])):
        return True
    parts = [part for word in words for part in (word, word.partition("=")[2])]
    return any(_is_master_key(part) and (len(part) != 64 or part.endswith("=")) for part in parts)


def _has_credentials(text: str) -> bool:
    scheme, mark, rest = text.partition("://")
    before = (rest if mark else text).rpartition("@")[0]
    name, colon, _ = before.partition(":")
    is_authority = bool(mark and scheme) or "/" not in name
    return (bool(colon) and is_authority) or "password=" in text.lower()


def _is_mixed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text))


def _is_master_key(text: str) -> bool:
    return bool(_MASTER_KEY.fullmatch(text) or _UNPADDED.fullmatch(text))


def _is_key(text: str) -> bool:
    return _is_master_key(text) or bool(_PROVIDER.fullmatch(text))
