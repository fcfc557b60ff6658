"""Where tokens of credentials are handed out, and as whom they are asked for there."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import Final

from . import key_file
from .errors import ConfigurationError, KeyUnavailable, LeaseUnconfigured
from .leak import is_no_path
from .secret import SecretValue

SOCKET: Final = "KEYCTL_CREDENTIALS_SOCKET"
KEY_FILE: Final = "KEYCTL_CREDENTIALS_KEY_FILE"
OWNER: Final = "KEYCTL_CREDENTIALS_OWNER"
_VISIBLE: Final = re.compile(r"[!-~]{1,4096}").fullmatch

CredentialsKey = str | SecretValue | None


@dataclass(frozen=True)
class Place:
    """A socket, and of which other user it may be."""

    socket: str
    owner: int | None

    def checked(self) -> str:
        """Its path, after a look at whose it is: whoever made it gets the service's key, and says what tokens
        are."""
        try:
            found = os.stat(self.socket)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "no path"
            raise KeyUnavailable("unreachable", f"{self.socket}: {why}") from None
        if not stat.S_ISSOCK(found.st_mode):
            raise KeyUnavailable("socket", f"{self.socket} is no Unix socket")
        own = os.geteuid()
        if found.st_uid in (0, own, self.owner):
            return self.socket
        raise KeyUnavailable(
            "socket",
            f"{self.socket} belongs to uid {found.st_uid}, which is neither root nor this service's user"
            f" ({own}): where that is the user of keyctl serve, say so by {OWNER}={found.st_uid}",
        )


class Configured:
    """What the code of a service says of it. The environment says the rest, when it is needed."""

    def __init__(
        self,
        socket: str | os.PathLike[str] | None = None,
        key: CredentialsKey = None,
        owner: int | None = None,
    ) -> None:
        self._socket = os.fspath(socket) if socket is not None else None
        text = key.expose() if isinstance(key, SecretValue) else key
        if text is not None and not _VISIBLE(text):
            raise ConfigurationError(
                "credentials_key is no key: one line of visible ASCII characters (it is not shown)"
            )
        self._key = SecretValue(text) if text is not None else None
        self._owner = owner

    def place(self) -> Place:
        """`LeaseUnconfigured` where nobody named one."""
        socket = self._socket or os.environ.get(SOCKET)
        if not socket:
            raise LeaseUnconfigured()
        if is_no_path(socket):
            raise KeyUnavailable(
                "socket", f"{SOCKET} has the form of a key or password, where a path is expected"
            )
        if socket.startswith("unix:"):  # As serve's --listen has it.
            path = socket.removeprefix("unix:")
            raise KeyUnavailable("socket", f"{SOCKET} is the path alone, without unix: before it: {path}")
        return Place(socket, self._owner if self._owner is not None else _owner())

    def key(self) -> str | None:
        """The service's own key, read anew, so that it may be rotated; None where nothing names one, as at
        the socket of `keyctl exec --oauth`."""
        if self._key is not None:
            return self._key.expose()
        path = os.environ.get(KEY_FILE)
        if not path:
            return None
        if is_no_path(path):
            raise _no_key(f"{KEY_FILE} has the form of a key or password, where a path is expected")
        shown = f"{KEY_FILE}: {key_file.shown(path)}"
        try:
            text = key_file.without_line_end(key_file.read(path, "service key's"))
        except key_file.Unreadable as error:
            raise _no_key(f"{shown}: {error}") from None
        if not text.isascii() or not _VISIBLE(text.decode()):
            raise _no_key(f"{shown}: it is no key: one line of visible ASCII characters")
        return text.decode()


def _no_key(what: str) -> KeyUnavailable:
    return KeyUnavailable("credentials_key", what)


def _owner() -> int | None:
    text = os.environ.get(OWNER)
    if not text:
        return None
    if not re.fullmatch("[0-9]{1,10}", text):
        raise KeyUnavailable("socket", f"{OWNER} is the number of a user, as id -u prints it")
    return int(text)
