"""What is understood of answers, by rows, and of a socket that answers in pieces, too late or not at all."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from places import Place

from keyctl_runtime import (
    InvalidAsk,
    KeyctlError,
    KeyUnavailable,
    LeaseBusy,
    LeaseLimited,
    StoreUnavailable,
    TokenDenied,
    lease,
)
from keyctl_runtime.lease_wire import Incoming, Odd

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[3] / "tests" / "lease_answers.json").read_text()
)
ERRORS: dict[str, type[KeyctlError]] = {
    "KEY_UNAVAILABLE": KeyUnavailable,
    "STORE_UNAVAILABLE": StoreUnavailable,
    "BUSY": LeaseBusy,
    "UNAUTHORIZED": TokenDenied,
    "FORBIDDEN": TokenDenied,
    "INVALID_REQUEST": InvalidAsk,
}


def answer_of(row: dict[str, Any]) -> bytes:
    body = row["body"] if isinstance(row["body"], str) else json.dumps(row["body"], ensure_ascii=False)
    head = [f"HTTP/1.1 {row['status']}", *row["head"], "", ""]
    return "\r\n".join(head).replace("{length}", str(len(body.encode()))).encode() + body.encode()


class Endpoint:
    """Does with each connection what it is told, once the request has come."""

    def __init__(self, path: Path, answer: Callable[[socket.socket, str], None]) -> None:
        self.path, self.asked = str(path), [""][:0]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o600)
        self._socket.listen()
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            with stream:
                request = b""
                while b"\r\n\r\n" not in request or b"}" not in request:
                    request += stream.recv(65536)
                self.asked.append(request.decode())
                try:
                    self._answer(stream, self.asked[-1])
                except OSError:
                    continue

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Callable[[Callable[[socket.socket, str], None]], Endpoint]]:
    made: list[Endpoint] = []

    def make(answer: Callable[[socket.socket, str], None]) -> Endpoint:
        made.append(Endpoint(tmp_path / f"s{len(made)}", answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def check(row: dict[str, Any], outcome: KeyctlError | lease.LeasedToken | lease.AsyncLeasedToken) -> None:
    if "token" in row:
        assert not isinstance(outcome, KeyctlError), outcome
        said = (outcome, outcome.present, outcome.expires_at)
        assert said == (row["token"], row["present"], row["expires_at"])
        assert list(outcome.headers().items()) == [tuple(row["header"])]
        assert (outcome.lease.fence if outcome.lease else None) == row.get("fence")
        assert "planted" not in repr(outcome) + repr(vars(outcome))
        return
    assert isinstance(outcome, ERRORS.get(row["type"], LeaseLimited)), repr(outcome)
    if not isinstance(outcome, InvalidAsk):
        assert (outcome.type, outcome.reason) == (row["type"], row["reason"])  # type: ignore[attr-defined]
    if "http" in row:
        assert outcome.status == row["http"]  # type: ignore[attr-defined]
    if isinstance(outcome, LeaseLimited):
        assert outcome.retry_after == row["retry_after"]
    for text in row.get("says", ()):
        assert text in str(outcome)
    assert "planted" not in str(outcome) + repr(outcome)


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_an_answer(row: dict[str, Any], sqlite: Place, endpoint: Callable[..., Endpoint]) -> None:
    def answer(stream: socket.socket, request: str) -> None:
        if request.startswith("POST /lease HTTP/1.1\r\n"):
            stream.sendall(answer_of(row))

    at = endpoint(answer)
    api_key = row.get("api_key")

    def ask() -> KeyctlError | lease.LeasedToken:
        with sqlite.open(credentials_socket=at.path, credentials_key="planted-key") as reader:
            try:
                with reader.lease("github", wait=1, api_key=api_key) as token:
                    return token
            except KeyctlError as error:
                return error

    async def ask_async() -> KeyctlError | lease.AsyncLeasedToken:
        async with sqlite.open_async(credentials_socket=at.path, credentials_key="planted-key") as reader:
            try:
                async with reader.lease("github", wait=1, api_key=api_key) as token:
                    return token
            except KeyctlError as error:
                return error

    for outcome in (ask(), asyncio.run(ask_async())):
        check(row, outcome)
    head, _, body = at.asked[0].partition("\r\n\r\n")
    assert "\r\nAuthorization: Bearer planted-key\r\n" in head
    expected = {"provider": "github", "wait": 1} | ({"api_key": api_key} if api_key else {})
    assert json.loads(body) in (expected, {**expected, "wait": 0})
    released = [request for request in at.asked if request.startswith("POST /lease/release ")]
    assert len(released) == (2 if "fence" in row else 0)


def test_no_key_is_sent_where_there_is_none(sqlite: Place, endpoint: Callable[..., Endpoint]) -> None:
    at = endpoint(lambda stream, _: stream.sendall(answer_of(ROWS[0])))
    with sqlite.open(credentials_socket=at.path).lease("github") as token:
        assert token == "planted-token"
    assert "uthorization" not in at.asked[0]


def test_busy_is_over_in_time(sqlite: Place, endpoint: Callable[..., Endpoint]) -> None:
    """`Retry-After` is honoured, and the wait that is left is said."""
    busy = next(row for row in ROWS if row.get("type") == "BUSY")
    soon = {**busy, "head": ["Content-Length: {length}", "Retry-After: 1"]}
    answers = iter([soon, soon, ROWS[0]])
    at = endpoint(lambda stream, _: stream.sendall(answer_of(next(answers))))
    start = time.monotonic()
    with sqlite.open(credentials_socket=at.path).lease("github", wait=9) as token:
        assert token == "planted-token"
    assert 2 <= time.monotonic() - start < 6
    waits = [json.loads(request.partition("\r\n\r\n")[2])["wait"] for request in at.asked]
    assert waits == sorted(waits, reverse=True) and waits[0] <= 9 and len(set(waits)) == 3


def test_who_does_not_answer_is_not_waited_for(
    sqlite: Place, endpoint: Callable[..., Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_PATIENCE", 0.3)

    def drip(stream: socket.socket, _: str) -> None:
        while True:
            stream.sendall(b"H")
            time.sleep(0.05)

    for answer, reason in (
        (lambda stream, _: time.sleep(2), "timeout"),
        (drip, "timeout"),
        (lambda stream, _: None, "unreachable"),
    ):
        at = endpoint(answer)
        start = time.monotonic()
        with (
            pytest.raises(KeyUnavailable) as caught,
            sqlite.open(credentials_socket=at.path).lease("github", wait=0),
        ):
            pass
        assert caught.value.reason == reason
        assert time.monotonic() - start < 1.5

        async def ask(path: str) -> str:
            with pytest.raises(KeyUnavailable) as caught:
                async with sqlite.open_async(credentials_socket=path).lease("github", wait=0):
                    pass
            return caught.value.reason

        assert asyncio.run(ask(at.path)) == reason


def test_an_answer_is_read_wherever_it_is_cut() -> None:
    whole = answer_of(ROWS[3])
    for size in range(1, len(whole) + 1):
        incoming, answer = Incoming(), None
        for start in range(0, len(whole), size):
            assert answer is None
            answer = incoming.take(whole[start : start + size])
        assert answer is not None and json.loads(answer.body)["access_token"] == "planted-token"
        assert "planted" not in repr(answer)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "cut off"),
        ("HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", "no status"),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no status"),
        ("HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}", "no status"),
        ("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", "a header is none"),
        ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", "a header is none"),
        ("HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\n{}", "a header is none"),
        ("HTTP/1.1 200 OK\r\nX: \xff\r\nContent-Length: 2\r\n\r\n{}", "no ASCII"),
        ("HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", "no number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", "longer"),
        ("HTTP/1.1 200 OK\r\nX: " + "x" * 20_000 + "\r\nContent-Length: 2\r\n\r\n{}", "16 KiB"),
    ],
)
def test_every_other_form_is_refused(text: str, why: str) -> None:
    incoming = Incoming()
    with pytest.raises(Odd, match=why):
        for piece in (text.encode("latin-1"), b""):
            incoming.take(piece)
