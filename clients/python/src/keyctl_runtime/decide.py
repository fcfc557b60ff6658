"""The decision: pure, and the same in every reader."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from . import names, network, scope
from .errors import InvalidAsk
from .network import Ip
from .results import DENIED, Allowed, Denied, Result
from .row import Known

_NETWORK: Final = DENIED["network"]
_OWNER: Final = DENIED["owner"]
_SCOPE: Final = DENIED["scope"]
_QUOTA: Final = DENIED["quota"]

_is_scope = lru_cache(maxsize=1024, typed=True)(scope.is_scope)


def check_ask(scope_asked: str | None, owner: str | None) -> None:
    """`InvalidAsk` for what is no scope, or no owner's subject."""
    if scope_asked is not None and not (isinstance(scope_asked, str) and _is_scope(scope_asked)):
        raise InvalidAsk("this is not a scope, as in memories:read")
    if owner is not None and not (isinstance(owner, str) and names.is_subject(owner)):
        raise InvalidAsk("this is not an owner")


def decide(
    found: Known | Denied, scope_asked: str | None, owner: str | None, ip: Ip, allow_unmetered: bool
) -> Result:
    """Known, state, network, owner, scope, quota: the first that fails is the reason."""
    if isinstance(found, Allowed):
        allowed, has_quota = found, False
    elif isinstance(found, Denied):
        return found
    else:
        if found.state != "active":
            return DENIED[found.state]
        if found.networks and not network.allow(found.networks, network.parse_address(ip)):
            return _NETWORK
        allowed, has_quota = found.allowed, found.has_quota
    if owner is not None and owner != allowed.principal:
        return _OWNER
    held = allowed.scopes
    # A scope covers itself, and mostly it is that which is asked for.
    if not (scope_asked is None or scope_asked in held or scope.any_covers(held, scope_asked)):
        return _SCOPE
    return _QUOTA if has_quota and not allow_unmetered else allowed
