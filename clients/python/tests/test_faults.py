"""Stores that cannot be read or trusted: 503, and never the token's fault."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from places import Place
from postgres_server import Server

from keyctl_runtime import ConfigurationError, Denied, Reader, StoreUnavailable
from keyctl_runtime.find import Identity
from keyctl_runtime.row import SECRET_AT, STORE_AT, known, read, read_mark, read_secret
from keyctl_runtime.sql import SQLITE

pytestmark = pytest.mark.usefixtures("private_files")

COLUMNS = {
    "token_hash": "'{hash}'",
    "hash_alg": "'sha256'",
    "token_id": "'4fTq9ZkPw2Xa'",
    "key_id": "'key_01m847kt2be9b9v09c30rakvxy'",
    "key_name": "'default'",
    "owner": "'alice'",
    "scopes": "'[\"memories\"]'",
    "networks": "'[]'",
    "state": "'active'",
    "not_before": "NULL",
    "expires_at": "NULL",
    "rate": "NULL",
    "quota": "NULL",
    "labels": "'{{}}'",
}
STORE = {
    "store_uuid": "'0192f0c1-a2b3-7c4d-8e5f-60718293a4b5'",
    "view_version": "1",
    "foreign_salt": "NULL",
    "foreign_params": "NULL",
}
MARKS = "PRAGMA application_id = 0x6B63746C; PRAGMA user_version = 10"
TOKEN = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
OTHER = "sks_4fTq9ZkPw2Xa_not-one-of-ours-and-strong-enough-0123456789"
NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
HASH = "fdc0366379cb370954da2e2b9d62f15f320c5c070910b13ca630ee025994f07b"


def made(path: Path, **changed: str) -> Path:
    """A file with views of the contract's names, and these cells in the place of good ones."""
    token = {name: changed.get(name, cell).format(hash=HASH) for name, cell in COLUMNS.items()}
    store = {name: changed.get(name, cell) for name, cell in STORE.items()}
    views = {
        "keyctl_tokens_v1": token,
        "keyctl_store_v1": store,
        "keyctl_changes_v1": {"mark": changed.get("mark", "'1-000000000000000a'")},
    }
    connection = sqlite3.connect(path)
    connection.executescript(MARKS)
    for view, cells in views.items():
        columns = ", ".join(f"{cell} AS {name}" for name, cell in cells.items())
        connection.execute(f"CREATE VIEW {view} AS SELECT {columns}")
    connection.close()
    return path


def reason(reader: Reader, token: str = TOKEN) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        reader.verify(token)
    assert (caught.value.type, caught.value.status) == ("STORE_UNAVAILABLE", 503)
    assert token not in str(caught.value)
    return caught.value.reason


def test_the_file_that_the_faults_are_made_in_is_good(tmp_path: Path) -> None:
    with Reader.open(made(tmp_path / "keys.db"), master_key=None) as reader:
        assert reader.verify(TOKEN, "memories")


def test_a_quota_is_refused_unless_the_code_says_otherwise_and_a_rate_passes(tmp_path: Path) -> None:
    limits = {"quota": "'10/day'", "rate": "'10/m'"}
    path = made(tmp_path / "keys.db", **limits)
    with Reader.open(path, master_key=None) as reader:
        result = reader.verify(TOKEN)
        assert isinstance(result, Denied)
        assert (result.type, result.reason) == ("FORBIDDEN", "quota")
    with Reader.open(path, master_key=None, allow_unmetered=True) as reader:
        assert reader.verify(TOKEN)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("view_version", "2", "view_version"),
        ("view_version", "'1'", "view_version"),
        ("state", "'unknown'", "state"),
        ("state", "'ACTIVE'", "state"),
        ("state", "NULL", "state"),
        ("hash_alg", "'argon2id'", "hash_alg"),
        ("hash_alg", "'sha512'", "hash_alg"),
        ("foreign_params", "'argon2id$v=19$m=65536,t=2,p=4'", "foreign_params"),
        ("foreign_salt", "'000102030405060708090a0b0c0d0e0f'", "foreign_params"),
        ("foreign_params", "'argon2id$v=19$m=65536,t=3,p=4'", "foreign_params"),
        ("scopes", '\'["memories", "files"]\'', "row"),
        ("scopes", "'[ ]'", "row"),
        ("networks", '\'[["10.0.0.0/8"], ["10.0.0.0/8"]]\'', "row"),
        ("networks", "'[]\n'", "row"),
        ("networks", "'[[\"10.0.0.0/8,11.0.0.0/8\"]]'", "row"),
        ("networks", "'[[\"10.0.0.0/08\"]]'", "row"),
        ("view_version", "1.0", "view_version"),
        ("key_id", "'key_81m847kt2be9b9v09c30rakvxy'", "row"),
        ("key_id", "'key_01m847kt2be9b9v09c30rakvxu'", "row"),
        ("scopes", "'memories'", "row"),
        ("scopes", "'[\"Memories\"]'", "row"),
        ("scopes", "'[1]'", "row"),
        ("scopes", "NULL", "row"),
        ("networks", "'[\"10.0.0.0/8\"]'", "row"),
        ("networks", "'[[\"10.0.0.1/8\"]]'", "row"),
        ("networks", "'[[\"10.0.0.0/255.0.0.0\"]]'", "row"),
        ("expires_at", "'never'", "row"),
        ("quota", "10", "row"),
        ("owner", "'zo\u00eb'", "row"),
        ("owner", "'a b'", "row"),
        ("owner", "1", "row"),
        ("token_id", "'4fTq9ZkPw2Xa key_01m847kt2be9b9v09c30rakvxy'", "row"),
        ("key_name", "1", "row"),
        ("key_id", "'key_1'", "row"),
        ("store_uuid", "'x'", "row"),
        ("mark", "NULL", "row"),
    ],
)
def test_what_is_not_as_the_contract_says_is_the_stores_fault(
    tmp_path: Path, column: str, cell: str, expected: str
) -> None:
    with Reader.open(made(tmp_path / "keys.db", **{column: cell}), master_key=None) as reader:
        assert reason(reader) == expected


def test_a_clock_before_2024_is_the_stores_fault(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sqlite.mint("alice")
    # The clock that the statement reads; SQLite lets no function be replaced that a view calls.
    old = SQLITE.token.replace("julianday('now')", "julianday('2023-12-31')")
    assert old != SQLITE.token
    monkeypatch.setattr(SQLITE, "token", old)
    with sqlite.open() as reader:
        assert reason(reader, token) == "clock"


def test_another_store_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    one, other = Place(str(tmp_path / "keys.db")), Place(str(tmp_path / "other.db"))
    token, foreign = one.mint("alice"), other.mint("mallory")
    with one.open() as reader:
        assert reader.verify(token)
        swap(tmp_path / "keys.db", tmp_path / "aside.db")
        swap(tmp_path / "other.db", tmp_path / "keys.db")
        time.sleep(0.15)
        assert reason(reader, foreign) == "swapped"
        # What was kept of the first one goes, too.
        assert reason(reader, token) == "swapped"
        swap(tmp_path / "keys.db", tmp_path / "other.db")
        swap(tmp_path / "aside.db", tmp_path / "keys.db")
        time.sleep(0.15)
        assert reader.verify(token)


def swap(source: Path, target: Path) -> None:
    for suffix in ("-wal", "-shm", ""):
        if Path(f"{source}{suffix}").exists():
            os.replace(f"{source}{suffix}", f"{target}{suffix}")


def test_a_copy_of_the_store_in_its_place_is_opened_anew(sqlite: Place, tmp_path: Path) -> None:
    token = sqlite.mint("alice")
    with sqlite.open() as reader:
        assert reader.verify(token)
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{sqlite.address}{suffix}", tmp_path / f"copy.db{suffix}")
        swap(tmp_path / "copy.db", Path(sqlite.address))
        sqlite.keyctl("revoke", "alice/default")
        end = time.monotonic() + 5
        while reader.verify(token):
            assert time.monotonic() < end, "the old file is still read"
            time.sleep(0.05)


def test_what_is_no_store_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is no database" * 100)
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE t (x)").connection.close()
    for name in ("missing.db", "text.db", ".", "empty.db"):
        with Reader.open(tmp_path / name, master_key=None) as reader:
            assert reason(reader) == "unreachable"
    sqlite3.connect(tmp_path / "empty.db").executescript(MARKS).connection.close()
    with Reader.open(tmp_path / "empty.db", master_key=None) as reader:
        assert reason(reader) == "view_version"


def test_a_dump_that_was_read_back_is_refused_until_it_has_its_marks_again(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "made" / "keys.db"))
    token = place.mint("alice")
    path = tmp_path / "keys.db"
    connection = sqlite3.connect(place.address)
    sqlite3.connect(path).executescript("".join(connection.iterdump())).connection.close()
    lost, another = "store status says which", "another application"
    for marks, said in (
        ("", lost),
        ("PRAGMA application_id = 0x6B63746C", lost),
        ("PRAGMA application_id = 1; PRAGMA user_version = 10", another),
    ):
        sqlite3.connect(path).executescript(marks).connection.close()
        with Reader.open(path, master_key=None) as reader:
            with pytest.raises(StoreUnavailable, match=said) as caught:
                reader.verify(token)
            assert caught.value.reason == "unreachable"
    sqlite3.connect(path).executescript(MARKS).connection.close()
    with Reader.open(path, master_key=None) as reader:
        assert reader.verify(token)


def test_a_copy_by_vacuum_into_stays_byte_for_byte_what_it_was(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "made" / "keys.db"))
    token = place.mint("alice")
    path = tmp_path / "keys.db"
    sqlite3.connect(place.address).execute("VACUUM INTO ?", (str(path),)).connection.close()
    before = path.read_bytes()
    with Reader.open(path, master_key=None) as reader:
        assert reader.verify(token)
    assert path.read_bytes() == before


def test_views_or_columns_that_are_missing_are_of_another_version(tmp_path: Path) -> None:
    for number, change in enumerate(
        (
            "DROP VIEW keyctl_changes_v1",
            "DROP VIEW keyctl_tokens_v1",
            "DROP VIEW keyctl_store_v1; CREATE VIEW keyctl_store_v1 AS SELECT 1 AS view_version",
        )
    ):
        path = made(tmp_path / f"{number}.db")
        with Reader.open(path, master_key=None) as reader:
            assert reader.verify(TOKEN)
            sqlite3.connect(path).executescript(change).connection.close()
            assert reason(reader, OTHER) == "view_version"
            # What was kept goes, too.
            assert reason(reader) == "view_version"


def test_views_that_are_missing_in_postgresql_are_of_another_version(server: Server) -> None:
    place = Place(server.database())
    token = place.mint("alice")
    with place.open() as reader:
        assert reader.verify(token)
        with psycopg.connect(place.address, autocommit=True) as connection:
            connection.execute("ALTER VIEW keyctl_tokens_v1 RENAME COLUMN quota TO quotum")
            assert reason(reader, OTHER) == "view_version"
            connection.execute("ALTER VIEW keyctl_tokens_v1 RENAME TO keyctl_tokens_v2")
            assert reason(reader, token) == "view_version"


@pytest.mark.parametrize("quota", ["''", "'nonsense'"])
def test_any_text_is_a_quota(tmp_path: Path, quota: str) -> None:
    with Reader.open(made(tmp_path / "keys.db", quota=quota), master_key=None) as reader:
        result = reader.verify(TOKEN)
        assert isinstance(result, Denied)
        assert result.reason == "quota"


def test_an_active_row_behind_its_end_counts_as_expired(tmp_path: Path) -> None:
    for expires_at, state, expected in (
        ("1", "'active'", "expired"),
        (NOW, "'active'", "expired"),
        ("1", "'revoked'", "revoked"),
    ):
        path = made(tmp_path / f"{expected}{len(expires_at)}.db", expires_at=expires_at, state=state)
        with Reader.open(path, master_key=None) as reader:
            for _ in range(2):
                result = reader.verify(TOKEN)
                assert isinstance(result, Denied)
                assert result.reason == expected


def test_an_end_that_is_no_number_is_the_stores_fault_also_once_the_store_is_trusted(tmp_path: Path) -> None:
    with Reader.open(made(tmp_path / "keys.db", expires_at="'x'"), master_key=None) as reader:
        assert not reader.verify(OTHER)
        assert reason(reader) == "row"


def test_the_quick_way_leaves_what_has_ended_and_what_is_no_version_to_the_long_one() -> None:
    now = 1_800_000_000_000
    store: tuple[Any, ...] = ("1-000000000000000a", STORE["store_uuid"].strip("'"), 1, None, None)
    key = ("4fTq9ZkPw2Xa", "key_01m847kt2be9b9v09c30rakvxy", "default", "alice", "[]", "[]", "active")
    for version, expires_at, good in (
        (1, now + 1, True),
        (1, now, False),
        (1, "x", False),
        (1, True, False),
        (1.0, None, False),
        (True, None, False),
    ):
        read_now = (*store[:2], version, *store[3:])
        raw = (*read_now, now, HASH, "sha256", *key, expires_at, None)
        assert (known(raw, HASH, store) is not None) is good, (version, expires_at)


SALT = "000102030405060708090a0b0c0d0e0f"
PARAMS = "argon2id$v=19$m=65536,t=3,p=4"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"store_uuid": "x", "now": 1}, "clock"),
        ({"store_uuid": None, "state": "x"}, "state"),
        ({"now": "x", "alg": "x"}, "hash_alg"),
        ({"state": [], "now": 2_000_000_000_000}, "state"),
        ({"store_uuid": "x", "salt": SALT}, "foreign_params"),
        ({"store_uuid": "x", "params": PARAMS}, "foreign_params"),
        ({"mark": None, "params": PARAMS}, "foreign_params"),
        ({"store_uuid": "x"}, "row"),
        ({"salt": SALT.upper(), "params": PARAMS}, "row"),
        ({"salt": SALT, "params": PARAMS}, None),
        ({"swapped": True, "now": 1}, "swapped"),
        ({"swapped": True, "version": 2}, "view_version"),
    ],
)
def test_the_faults_are_looked_for_in_their_order(cells: dict[str, Any], expected: str | None) -> None:
    uuid = STORE["store_uuid"].strip("'")
    good = {"mark": "1-000000000000000a", "store_uuid": uuid, "version": 1, "salt": None, "params": None}
    good |= {"now": 1_800_000_000_000, "alg": "sha256", "state": "active"} | cells
    key = ("4fTq9ZkPw2Xa", "key_01m847kt2be9b9v09c30rakvxy", "default", "alice", "[]", "[]", good["state"])
    store = tuple(good[name] for name in ("mark", "store_uuid", "version", "salt", "params", "now"))
    identity = Identity()
    identity.check("0" * 36 if good.get("swapped") else uuid)
    found = None
    try:
        read((*store, HASH, good["alg"], *key, None, None), HASH, "sha256", identity.check)
    except StoreUnavailable as error:
        found = error.reason
    assert found == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, "row"),
        (("1-000000000000000a", "x", 2, 1), "view_version"),
        (("1-000000000000000a", "0" * 8 + "-0000" * 3 + "-" + "0" * 12, 1, 1), "swapped"),
        (("1-000000000000000a", "x", 1, 1), "clock"),
        (("1-000000000000000a", "x", 1, 1_800_000_000_000), "row"),
        ((None, STORE["store_uuid"].strip("'"), 1, 1_800_000_000_000), "row"),
    ],
)
def test_the_read_of_the_mark_is_judged_as_a_look_up(raw: Any, expected: str) -> None:
    identity = Identity()
    identity.check(STORE["store_uuid"].strip("'"))
    with pytest.raises(StoreUnavailable) as caught:
        read_mark(raw, identity.check)
    assert caught.value.reason == expected


def test_a_store_that_is_not_to_be_trusted_is_noticed_with_the_mark(tmp_path: Path) -> None:
    path = made(tmp_path / "keys.db")
    again = ", ".join(f"{2 if name == 'view_version' else cell} AS {name}" for name, cell in STORE.items())
    change = f"DROP VIEW keyctl_store_v1; CREATE VIEW keyctl_store_v1 AS SELECT {again}"
    with Reader.open(path, master_key=None) as reader:
        assert reader.verify(TOKEN)
        sqlite3.connect(path).executescript(change).connection.close()
        time.sleep(1.05)
        assert reason(reader) == "view_version"


def test_an_active_secret_behind_its_end_counts_as_expired() -> None:
    now = 1_800_000_000_000
    for expires_at, state, expected in (
        (None, "active", "active"),
        (now + 1, "active", "active"),
        (now, "active", "expired"),
        (now, "deleted", "deleted"),
    ):
        raw = [None] * SECRET_AT + ["sec_1", "sec_1", "anthropic", 1, state, expires_at, b""]
        raw[STORE_AT] = now
        secret = read_secret(raw)[1]
        assert secret is not None
        assert secret.state == expected
    with pytest.raises(StoreUnavailable) as caught:
        read_secret([*raw[:-2], "never", b""])
    assert caught.value.reason == "row"


def test_a_server_that_hangs_is_a_timeout_within_two_seconds(server: Server) -> None:
    place = Place(server.database())
    one, other = place.mint("alice"), place.mint("bob")
    with place.open() as reader:
        assert reader.verify(one)
        with server.stopped():
            start = time.monotonic()
            assert reason(reader, other) == "timeout"
            assert time.monotonic() - start < 3
            # Good for what is left of the five seconds.
            assert reader.verify(one)
            # A connection cannot be made either.
            start = time.monotonic()
            assert reason(reader, other) == "timeout"
            assert time.monotonic() - start < 3.5
            time.sleep(1)
            assert reason(reader, one) == "timeout"
        assert reader.verify(other)


def test_a_server_that_hangs_is_a_timeout_for_tasks_too(server: Server) -> None:
    place = Place(server.database())
    one, other = place.mint("alice"), place.mint("bob")

    async def ask() -> None:
        async with place.open_async() as reader:
            assert await reader.verify(one)
            with server.stopped():
                start = time.monotonic()
                with pytest.raises(StoreUnavailable) as caught:
                    await reader.verify(other)
                assert caught.value.reason == "timeout"
                assert time.monotonic() - start < 3
                assert await reader.verify(one)
            assert await reader.verify(other)

    asyncio.run(ask())


def test_a_connection_that_was_lost_while_idle_is_made_again(server: Server) -> None:
    place = Place(server.database())
    one, other = place.mint("alice"), place.mint("bob")
    with place.open() as reader:
        assert reader.verify(one)
        server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keyctl_runtime'"
        )
        time.sleep(0.2)
        assert reader.verify(other)


def test_a_server_that_is_not_there_is_unreachable(server: Server) -> None:
    place = Place(server.database())
    token = place.mint("alice")
    with Reader.open(place.address.replace("correct-horse", "wrong"), master_key=None) as reader:
        assert reason(reader, token) == "unreachable"
    with Reader.open("postgres://a@127.0.0.1:1/b", master_key=None) as reader:
        assert reason(reader, token) == "unreachable"


def test_a_place_that_is_none_is_a_mistake_and_is_not_repeated() -> None:
    for store in (
        "",
        "mysql://a:hunter2@b/c",
        "postgres:/a:hunter2@b",
        "postgres://a:hunter2@/c",
        "postgres://a:hunter2@db.example.org/c?sslmode=disable",
        "postgres://a:hunter2@db.example.org/c?sslmode=prefer",
        "postgres://a:hunter2@127.0.0.1/c?hostaddr=192.0.2.1&sslmode=allow",
        "postgres://a:hunter2@127.0.0.1/c?nonsense=1",
        "sqlite:x?mode=rw",
    ):
        with pytest.raises(ConfigurationError) as caught:
            Reader.open(store, master_key=None)
        assert "hunter2" not in str(caught.value)
