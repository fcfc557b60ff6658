"""What a reader does to a session that may be a pooler's, and what it needs of it: nothing in both cases."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from pgbouncer import Pooler
from places import Place
from postgres_server import Server

from keyctl_runtime import Reader, StoreUnavailable
from keyctl_runtime.row import answered
from keyctl_runtime.wire import Session

MODES = ("session", "transaction")
# What PgBouncer itself sets for each of its clients.
TRACKED = ["application_name", "client_encoding", "DateStyle", "TimeZone", "standard_conforming_strings"]
LEFT = """
    SELECT 'setting ' || name || '=' || setting FROM pg_settings
    WHERE source = 'session' AND name <> ALL (%s)
    UNION ALL SELECT 'statement ' || name FROM pg_prepared_statements
    UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
    UNION ALL SELECT 'lock' FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
    UNION ALL SELECT 'channel' FROM pg_listening_channels()
"""


@pytest.fixture(scope="module", params=MODES)
def pooler(request: pytest.FixtureRequest, server: Server) -> Iterator[Pooler]:
    with Pooler(server, request.param) as pooler:
        yield pooler


def left(address: str) -> set[str]:
    """What the next clients find in their sessions, of as many servers as the pool has."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(
                psycopg.connect(address, prepare_threshold=None, cursor_factory=psycopg.ClientCursor)
            )
            for _ in range(12)
        ]
        return {row[0] for client in clients for row in client.execute(LEFT, (TRACKED,)).fetchall()}


def test_the_next_client_of_a_pooled_session_finds_nothing(server: Server, pooler: Pooler) -> None:
    direct = server.database()
    place = Place(direct)
    tokens = [place.mint("alice", "--name", f"k{number}") for number in range(24)]
    place.secret("team", "anthropic", "sk-ant-x", "alice")
    address = pooler.through(direct)
    assert left(address) == set()
    place.address = address

    def ask(reader: Reader, number: int) -> bool:
        token = tokens[number % len(tokens)]
        if number % 5 == 0:
            return reader.secret(token, "anthropic").expose() == "sk-ant-x"
        reader._cache.drop_all()
        return bool(reader.verify(token))

    with place.open(connections=6) as reader, ThreadPoolExecutor(12) as threads:
        assert all(threads.map(lambda number: ask(reader, number), range(480)))
        # While its connections are open: in transaction mode they share their sessions with others.
        if pooler.mode == "transaction":
            assert left(address) == set()
        child = os.fork()
        if child == 0:
            os._exit(0 if all(ask(reader, number) for number in range(10)) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    async def ask_all() -> None:
        async with place.open_async(connections=6) as reader:
            for _ in range(6):
                reader._cache.drop_all()
                assert all(await asyncio.gather(*(reader.verify(token) for token in tokens)))
            values = await asyncio.gather(*(reader.secret(token, "anthropic") for token in tokens))
            assert {value.expose() for value in values} == {"sk-ant-x"}
            if pooler.mode == "transaction":
                assert left(address) == set()

    asyncio.run(ask_all())
    assert left(address) == set()


def sessions(reader: Reader) -> list[Session]:
    return list(reader._store._pool._free)  # type: ignore[attr-defined]


def test_only_a_session_of_the_servers_own_has_named_statements(server: Server, pooler: Pooler) -> None:
    direct = server.database()
    place = Place(direct)
    token = place.mint("alice")
    for address, is_direct in ((direct, True), (pooler.through(direct), False)):
        with Reader.open(address, master_key=None) as reader:
            for _ in range(8):
                reader._cache.drop_all()
                assert reader.verify(token)
            (session,) = sessions(reader)
            assert session.is_direct is is_direct
            assert bool(session._names) is is_direct


def test_a_look_up_rests_on_no_path_and_no_operator_of_anothers(server: Server, pooler: Pooler) -> None:
    direct = server.database()
    place = Place(direct)
    token = place.mint("alice")
    place.secret("team", "anthropic", "sk-ant-x", "alice")
    with psycopg.connect(direct, autocommit=True) as connection:
        for statement in (
            "CREATE SCHEMA evil",
            "CREATE VIEW evil.keyctl_tokens_v1 AS SELECT 1 AS x",
            "CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
            " AS 'SELECT NULL::timestamptz'",
            "CREATE FUNCTION evil.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "CREATE FUNCTION evil.pg_backend_pid() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION evil.never(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'",
            "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.never)",
            f"ALTER DATABASE {direct.rsplit('/', 1)[1]} SET search_path = evil, pg_catalog",
        ):
            connection.execute(statement.encode())
    for address in (direct, pooler.through(direct)):
        with Place.at(address).open() as reader:
            for _ in range(5):
                reader._cache.drop_all()
                assert reader.verify(token)
                assert reader.secret(token, "anthropic").expose() == "sk-ant-x"
            assert answered(reader._store.nonce(1))[0]


def test_nothing_of_the_environment_gets_into_what_a_pooler_is_sent(
    server: Server, pooler: Pooler, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = server.database()
    token = Place(direct).mint("alice")
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1")
    monkeypatch.setenv("PGTARGETSESSIONATTRS", "standby")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    with Reader.open(pooler.through(direct), master_key=None) as reader:
        assert reader.verify(token)


def open_transactions(server: Server, database: str) -> int:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state LIKE 'idle in transaction%%'"
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        return int(answered(connection.execute(asked, (database,)).fetchone())[0])


def test_look_ups_that_follow_each_other_share_a_transaction_that_soon_ends(
    server: Server, pooler: Pooler
) -> None:
    direct = server.database()
    place, database = Place(direct), direct.rsplit("/", 1)[1]
    token = place.mint("alice")
    with Reader.open(pooler.through(direct), master_key=None) as reader:

        def look_up(count: int) -> list[bool]:
            found = []
            for _ in range(count):
                reader._cache.drop_all()
                assert reader.verify(token)
                (session,) = sessions(reader)
                # What makes them slow on a busy machine must not make this test fail.
                session.used_at = time.monotonic()
                found.append(session.is_in_burst)
            return found

        assert any(look_up(20))
        end = time.monotonic() + 5
        while open_transactions(server, database):
            assert time.monotonic() < end
            time.sleep(0.01)
        # Each sees what is committed when it is sent, also in the same transaction.
        look_up(2)
        place.keyctl("revoke", "alice/default")
        reader._cache.drop_all()
        assert not reader.verify(token)

    async def ask() -> None:
        async with Place.at(pooler.through(direct)).open_async() as reader:
            for _ in range(20):
                reader._cache.drop_all()
                assert not await reader.verify(token)
            end = time.monotonic() + 5
            while await asyncio.to_thread(open_transactions, server, database):
                assert time.monotonic() < end
                await asyncio.sleep(0.01)

    asyncio.run(ask())


def last_statement(address: str) -> str:
    asked = (
        "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND query LIKE '%keyctl_%_v%' ORDER BY query_start DESC LIMIT 1"
    )
    with psycopg.connect(address) as connection:
        return str(answered(connection.execute(asked).fetchone())[0])


def test_a_look_up_that_comes_alone_is_not_planned(server: Server, pooler: Pooler) -> None:
    direct = server.database()
    token = Place(direct).mint("alice")
    with Reader.open(pooler.through(direct), master_key=None) as reader:
        for _ in range(3):
            reader._cache.drop_all()
            assert reader.verify(token)
            (session,) = sessions(reader)
            assert session.is_planned and not session.is_in_burst
            assert "keyctl_look_v2" in last_statement(direct)
        # An older store is put in its place: the reader goes on as with one that never had the function.
        with psycopg.connect(direct, autocommit=True) as connection:
            connection.execute("DROP FUNCTION public.keyctl_look_v2(text)")
        time.sleep(0.02)
        reader._cache.drop_all()
        assert reader.verify(token)
        (session,) = sessions(reader)
        assert not session.is_planned


def test_a_function_of_anothers_is_not_asked(server: Server, pooler: Pooler) -> None:
    direct = server.database()
    place = Place(direct)
    token, other = place.mint("alice"), place.mint("bob")
    place.keyctl("revoke", "bob/default")
    with psycopg.connect(direct, autocommit=True) as connection:
        found = connection.execute("SELECT pg_get_functiondef('public.keyctl_look_v2'::regproc)").fetchone()
        lying = str(answered(found)[0]).replace("t.state,", "'active',")
        for statement in (
            "DROP FUNCTION public.keyctl_look_v2(text)",
            lying,
            "DROP ROLE IF EXISTS liar",
            "CREATE ROLE liar",
            "ALTER FUNCTION public.keyctl_look_v2(text) OWNER TO liar",
        ):
            connection.execute(statement.encode())
        try:
            with Reader.open(pooler.through(direct), master_key=None) as reader:
                assert reader.verify(token)
                assert not reader.verify(other)
                assert not any(session.is_planned for session in sessions(reader))
        finally:
            connection.execute("DROP FUNCTION public.keyctl_look_v2(text)")
            connection.execute("DROP ROLE liar")


def waiting(server: Server, database: str) -> int:
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = %s"
        " AND query LIKE '%%keyctl_%%_v%%' AND pid <> pg_backend_pid()"
    )
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        return int(answered(connection.execute(asked, (database,)).fetchone())[0])


def is_soon_zero(server: Server, database: str) -> bool:
    end = time.monotonic() + 8
    while waiting(server, database):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("is_pooled", [False, True])
def test_what_is_given_up_is_cancelled(server: Server, pooler: Pooler, is_pooled: bool) -> None:
    direct = server.database()
    place, database = Place(direct), direct.rsplit("/", 1)[1]
    one, other = place.mint("alice"), place.mint("bob")
    address = pooler.through(direct) if is_pooled else direct

    async def ask() -> None:
        async with Place.at(address).open_async() as reader:
            assert await reader.verify(one)
            with psycopg.connect(direct) as connection:
                connection.execute("LOCK TABLE keyctl.token IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(StoreUnavailable) as caught:
                    await reader.verify(other)
                assert caught.value.reason == "timeout", caught.value
                # Somebody who does not even wait for the end of the two seconds.
                asked = asyncio.create_task(reader.secret(other, "anthropic"))
                await asyncio.sleep(0.3)
                asked.cancel()
                assert await asyncio.to_thread(is_soon_zero, server, database)
            assert await reader.verify(other)

    with Reader.open(address, master_key=None) as reader:
        assert reader.verify(one)
        with psycopg.connect(direct) as connection:
            connection.execute("LOCK TABLE keyctl.token IN ACCESS EXCLUSIVE MODE")
            start = time.monotonic()
            with pytest.raises(StoreUnavailable) as caught:
                reader.verify(other)
            assert caught.value.reason == "timeout"
            assert time.monotonic() - start < 3
            assert is_soon_zero(server, database)
        assert reader.verify(other)
    asyncio.run(ask())
