"""Who else could put another file in a store's place: whoever may write it, the folder that holds it, or one
above. The rule is that of the command line, which refuses changes there; a reader only warns.
"""

from __future__ import annotations

import os
import stat
from typing import Final, NamedTuple

_BESIDE: Final = ("-wal", "-shm", "-journal")
_KINDS: Final = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe"}
_MOST_LINKS: Final = 40
"""More than that are a circle, as in Linux."""


class _Trust(NamedTuple):
    """Whom a store is trusted to: the effective user, the file's owner, and the group that its owner lets
    read it, as `store grant --group` does."""

    user: int
    owner: int
    group: int | None

    @classmethod
    def of(cls, file: os.stat_result, folder: os.stat_result) -> _Trust:
        user, owner = os.geteuid(), file.st_uid
        # Who put a file of another user's there did not ask its group.
        is_granted = owner in (user, 0, folder.st_uid) and file.st_mode & stat.S_IRGRP
        return cls(user, owner, file.st_gid if is_granted else None)

    def has(self, user: int) -> bool:
        return user in (self.user, 0, self.owner)

    def others(self, folder: os.stat_result, entry_owner: int) -> str | None:
        """Who else can replace an entry of this owner in a folder."""
        if not self.has(folder.st_uid):
            return f"belongs to another user (uid {folder.st_uid})"
        if folder.st_mode & stat.S_ISVTX and self.has(entry_owner):
            return None
        return _writers(folder, self.group)


class Refused(Exception):
    """The file is not read at all; the text begins with its path."""


def examine(given: str, follows_link: bool) -> str | None:
    """What is to be said of a store's file before it is opened; None where nothing is. `Refused` for what is
    no file of one's own, as the command line refuses it.

    Nothing is opened: a pipe would wait for whoever writes it, and closing a file ends SQLite's locks on it.
    """
    try:
        found = os.lstat(given)
        if stat.S_ISLNK(found.st_mode):
            if not follows_link:
                raise Refused(
                    f"{given} is a symbolic link: name the file itself, or allow the link: "
                    f"sqlite:{given}?symlink=follow"
                )
            found = os.stat(given)
        shared = found.st_mode & stat.S_IWGRP and _shares_folder(given, found)
    except OSError as error:
        raise Refused(not_read(given, error)) from None
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "a device or socket")
        raise Refused(f"{given} is {kind}, not a store")
    if found.st_size == 0:
        raise Refused(f"{given} is empty: not a keyctl store, or cut off")
    if found.st_mode & stat.S_IRWXO or (found.st_mode & stat.S_IWGRP and not shared):
        mode = stat.S_IMODE(found.st_mode)
        raise Refused(f"{given} is open to others (mode {mode:04o}): chmod g-w,o-rwx")
    others = doubt(given)
    if others is not None:
        return f"others can replace the store: {others}"
    if found.st_nlink > 1:
        return f"{given} has {found.st_nlink} hard links: its name is not the only one"
    return None


def not_read(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no keyctl store at {path}"
    return f"{path} cannot be read: {error.strerror}"


def _shares_folder(given: str, file: os.stat_result) -> bool:
    """Whether the group that may write the file may write its folder, too, as where a volume is mounted for
    it: then it could replace the file in any case."""
    folder = os.stat(os.path.dirname(os.path.realpath(given)))
    return folder.st_gid == file.st_gid and bool(folder.st_mode & stat.S_IWGRP)


def doubt(given: str) -> str | None:
    """What lets others replace the store, beginning with the path that does; None where nobody can.

    None, too, for what cannot be looked at: opening it says better what is wrong.
    """
    try:
        path = os.path.realpath(given, strict=True)
        file, folder = os.stat(path), os.path.dirname(path)
        trust = _Trust.of(file, os.stat(folder))
        # So it is where a volume was mounted for a group; else it is not even read.
        writers = _writers(file, None)
        if writers is not None:
            return f"{path} {writers}"
        link = _foreign_link(given, trust.user)
        if link is not None:
            return f"{link} is a link of another user's"
        return _doubt_of_folders(path, folder, trust, file.st_uid)
    except OSError:
        return None


def _doubt_of_folders(path: str, folder: str, trust: _Trust, entry_owner: int) -> str | None:
    """From the one that holds the file to the first that is the user's own: what another one puts in its
    place is not the user's. So a folder of mode 0700 is safe also inside one that all may write."""
    is_first = True
    while True:
        found = os.stat(folder)
        others = trust.others(found, entry_owner)
        if others is not None:
            return f"{folder} {others}"
        if is_first and found.st_mode & 0o022:
            # Where others may make files, what SQLite reads beside the database may be theirs.
            for beside in (path + end for end in _BESIDE):
                if os.path.lexists(beside) and not trust.has(os.lstat(beside).st_uid):
                    return f"{beside} belongs to another user, who may write the folder"
        above = os.path.dirname(folder)
        if found.st_uid == trust.user or above == folder:
            return None
        folder, entry_owner, is_first = above, found.st_uid, False


def _writers(found: os.stat_result, granted: int | None) -> str | None:
    who = None
    if found.st_mode & stat.S_IWOTH:
        who = "everybody"
    elif found.st_mode & stat.S_IWGRP and found.st_gid != granted:
        who = f"group {found.st_gid}"
    return who and f"(mode {stat.S_IMODE(found.st_mode):04o}) can be written by {who}"


def _foreign_link(given: str, user: int) -> str | None:
    """The first link on the way that neither the user nor root made, the way of other links included."""
    rest, at, links = _reversed(given), "/", 0
    while rest:
        name = rest.pop()
        if name == "..":
            at = os.path.dirname(at)
            continue
        here = os.path.join(at, name)
        found = os.lstat(here)
        if not stat.S_ISLNK(found.st_mode):
            at = here
            continue
        links += 1
        if links > _MOST_LINKS or found.st_uid not in (user, 0):
            return here
        leads = os.readlink(here)
        if leads.startswith("/"):
            at = "/"
        rest += _reversed(leads)
    return None


def _reversed(path: str) -> list[str]:
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
