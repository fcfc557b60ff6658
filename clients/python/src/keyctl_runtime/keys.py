"""Where the master key comes from: one source and no two."""

from __future__ import annotations

import os
import stat
import subprocess
import warnings
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final, NamedTuple

from .errors import MasterKeyError
from .leak import is_in_command, is_no_path
from .master_key import MasterKey

_SOURCES: Final = ("KEYCTL_MASTER_KEY", "KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD")
NAMED_BY: Final = f"{_SOURCES[0]}, {_SOURCES[1]} or {_SOURCES[2]} names it"
_PREVIOUS: Final = "KEYCTL_MASTER_KEY_PREVIOUS"
_LONGEST: Final = 4096
_COMMAND_SECONDS: Final = 20
_MOUNTED: Final = "/run/secrets"


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
        return _Named(_without_line_end(_read_file(value, origin)), origin, value)
    if origin.endswith("_CMD"):
        if is_in_command(value):
            raise MasterKeyError("misplaced", "it has the form of a key, not of a command", origin)
        return _Named(_without_line_end(_run(value, origin)), origin)
    return _Named(value, origin)


def _without_line_end(text: bytes) -> bytes:
    """Files and commands end with one; another one is a fault."""
    return text[:-2] if text.endswith(b"\r\n") else text.removesuffix(b"\n")


def _shown(path: str) -> str:
    """A passphrase has no form by which it could be told from a file's name."""
    if path.startswith("/") or os.path.exists(path):
        return path
    return "the file that it names (not shown, since it does not begin with /)"


def _read_file(path: str, origin: str) -> bytes:
    def wrong(what: str) -> MasterKeyError:
        return MasterKeyError("file", f"{_shown(path)}: {what}", origin)

    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise wrong(f"it cannot be read: {reason}") from None
    try:
        fault = _fault(path, os.fstat(file))
        text = b"" if fault else os.read(file, _LONGEST + 1)
    finally:
        os.close(file)
    if fault is not None:
        raise wrong(fault)
    if len(text) > _LONGEST:
        raise wrong(f"it is longer than {_LONGEST} bytes")
    return text


def _fault(path: str, found: os.stat_result) -> str | None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        return "it is not a plain file"
    if found.st_uid not in (os.geteuid(), 0):
        return f"it belongs to another user (uid {found.st_uid})"
    if mode & 0o022:
        return f"others can write it (mode {mode:04o}): chmod 600"
    if not mode & 0o004:
        return None
    if not _is_mounted(path):
        return f"all users can read it (mode {mode:04o}): chmod 600"
    warnings.warn(f"all users can read the master key's file {path} (mode {mode:04o})", stacklevel=2)
    return None


def _is_mounted(path: str) -> bool:
    """Container runtimes mount secrets readable for all. What counts is where the file really is."""
    real = os.path.realpath(path)
    folders = [_MOUNTED, os.environ.get("KEYCTL_SECRETS_DIR")]
    return any(folder and real.startswith(os.path.realpath(folder) + os.sep) for folder in folders)


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
    if len(done.stdout) > _LONGEST:
        raise wrong(f"it printed more than {_LONGEST} bytes")
    return done.stdout
