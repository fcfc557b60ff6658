"""Short-lived tokens of a real store, in both databases, for threads and for tasks."""

from __future__ import annotations

import asyncio
import os
import time

import pytest
from places import MASTER_KEY, Place

from keyctl_runtime import Denied, InvalidAsk, JwtAllowed, Reader, StoreUnavailable
from keyctl_runtime import cache as caches
from keyctl_runtime.cache import Cache
from keyctl_runtime.jwt import Good

ISSUER = "https://keys.example.com"


def furnished(place: Place) -> str:
    """A store that issues; returns the token of alice's key."""
    place.keyctl("store", "set", "issuer", ISSUER)
    place.keyctl("store", "set", "audience", "billing")
    place.keyctl("signing-key", "rotate", KEYCTL_MASTER_KEY=MASTER_KEY)
    return place.mint("alice", "--scope", "chat,files:*")


def issue(place: Place, token: str, *words: str) -> str:
    return place.keyctl("jwt", "issue", *words, given=token, KEYCTL_MASTER_KEY=MASTER_KEY)


def word(reader: Reader, jwt: str, **asked: str) -> str:
    result = reader.verify_jwt(jwt, **asked)
    return result.principal if result else result.reason


def until(reader: Reader, jwt: str, wanted: str) -> None:
    """At most the five seconds that are promised."""
    start = time.monotonic()
    while (found := word(reader, jwt)) != wanted:
        assert time.monotonic() - start < 5, f"still {found} and not {wanted}"
        time.sleep(0.005)


def test_a_token_is_good_for_its_audience_and_scopes_until_something_is_taken_away(place: Place) -> None:
    token = furnished(place)
    jwt, billing = issue(place, token), issue(place, token, "--audience", "billing")
    with place.open() as reader:
        # The second time it is kept.
        for _ in range(2):
            allowed = reader.verify_jwt(jwt, scope="files:read", owner="alice")
            assert isinstance(allowed, JwtAllowed)
            assert (allowed.principal, allowed.audience, allowed.status) == ("alice", (ISSUER,), 200)
            assert allowed.scopes == ("chat", "files:*")
            assert word(reader, billing) == "audience"
            assert word(reader, billing, audience="billing") == "alice"
            assert word(reader, jwt, audience="billing") == "audience"
            assert word(reader, jwt, scope="admin") == "scope"
            assert word(reader, jwt, owner="bob") == "owner"
        denied = reader.verify_jwt("a.b.c")
        assert isinstance(denied, Denied) and (denied.reason, denied.status) == ("malformed", 401)
        assert not denied and reader.verify(token) and not reader.verify(jwt)
        assert word(reader, jwt) == "alice"
        place.keyctl("suspend", "alice")
        until(reader, jwt, "version")
        place.keyctl("resume", "alice")
        assert word(reader, jwt) == "version"
        until(reader, issue(place, token), "alice")


def test_a_revoked_signing_key_is_out_within_five_seconds(place: Place) -> None:
    jwt = issue(place, furnished(place))
    with place.open() as reader:
        assert word(reader, jwt) == "alice"
        kid = place.keyctl("signing-key", "list").split()[0]
        place.keyctl("signing-key", "revoke", kid, "--yes", KEYCTL_MASTER_KEY=MASTER_KEY)
        until(reader, jwt, "signing_key")


def test_tasks_get_the_same_answers(place: Place) -> None:
    token = furnished(place)
    jwt = issue(place, token)

    async def ask() -> None:
        async with place.open_async() as reader:
            for _ in range(2):
                allowed = await reader.verify_jwt(jwt, scope="chat")
                assert isinstance(allowed, JwtAllowed) and allowed.principal == "alice"
                denied = await reader.verify_jwt(jwt, audience="billing")
                assert isinstance(denied, Denied) and denied.reason == "audience"

    asyncio.run(ask())


def test_what_was_not_verified_is_not_kept_and_what_is_too_many_goes(sqlite: Place) -> None:
    jwt = issue(sqlite, furnished(sqlite))
    with sqlite.open() as reader:
        assert word(reader, jwt) == "alice"
        signed = jwt.rpartition(".")[0]
        for number in range(50):
            assert word(reader, f"{signed}.{number:085}A") == "signature"
        assert len(reader._cache.jwts) == 1 and not reader._cache.denied
    cache = Cache(most_allowed=10)
    good = Good(JwtAllowed("a", "b", "c", ("d",), (), 10**15), "d", 10**15)
    now = cache.now()
    for number in range(30):
        cache.keep_jwt(bytes([number]), good, "1-0000000000000000", 0, now)
    assert len(cache.jwts) == 10 and bytes([29]) in cache.jwts


def test_an_end_is_exact_also_where_the_answer_is_kept(sqlite: Place) -> None:
    jwt = issue(sqlite, furnished(sqlite), "--ttl", "8s")
    with sqlite.open() as reader:
        allowed = reader.verify_jwt(jwt)
        assert isinstance(allowed, JwtAllowed)
        while time.time() * 1000 < allowed.expires_at - 60:
            assert reader.verify_jwt(jwt)
            time.sleep(0.02)
        time.sleep(0.07)
        assert word(reader, jwt) == "expired"


def test_a_store_that_cannot_be_read_is_no_fault_of_the_token(sqlite: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    jwt = issue(sqlite, furnished(sqlite))
    with sqlite.open() as reader:
        assert word(reader, jwt) == "alice"
        monkeypatch.setattr(caches, "BOUND", 0.0)
        os.rename(sqlite.address, sqlite.address + ".away")
        time.sleep(0.2)
        with pytest.raises(StoreUnavailable) as raised:
            reader.verify_jwt(jwt)
        assert raised.value.reason == "unreachable"
        with pytest.raises(InvalidAsk):
            reader.verify_jwt(jwt, audience="a b")
        with pytest.raises(TypeError):
            reader.verify_jwt(b"a.b.c")  # type: ignore[arg-type]
