"""Texts that look like a secret: where something else is expected, they are refused and not repeated."""

from __future__ import annotations

import re
from typing import Final

_OUTER: Final = " \t\r\n\"'"
_WORDS: Final = re.compile(r"[^0-9A-Za-z_-]+")
_TOKEN: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")
_MASTER_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=|hex:.*", re.DOTALL)
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
    if any(_TOKEN.fullmatch(word) for word in _WORDS.split(text)):
        return True
    return any(form.fullmatch(text) for form in (_MASTER_KEY, _UNPADDED, _PROVIDER))
