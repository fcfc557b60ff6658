"""The files that keys are read from, the master key or a service's own."""

from __future__ import annotations

import os
import stat
import warnings
from typing import Final

LONGEST: Final = 4096
_MOUNTED: Final = "/run/secrets"


class Unreadable(Exception):
    """Why a file is not read. Nothing of it is repeated."""


def without_line_end(text: bytes) -> bytes:
    """Files and commands end with one; another one is a fault."""
    return text[:-2] if text.endswith(b"\r\n") else text.removesuffix(b"\n")


def shown(path: str) -> str:
    """A passphrase has no form by which it could be told from a file's name."""
    if path.startswith("/") or os.path.exists(path):
        return path
    return "the file that it names (not shown, since it does not begin with /)"


def read(path: str, whose: str) -> bytes:
    """What it holds. It is the user's own or root's, nobody else may write it, and not all may read it, but
    where secrets are mounted. `Unreadable` if it is not so."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no path"
        raise Unreadable(f"it cannot be read: {reason}") from None
    try:
        fault = _fault(path, os.fstat(file), whose)
        text = b"" if fault else os.read(file, LONGEST + 1)
    finally:
        os.close(file)
    if fault is not None:
        raise Unreadable(fault)
    if len(text) > LONGEST:
        raise Unreadable(f"it is longer than {LONGEST} bytes")
    return text


def _fault(path: str, found: os.stat_result, whose: str) -> str | None:
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
    warnings.warn(f"all users can read the {whose} file {path} (mode {mode:04o})", stacklevel=2)
    return None


def _is_mounted(path: str) -> bool:
    """Container runtimes mount secrets readable for all. What counts is where the file really is."""
    real = os.path.realpath(path)
    folders = [_MOUNTED, os.environ.get("KEYCTL_SECRETS_DIR")]
    return any(folder and real.startswith(os.path.realpath(folder) + os.sep) for folder in folders)
