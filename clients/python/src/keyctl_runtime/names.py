"""The grammar of subjects, key names, providers and ids."""

from __future__ import annotations

import re
from typing import Final

NAME: Final = "[a-z0-9][a-z0-9._-]{0,63}"
KEY_ID: Final = "key_[0-7][0-9a-hjkmnp-tv-z]{25}"
TOKEN_ID: Final = "[0-9A-Za-z]{12}"
_NAME: Final = re.compile(NAME)
_SUBJECT: Final = re.compile("[!-~]{1,255}")


def is_name(text: str) -> bool:
    """The name of a key or of a provider: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit."""
    return _NAME.fullmatch(text) is not None


def is_subject(text: str) -> bool:
    """As whom a service knows an owner: 1 to 255 visible characters of ASCII, whose case counts."""
    return _SUBJECT.fullmatch(text) is not None
