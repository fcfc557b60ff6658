"""What a statement returned, read with suspicion: what is not as the contract says is a fault of
the store, never of the token."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from . import hashing, scope
from .errors import StoreUnavailable
from .names import KEY_ID, NAME, TOKEN_ID, is_subject
from .network import Networks, parse_network
from .results import Allowed

VIEW_VERSION: Final = 1
EARLIEST: Final = 1_704_067_200_000
"""2024-01-01 in milliseconds: a clock before it is wrong."""
STATES: Final = frozenset(
    {
        "active",
        "not_yet_valid",
        "expired",
        "revoked",
        "suspended",
        "owner_disabled",
        "parent_dead",
    }
)
SECRET_STATES: Final = frozenset({"active", "expired", "deleted"})

STORE_AT: Final = 5
CLOCK_AT: Final = STORE_AT
TOKEN_AT: Final = 6
STATE_AT: Final = TOKEN_AT + 8
SECRET_AT: Final = TOKEN_AT + 11
JWT_AT: Final = TOKEN_AT + 2
"""Where the columns for a short-lived token begin: behind a token's hash and algorithm, which are NULL there."""

_TIME: Final = frozenset({int, type(None)})
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MARK: Final = re.compile(r"(?:0|[1-9][0-9]{0,18})-[0-9a-f]{16}")
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_BLANK: Final = re.compile(r"[ \t\r\n]")
_IDS: Final = re.compile(f"{TOKEN_ID} {KEY_ID} {NAME}").fullmatch
_new: Final = tuple.__new__
"""Of a named tuple, without the detour by keywords."""

T = TypeVar("T")
Raw = Sequence[Any]
"""mark, the four columns of the store, now, the token's columns; for a secret, what is bound and its
columns behind them."""


class StoreFacts:
    """What every statement says of the store."""

    __slots__ = ("mark", "now", "salt", "uuid")

    def __init__(self, mark: str, uuid: str, now: int, salt: bytes | None) -> None:
        self.mark, self.uuid, self.now, self.salt = mark, uuid, now, salt


class TokenRow:
    """What the store knows of a presented token."""

    __slots__ = ("allowed", "expires_at", "has_quota", "networks", "state")

    def __init__(self, state: str, networks: Networks, has_quota: bool, allowed: Allowed) -> None:
        self.state, self.networks, self.has_quota = state, networks, has_quota
        self.allowed, self.expires_at = allowed, allowed.expires_at


Known = TokenRow | Allowed
"""An `Allowed` alone is an active row for which no network and no quota is to be looked at. Most are such, and
to make, keep and drop one object less for each takes 0.25 µs off a look-up."""


@dataclass(slots=True)
class SecretRow:
    """What is bound for a provider. `repr` shows no envelope."""

    secret_id: str
    provider: str
    version: int
    state: str
    envelope: bytes | None

    def __repr__(self) -> str:
        return f"SecretRow({self.secret_id})"


def answered(raw: Raw | None) -> Raw:
    """For what always returns a row."""
    if raw is None:
        raise _broken("the store's own row")
    return raw


def _broken(what: str) -> StoreUnavailable:
    return StoreUnavailable("row", f"{what} cannot be read")


def known(raw: Raw, token_hash: str, trusted: Raw) -> Known | None:
    """The row of an active token that was found by SHA-256 in a store that was already read and trusted:
    the same that `read` says, in fewer steps. None for anything else, also for whatever is wrong."""
    try:
        (
            mark, store_uuid, version, salt, params, now, found, alg, token_id, key_id, key_name, subject,
            scopes, networks, state, expires_at, quota,
        ) = raw  # fmt: skip
        if state != "active" or alg != "sha256" or found != token_hash:
            return None
        # Equal to what is trusted are 1.0 and True, too.
        if (mark, store_uuid, version, salt, params) != trusted or type(version) is not int:
            return None
        if type(now) is not int or now < EARLIEST or (quota is not None and type(quota) is not str):
            return None
        if expires_at is not None and (type(expires_at) is not int or expires_at <= now):
            return None
        if not (
            _IDS(" ".join((token_id, key_id, key_name))) and type(subject) is str and _is_subject(subject)
        ):
            return None
        allowed = _new(Allowed, (subject, key_id, key_name, token_id, _scopes(scopes), expires_at))
        lists, has_quota = _networks(networks), quota is not None
        return TokenRow("active", lists, has_quota, allowed) if lists or has_quota else allowed
    except (TypeError, ValueError, RecursionError):
        return None


def read(
    raw: Raw | None, token_hash: str, hash_alg: str, check: Callable[[str], None]
) -> tuple[StoreFacts, TokenRow | None]:
    """What is said of the store and of the token with this hash; None where there is no such token.
    `check` refuses another uuid than before. The faults are looked for in the contract's order."""
    facts = read_store(raw, hash_alg, check)
    assert raw is not None
    try:
        return facts, None if raw[TOKEN_AT] is None else _token(raw, token_hash)
    except (TypeError, ValueError, RecursionError):
        raise _broken("a cell") from None


def read_store(raw: Raw | None, hash_alg: str, check: Callable[[str], None]) -> StoreFacts:
    """All that comes before the cells of the token."""
    if raw is None:
        raise _broken("the store's own row")
    mark, store_uuid, version, salt, params, now, found, alg = raw[: TOKEN_AT + 2]
    _trust(store_uuid, version, now, check)
    if found is not None:
        if type(raw[STATE_AT]) is not str or raw[STATE_AT] not in STATES:
            raise StoreUnavailable("state", "a token is in a state that this reader does not know")
        if alg != hash_alg:
            raise StoreUnavailable("hash_alg", "a token is hashed by an algorithm that is not its own")
    try:
        read_salt = _salt(salt, params)
        _check_store(mark, store_uuid, now)
        return StoreFacts(mark, store_uuid, now, read_salt)
    except (TypeError, ValueError, RecursionError):
        raise _broken("a cell") from None


def read_mark(raw: Raw | None, check: Callable[[str], None]) -> str:
    """The change mark of what the statement for it returned, judged as in `read`."""
    if raw is None:
        raise _broken("the store's own row")
    mark, store_uuid, version, now = raw
    _trust(store_uuid, version, now, check)
    _check_store(mark, store_uuid, now)
    text: str = mark
    return text


def _trust(store_uuid: object, version: object, now: object, check: Callable[[str], None]) -> None:
    """What comes before the faults of the token's row. A uuid that is none is one of the row's."""
    if type(version) is not int or version != VIEW_VERSION:
        raise StoreUnavailable("view_version", "this reader knows version 1 of the views")
    if isinstance(store_uuid, str) and _is_uuid(store_uuid):
        check(store_uuid)
    if type(now) is int and now < EARLIEST:
        raise StoreUnavailable("clock", "the database's clock stands before 2024")


def _check_store(mark: object, store_uuid: object, now: object) -> None:
    if type(mark) is not str or type(now) is not int or _MARK.fullmatch(mark) is None:
        raise _broken("the store's mark or clock")
    if type(store_uuid) is not str or not _is_uuid(store_uuid):
        raise _broken("the store's uuid")


def _token(raw: Raw, token_hash: str) -> TokenRow:
    """Each cell is what its column says, or fails here. What decides nothing is not looked at."""
    found, _, token_id, key_id, key_name, subject, scopes, networks, state, expires_at, quota = raw[
        TOKEN_AT:SECRET_AT
    ]
    if found != token_hash or type(expires_at) not in _TIME:
        raise _broken("a token's hash or end")
    # None of the three has a blank in it, so one look is as good as three.
    if not (_IDS(" ".join((token_id, key_id, key_name))) and type(subject) is str and _is_subject(subject)):
        raise _broken("a token's id or name")
    if quota is not None and type(quota) is not str:
        raise _broken("a quota")
    if state == "active" and has_ended(expires_at, raw[STORE_AT]):
        state = "expired"
    allowed = _new(Allowed, (subject, key_id, key_name, token_id, _scopes(scopes), expires_at))
    return TokenRow(state, _networks(networks), quota is not None, allowed)


def read_secret(raw: Raw) -> tuple[str | None, SecretRow | None]:
    """What is bound, and that secret's row; each None where it is not there."""
    bound, secret_id, provider, version, state, expires_at, envelope = raw[SECRET_AT:]
    if bound is None or secret_id is None:
        return bound, None
    if type(state) is not str or state not in SECRET_STATES:
        raise StoreUnavailable("state", "a secret is in a state that this reader does not know")
    if not _are_texts(bound, secret_id, provider) or type(version) is not int or bound != secret_id:
        raise _broken("a secret's row")
    if type(expires_at) not in _TIME:
        raise _broken("a secret's end")
    if state == "active" and has_ended(expires_at, raw[STORE_AT]):
        state = "expired"
    return bound, SecretRow(secret_id, provider, version, state, envelope)


def has_ended(expires_at: int | None, now: int) -> bool:
    """By the clock of the same read: a view that lets time stand still lets nobody in."""
    return expires_at is not None and expires_at <= now


def read_uuid(text: str) -> uuid.UUID:
    return uuid.UUID(text)


def _are_texts(*cells: object) -> bool:
    return all(type(cell) is str for cell in cells)


# Most rows hold one of few texts in these columns, and reading them takes longer than the whole look-up.
# What is no text raises, and that is never kept.
_memo = lru_cache(maxsize=1024)
_is_subject = _memo(is_subject)


@_memo
def _salt(salt: object, params: object) -> bytes | None:
    if salt is None and params is None:
        return None
    if params != hashing.FOREIGN_PARAMS or salt is None:
        raise StoreUnavailable("foreign_params", "hashed in a way that this reader does not know")
    if not isinstance(salt, str) or not _SALT.fullmatch(salt):
        raise ValueError("no salt")
    return bytes.fromhex(salt)


@_memo
def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _json(text: object, kind: type) -> Any:
    if not isinstance(text, str):
        raise TypeError("not a text")
    # Nothing that may stand in these cells has a blank in it, and keyctl writes none in between.
    if _BLANK.search(text):
        raise ValueError("a blank")
    value = json.loads(text, parse_constant=_no_constant)
    if type(value) is not kind:
        raise ValueError("another kind of JSON")
    return value


@_memo
def _scopes(text: object) -> tuple[str, ...]:
    scopes = _json(text, list)
    if not all(isinstance(one, str) and scope.is_scope(one) for one in scopes):
        raise ValueError("no scope")
    return tuple(sorted(set(scopes)))


@_memo
def _networks(text: object) -> Networks:
    lists = _json(text, list)
    if not all(type(inner) is list and _are_texts(*inner) for inner in lists):
        raise ValueError("no list of networks")
    return tuple(tuple(parse_network(one) for one in inner) for inner in lists)
