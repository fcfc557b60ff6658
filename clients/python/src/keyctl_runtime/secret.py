"""A provider's secret: which one a token gets, and its value."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NoReturn

from .envelope import EnvelopeError, Place, check_form, open_envelope
from .errors import KeyUnavailable
from .find import Found
from .keys import NAMED_BY
from .master_key import MasterKey
from .row import SecretRow, read_secret, read_uuid


class SecretValue:
    """A text that is shown by nothing but `expose()`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def expose(self) -> str:
        """The value itself, for the moment in which it is used."""
        return self._value

    def __repr__(self) -> str:
        return "SecretValue(…)"

    def __str__(self) -> str:
        return "SecretValue(…)"

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretValue):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def open_secret(found: Found, provider: str, keys: Sequence[MasterKey]) -> SecretValue:
    """The value for a token that is allowed; `KeyUnavailable` says why there is none."""
    assert found.raw is not None
    bound, secret = read_secret(found.raw)
    if bound is None:
        raise KeyUnavailable("unbound")
    envelope = _sealed(secret)
    if secret is None or secret.provider != provider:
        raise KeyUnavailable("provider")
    if secret.state != "active" or envelope is None:
        raise KeyUnavailable(secret.state)
    if not keys:
        raise KeyUnavailable("master_key", f"no master key is set: {NAMED_BY}")
    place = Place(read_uuid(found.facts.uuid), secret.secret_id, secret.version, provider)
    try:
        return SecretValue(open_envelope(keys, place, envelope))
    except EnvelopeError as error:
        reason = "master_key" if error.fault == "unknown_master_key" else "damaged"
        named = f": {NAMED_BY}" if reason == "master_key" else ""
        raise KeyUnavailable(reason, error.fault + named) from None


def _sealed(secret: SecretRow | None) -> bytes | None:
    """The envelope of an active secret; None for one that is not active."""
    if secret is None:
        raise KeyUnavailable("damaged", "what is bound is not there")
    if secret.state != "active":
        return None
    if not isinstance(secret.envelope, bytes):
        raise KeyUnavailable("damaged", "an active secret has no envelope")
    try:
        check_form(secret.envelope)
    except EnvelopeError as error:
        raise KeyUnavailable("damaged", error.fault) from None
    return secret.envelope
