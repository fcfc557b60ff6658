"""The example server, over HTTP: who is let in, and to whose data."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI
from mem0_server.app import create_app
from places import Place

from keyctl_runtime import AsyncReader, Denied, KeyUnavailable, Reader, StoreUnavailable, TokenDenied
from keyctl_runtime.fastapi import ApiKeys
from keyctl_runtime.results import DENIED

REALM = 'Bearer realm="memories"'


@dataclass
class Running:
    """The server, and the tokens of its clients."""

    place: Place
    url: str
    alice: str
    bob: str

    def ask(self, method: str, path: str, token: str | None = None, **more: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.request(method, self.url + path, headers=headers, **more)  # type: ignore[arg-type]


@contextmanager
def serving(reader: AsyncReader) -> Iterator[str]:
    """The address of a server that runs while the context lasts."""
    with running_app(create_app(reader)) as url:
        yield url


@contextmanager
def running_app(app: FastAPI) -> Iterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = Place(str(tmp_path_factory.mktemp("mem0") / "keys.db"))
    alice, bob = (place.mint(owner, "--scope", "memories") for owner in ("alice", "bob"))
    with serving(place.open_async()) as url:
        yield Running(place, url, alice, bob)


def add(running: Running, token: str, user_id: str, text: str) -> str:
    body = {"messages": [{"role": "user", "content": text}], "user_id": user_id}
    answer = running.ask("POST", "/memories", token, json=body)
    assert answer.status_code == 200, answer.text
    memory_id: str = answer.json()["results"][0]["id"]
    return memory_id


def test_an_owner_does_everything_with_their_own_memories(running: Running) -> None:
    memory = add(running, running.alice, "alice", "likes green tea")
    mine = running.ask("GET", f"/memories/{memory}", running.alice)
    assert (mine.status_code, mine.json()["memory"]) == (200, "likes green tea")
    found = running.ask("POST", "/search", running.alice, json={"query": "tea", "user_id": "alice"})
    assert [one["id"] for one in found.json()["results"]] == [memory]
    assert (
        running.ask("PUT", f"/memories/{memory}", running.alice, json={"text": "coffee"}).status_code == 200
    )
    history = running.ask("GET", f"/memories/{memory}/history", running.alice).json()
    assert [(one["event"], one["new_memory"]) for one in history] == [
        ("ADD", "likes green tea"),
        ("UPDATE", "coffee"),
    ]
    listed = running.ask("GET", "/memories?user_id=alice", running.alice).json()["results"]
    assert [one["memory"] for one in listed] == ["coffee"]
    assert running.ask("DELETE", f"/memories/{memory}", running.alice).status_code == 200
    add(running, running.alice, "alice", "x")
    assert running.ask("DELETE", "/memories?user_id=alice", running.alice).status_code == 200
    assert running.ask("GET", "/memories?user_id=alice", running.alice).json() == {"results": []}


def test_anothers_data_is_forbidden_wherever_the_owner_stands(running: Running) -> None:
    memory = add(running, running.alice, "alice", "a secret of alice")
    body = {"messages": [{"role": "user", "content": "planted"}], "user_id": "alice"}
    for method, path, more in (
        ("POST", "/memories", {"json": body}),
        ("GET", "/memories?user_id=alice", {}),
        ("GET", "/memories?user_id=bob&user_id=alice", {}),
        ("DELETE", "/memories?user_id=alice", {}),
        ("POST", "/search", {"json": {"query": "secret", "user_id": "alice"}}),
        ("GET", f"/memories/{memory}", {}),
        ("GET", f"/memories/{memory}/history", {}),
        ("PUT", f"/memories/{memory}", {"json": {"text": "changed"}}),
        ("DELETE", f"/memories/{memory}", {}),
    ):
        answer = running.ask(method, path, running.bob, **more)
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "FORBIDDEN"
        assert "secret of alice" not in answer.text
        assert running.ask(method, path, None, **more).status_code == 401, (method, path)
    assert running.ask("GET", f"/memories/{memory}", running.alice).json()["memory"] == "a secret of alice"


def test_an_id_of_another_owner_and_one_of_nobody_look_the_same(running: Running) -> None:
    memory = add(running, running.alice, "alice", "x")
    for method, more in (("GET", {}), ("PUT", {"json": {"text": "x"}}), ("DELETE", {})):
        one = running.ask(method, f"/memories/{memory}", running.bob, **more)
        other = running.ask(method, "/memories/0192f0c1-a2b3-7c4d-8e5f-60718293a4b5", running.bob, **more)
        assert shown(one) == shown(other)


def shown(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
    return answer.status_code, answer.content, headers


def test_all_401_of_a_presented_token_are_the_same_byte_for_byte(running: Running) -> None:
    place = running.place
    revoked, suspended = place.mint("carol", "--name", "r"), place.mint("carol", "--name", "s")
    future = place.mint("carol", "--name", "f", "--not-before", "2095-01-01T00:00:00Z", "--expires", "never")
    place.keyctl("revoke", "carol/r")
    place.keyctl("suspend", "carol/s")
    unknown = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
    tokens = (revoked, suspended, future, unknown, unknown[:-1] + "B", "nonsense", "x" * 5000)
    answers = {str(shown(running.ask("GET", "/memories?user_id=carol", token))) for token in tokens}
    assert len(answers) == 1
    one = running.ask("GET", "/memories?user_id=carol", revoked)
    assert one.status_code == 401
    assert one.headers["content-type"] == "application/problem+json"
    assert one.headers["www-authenticate"] == REALM + ', error="invalid_token"'
    assert one.headers["cache-control"] == "no-store"
    assert one.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "code": "UNAUTHORIZED",
    }


def test_no_credential_is_challenged_without_an_error(running: Running) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}):
        answer = httpx.get(running.url + "/memories?user_id=alice", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, REALM)


def test_either_header_is_taken_and_two_that_differ_are_not(running: Running) -> None:
    url = running.url + "/memories?user_id=alice"
    bearer, key = f"Bearer {running.alice}", running.alice
    for headers, status in (
        ([("X-API-Key", key)], 200),
        ([("authorization", f"bearer {key}")], 200),
        ([("Authorization", bearer), ("X-API-Key", key)], 200),
        ([("Authorization", bearer), ("X-API-Key", running.bob)], 400),
        ([("Authorization", bearer), ("Authorization", bearer)], 400),
        ([("X-API-Key", key), ("X-API-Key", running.bob)], 400),
        ([("X-API-Key", key), ("X-API-Key", key)], 400),
        ([("Authorization", "Basic YTpi"), ("X-API-Key", key)], 400),
    ):
        answer = httpx.get(url, headers=headers)
        assert answer.status_code == status, headers
        if status == 400:
            assert answer.headers["www-authenticate"] == REALM + ', error="invalid_request"'
            assert answer.json()["code"] == "invalid_request"
            assert answer.headers["cache-control"] == "no-store"


def test_a_missing_scope_is_named(running: Running) -> None:
    token = running.place.mint("dave", "--scope", "memories:read")
    assert running.ask("GET", "/memories?user_id=dave", token).status_code == 200
    answer = running.ask("DELETE", "/memories?user_id=dave", token)
    assert answer.status_code == 403
    expected = REALM + ', error="insufficient_scope", scope="memories:write"'
    assert answer.headers["www-authenticate"] == expected


def test_a_revoked_key_is_out_within_five_seconds(running: Running) -> None:
    token = running.place.mint("erin", "--scope", "memories")
    assert running.ask("GET", "/memories?user_id=erin", token).status_code == 200
    running.place.keyctl("revoke", "erin/default")
    end = time.monotonic() + 5
    while running.ask("GET", "/memories?user_id=erin", token).status_code == 200:
        assert time.monotonic() < end


def test_a_store_that_is_gone_is_503_and_says_when_to_come_again(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "keys.db"))
    token = place.mint("alice", "--scope", "memories")
    for suffix in ("", "-wal", "-shm"):
        Path(place.address + suffix).unlink(missing_ok=True)
    with serving(place.open_async()) as url:
        answer = httpx.get(url + "/memories?user_id=alice", headers={"X-API-Key": token})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["code"] == "STORE_UNAVAILABLE"


def test_what_a_reader_raises_in_an_endpoint_is_answered_as_a_problem(tmp_path: Path) -> None:
    place = Place(str(tmp_path / "keys.db"))
    app = FastAPI()
    ApiKeys(place.open_async(), realm="memories").install(app)
    raised = {
        "store": StoreUnavailable("pool"),
        "rolled": StoreUnavailable("rolled_back"),
        "key": KeyUnavailable("unbound"),
        "unknown": TokenDenied(DENIED["unknown"]),
        "scope": TokenDenied(DENIED["scope"]),
    }

    @app.get("/{name}")
    async def endpoint(name: str) -> None:
        raise raised[name]

    invalid = REALM + ', error="invalid_token"'
    with running_app(app) as url:
        for name, status, code, retry, challenge in (
            ("store", 503, "STORE_UNAVAILABLE", "1", None),
            ("rolled", 503, "STORE_UNAVAILABLE", "1", None),
            ("key", 503, "KEY_UNAVAILABLE", "1", None),
            ("unknown", 401, "UNAUTHORIZED", None, invalid),
            ("scope", 403, "FORBIDDEN", None, None),
        ):
            answer = httpx.get(f"{url}/{name}")
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers.get("retry-after") == retry
            assert answer.headers.get("www-authenticate") == challenge
            assert "pool" not in answer.text


class Heard:
    """A reader that remembers what it was asked."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def verify(self, token: str, *_: object) -> Denied:
        self.tokens.append(token)
        return DENIED["malformed"]


def test_nothing_around_a_token_is_taken_away() -> None:
    heard, app = Heard(), FastAPI()
    keys = ApiKeys(cast(Reader, heard))
    keys.install(app)

    @app.get("/", dependencies=[Depends(keys())])
    async def endpoint() -> None: ...

    async def ask(name: bytes, value: bytes) -> None:
        # Past the server, which takes outer blanks away, as HTTP says.
        asked = {"method": "GET", "path": "/", "query_string": b"", "headers": [(name, value)]}
        await app({"type": "http", **asked}, nothing, silent)

    async def nothing() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def silent(_: object) -> None: ...

    for name, value, expected in (
        (b"authorization", b"Bearer abc ", "abc "),
        (b"authorization", b"Bearer \tabc", "\tabc"),
        (b"authorization", b"Bearer   abc", "abc"),
        (b"authorization", b"Bearer abc\xa0", "abc\xa0"),
        (b"x-api-key", b" abc", " abc"),
        (b"x-api-key", b"abc\t", "abc\t"),
        (b"x-api-key", b"Bearer abc", "Bearer abc"),
    ):
        asyncio.run(ask(name, value))
        assert heard.tokens.pop() == expected
