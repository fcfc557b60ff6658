"""Where the master key comes from: one source and no two."""

from __future__ import annotations

import os
import stat
import subprocess
import warnings
from collections.abc import Mapping
from enum import Enum
from typing import Final

from .errors import MasterKeyError
from .leak import is_secret
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
    environment = os.environ
    keys = (_key(current, _from(environment)), _key(previous, lambda: environment.get(_PREVIOUS)))
    return tuple(key for key in keys if key is not None)


def _key(option: KeyOption, read: object) -> MasterKey | None:
    if option is None or isinstance(option, MasterKey):
        return option
    if isinstance(option, FromEnvironment):
        found = read() if callable(read) else None
        return MasterKey.parse(found) if found else None
    return MasterKey.parse(option)


def _from(environment: Mapping[str, str]) -> object:
    def read() -> str | bytes | None:
        named = [name for name in _SOURCES if environment.get(name)]
        if len(named) > 1:
            raise MasterKeyError("two_sources", f"{named[0]} and {named[1]} are both set")
        if not named:
            return None
        value = environment[named[0]]
        if named[0] != _SOURCES[0] and is_secret(value):
            # Nothing is opened, and no shell gets it, whose own error would repeat it.
            raise MasterKeyError("misplaced", f"{named[0]} holds what looks like a key, not where one is")
        if named[0].endswith("_FILE"):
            return _without_line_end(_read_file(value))
        if named[0].endswith("_CMD"):
            return _without_line_end(_run(value))
        return value

    return read


def _without_line_end(text: bytes) -> bytes:
    """Files and commands end with one; another one is a fault."""
    return text[:-2] if text.endswith(b"\r\n") else text.removesuffix(b"\n")


def _read_file(path: str) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise MasterKeyError("file", f"the master key's file cannot be read: {reason}") from None
    with os.fdopen(file, "rb") as opened:
        _check_file(path, os.fstat(opened.fileno()))
        text = opened.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        raise MasterKeyError("file", f"the master key's file is longer than {_LONGEST} bytes")
    return text


def _check_file(path: str, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        raise MasterKeyError("file", "the master key's file is not a plain file")
    if found.st_uid not in (os.geteuid(), 0):
        raise MasterKeyError("file", f"the master key's file belongs to another user (uid {found.st_uid})")
    if mode & 0o022:
        raise MasterKeyError("file", f"others can write the master key's file (mode {mode:04o})")
    if not mode & 0o004:
        return
    if not _is_mounted(path):
        raise MasterKeyError("file", f"all users can read the master key's file (mode {mode:04o})")
    warnings.warn(f"all users can read the master key's file (mode {mode:04o})", stacklevel=2)


def _is_mounted(path: str) -> bool:
    """Container runtimes mount secrets readable for all. What counts is where the file really is."""
    real = os.path.realpath(path)
    folders = [_MOUNTED, os.environ.get("KEYCTL_SECRETS_DIR")]
    return any(folder and real.startswith(os.path.realpath(folder) + os.sep) for folder in folders)


def _run(command: str) -> bytes:
    """What a command for `/bin/sh` prints. It gets none of the variables that hold a key."""
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
        raise MasterKeyError("command", f"KEYCTL_MASTER_KEY_CMD took over {_COMMAND_SECONDS} s") from None
    if done.returncode != 0:
        raise MasterKeyError("command", f"KEYCTL_MASTER_KEY_CMD ended with {done.returncode}")
    if len(done.stdout) > _LONGEST:
        raise MasterKeyError("command", f"KEYCTL_MASTER_KEY_CMD printed more than {_LONGEST} bytes")
    return done.stdout
