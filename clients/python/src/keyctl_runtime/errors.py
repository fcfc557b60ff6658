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


_FORM = "a store is a path, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE"
_FAULTS = {
    "empty": "it is empty (KEYCTL_STORE, or what stands for it)",
    "secret": "it looks like a token, a master key or a provider's key",
    "character": "it has a blank or a control character in it or around it; in postgres://… a blank is %20",
    "form": _FORM,
    "unescaped": "in postgres://… an @, / or # of a password is to be escaped: %40, %2F, %23",
    "percent": "in postgres://… a % is followed by two hex digits; itself it is %25",
    "user": "in postgres://… a user stands before the @",
    "host": "in postgres://… a host is a name, an IP address ([::1]) or a socket's folder (%2Frun…)",
    "port": "a port is a number from 1 to 65535",
    "parameter": "a parameter of it is not known",
    "twice": "a parameter of it is given twice",
    "value": "a parameter of it has a value that is none",
    "conflict": "a parameter of it contradicts the rest",
    "plain": "beyond this machine the password would travel in the clear",
}


class AddressError(ConfigurationError):
    """A text names no store. `fault` says why in a word, `parameter` at which one, if that has a name that
    may be repeated; nothing repeats the text."""

    def __init__(self, fault: str, parameter: str | None = None, origin: str | None = None) -> None:
        where = f" ({parameter})" if parameter else ""
        named = f" ({origin})" if origin else ""
        super().__init__(f"the store's address{named} cannot be used: {_FAULTS[fault]}{where}")
        self.fault, self.parameter = fault, parameter


class MasterKeyError(ConfigurationError):
    """A text is no master key. `fault` says why; nothing repeats the text."""

    def __init__(self, fault: str, detail: str | None = None, origin: str | None = None) -> None:
        named = f" ({origin})" if origin else ""
        super().__init__(f"the master key{named} cannot be used: {detail or fault}")
        self.fault = fault


class Unavailable(KeyctlError):
    """Nobody could decide, or get a token: HTTP 503. `status` is another one where serve said another."""

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


class LeaseUnconfigured(KeyUnavailable):
    """Nobody said where tokens of credentials are handed out."""

    def __init__(self, reason: str = "unconfigured", detail: str = "") -> None:
        super().__init__(
            reason,
            detail
            or "no socket is configured at which tokens of credentials are handed out: run keyctl serve"
            " --lease-store STORE --listen unix:PATH=internal and name PATH by KEYCTL_CREDENTIALS_SOCKET or"
            " credentials_socket, or start this service by keyctl exec --oauth",
        )


class LeaseBusy(Unavailable):
    """Others used the token, or were getting a new one, for as long as was waited."""

    type: ClassVar[str] = "BUSY"

    def __init__(
        self, reason: str = "busy", detail: str = "others use the token, or are getting a new one"
    ) -> None:
        super().__init__(reason, detail)


class LeaseLimited(Unavailable):
    """More was asked of serve than it answers. `type` is `OVERLOADED`, `KEY_RATE_LIMIT`, `KEY_QUOTA_EXCEEDED`
    or `RATE_LIMIT`, `retry_after` seconds after which it may be asked again, where that was said."""

    status: ClassVar[int] = 429

    def __init__(self, type: str, retry_after: int | None = None) -> None:
        self.type = type  # type: ignore[misc]
        super().__init__("limited")
        self.retry_after = retry_after

    def again(self) -> LeaseLimited:
        return LeaseLimited(self.type, self.retry_after)


class LeaseEnded(Unavailable):
    """A lease that was to be renewed is over, or there is another token by now."""

    type: ClassVar[str] = "CONFLICT"
    status: ClassVar[int] = 409

    def __init__(self, reason: str = "lease_ended", detail: str = "take another lease") -> None:
        super().__init__(reason, detail)


class TokenDenied(KeyctlError):
    """`secret` or `lease` was asked for with a token that is denied; `denied` is the whole result."""

    def __init__(self, denied: Denied) -> None:
        super().__init__(f"{denied.type}: {denied.reason}")
        self.denied = denied
        self.type = denied.type
        self.reason = denied.reason
        self.status = denied.status


def named_by(error: StoreUnavailable, origin: str | None) -> StoreUnavailable:
    """The same with the variable that named the store, where it may be the wrong one."""
    if origin is None or error.reason not in ("unreachable", "view_version"):
        return error
    return StoreUnavailable(error.reason, f"{error.detail}; {origin} names the store")


def not_loaded(why: str, module: str, extra: str, error: ImportError) -> str:
    """What to do where a library is not there; where it is and cannot be loaded, what it says itself."""
    if isinstance(error, ModuleNotFoundError) and error.name in (module, None):
        return f"{why}: install keyctl-runtime[{extra}]"
    return f"{why}, and {module} is installed and cannot be loaded: {error}"
