"""The grammar of owners, key names, providers and ids."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = "[a-z0-9][a-z0-9._-]{0,63}"
KEY_ID: Final = "key_[0-7][0-9a-hjkmnp-tv-z]{25}"
TOKEN_ID: Final = "[0-9A-Za-z]{12}"
_NAME: Final = re.compile(NAME)
_ATOM: Final = r"[a-z0-9_+-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL: Final = re.compile(
    rf"(?=[a-z0-9])(?=[^@]{{1,64}}@)(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+"
)


def is_name(text: str) -> bool:
    """The name of a key or of a provider: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit."""
    return _NAME.fullmatch(text) is not None


def is_owner(text: str) -> bool:
    """A name, or an e-mail address in lower case; neither starts with `key_`."""
    if text.startswith("key_"):
        return False
    return (_EMAIL if "@" in text else _NAME).fullmatch(text) is not None
