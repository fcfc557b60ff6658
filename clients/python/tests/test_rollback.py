"""A store that went back to what it was before a change that the reader has seen."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from places import Place

from keyctl_runtime import ConfigurationError, Denied, Reader, StoreUnavailable
from keyctl_runtime.find import Reading
from keyctl_runtime.history import History, Question, Verdict
from keyctl_runtime.row import Raw, answered

pytestmark = pytest.mark.usefixtures("private_files")

A, B, C = "a" * 16, "b" * 16, "c" * 16
BEYOND = 2**20


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> tuple[float, float]:
        self.at += 1
        return self.at, self.at


@pytest.mark.parametrize(
    ("shown", "answer", "expected"),
    [
        (f"5-{A}", None, Verdict.KEEP),
        (f"4-{A}", None, "rolled_back"),
        (f"5-{B}", None, "rolled_back"),
        (f"6-{B}", (f"6-{B}", A), Verdict.KEEP),
        (f"6-{B}", (f"6-{B}", None), Verdict.KEEP),
        (f"6-{B}", (f"6-{B}", C), "rolled_back"),
        # The next look was at another server than the one before.
        (f"6-{B}", (f"4-{B}", None), "rolled_back"),
        (f"{5 + BEYOND}-{B}", (f"{5 + BEYOND}-{B}", None), Verdict.KEEP),
        ("5", None, "row"),
        (f"05-{A}", None, "row"),
        (f"6-{'A' * 16}", None, "row"),
    ],
)
def test_what_follows_what(shown: str, answer: Raw | None, expected: object) -> None:
    now = Clock()
    history = History(now, "refuse")
    assert history.look(f"5-{A}", now()) is Verdict.KEEP

    def judged() -> object:
        try:
            found = history.look(shown, now())
            if isinstance(found, Question):
                assert answer is not None
                return history.judge(found, answer, shown)
            return found
        except StoreUnavailable as error:
            return error.reason

    assert judged() == expected
    assert judged() == expected
    # It ends by itself.
    if expected == "rolled_back":
        assert history.look(f"5-{A}", now()) is Verdict.KEEP


def test_what_was_sent_before_the_later_mark_had_come_proves_nothing() -> None:
    now = Clock()
    history, sent = History(now, "refuse"), now()
    assert history.look(f"5-{A}", now()) is Verdict.KEEP
    for shown in (f"4-{A}", f"5-{B}", f"6-{B}"):
        assert history.look(shown, sent) is Verdict.GIVE
    assert history.text == f"5-{A}"


def test_a_reader_refuses_or_warns_and_nothing_else() -> None:
    with pytest.raises(ConfigurationError):
        Reader.open("keys.db", master_key=None, on_rollback="ignore")  # type: ignore[arg-type]


class Put:
    """A store whose rows can be put back to what they were."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def run(self, *statements: str) -> list[Any]:
        found: list[Any] = []
        if self.place.address.startswith("postgres"):
            with psycopg.connect(self.place.address, autocommit=True) as connection:
                for statement in statements:
                    cursor = connection.execute(statement.encode())
                    found = cursor.fetchall() if cursor.description else []
            return found
        database = sqlite3.connect(self.place.address, isolation_level=None)
        for statement in statements:
            found = database.execute(statement.replace("keyctl.", "")).fetchall()
        database.close()
        return found

    def mark(self) -> tuple[int, str]:
        ((counter, nonce),) = self.run("SELECT mark_counter, mark_nonce FROM keyctl.head")
        return counter, nonce

    def set_mark(self, counter: int, nonce: str) -> None:
        self.run(f"UPDATE keyctl.head SET mark_counter = {counter}, mark_nonce = '{nonce}'")

    def with_nonces(self) -> None:
        """As a store has them from schema 10 on; added here to that of an older binary."""
        if self.has_nonces():
            return
        is_postgres = self.place.address.startswith("postgres")
        head = "SELECT h.mark_counter || '-' || h.mark_nonce AS mark, c.seq, c.key_id, c.at, c.nonce"
        joined = " FROM keyctl.head AS h LEFT JOIN keyctl.change AS c ON 1 = 1"
        replace = "CREATE OR REPLACE VIEW public." if is_postgres else "CREATE VIEW "
        self.run(
            "ALTER TABLE keyctl.change ADD COLUMN nonce TEXT",
            *(() if is_postgres else ("DROP VIEW keyctl_changes_v1",)),
            f"{replace}keyctl_changes_v1 AS {head}{joined}",
        )

    def set_nonce(self, counter: int, nonce: str) -> None:
        self.run(f"UPDATE keyctl.change SET nonce = '{nonce}' WHERE seq = {counter}")

    def has_nonces(self) -> bool:
        if self.place.address.startswith("postgres"):
            asked = (
                "SELECT 1 FROM information_schema.columns"
                " WHERE table_name = 'change' AND column_name = 'nonce'"
            )
        else:
            asked = "SELECT 1 FROM pragma_table_info('change') WHERE name = 'nonce'"
        return bool(self.run(asked))


def until(reader: Reader, token: str, expected: str) -> None:
    """What the reader answers within the five seconds that a change may take."""
    end = time.monotonic() + 5
    while (said := answer(reader, token)) != expected:
        assert time.monotonic() < end, f"{said} instead of {expected}"
        time.sleep(0.05)


def answer(reader: Reader, token: str) -> str:
    try:
        result = reader.verify(token)
    except StoreUnavailable as error:
        return error.reason
    return result.reason if isinstance(result, Denied) else "allowed"


def test_rows_that_were_put_back_are_refused_until_the_later_ones_are_there_again(place: Place) -> None:
    token, other = place.mint("alice"), place.mint("bob")
    place.secret("team", "anthropic", "sk-ant-x", "bob")
    put = Put(place)
    with place.open() as reader:
        assert reader.verify(token)
        before = put.mark()
        place.keyctl("revoke", "alice/default")
        until(reader, token, "revoked")
        after = put.mark()
        put.run("UPDATE keyctl.token SET revoked_at = NULL")
        put.set_mark(*before)
        until(reader, other, "rolled_back")
        assert answer(reader, token) == "rolled_back"
        with pytest.raises(StoreUnavailable) as caught:
            reader.secret(other, "anthropic")
        assert (caught.value.reason, caught.value.status) == ("rolled_back", 503)
        # A reader that starts now knows of nothing.
        with place.open() as fresh:
            assert answer(fresh, token) == "allowed"
        put.set_mark(*after)
        assert answer(reader, other) == "allowed"


def test_the_asyncio_reader_refuses_too(place: Place) -> None:
    token = place.mint("alice")
    put = Put(place)

    async def ask() -> None:
        async with place.open_async() as reader:
            assert await reader.verify(token)
            before = put.mark()
            place.mint("bob")
            await asyncio.sleep(0.2)
            reader._cache.drop_all()
            assert await reader.verify(token)
            await asyncio.sleep(0.2)
            put.set_mark(*before)
            reader._cache.drop_all()
            with pytest.raises(StoreUnavailable) as caught:
                await reader.verify(token)
            assert caught.value.reason == "rolled_back"

    asyncio.run(ask())


def test_another_history_that_is_longer_is_noticed_by_the_nonce_of_the_last_one(place: Place) -> None:
    token = place.mint("alice")
    put = Put(place)
    put.with_nonces()
    with place.open() as reader:
        assert reader.verify(token)
        put.set_nonce(*put.mark())
        place.mint("bob", "--name", "one")
        place.mint("bob", "--name", "two")
        time.sleep(0.2)
        # What follows is accepted.
        reader._cache.drop_all()
        assert answer(reader, token) == "allowed"
        counter, nonce = put.mark()
        time.sleep(0.2)
        put.set_nonce(counter, C)
        place.mint("bob", "--name", "three")
        reader._cache.drop_all()
        assert answer(reader, token) == "rolled_back"
        assert answer(reader, token) == "rolled_back"
        put.set_nonce(counter, nonce)
        place.mint("bob", "--name", "four")
        assert answer(reader, token) == "allowed"


def test_an_older_store_without_nonces_is_read_as_before(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "keys.db"))
    token = place.mint("alice")
    with sqlite3.connect(place.address) as database:
        database.execute("DROP VIEW keyctl_changes_v1")
        database.execute(
            "CREATE VIEW keyctl_changes_v1 AS SELECT mark_counter || '-' || mark_nonce AS mark,"
            " NULL AS seq, NULL AS key_id, NULL AS at FROM head"
        )
    database.close()
    with place.open() as reader:
        assert reader.verify(token)
        time.sleep(0.2)
        Put(place).set_mark(1000, B)
        reader._cache.drop_all()
        assert answer(reader, token) == "allowed"
        assert answered(reader._store.nonce(1))[1] is None


def test_what_an_operator_accepts_is_accepted(place: Place) -> None:
    token, put = place.mint("alice"), Put(place)
    with place.open() as reader:
        assert reader.verify(token)
        counter, nonce = put.mark()
        place.mint("bob")
        time.sleep(0.2)
        reader._cache.drop_all()
        assert reader.verify(token)
        time.sleep(0.2)
        put.set_mark(counter, nonce)
        reader._cache.drop_all()
        assert answer(reader, token) == "rolled_back"
        accept(put)
        assert answer(reader, token) == "allowed"


def accept(put: Put) -> None:
    """By the command, or for an older binary what it does to the rows, as far as a reader is concerned."""
    if "accept-rollback" in put.place.keyctl("store", "--help"):
        put.place.keyctl("store", "accept-rollback", "--seen-elsewhere", "--yes")
        return
    counter, _ = put.mark()
    put.run("DELETE FROM keyctl.change")
    put.set_mark(counter + BEYOND, B)


def test_a_reader_that_warns_does_so_once_and_goes_on(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    token, other, put = place.mint("alice"), place.mint("bob"), Put(place)
    caplog.set_level(logging.WARNING, "keyctl_runtime")
    with place.open(on_rollback="warn") as reader:
        assert reader.verify(token)
        before = put.mark()
        place.keyctl("revoke", "alice/default")
        until(reader, token, "revoked")
        time.sleep(0.2)
        put.run("UPDATE keyctl.token SET revoked_at = NULL")
        put.set_mark(*before)
        until(reader, token, "allowed")
        assert answer(reader, other) == "allowed"
        reader._cache.drop_all()
        assert answer(reader, other) == "allowed"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "went back" in caplog.text


def test_an_older_copy_of_the_file_is_refused(sqlite: Place, tmp_path: Path) -> None:
    token = sqlite.mint("alice")
    copies = tmp_path / "copies"
    copies.mkdir()

    def copy(name: str) -> None:
        source, target = sqlite3.connect(sqlite.address), sqlite3.connect(copies / name)
        source.backup(target)
        source.close()
        target.close()

    def put_back(name: str) -> None:
        for suffix in ("-wal", "-shm"):
            Path(sqlite.address + suffix).unlink(missing_ok=True)
        shutil.copy(copies / name, copies / "next")
        os.replace(copies / "next", sqlite.address)

    with sqlite.open() as reader:
        assert reader.verify(token)
        copy("older")
        sqlite.keyctl("revoke", "alice/default")
        until(reader, token, "revoked")
        copy("newer")
        put_back("older")
        until(reader, token, "rolled_back")
        put_back("newer")
        until(reader, token, "revoked")


class Late:
    """A store one of whose answers comes when it is told to."""

    def __init__(self, reader: Reader) -> None:
        self.store, self.is_read, self.may_come = reader._store, threading.Event(), threading.Event()
        self.mark, self.secret, self.nonce, self.close = (
            self.store.mark,
            self.store.secret,
            self.store.nonce,
            self.store.close,
        )
        reader._store = self

    def token(self, token_hash: str) -> Reading:
        reading = self.store.token(token_hash)
        if threading.current_thread() is not threading.main_thread():
            self.is_read.set()
            assert self.may_come.wait(10)
        return reading


def test_an_older_answer_that_comes_late_is_given_and_not_kept(place: Place) -> None:
    token, other = place.mint("alice"), place.mint("bob")
    with place.open() as reader:
        late, said = Late(reader), list[str]()
        thread = threading.Thread(target=lambda: said.append(answer(reader, token)))
        thread.start()
        assert late.is_read.wait(10)
        place.keyctl("revoke", "alice/default")
        assert answer(reader, other) == "allowed"
        late.may_come.set()
        thread.join()
        assert said == ["allowed"]
        assert answer(reader, token) == "revoked"
        assert answer(reader, other) == "allowed"
