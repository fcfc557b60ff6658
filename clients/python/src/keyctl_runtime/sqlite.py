"""The SQLite file, read by SQLite alone: opening and closing it in any other way would drop the locks
that this process holds on it (POSIX, https://sqlite.org/howtocorrupt.html §2.2)."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from . import folder
from .errors import StoreUnavailable, named_by
from .find import Reading, Sent
from .location import SqliteLocation
from .pool import Pool
from .row import STORE_AT, Raw, answered
from .sql import SQLITE, SQLITE_BEFORE, SQLITE_HAS_SUBJECTS, Statements
from .stores import Now

BUSY_TIMEOUT: Final = 2.0
"""Seconds that a look-up waits for a lock."""
GLANCE: Final = 0.1
"""Seconds between two looks at which file it is: each takes a tenth of the time of a look-up."""
CACHE: Final = 8192
"""KiB of pages that a connection keeps. SQLite's own 2 MiB do not hold the inner pages of a large store."""
_WAITED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT})
APPLICATION: Final = 0x6B63746C
"""What `PRAGMA application_id` of every store says: `kctl` in ASCII."""
_MISSING: Final = ("no such table", "no such column")
_LOG: Final = logging.getLogger("keyctl_runtime")

_LOST: Final = (
    "has no application_id or no user_version: it is no store, or a dump that was read back; "
    "keyctl store status says which, and how to mend it"
)
_ANOTHER: Final = "is a database of another application"

FileId = tuple[int, int]


class _Open:
    """A connection, which file it is to, when that was still the one under the name, and what was read of
    the store since then."""

    __slots__ = ("connection", "execute", "file", "find", "lacking", "seen", "sql", "store")

    def __init__(self, connection: sqlite3.Connection, file: FileId, seen: Sent) -> None:
        self.connection, self.execute = connection, connection.execute
        # A cursor is dear; this one is kept for what returns one row, which leaves nothing open behind it.
        self.find = connection.cursor().execute
        self.file, self.seen = file, seen
        self.store: tuple[Any, ...] | None = None
        self.sql: Statements = SQLITE
        # The mark under which the views had no column for subjects; None if they have. A subject is another
        # than the owner's name only after a change, which moves the mark.
        self.lacking: str | None = None

    def ask_for_subjects(self) -> bool:
        """Whether the views have the column."""
        has = self.execute(SQLITE_HAS_SUBJECTS).fetchone() is not None
        self.sql, self.lacking = (SQLITE, None) if has else (SQLITE_BEFORE, self.lacking or "")
        return has

    def was_migrated(self, raw: Raw | None) -> bool:
        """Whether what was read without subjects is to be read again with them."""
        if raw is None or raw[0] == self.lacking:
            return False
        if self.ask_for_subjects():
            self.store = None
            return True
        self.lacking = raw[0]
        return False


class SqliteStore:
    """Look-ups in a file. It may be used by several threads."""

    def __init__(self, location: SqliteLocation, now: Now, connections: int) -> None:
        self._path, self._follows_link, self._origin = location.path, location.follow_symlink, location.origin
        self._now = now
        # Taken once and never given back: by whoever warns.
        self._warning = threading.Lock()
        self._pool: Pool[_Open] = Pool(connections, self._open, _close, closes_before_fork=True)

    def token(self, token_hash: str) -> Reading:
        one = self._current()
        try:
            store = one.store
            raw: tuple[Any, ...] | None = None
            if store is not None:
                # Of the store only the mark, where that is the one that all the rest of it was read under:
                # whatever changes the store moves the mark.
                row = one.find(one.sql.row, (token_hash,)).fetchone()
                if row is not None and row[0] == store[0]:
                    raw = store + row[1:]
            if raw is None:
                raw = one.execute(one.sql.token, (token_hash,)).fetchone()
                one.store = raw[:STORE_AT] if raw else None
            if one.lacking is not None and one.was_migrated(raw):
                raw = one.execute(one.sql.token, (token_hash,)).fetchone()
        except sqlite3.Error as error:
            self._pool.discard(one)
            raise self._unavailable(error) from None
        except BaseException:
            self._pool.discard(one)
            raise
        self._pool.give_back(one)
        return raw, one.seen

    def secret(self, token_hash: str, provider: str) -> Reading:
        return self._read(lambda sql: sql.secret, (token_hash, provider, provider, provider))

    def jwt(self, kid: str, key_id: str) -> Reading:
        return self._read(lambda sql: sql.jwt, (kid, key_id))

    def mark(self) -> Reading:
        return self._read(lambda sql: sql.mark, ())

    def nonce(self, seq: int) -> Raw:
        try:
            return answered(self._read(lambda sql: sql.nonce, (seq,))[0])
        except StoreUnavailable as error:
            # An older keyctl's view has no such column.
            if error.reason != "view_version":
                raise
        return answered(self.mark()[0])[0], None

    def close(self) -> None:
        self._pool.close()

    def _read(self, statement: Callable[[Statements], str], parameters: tuple[str | int, ...]) -> Reading:
        one = self._current()
        try:
            raw: Raw | None = one.execute(statement(one.sql), parameters).fetchone()
            if one.lacking is not None and one.was_migrated(raw):
                raw = one.execute(statement(one.sql), parameters).fetchone()
        except sqlite3.Error as error:
            self._pool.discard(one)
            raise self._unavailable(error) from None
        except BaseException:
            self._pool.discard(one)
            raise
        self._pool.give_back(one)
        return raw, one.seen

    def _current(self) -> _Open:
        """A connection to the file that stands under the name.

        That is looked at every `GLANCE` seconds, and what is read in between counts as sent then: so
        no answer of a file that is gone is older than it says.
        """
        while True:
            one, now = self._pool.take(), self._now()
            seen = one.seen
            if 0 <= now[0] - seen[0] < GLANCE and 0 <= now[1] - seen[1] < GLANCE:
                return one
            if one.file == self._file_id(one):
                one.seen, one.store = now, None
                return one
            self._pool.discard(one)

    def _file_id(self, taken: _Open | None = None) -> FileId:
        try:
            found = os.stat(self._path)
        except OSError as error:
            if taken is not None:
                self._pool.discard(taken)
            raise self._refused(folder.not_read(self._path, error)) from None
        return found.st_dev, found.st_ino

    def _examine(self) -> None:
        """Refuses what is no store of one's own. What is a doubt is said once for each reader: it is no
        reason to keep a service from its store, so it is no exception, and no `warnings.warn` either, which
        may be made one."""
        try:
            doubt = folder.examine(self._path, self._follows_link)
        except folder.Refused as refused:
            raise self._refused(str(refused)) from None
        if doubt is not None and self._warning.acquire(blocking=False):
            _LOG.warning("%s", doubt)

    def _refused(self, what: str) -> StoreUnavailable:
        return named_by(StoreUnavailable("unreachable", what), self._origin)

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        return named_by(_unavailable(error, self._path), self._origin)

    def _open(self) -> _Open:
        self._examine()
        file = self._file_id()
        address = f"file:{quote(os.fsencode(self._path))}?mode=ro"
        try:
            connection = sqlite3.connect(
                address, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA query_only=ON")
            connection.execute(f"PRAGMA cache_size=-{CACHE}")
            names = ("application_id", "user_version")
            application, schema = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        except sqlite3.Error as error:
            raise self._unavailable(error) from None
        if application != APPLICATION or schema == 0:
            connection.close()
            what = _LOST if application in (0, APPLICATION) else _ANOTHER
            raise self._refused(f"{self._path} {what}")
        # Another file may have come between the two; then the next look finds it.
        one = _Open(connection, file, (float("-inf"), 0.0))
        try:
            one.ask_for_subjects()
        except sqlite3.Error as error:
            _close(one)
            raise self._unavailable(error) from None
        return one


def _close(one: _Open) -> None:
    # A cursor's statement would keep the connection half open.
    del one.find, one.execute
    with suppress(sqlite3.Error):
        one.connection.close()


def _unavailable(error: sqlite3.Error, path: str) -> StoreUnavailable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_ERROR and str(error).startswith(_MISSING):
        return StoreUnavailable("view_version", f"{path}: SQLite: {error}")
    reason = "timeout" if code in _WAITED else "unreachable"
    return StoreUnavailable(reason, f"{path}: SQLite: {error}")
