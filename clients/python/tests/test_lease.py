"""Tokens of credentials, from a real serve over its Unix socket."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import Place
from serving import Serving

from keyctl_runtime import (
    InvalidAsk,
    KeyUnavailable,
    LeaseBusy,
    LeaseEnded,
    LeaseUnconfigured,
    Reader,
    TokenDenied,
    Unavailable,
)


@pytest.fixture
def serving(sqlite: Place, tmp_path: Path) -> Iterator[Serving]:
    with Serving(sqlite, tmp_path) as serving:
        yield serving


def reader(serving: Serving) -> Reader:
    return serving.place.open(credentials_socket=serving.socket, credentials_key=serving.key)


def now() -> float:
    return time.time() * 1000


def test_a_token_that_nobody_ends_has_no_lease(serving: Serving) -> None:
    with reader(serving).lease("github") as token:
        assert f"Bearer {token}" == "Bearer planted-hub"
        assert (token, str(token), token.expose()) == ("planted-hub",) * 3
        assert (token.provider, token.credential, token.version) == ("github", "hub", 1)
        assert (token.present, token.lease) == ("bearer", None)
        assert token.headers() == {"Authorization": "Bearer planted-hub"}
        assert token.expires_at is not None and now() < token.expires_at < now() + 3_601_000
        token.renew()
        for shown in (repr(token), repr([token]), f"{token!r}"):
            assert "planted" not in shown
        with pytest.raises(TypeError):
            pickle.dumps(token)
        assert copy.deepcopy({"token": token})["token"] is token
        assert serving.leases() == []


def test_a_lease_is_held_renewed_and_given_up(place: Place, tmp_path: Path) -> None:
    with Serving(place, tmp_path) as serving:
        asked = reader(serving)
        with asked.lease("gitlab", hold_for=60) as token:
            assert token == "planted-lab"
            assert token.lease is not None
            held = serving.leases()
            assert [one["lease"] for one in held] == [token.lease.id]
            before = token.lease
            assert token.expires_at == before.expires_at and now() < before.expires_at <= now() + 60_500
            token.renew(120)
            assert token.lease.id == before.id
            assert before.expires_at + 30_000 < token.lease.expires_at == token.expires_at
            with asked.lease("gitlab") as other:
                assert other.lease is not None and other.lease.fence > before.fence
                assert len(serving.leases()) == 2
        assert serving.leases() == []
        with pytest.raises(RuntimeError, match="in the block"), asked.lease("gitlab"):
            raise RuntimeError("in the block")
        assert serving.leases() == []


def test_a_lease_that_was_broken_cannot_be_renewed_and_leaving_says_nothing(serving: Serving) -> None:
    with reader(serving).lease("gitlab") as token:
        assert token.lease is not None
        serving.place.keyctl("--yes", "lease", "break", token.lease.id)
        with pytest.raises(LeaseEnded) as caught:
            token.renew()
        error = caught.value
        assert (error.type, error.reason, error.status) == ("CONFLICT", "lease_ended", 409)
    with reader(serving).lease("gitlab"):
        serving.kill()


def test_who_asks_for_too_long_is_told(serving: Serving) -> None:
    with pytest.raises(InvalidAsk, match="12 hours"), reader(serving).lease("gitlab", hold_for=100_000):
        pass
    asked = reader(serving)
    for wrong in ({"wait": -1}, {"min_valid": float("nan")}, {"hold_for": "10m"}, {"api_key": ""}):
        with pytest.raises(InvalidAsk):
            asked.lease("gitlab", **wrong)
    with pytest.raises(InvalidAsk):
        asked.lease("Git Hub")


def test_busy_is_asked_again_until_the_wait_is_over(serving: Serving) -> None:
    asked = reader(serving)
    with asked.lease("gitlab") as token:
        refresh = serving.refreshing()
        start = time.monotonic()
        with pytest.raises(LeaseBusy) as caught, asked.lease("gitlab", wait=2):
            pass
        assert 0.9 < time.monotonic() - start < 8
        assert (caught.value.type, caught.value.reason, caught.value.status) == ("BUSY", "busy", 503)
        with pytest.raises(LeaseBusy):
            token.renew()
    refresh.wait(30)
    # It failed, and said so: the token of before does.
    with asked.lease("gitlab", wait=40) as token:
        assert token == "planted-lab"


def test_a_key_that_serve_does_not_know_is_the_service_s_fault(serving: Serving, tmp_path: Path) -> None:
    file = tmp_path / "service.key"

    def refused(key: str | None, reason: str = "credentials_key") -> str:
        with (
            pytest.raises(KeyUnavailable) as caught,
            serving.place.open(credentials_socket=serving.socket, credentials_key=key).lease("github"),
        ):
            pass
        assert caught.value.reason == reason
        return str(caught.value)

    scopeless = serving.place.mint("other", "--scope", "memories")
    assert "the key lacks the scope keyctl:lease" in refused(scopeless)
    unknown = serving.key[:-1] + ("a" if serving.key[-1] != "a" else "b")
    assert unknown not in refused(unknown)
    assert "KEYCTL_CREDENTIALS_KEY_FILE" in refused(None)
    os.environ["KEYCTL_CREDENTIALS_KEY_FILE"] = str(file)
    try:
        assert "cannot be read" in refused(None)
        file.write_text("two words\n")
        file.chmod(0o600)
        assert "it is no key" in refused(None)
        file.write_text(serving.key + "\n")
        asked = serving.place.open(credentials_socket=serving.socket)
        with asked.lease("github") as token:
            assert token == "planted-hub"
        # Read at each use: it may be rotated.
        rotated = serving.place.keyctl("rotate", "service", "--grace", "0s")
        file.write_text(rotated + "\n")
        with asked.lease("github") as token:
            assert token == "planted-hub"
        file.chmod(0o644)
        assert "all users can read it" in refused(None)
        os.environ["KEYCTL_CREDENTIALS_KEY_FILE"] = serving.key
        assert serving.key not in refused(None)
    finally:
        del os.environ["KEYCTL_CREDENTIALS_KEY_FILE"]


def test_a_client_s_token_leads_to_the_client_s_credential(serving: Serving) -> None:
    alice = serving.place.mint("alice", "--scope", "memories")
    serving.credential("own", "github", subject="alice")
    asked = reader(serving)
    with asked.lease("github", api_key=alice) as token:
        assert (token, token.credential) == ("planted-own", "own")
    with asked.lease("github") as token:
        assert token.credential == "hub"
    serving.place.keyctl("revoke", "alice")
    until = time.monotonic() + 10
    while True:
        assert time.monotonic() < until
        time.sleep(0.1)
        try:
            with asked.lease("github", api_key=alice):
                pass
        except KeyUnavailable as unavailable:
            # What hands tokens out sees it at once.
            assert unavailable.reason == "no_token"
        except TokenDenied as denied:
            assert (denied.type, denied.reason, denied.status) == ("UNAUTHORIZED", "refused", 401)
            assert alice not in str(denied)
            break


def test_no_socket_is_said_before_anything_else(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = serving.place.open()
    with pytest.raises(LeaseUnconfigured) as caught:
        asked.lease("no provider", wait=-1)
    assert isinstance(caught.value, Unavailable)
    assert (caught.value.type, caught.value.reason) == ("KEY_UNAVAILABLE", "unconfigured")
    for hint in ("keyctl serve --lease-store", "KEYCTL_CREDENTIALS_SOCKET", "keyctl exec --oauth"):
        assert hint in str(caught.value)
    monkeypatch.setenv("KEYCTL_CREDENTIALS_SOCKET", serving.socket)
    with serving.place.open(credentials_key=serving.key).lease("github") as token:
        assert token == "planted-hub"


def fault(asked: Reader) -> tuple[str, str]:
    with pytest.raises(KeyUnavailable) as caught, asked.lease("github"):
        pass
    return caught.value.reason, str(caught.value)


def test_a_server_that_is_not_there(serving: Serving, tmp_path: Path) -> None:
    serving.kill()
    assert Path(serving.socket).exists()
    assert fault(reader(serving))[0] == "unreachable"
    Path(serving.socket).unlink()
    reason, said = fault(reader(serving))
    assert reason == "unreachable" and serving.socket in said
    serving.socket = str(tmp_path / "log")
    assert fault(reader(serving))[0] == "socket"
    serving.socket = serving.key
    reason, said = fault(reader(serving))
    assert reason == "socket" and serving.key not in said
    serving.socket = "unix:/run/keyctl/keyctl.sock"
    reason, said = fault(reader(serving))
    assert reason == "socket" and "without unix: before it: /run/keyctl/keyctl.sock" in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_socket_of_another_user_is_refused_unless_it_is_named(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(serving.socket, 65534, 0)
    reason, said = fault(reader(serving))
    assert reason == "socket" and "KEYCTL_CREDENTIALS_OWNER=65534" in said
    monkeypatch.setenv("KEYCTL_CREDENTIALS_OWNER", "nobody")
    assert fault(reader(serving))[0] == "socket"
    monkeypatch.setenv("KEYCTL_CREDENTIALS_OWNER", "65534")
    with reader(serving).lease("github") as token:
        assert token == "planted-hub"


def test_serve_without_leases_says_so(sqlite: Place, tmp_path: Path) -> None:
    with Serving(sqlite, tmp_path, leases=False) as serving:
        reason, said = fault(reader(serving))
    assert reason == "not_served" and "--lease-store" in said


def test_nothing_bound_is_no_token(serving: Serving) -> None:
    with pytest.raises(KeyUnavailable) as caught, reader(serving).lease("slack"):
        pass
    assert caught.value.reason == "no_token"


def test_asyncio(serving: Serving) -> None:
    async def all_of_it() -> None:
        options = {"credentials_socket": serving.socket, "credentials_key": serving.key}
        async with serving.place.open_async(**options) as asked:
            async with asked.lease("github") as token:
                assert f"{token}" == "planted-hub" and "planted" not in repr(token)
                assert token.lease is None
            async with asked.lease("gitlab", hold_for=60) as token:
                assert token.lease is not None
                before = token.lease.expires_at
                await token.renew(120)
                assert token.lease.expires_at > before
                assert len(serving.leases()) == 1
                refresh = await asyncio.to_thread(serving.refreshing)
                # Who is cancelled while it waits keeps no lease.
                waiting = asyncio.create_task(asked.lease("gitlab", wait=30).__aenter__())
                await asyncio.sleep(0.5)
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                with pytest.raises(LeaseBusy):
                    async with asked.lease("gitlab", wait=0):
                        pass
            await asyncio.to_thread(refresh.wait, 30)
            until = time.monotonic() + 45
            while serving.leases() or len(asyncio.all_tasks()) > 1:
                assert time.monotonic() < until
                await asyncio.sleep(0.1)
            with pytest.raises(LeaseUnconfigured):
                serving.place.open_async().lease("github")
            serving.kill()
            with pytest.raises(KeyUnavailable) as caught:
                async with asked.lease("github"):
                    pass
            assert caught.value.reason == "unreachable"

    asyncio.run(all_of_it())
