"""What goes wrong, and whose fault it is.

A denied token is a result, not an exception: see `keyctl_runtime.results`. Exceptions say that
nobody could decide, or that the caller's code or configuration is wrong.
"""

from __future__ import annotations

from typing import ClassVar

from .results import Denied


class KeyctlError(Exception):
    """Every exception of this package."""


class InvalidAsk(KeyctlError, ValueError):
    """A scope, an owner or a provider that is not one: a mistake in the caller's code."""


class ConfigurationError(KeyctlError, ValueError):
    """The store's address or a setting is wrong: found when the reader is made."""


class MasterKeyError(ConfigurationError):
    """A text is no master key. `fault` says why; nothing repeats the text."""

    def __init__(self, fault: str, detail: str | None = None) -> None:
        super().__init__(detail or f"the master key cannot be used: {fault}")
        self.fault = fault


class Unavailable(KeyctlError):
    """Nobody could decide: HTTP 503."""

    type: ClassVar[str] = ""
    status: ClassVar[int] = 503

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{self.type}: {reason}" + (f" ({detail})" if detail else ""))
        self.reason = reason
        self.detail = detail

    def again(self) -> Unavailable:
        """The same for another caller, who has a traceback of their own."""
        return self.__class__(self.reason, self.detail)


class StoreUnavailable(Unavailable):
    """The store cannot be read, or not be trusted. Never a fault of the token."""

    type: ClassVar[str] = "STORE_UNAVAILABLE"


class KeyUnavailable(Unavailable):
    """The token is good, and the provider's secret cannot be had."""

    type: ClassVar[str] = "KEY_UNAVAILABLE"


class TokenDenied(KeyctlError):
    """`secret` was asked for with a token that is denied; `denied` is the whole result."""

    def __init__(self, denied: Denied) -> None:
        super().__init__(f"{denied.type}: {denied.reason}")
        self.denied = denied
        self.type = denied.type
        self.reason = denied.reason
        self.status = denied.status
