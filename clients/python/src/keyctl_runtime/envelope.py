"""Opening a sealed value.

`ver(1)=01 | alg(1)=01 | master_key_id(8) | salt(32) | commit(32) | nonce(12) | ciphertext | tag(16)`
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .master_key import MasterKey

_HEADER: Final = 74
SHORTEST: Final = _HEADER + 12 + 16
LONGEST: Final = SHORTEST + 64 * 1024


class EnvelopeError(ValueError):
    """Why an envelope does not open; `fault` is the word of the contract."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope stands; one that was moved to another place does not open."""

    store_uuid: uuid.UUID
    secret_id: str
    version: int
    provider: str


def check_form(envelope: bytes) -> None:
    """`length`, `version` or `algorithm`: then it is no envelope of ours."""
    if not SHORTEST <= len(envelope) <= LONGEST:
        raise EnvelopeError("length")
    if envelope[0] != 1:
        raise EnvelopeError("version")
    if envelope[1] != 1:
        raise EnvelopeError("algorithm")


def additional_data(place: Place, header: bytes) -> bytes:
    """Each part behind its length, so that no two places give the same bytes."""
    parts = (
        b"keyctl/v1/aad",
        place.store_uuid.bytes,
        b"secret_version",
        place.secret_id.encode(),
        b"envelope",
        str(place.version).encode("ascii"),
        place.provider.encode(),
        header,
    )
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def open_envelope(keys: Iterable[MasterKey], place: Place, envelope: bytes) -> str:
    """The value; `EnvelopeError` names the first fault."""
    check_form(envelope)
    key_id = envelope[2:10]
    key = next((key for key in keys if key.id(place.store_uuid) == key_id), None)
    if key is None:
        raise EnvelopeError("unknown_master_key")
    header, nonce, sealed = envelope[:_HEADER], envelope[_HEADER : _HEADER + 12], envelope[_HEADER + 12 :]
    derived = key.derive(header[10:42], b"keyctl/v1/secret" + key_id, 64)
    if not hmac.compare_digest(derived[32:], header[42:]):
        raise EnvelopeError("unauthentic")
    try:
        return AESGCM(derived[:32]).decrypt(nonce, sealed, additional_data(place, header)).decode("utf-8")
    except (InvalidTag, UnicodeDecodeError):
        raise EnvelopeError("unauthentic") from None
