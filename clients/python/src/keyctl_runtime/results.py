"""What a verification answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple

UNAUTHORIZED: Final = "UNAUTHORIZED"
FORBIDDEN: Final = "FORBIDDEN"


class _Grant(NamedTuple):
    principal: str
    key_id: str
    key_name: str
    token_id: str
    scopes: tuple[str, ...]
    expires_at: int | None


class Allowed(_Grant):
    """A good token that may do what was asked. It is true.

    `principal` is whom the key acts for: the owner's subject, which is its name unless it was set. `scopes` what the key may do, sorted, and
    `expires_at` the end, exclusive, in milliseconds since 1970 in UTC; None is no end. A named tuple,
    since one is made for each look-up.
    """

    __slots__ = ()

    allowed: ClassVar[Literal[True]] = True
    status: ClassVar[int] = 200

    if TYPE_CHECKING:
        # A tuple that is not empty is true, and saying so takes time.
        def __bool__(self) -> Literal[True]: ...


@dataclass(frozen=True, slots=True)
class Denied:
    """Anything else. It is false, and has none of the attributes of `Allowed` that name somebody."""

    type: str
    """`UNAUTHORIZED` or `FORBIDDEN`."""
    reason: str
    """For the log and the metrics; to the outside, all reasons of one type look the same."""
    status: int
    """Of HTTP: 401 or 403."""

    allowed: ClassVar[Literal[False]] = False

    def __bool__(self) -> Literal[False]:
        return False


Result = Allowed | Denied


class _JwtGrant(NamedTuple):
    principal: str
    key_id: str
    token_id: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: int


class JwtAllowed(_JwtGrant):
    """A good short-lived token that may do what was asked. It is true.

    As `Allowed`; `key_id` is the key that was exchanged for it, `token_id` its `jti`, and `audience` whom it is for,
    one at least.
    """

    __slots__ = ()

    allowed: ClassVar[Literal[True]] = True
    status: ClassVar[int] = 200

    if TYPE_CHECKING:

        def __bool__(self) -> Literal[True]: ...


JwtResult = JwtAllowed | Denied

_UNAUTHORIZED = (
    "malformed",
    "unknown",
    "revoked",
    "expired",
    "not_yet_valid",
    "suspended",
    "owner_disabled",
    "parent_dead",
)
_FORBIDDEN = ("network", "owner", "scope", "quota")

DENIED: Final[dict[str, Denied]] = {
    **{reason: Denied(UNAUTHORIZED, reason, 401) for reason in _UNAUTHORIZED},
    **{reason: Denied(FORBIDDEN, reason, 403) for reason in _FORBIDDEN},
}

_JWT_UNAUTHORIZED = (
    "malformed",
    "signing_key",
    "signature",
    "type",
    "claims",
    "issuer",
    "audience",
    "expired",
    "not_yet_valid",
    "unknown",
    "version",
)

JWT_DENIED: Final[dict[str, Denied]] = {
    **{reason: Denied(UNAUTHORIZED, reason, 401) for reason in _JWT_UNAUTHORIZED},
    **{reason: Denied(FORBIDDEN, reason, 403) for reason in ("owner", "scope")},
}
