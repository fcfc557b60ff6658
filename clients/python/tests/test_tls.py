"""TLS to a real server: from the first byte or after a question, and bound to its channel or not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import quote

import psycopg
import pytest
from places import Place
from postgres_server import PASSWORD, USER, Server, newest

from keyctl_runtime import AsyncReader, ConfigurationError, Reader, StoreUnavailable

# Who comes by TLS in another way than by SCRAM: without a password, and with one in the clear.
ACCESS = """\
hostssl all trusted 127.0.0.1/32 trust
hostssl all clear 127.0.0.1/32 password
"""
HELLO, QUESTION = b"\x16\x03", bytes.fromhex("0000000804d2162f")
"""How TLS begins, and how a client of PostgreSQL asks for it."""


@dataclass
class Secured:
    """A server with TLS, and a store in it."""

    server: Server
    place: Place
    token: str

    def address(self, query: str, *, user: str = USER, host: str = "localhost", port: int = 0) -> str:
        """`AUTHORITY` and `OTHER` in the query are files of authorities."""
        for word in ("AUTHORITY", "OTHER"):
            query = query.replace(word, quote(str(self.server.folder / f"{word.lower()}.pem")))
        database = self.place.address.rsplit("/", 1)[1]
        return f"postgres://{user}:{PASSWORD}@{host}:{port or self.server.port}/{database}?{query}"


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with newest() as tools, Server(tools, tls=True, access=ACCESS) as server:
        server.folder.chmod(0o755)
        for role in ("trusted", "clear"):
            server.run(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
        place = Place(server.database())
        yield Secured(server, place, place.mint("alice"))


def verified(address: str, token: str) -> str:
    """Both readers' answer: `allowed`, or why there is none."""

    async def ask() -> str:
        async with AsyncReader.open(address, master_key=None) as reader:
            return "allowed" if await reader.verify(token) else "denied"

    def ask_at_once() -> str:
        with Reader.open(address, master_key=None) as reader:
            return "allowed" if reader.verify(token) else "denied"

    said = [_said(ask_at_once), _said(lambda: asyncio.run(ask()))]
    assert said[0] == said[1]
    assert PASSWORD not in said[0]
    return said[0]


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except StoreUnavailable as error:
        assert error.reason == "unreachable"
        return error.detail


FULL = "sslmode=verify-full&sslrootcert=AUTHORITY"


@pytest.mark.parametrize("negotiation", ["direct", "postgres"])
@pytest.mark.parametrize(
    ("user", "host", "query", "expected"),
    [
        (USER, "localhost", FULL, "allowed"),
        (USER, "localhost", f"{FULL}&channel_binding=require", "allowed"),
        (USER, "localhost", f"{FULL}&channel_binding=disable", "allowed"),
        (USER, "localhost", f"{FULL}&hostaddr=127.0.0.1&channel_binding=require", "allowed"),
        (USER, "127.0.0.1", "sslmode=verify-ca&sslrootcert=AUTHORITY", "allowed"),
        (USER, "127.0.0.1", "sslmode=require", "allowed"),
        (USER, "127.0.0.1", "sslmode=require&channel_binding=require", "allowed"),
        (USER, "127.0.0.1", "sslmode=require&channel_binding=prefer", "allowed"),
        (USER, "127.0.0.1", FULL, "does not match host name"),
        (USER, "localhost", "sslmode=verify-full&sslrootcert=OTHER", "certificate verify failed"),
        (USER, "localhost", "sslmode=require&sslrootcert=OTHER", "certificate verify failed"),
        # Where there is no SCRAM, nothing can be bound to the channel.
        ("trusted", "localhost", FULL, "allowed"),
        ("trusted", "localhost", f"{FULL}&channel_binding=prefer", "allowed"),
        ("trusted", "localhost", f"{FULL}&channel_binding=require", "channel binding required"),
        ("clear", "localhost", FULL, "allowed"),
        ("clear", "localhost", f"{FULL}&channel_binding=require", "channel binding required"),
    ],
)
def test_what_the_address_asks_of_tls_holds(
    secured: Secured, negotiation: str, user: str, host: str, query: str, expected: str
) -> None:
    address = secured.address(f"sslnegotiation={negotiation}&{query}", user=user, host=host)
    assert expected in verified(address, secured.token)


class Tap:
    """Listens before a server, and notes how each connection begins. With `tls` it is no relay but a server
    itself, which takes TLS and notes what it hears there."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._onward, self._tls = port, tls
        self.heard: list[bytes] = []

    def __enter__(self) -> Tap:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Wakes whoever accepts, which closing alone does not.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self._listening.accept()[0]
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            if self._tls is not None:
                with self._tls.wrap_socket(client, server_side=True) as secured:
                    self._ask_in_the_clear(secured)
                return
            self.heard.append(client.recv(65536))
            with socket.create_connection(("127.0.0.1", self._onward)) as server:
                server.sendall(self.heard[-1])
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join()

    def _ask_in_the_clear(self, client: ssl.SSLSocket) -> None:
        """For the password, as a server may."""
        self.heard.append(client.recv(65536))
        client.sendall(b"R" + (8).to_bytes(4) + (3).to_bytes(4))
        self.heard.append(client.recv(65536))


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(("negotiation", "beginning"), [("direct", HELLO), ("postgres", QUESTION)])
def test_tls_begins_where_the_address_says(secured: Secured, negotiation: str, beginning: bytes) -> None:
    with Tap(secured.server.port) as tap:
        query = f"sslnegotiation={negotiation}&{FULL}&channel_binding=require"
        assert verified(secured.address(query, port=tap.port), secured.token) == "allowed"
    assert len(tap.heard) == 2
    assert all(heard.startswith(beginning) for heard in tap.heard)


def test_a_server_without_tls_is_asked_for_nothing_in_the_clear(secured: Secured, server: Server) -> None:
    with Tap(server.port) as tap:
        for negotiation in ("direct", "postgres"):
            query = f"sslnegotiation={negotiation}&sslmode=require"
            assert verified(secured.address(query, host="127.0.0.1", port=tap.port), "x") != "allowed"
    assert {heard[:2] for heard in tap.heard} == {HELLO, QUESTION[:2]}
    assert not any(USER.encode() in heard for heard in tap.heard)


def test_a_server_that_speaks_something_else_gets_no_password(secured: Secured) -> None:
    plain, spoken = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2))
    for context in (plain, spoken):
        context.load_cert_chain(secured.server.folder / "server.pem", secured.server.folder / "server.key")
    spoken.set_alpn_protocols(["postgresql"])
    for context, query, expected, is_given in (
        (plain, "", "ALPN", False),
        (spoken, "&channel_binding=require", "channel binding required", False),
        # A server that the authority vouches for may ask.
        (spoken, "", "connection failed", True),
    ):
        with Tap(0, context) as tap:
            address = secured.address(f"sslnegotiation=direct&{FULL}{query}", port=tap.port)
            assert expected in verified(address, secured.token)
        assert any(PASSWORD.encode() in heard for heard in tap.heard) == is_given


def test_what_is_given_up_is_cancelled_by_tls_from_the_first_byte(secured: Secured) -> None:
    other = secured.place.mint("bob")
    with Tap(secured.server.port) as tap:
        address = secured.address(f"sslnegotiation=direct&{FULL}&channel_binding=require", port=tap.port)
        with Reader.open(address, master_key=None) as reader:
            assert reader.verify(secured.token)
            with psycopg.connect(secured.place.address) as connection:
                connection.execute("LOCK TABLE keyctl.token IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(StoreUnavailable, match="timeout"):
                    reader.verify(other)
                end = time.monotonic() + 8
                asked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                while connection.execute(asked).fetchone():
                    assert time.monotonic() < end
                    # What a transaction has seen of it, it sees again.
                    connection.execute("SELECT pg_stat_clear_snapshot()")
                    time.sleep(0.05)
    assert len(tap.heard) >= 2
    assert all(heard.startswith(HELLO) for heard in tap.heard)


def test_an_older_libpq_is_told_before_anything_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psycopg.pq.version", lambda: 160009)
    with pytest.raises(ConfigurationError, match="libpq 17 or later"):
        Reader.open("postgres://app@127.0.0.1/keys?sslnegotiation=direct&sslmode=require", master_key=None)
