"""`python -m keyctl_runtime.conformance`: a case a line on standard input, an answer a line on standard
output, as `keyctl conformance run` asks for. Nothing is read but the case: no store, no environment."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from . import jwt, slow
from . import token as tokens
from .decide import check_ask, decide
from .envelope import EnvelopeError, Place, open_envelope
from .errors import MasterKeyError, Unavailable
from .find import MALFORMED, Found, Identity, Reading, Sent, judge_fast, judge_slow, query
from .hashing import SHA256, SlowHash
from .master_key import MasterKey
from .results import JWT_DENIED, Allowed, Denied, Result
from .row import read_store
from .secret import open_secret
from .sql import SECRET_COLUMNS, STORE_COLUMNS, TOKEN_COLUMNS

Case = Mapping[str, Any]
_NOWHEN: Final[Sent] = (0.0, 0.0)


def _token(case: Case) -> object:
    try:
        part = tokens.parse(case["token"])
    except tokens.TokenError as error:
        return {"error": error.fault}
    return {"prefix": part.prefix, "id": part.id, "display": part.display}


def _hash(case: Case) -> object:
    """What is looked up where nothing is ever found."""
    store = {"store_uuid": str(UUID(int=0)), "view_version": 1}
    given = {name: case.get(name) for name in ("foreign_salt", "foreign_params")}
    looked_up: list[dict[str, str]] = []
    algorithms = iter(("sha256", "argon2id"))

    def read(token_hash: str) -> Reading:
        looked_up.append({"hash_alg": next(algorithms), "token_hash": token_hash})
        return _reading({"store": store | given, "now": 2_000_000_000_000}, token_hash, None)

    try:
        _find(case["token"], read)
    except Unavailable as error:
        return _fault(error)
    return {"lookups": looked_up}


def _master_key(case: Case) -> object:
    try:
        key = MasterKey.parse(case["master_key"])
    except MasterKeyError as error:
        return {"error": error.fault}
    return {"master_key_id": key.id(UUID(case["store_uuid"])).hex()}


def _envelope(case: Case) -> object:
    place = Place(UUID(case["store_uuid"]), case["secret_id"], case["version"], case["provider"])
    key = MasterKey.parse(case["master_key"])
    try:
        return {"value": open_envelope([key], place, bytes.fromhex(case["envelope"]))}
    except EnvelopeError as error:
        return {"error": error.fault}


def _verify(case: Case) -> object:
    check_ask(case.get("scope"), case.get("owner"))
    try:
        found = _find(case["token"], lambda token_hash: _reading(case, token_hash, None))
    except Unavailable as error:
        return {"allowed": False, **_fault(error)}
    return _result(_decide(found, case))


def _decide(found: Found | None, case: Case) -> Result:
    row = found.row if found else MALFORMED
    asked = (case.get("scope"), case.get("owner"), case.get("ip"))
    return decide(row, *asked, bool(case.get("allow_unmetered")))


def _jwt(case: Case) -> object:
    audience, scope, owner = (case.get(name) for name in ("audience", "scope", "owner"))
    check_ask(scope, owner)
    jwt.check_audience(audience)
    asked = jwt.parse(case["token"]) if jwt.is_presentable(case["token"]) else JWT_DENIED["malformed"]
    if isinstance(asked, Denied):
        return _refused(asked)
    raw = _jwt_row(case, asked)
    try:
        read_store(raw, SHA256, Identity().check)
        good = asked.judge(raw, audience)
    except Unavailable as error:
        return {"allowed": False, **_fault(error)}
    result = jwt.decide(good, audience, scope, owner) if isinstance(good, jwt.Good) else good
    if isinstance(result, Denied):
        return _refused(result)
    return {
        "allowed": True,
        "principal": result.principal,
        "key_id": result.key_id,
        "token_id": result.token_id,
        "audience": list(result.audience),
        "scopes": list(result.scopes),
        "expires_at": result.expires_at,
    }


def _jwt_row(case: Case, asked: jwt.Unverified) -> list[Any]:
    """What the statement would return."""
    keys = [row for row in case["signing_keys"] if row["kid"] == asked.kid]
    versions = [row["kver"] for row in case["key_versions"] if row["key_id"] == asked.key_id]
    store = [case["store"].get(name) for name in STORE_COLUMNS]
    key = [keys[0].get(name) for name in ("x", "y", "valid_until")] if keys else [None] * 3
    version = versions[0] if versions else None
    return ["1-0000000000000000", *store, case["now"], None, None, case.get("issuer"), *key, version]


def _refused(denied: Denied) -> dict[str, object]:
    return {"allowed": False, "type": denied.type, "reason": denied.reason}


def _secret(case: Case) -> object:
    check_ask(case.get("scope"), case.get("owner"))
    provider = case["provider"]
    try:
        found = _find(case["token"], lambda token_hash: _reading(case, token_hash, provider))
        result = _decide(found, case)
        if found is None or isinstance(result, Denied):
            return _result(result)
        given = (case.get("master_key"), case.get("master_key_previous"))
        keys = [MasterKey.parse(text) for text in given if text]
        return {"value": open_secret(found, provider, keys).expose()}
    except Unavailable as error:
        return _fault(error)


def _find(text: str, read: Callable[[str], Reading]) -> Found | None:
    """None for what is never looked up."""
    asked = query(text)
    if asked is None:
        return None
    trust = Identity().check
    found = judge_fast(asked, read(asked.fast_hash), trust)
    if isinstance(found, SlowHash):
        slow_hash = slow.compute(found)
        return judge_slow(found, slow_hash, read(slow_hash), trust)
    return found


def _reading(case: Case, token_hash: str, provider: str | None) -> Reading:
    """What the statement would return."""
    store = case["store"]
    rows = [row for row in case.get("tokens") or [] if row["token_hash"] == token_hash]
    row: Mapping[str, Any] = rows[0] if rows else {}
    raw = ["1-0000000000000000", *(store.get(name) for name in STORE_COLUMNS), case["now"]]
    # A view of an older keyctl has no such column, and the owner's name is the subject.
    raw += [row.get("owner" if name not in row and name == "subject" else name) for name in TOKEN_COLUMNS]
    if provider is not None:
        raw += _bound(case, row, provider)
    return raw, _NOWHEN


def _bound(case: Case, row: Mapping[str, Any], provider: str) -> list[Any]:
    bindings = {
        (binding["subject_kind"], binding["subject_id"], binding["provider"]): binding["secret_id"]
        for binding in case.get("bindings") or []
    }
    subjects = (("key", row.get("key_id")), ("owner", row.get("owner")), ("store", ""))
    bound = [bindings.get((kind, subject, provider)) for kind, subject in subjects]
    secret_id = next((one for one in bound if one is not None), None)
    secrets = [one for one in case.get("secrets") or [] if one["secret_id"] == secret_id]
    cells = {name: secrets[0].get(name) if secrets else None for name in SECRET_COLUMNS}
    if isinstance(cells["envelope"], str):
        cells["envelope"] = bytes.fromhex(cells["envelope"])
    return [secret_id, *(cells[name] for name in SECRET_COLUMNS)]


def _fault(error: Unavailable) -> dict[str, str]:
    return {"type": error.type, "reason": error.reason}


def _result(result: Result) -> object:
    if not isinstance(result, Allowed):
        return {"allowed": False, "type": result.type, "reason": result.reason}
    return {
        "allowed": True,
        "principal": result.principal,
        "key_id": result.key_id,
        "key_name": result.key_name,
        "token_id": result.token_id,
        "scopes": list(result.scopes),
        "expires_at": result.expires_at,
    }


_KINDS: Final[dict[str, Callable[[Case], object]]] = {
    "token": _token,
    "hash": _hash,
    "master_key": _master_key,
    "envelope": _envelope,
    "verify": _verify,
    "jwt": _jwt,
    "secret": _secret,
}


def answer(case: Case) -> object:
    """The answer to one case, as `tests/vectors/README.md` says."""
    kind = _KINDS.get(case["kind"])
    return kind(case["input"]) if kind else {"error": f"unknown kind {case['kind']}"}


def main() -> None:
    for line in sys.stdin.buffer:
        if line.strip():
            print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
