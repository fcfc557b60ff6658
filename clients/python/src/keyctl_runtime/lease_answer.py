"""What is asked of serve, and what is read of its answers. Nothing is believed that nobody here understands.
No I/O."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from .errors import (
    InvalidAsk,
    KeyctlError,
    KeyUnavailable,
    LeaseBusy,
    LeaseEnded,
    LeaseLimited,
    StoreUnavailable,
    TokenDenied,
)
from .lease_wire import Answer
from .results import FORBIDDEN, UNAUTHORIZED, Denied
from .secret import SecretValue
from .strict_json import parse_object

ASKED_AT_MOST: Final = 20.0
"""Seconds: as long as serve waits at most before it says that it is busy."""
_LIMITED: Final = ("OVERLOADED", "KEY_RATE_LIMIT", "KEY_QUOTA_EXCEEDED", "RATE_LIMIT")
# RFC 6749 §A.12. It becomes a header.
_TOKEN: Final = re.compile(r"[!-~](?:[ -~]{0,65534}[!-~])?").fullmatch
_LINE: Final = re.compile(r"[ -~]{1,200}").fullmatch
_ID: Final = re.compile(r"lse_[!-~]{1,60}").fullmatch
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
).fullmatch

Present = Literal["bearer", "x-api-key"]


@dataclass(frozen=True, slots=True)
class Lease:
    """A token's lease: nobody gets another token under its holder before it ends."""

    id: str
    """As `keyctl lease list` names it."""
    fence: int
    """A number that only grows. Who writes elsewhere by a lease sends it along, and what has seen a higher
    one refuses."""
    expires_at: int
    """When it ends by itself, in milliseconds since 1970."""


class Given:
    """What was handed out. `repr` shows nothing of it."""

    __slots__ = ("credential", "expires_at", "holder_token", "lease", "present", "token", "version")

    def __init__(self, answer: Answer, provider: str) -> None:
        said = _object(answer)
        token, present, version = said.get("access_token"), said.get("present"), said.get("version")
        if said.get("provider") != provider:
            raise odd("another provider's token")
        if not isinstance(token, str) or not _TOKEN(token):
            raise odd("no token")
        if present not in ("bearer", "x-api-key"):
            raise odd("a token that is presented in a way that is not known here")
        if not isinstance(said.get("credential"), str) or type(version) is not int or version < 0:
            raise odd("another form of JSON")
        self.token, self.present, self.version = token, cast(Present, present), version
        self.credential: str = said["credential"]
        self.expires_at = None if said["expires_at"] is None else _time(said["expires_at"])
        self.lease: Lease | None = None
        self.holder_token = SecretValue("")
        if said["lease"] is not None:
            self.lease = _lease(said["lease"])
            holder_token = said["lease"].get("holder_token")
            if not isinstance(holder_token, str) or not holder_token:
                raise odd("a lease without a holder token")
            self.holder_token = SecretValue(holder_token)


class Wanted:
    """What is asked for. `repr` shows nothing of it."""

    __slots__ = ("_api_key", "_hold_for", "_min_valid", "provider", "wait")

    def __init__(
        self, provider: str, api_key: str | None, hold_for: float | None, wait: float, min_valid: float | None
    ) -> None:
        if api_key is not None and not (isinstance(api_key, str) and 0 < len(api_key) <= 4096):
            raise InvalidAsk("api_key is no token")
        self.provider, self._api_key, self.wait = provider, api_key, span(wait, "wait")
        self._hold_for = None if hold_for is None else int(span(hold_for, "hold_for"))
        self._min_valid = None if min_valid is None else int(span(min_valid, "min_valid"))

    def body(self, wait: float) -> bytes:
        said = {
            "provider": self.provider,
            "api_key": self._api_key,
            "for": self._hold_for,
            "wait": int(wait),
            "min_valid": self._min_valid,
        }
        return _json({name: value for name, value in said.items() if value is not None})


def span(seconds: object, name: str) -> float:
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds) or not 0 <= seconds < 2**31:
        raise InvalidAsk(f"{name} is a number of seconds")
    return float(seconds)


def of_holder(holder_token: SecretValue, hold_for: float | None = None) -> bytes:
    said: dict[str, object] = {"holder_token": holder_token.expose()}
    if hold_for is not None:
        said["for"] = int(span(hold_for, "hold_for"))
    return _json(said)


def renewed(answer: Answer) -> Lease:
    return _lease(_object(answer).get("lease"))


def refused(answer: Answer) -> KeyctlError:
    """What an answer means that is no success."""
    try:
        said = parse_object(answer.body)
    except ValueError:
        said = {}
    code, detail = said.get("code"), said.get("detail")
    why = detail if isinstance(detail, str) and _LINE(detail) else "no reason is given"
    if code in _LIMITED:
        return LeaseLimited(code, answer.retry_after)
    if code in (UNAUTHORIZED, FORBIDDEN):
        if said.get("of") == "api_key":
            return TokenDenied(Denied(code, "refused", 401 if code == UNAUTHORIZED else 403))
        return KeyUnavailable(
            "credentials_key",
            f"keyctl serve does not let this service in ({why}): KEYCTL_CREDENTIALS_KEY_FILE names the file"
            " of a key with the scope keyctl:lease",
        )
    match code, answer.status:
        case "BUSY", _:
            return LeaseBusy()
        case "CONFLICT", _:
            return LeaseEnded()
        case "KEY_UNAVAILABLE", _:
            return KeyUnavailable(
                "no_token",
                "nothing that works is bound for this provider; keyctl oauth list shows the credentials, and"
                " serve's log why",
            )
        case "STORE_UNAVAILABLE", _:
            return StoreUnavailable("serve", "keyctl serve cannot read or write the store")
        case "INVALID_REQUEST", 400:
            return InvalidAsk(f"this cannot be asked for: {why}")
        case _, 404:
            return KeyUnavailable(
                "not_served", "keyctl serve hands out no tokens there: it has no --lease-store"
            )
        case _, status:
            return odd(f"a status {status}")


def refused_holder(answer: Answer) -> KeyctlError:
    """The same for a holder's token: that of a lease that is over shows nothing any more. A key that lacks
    the scope is told so by a challenge."""
    error = refused(answer)
    is_forgotten = answer.status == 403 and not answer.challenge
    if is_forgotten and isinstance(error, KeyUnavailable) and error.reason == "credentials_key":
        return LeaseEnded()
    return error


def odd(what: str) -> KeyUnavailable:
    return KeyUnavailable("answer", f"what the socket answered is no answer of keyctl serve: {what}")


def _json(said: dict[str, object]) -> bytes:
    try:
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidAsk("api_key is no token") from None


def _object(answer: Answer) -> dict[str, Any]:
    try:
        said = parse_object(answer.body)
    except ValueError:
        raise odd("another form of JSON") from None
    return {"expires_at": None, "lease": None, **said}


def _lease(said: object) -> Lease:
    if not isinstance(said, dict):
        raise odd("another form of JSON")
    name, fence = said.get("id"), said.get("fence")
    if not isinstance(name, str) or not _ID(name) or type(fence) is not int or fence < 0:
        raise odd("a lease without an id")
    return Lease(name, fence, _time(said.get("expires_at")))


def _time(text: object) -> int:
    if not isinstance(text, str) or not _TIME(text):
        raise odd("a time is none")
    try:
        # Digits beyond milliseconds are cut off; Python 3.11 reads six of them.
        return int(datetime.fromisoformat(re.sub(r"(\.\d{3})\d*", r"\1", text)).timestamp() * 1000 + 0.5)
    except (ValueError, OverflowError):
        raise odd("a time is none") from None
