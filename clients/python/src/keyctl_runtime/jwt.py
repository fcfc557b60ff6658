"""Short-lived tokens (JWTs): their form, and what makes one good. No I/O.

What a text says is not believed before its signature was verified by a key that the store shows under its
id; and nothing that it says leads to another key or another algorithm (RFC 8725).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from . import scope
from .errors import InvalidAsk, StoreUnavailable
from .names import KEY_ID, is_subject
from .results import JWT_DENIED, Denied, JwtAllowed, JwtResult
from .row import CLOCK_AT, JWT_AT, Raw
from .strict_json import parse_object

LONGEST: Final = 8192
"""Characters of a token."""
LONGEST_LIFE: Final = 3600
AHEAD: Final = 30
"""Seconds by which a server's clock, which issued it, may be ahead of the database's."""

_FORM: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*").fullmatch
_KID: Final = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch
_KEY_ID: Final = re.compile(KEY_ID).fullmatch
_AUDIENCE: Final = re.compile(r"[!#-+\--\[\]-~]{1,255}").fullmatch
_FORBIDDEN: Final = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "zip", "enc", "b64"})
_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_ALGORITHM: Final = ECDSA(SHA256())
_MALFORMED: Final = JWT_DENIED["malformed"]


class Good:
    """A token that was verified, whoever it is for."""

    __slots__ = ("allowed", "ends", "issuer")

    def __init__(self, allowed: JwtAllowed, issuer: str, ends: int) -> None:
        self.allowed, self.issuer = allowed, issuer
        self.ends = ends
        """In milliseconds since 1970, exclusive."""


class Unverified:
    """A text that has the form of a token. `repr` shows nothing of it."""

    __slots__ = ("_claims", "_is_access_token", "_signature", "_signed", "key_id", "kid")

    def __init__(self, header: dict[str, Any], claims: bytes, signature: bytes, signed: bytes) -> None:
        self._signature, self._signed = signature, signed
        typ = header.get("typ")
        self._is_access_token = isinstance(typ, str) and typ.lower() in _TYPES
        try:
            self._claims: dict[str, Any] | None = parse_object(claims)
        except ValueError:
            self._claims = None
        # What the store is asked for: empty for what nothing can have as its id.
        self.kid: str = header["kid"] if _KID(header["kid"]) else ""
        key_id = self._claims.get("client_id") if self._claims is not None else None
        self.key_id: str = key_id if isinstance(key_id, str) and _KEY_ID(key_id) else ""

    def judge(self, raw: Raw, audience: str | None) -> Good | Denied:
        """The decision, but for owner and scope. The store's own row was read and found good before."""
        issuer, key, ends, version = _cells(raw, self.kid)
        now: int = raw[CLOCK_AT]
        if key is None:
            return JWT_DENIED["signing_key"]
        if not self._is_signed_by(key):
            return JWT_DENIED["signature"]
        if not self._is_access_token:
            return JWT_DENIED["type"]
        claims = self._claims
        if claims is None or not _is_formed(claims):
            return JWT_DENIED["claims"]
        reason = _reason(claims, issuer, audience, now // 1000, version)
        if reason is not None:
            return JWT_DENIED[reason]
        end = claims["exp"] * 1000
        audiences, scopes = _texts(claims["aud"]), _scopes(claims.get("scope"))
        allowed = JwtAllowed(claims["sub"], claims["client_id"], claims["jti"], audiences, scopes, end)
        return Good(allowed, claims["iss"], end if ends is None else min(end, ends))

    def _is_signed_by(self, key: EllipticCurvePublicKey | int) -> bool:
        signature = self._signature
        # Coordinates of no point verify nothing.
        if len(signature) != 64 or isinstance(key, int):
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            key.verify(encode_dss_signature(r, s), self._signed, _ALGORITHM)
        except InvalidSignature:
            return False
        return True


def check_audience(audience: str | None) -> None:
    """`InvalidAsk` for what is no audience."""
    if audience is not None and not (isinstance(audience, str) and _AUDIENCE(audience)):
        raise InvalidAsk("this is not an audience, as in https://api.example.com")


def is_presentable(text: str) -> bool:
    """Whether a text may be a token at all, and be hashed."""
    if not isinstance(text, str):
        raise TypeError("a token is a str")
    return len(text) <= LONGEST and text.isascii()


def parse(text: str) -> Unverified | Denied:
    """`malformed` for what is no token whatever the store says."""
    if len(text) > LONGEST or _FORM(text) is None:
        return _MALFORMED
    signed, _, signature = text.rpartition(".")
    header, _, claims = signed.partition(".")
    try:
        read = _header(header)
        return Unverified(read, _decode(claims), _decode(signature), signed.encode())
    except ValueError:
        return _MALFORMED


def decide(good: Good, audience: str | None, scope_asked: str | None, owner: str | None) -> JwtResult:
    """Audience, owner, scope: the first that fails is the reason."""
    allowed = good.allowed
    if (good.issuer if audience is None else audience) not in allowed.audience:
        return JWT_DENIED["audience"]
    if owner is not None and owner != allowed.principal:
        return JWT_DENIED["owner"]
    held = allowed.scopes
    if not (scope_asked is None or scope_asked in held or scope.any_covers(held, scope_asked)):
        return JWT_DENIED["scope"]
    return allowed


def _reason(
    claims: dict[str, Any], issuer: str | None, audience: str | None, now: int, version: int | None
) -> str | None:
    begin, end = claims["iat"], claims["exp"]
    if claims["iss"] != issuer:
        return "issuer"
    if (issuer if audience is None else audience) not in _texts(claims["aud"]):
        return "audience"
    if not begin < end <= begin + LONGEST_LIFE:
        return "claims"
    if end <= now:
        return "expired"
    if max(begin, claims.get("nbf", begin)) > now + AHEAD:
        return "not_yet_valid"
    if version is None:
        return "unknown"
    return None if claims["kver"] == version else "version"


def _cells(
    raw: Raw, kid: str
) -> tuple[str | None, EllipticCurvePublicKey | int | None, int | None, int | None]:
    """Issuer, the key if there is one by now, its end, and the version of the token's key."""
    issuer, x, y, ends, version = raw[JWT_AT:]
    if type(ends) not in _INTEGER or type(version) not in _INTEGER:
        raise _broken()
    if issuer is not None and type(issuer) is not str:
        raise _broken()
    if x is None or y is None or (ends is not None and ends <= raw[CLOCK_AT]):
        return issuer, None, ends, version
    return issuer, _public_key(kid, x, y), ends, version


_INTEGER: Final = frozenset({int, type(None)})


def _broken() -> StoreUnavailable:
    return StoreUnavailable("row", "a signing key cannot be read")


# A store has a handful of them.
@lru_cache(maxsize=64)
def _public_key(kid: str, x: object, y: object) -> EllipticCurvePublicKey | int:
    if not (isinstance(x, str) and isinstance(y, str)):
        raise _broken()
    try:
        point = [_decode(x), _decode(y)]
    except ValueError:
        raise _broken() from None
    members = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'.encode()
    # RFC 7638: the id follows from the key.
    if [len(part) for part in point] != [32, 32] or _encode(sha256(members).digest()) != kid:
        raise _broken()
    try:
        numbers = EllipticCurvePublicNumbers(*(int.from_bytes(part, "big") for part in point), SECP256R1())
        return numbers.public_key()
    except ValueError:
        return 0


# All tokens of a key have the same one.
@lru_cache(maxsize=64)
def _header(text: str) -> dict[str, Any]:
    header = parse_object(_decode(text))
    if not _FORBIDDEN.isdisjoint(header) or header.get("alg") != "ES256":
        raise ValueError("no header of ours")
    if not isinstance(header.get("kid"), str) or not isinstance(header.get("typ", ""), str):
        raise ValueError("no header of ours")
    return header


def _decode(text: str) -> bytes:
    """Base64url without padding, in the one way in which it can be written."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encode(raw) != text:
        raise ValueError("not canonical")
    return raw


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _is_formed(claims: dict[str, Any]) -> bool:
    get = claims.get
    subject, key_id, audience = get("sub"), get("client_id"), get("aud")
    if not (type(get("iat")) is int and type(get("exp")) is int and type(get("kver")) is int):
        return False
    if type(claims.get("nbf", 0)) is not int or not (_is_text(get("iss")) and _is_text(get("jti"))):
        return False
    if not (isinstance(subject, str) and is_subject(subject)):
        return False
    if not (isinstance(key_id, str) and _KEY_ID(key_id)):
        return False
    if not (_is_text(audience) or _are_texts(audience)):
        return False
    return "scope" not in claims or _scopes_of(claims["scope"]) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _texts(audience: str | list[str]) -> tuple[str, ...]:
    return (audience,) if isinstance(audience, str) else tuple(audience)


def _scopes_of(text: object) -> tuple[str, ...] | None:
    return _split(text) if isinstance(text, str) else None


def _scopes(text: str | None) -> tuple[str, ...]:
    return () if text is None else _split(text) or ()


@lru_cache(maxsize=256)
def _split(text: str) -> tuple[str, ...] | None:
    """Scopes with single blanks between them, sorted; None for anything else."""
    words = text.split(" ")
    return tuple(sorted(set(words))) if all(map(scope.is_scope, words)) else None
