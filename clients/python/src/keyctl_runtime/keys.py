"""Where the master key comes from: one source and no two."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple

from . import key_file
from .errors import MasterKeyError
from .key_file import LONGEST, without_line_end
from .leak import is_in_command, is_no_path
from .master_key import MasterKey

_SOURCES: Final = ("KEYCTL_MASTER_KEY", "KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD")
NAMED_BY: Final = f"{_SOURCES[0]}, {_SOURCES[1]} or {_SOURCES[2]} names it"
_PREVIOUS: Final = "KEYCTL_MASTER_KEY_PREVIOUS"
_COMMAND_SECONDS: Final = 20


class FromEnvironment(Enum):
    """The master key is what the environment says."""

    FROM_ENVIRONMENT = "environment"


FROM_ENVIRONMENT: Final = FromEnvironment.FROM_ENVIRONMENT
KeyOption = MasterKey | str | bytes | FromEnvironment | None


def at_hand(current: KeyOption, previous: KeyOption) -> tuple[MasterKey, ...]:
    """The keys that open envelopes, the current one first. Without a current one there is none."""
    keys = (_key(current, "master_key", _current), _key(previous, "master_key_previous", _previous))
    return tuple(key for key in keys if key is not None)


class _Named(NamedTuple):
    """A key's text, and what named it."""

    text: str | bytes
    origin: str
    file: str = ""


_Read = Callable[[Mapping[str, str]], _Named | None]


def _key(option: KeyOption, argument: str, read: _Read) -> MasterKey | None:
    if option is None or isinstance(option, MasterKey):
        return option
    named = read(os.environ) if isinstance(option, FromEnvironment) else _Named(option, argument)
    if named is None:
        return None
    try:
        return MasterKey.parse(named.text)
    except MasterKeyError as error:
        where = f"{named.file}: " if named.file else ""
        raise MasterKeyError(error.fault, f"{where}{error.fault}", named.origin) from None


def _previous(environment: Mapping[str, str]) -> _Named | None:
    text = environment.get(_PREVIOUS)
    return _Named(text, _PREVIOUS) if text else None


def _current(environment: Mapping[str, str]) -> _Named | None:
    named = [name for name in _SOURCES if environment.get(name)]
    if len(named) > 1:
        both = " and ".join(named)
        raise MasterKeyError("two_sources", f"{both} are both set, and only one may name the key")
    if not named:
        return None
    origin, value = named[0], environment[named[0]]
    # Nothing is opened, and no shell gets it, whose own error would repeat it.
    if origin.endswith("_FILE"):
        if is_no_path(value):
            raise MasterKeyError("misplaced", "it has the form of a key or password, not of a path", origin)
        return _Named(without_line_end(_read_file(value, origin)), origin, value)
    if origin.endswith("_CMD"):
        if is_in_command(value):
            raise MasterKeyError("misplaced", "it has the form of a key, not of a command", origin)
        return _Named(without_line_end(_run(value, origin)), origin)
    return _Named(value, origin)


def _read_file(path: str, origin: str) -> bytes:
    try:
        return key_file.read(path, "master key's")
    except key_file.Unreadable as error:
        raise MasterKeyError("file", f"{key_file.shown(path)}: {error}", origin) from None


def _run(command: str, origin: str) -> bytes:
    """What a command for `/bin/sh` prints. It gets none of the variables that hold a key."""

    def wrong(what: str) -> MasterKeyError:
        return MasterKeyError("command", f"the command for it failed: {what}", origin)

    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYCTL_MASTER_")}
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise wrong(f"it did not end within {_COMMAND_SECONDS} s") from None
    if done.returncode != 0:
        raise wrong(f"it ended with {done.returncode}")
    if len(done.stdout) > LONGEST:
        raise wrong(f"it printed more than {LONGEST} bytes")
    return done.stdout
