"""The key that all envelopes of a store are sealed under: 32 bytes."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Final, NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import MasterKeyError

_BYTES: Final = 32
_BARE_HEX: Final = re.compile(rb"[0-9A-Fa-f]{64}")
_HEX_PREFIX: Final = re.compile(rb"0[xX][0-9A-Fa-f]*")
_BLANK: Final = re.compile(rb"[ \t\x0c]")


class MasterKey:
    """A secret: `repr` shows nothing of it, and it is not pickled."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) != _BYTES:
            raise MasterKeyError("length")
        if len(set(key)) == 1:
            raise MasterKeyError("repeated")
        self._key = key

    @classmethod
    def parse(cls, text: str | bytes) -> MasterKey:
        """Base64 of 32 bytes with its padding (RFC 4648 §4), or `hex:` and 64 digits."""
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        _check_form(raw)
        return cls(_decode(raw))

    def derive(self, salt: bytes, info: bytes, length: int) -> bytes:
        """HKDF-SHA256 (RFC 5869)."""
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(self._key)

    def id(self, store_uuid: uuid.UUID) -> bytes:
        """Which key it is in this store: 8 bytes."""
        return self.derive(store_uuid.bytes, b"keyctl/v1/master-key-id", 8)

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a master key is not pickled")


def _check_form(raw: bytes) -> None:
    faults = (
        ("empty", not raw),
        ("byte_order_mark", raw.startswith(b"\xef\xbb\xbf")),
        ("line_end", b"\n" in raw or b"\r" in raw),
        ("blank", _BLANK.search(raw) is not None),
        ("hex_prefix", _HEX_PREFIX.fullmatch(raw) is not None),
        ("bare_hex", _BARE_HEX.fullmatch(raw) is not None),
    )
    for fault, found in faults:
        if found:
            raise MasterKeyError(fault)


def _decode(raw: bytes) -> bytes:
    try:
        if raw.startswith(b"hex:"):
            return binascii.unhexlify(raw[4:])
        key = base64.b64decode(raw, validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyError("encoding") from None
    # Python takes bits behind the last byte, and padding in odd places, that RFC 4648 does not.
    if base64.b64encode(key) != raw:
        raise MasterKeyError("encoding")
    return key
