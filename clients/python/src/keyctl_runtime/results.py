"""What a verification answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Literal

UNAUTHORIZED: Final = "UNAUTHORIZED"
FORBIDDEN: Final = "FORBIDDEN"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A good token that may do what was asked. It is true."""

    principal: str
    """The owner that the key acts for."""
    key_id: str
    key_name: str
    token_id: str
    scopes: tuple[str, ...]
    """What the key may do, sorted."""
    expires_at: int | None
    """The end, exclusive, in milliseconds since 1970 in UTC; None is no end."""

    allowed: ClassVar[Literal[True]] = True
    status: ClassVar[int] = 200

    if TYPE_CHECKING:
        # Every object is true unless it says otherwise, and saying so takes time.
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
