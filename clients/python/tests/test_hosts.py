"""Several hosts in one address: the first that is up and no standby, and why each of the others is not."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from places import Place
from postgres_server import PASSWORD, USER, Server, free_port

from keyctl_runtime import AsyncReader, Reader, StoreUnavailable
from keyctl_runtime.wire import Session


@dataclass
class Pair:
    """A primary, its standby, and a store in them."""

    primary: Server
    standby: int
    process: subprocess.Popen[bytes]
    place: Place
    database: str

    def address(self, *ports: int, parameters: str = "") -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"postgres://{USER}:{PASSWORD}@{hosts}/{self.database}{parameters}"

    def run(self, port: int, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.address(port), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def caught_up(self) -> None:
        end = time.monotonic() + 30
        asked = "SELECT count(*) FROM keyctl.token"
        while True:
            try:
                if self.run(self.standby, asked) == self.run(self.primary.port, asked):
                    return
            except psycopg.Error:
                pass
            assert time.monotonic() < end
            time.sleep(0.1)


@pytest.fixture
def pair() -> Iterator[Pair]:
    with Server() as primary:
        address = primary.database()
        place, port = Place(address), free_port()
        process = primary.standby(port)
        try:
            yield Pair(primary, port, process, place, address.rsplit("/", 1)[1])
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)


@contextmanager
def hanging() -> Iterator[int]:
    """A port whose kernel answers, and nobody else."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


def test_the_first_host_that_is_up_and_no_standby_is_read(pair: Pair) -> None:
    token = pair.place.mint("alice")
    pair.caught_up()
    down, up, standby = free_port(), pair.primary.port, pair.standby
    with hanging() as hung:
        for which in ("", "?target_session_attrs=any", "?target_session_attrs=primary"):
            for ports in ((up,), (down, up), (standby, up), (down, standby, up, hung)):
                with Reader.open(pair.address(*ports, parameters=which), master_key=None) as reader:
                    assert reader.verify(token)
        start = time.monotonic()
        with Reader.open(pair.address(hung, up), master_key=None) as reader:
            assert reader.verify(token)
            assert time.monotonic() - start < 5
            # The next connection is made where the last one was good.
            start = time.monotonic()
            pool = reader._store._pool  # type: ignore[attr-defined]
            taken = [pool.take(), pool.take()]
            assert time.monotonic() - start < 1
            for one in taken:
                pool.give_back(one)
        address = pair.address(hung, down, standby)
        with Reader.open(address, master_key=None) as reader, pytest.raises(StoreUnavailable) as caught:
            reader.verify(token)
        told(caught.value, hung, down, standby)

        async def ask() -> None:
            async with AsyncReader.open(pair.address(down, standby, up), master_key=None) as reader:
                assert await reader.verify(token)
            async with AsyncReader.open(address, master_key=None) as reader:
                with pytest.raises(StoreUnavailable) as caught:
                    await reader.verify(token)
                told(caught.value, hung, down, standby)

        asyncio.run(ask())


def told(error: StoreUnavailable, hung: int, down: int, standby: int) -> None:
    assert error.reason == "unreachable"
    texts = dict(text.split(": ", 1) for text in error.detail.split("; "))
    assert "did not answer" in texts[f"127.0.0.1:{hung}"]
    assert "refused" in texts[f"127.0.0.1:{down}"]
    assert "standby" in texts[f"127.0.0.1:{standby}"]
    assert PASSWORD not in str(error)


def test_a_standby_that_lost_a_revocation_is_refused_until_the_primary_is_back(pair: Pair) -> None:
    token, other = pair.place.mint("alice"), pair.place.mint("bob")
    pair.caught_up()
    with Reader.open(pair.address(pair.primary.port, pair.standby), master_key=None) as reader:
        assert reader.verify(token)
        # From here on it is told nothing.
        pair.run(pair.standby, "ALTER SYSTEM SET primary_conninfo = ''")
        pair.run(pair.standby, "SELECT pg_reload_conf()")
        end = time.monotonic() + 10
        while pair.run(pair.standby, "SELECT 1 FROM pg_stat_wal_receiver"):
            assert time.monotonic() < end
            time.sleep(0.05)
        pair.place.keyctl("revoke", "alice/default")
        end = time.monotonic() + 5
        while reader.verify(token):
            assert time.monotonic() < end
            time.sleep(0.05)
        pair.primary.process.send_signal(signal.SIGQUIT)
        pair.primary.process.wait(30)
        pair.run(pair.standby, "SELECT pg_promote()")
        assert until_answered(reader, other) == "rolled_back"
        assert until_answered(reader, token) == "rolled_back"
        with Reader.open(pair.address(pair.standby), master_key=None) as fresh:
            assert fresh.verify(token), "the revocation is lost there"
        pair.process.send_signal(signal.SIGQUIT)
        pair.process.wait(30)
        pair.primary.again()
        assert until_answered(reader, other) == "allowed"
        assert until_answered(reader, token) == "denied"


def until_answered(reader: Reader, token: str) -> str:
    end = time.monotonic() + 20
    while True:
        reader._cache.drop_all()
        try:
            return "allowed" if reader.verify(token) else "denied"
        except StoreUnavailable as error:
            if error.reason == "rolled_back":
                return error.reason
            assert time.monotonic() < end, error
        time.sleep(0.1)


def test_pglite_is_told_and_refused() -> None:
    session = Session.__new__(Session)
    with pytest.raises(StoreUnavailable, match="PGlite"):
        session.greeted(
            (False, 1, "PostgreSQL 17.5 (PGlite 0.3.15) on x86_64, compiled by emcc (Emscripten)")
        )
