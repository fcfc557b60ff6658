"""What a reader answers about a store that the keyctl binary made, in both databases."""

from __future__ import annotations

import sys
import time

import pytest
from places import MASTER_KEY, OTHER_KEY, Place

from keyctl_runtime import Allowed, Denied, InvalidAsk, KeyUnavailable, StoreUnavailable, TokenDenied


def denied(result: object) -> tuple[str, str, int]:
    assert isinstance(result, Denied)
    assert not result
    assert not result.allowed
    return result.type, result.reason, result.status


def test_a_good_token_is_allowed_and_says_whose_it_is(place: Place) -> None:
    token = place.mint("alice", "--scope", "memories,files:*", "--name", "ci", "--expires", "never")
    with place.open() as reader:
        result = reader.verify(token, "memories:read", owner="alice")
        assert isinstance(result, Allowed)
        assert result
        assert (result.principal, result.key_name, result.scopes) == ("alice", "ci", ("files:*", "memories"))
        assert (result.token_id, result.expires_at) == (token.split("_")[1], None)
        # Kept answers are the same, for the same ask and for another one.
        assert reader.verify(token, "memories:read", owner="alice") == result
        assert denied(reader.verify(token, "files")) == ("FORBIDDEN", "scope", 403)
        assert denied(reader.verify(token, "memories:read", owner="bob")) == ("FORBIDDEN", "owner", 403)


def test_an_owner_is_known_by_its_subject(place: Place) -> None:
    token = place.mint("alice", "--subject", "auth0|5f7C", "--scope", "memories")
    with place.open() as reader:
        result = reader.verify(token, owner="auth0|5f7C")
        assert isinstance(result, Allowed)
        assert result.principal == "auth0|5f7C"
        assert denied(reader.verify(token, owner="alice")) == ("FORBIDDEN", "owner", 403)
        assert denied(reader.verify(token, owner="auth0|5F7C")) == ("FORBIDDEN", "owner", 403)
    place.keyctl("owner", "rename", "alice", "ann")
    with place.open() as reader:
        assert reader.verify(token, owner="auth0|5f7C")


def test_each_reason_has_its_type(place: Place) -> None:
    good = place.mint("alice", "--scope", "memories", "--name", "good")
    revoked, suspended = place.mint("bob", "--name", "r"), place.mint("bob", "--name", "s")
    future = place.mint("bob", "--name", "f", "--not-before", "2095-01-01T00:00:00Z", "--expires", "never")
    place.keyctl("revoke", "bob/r")
    place.keyctl("suspend", "bob/s")
    metered = place.mint("carol", "--quota", "10/day", "--name", "q")
    rated = place.mint("carol", "--rate", "10/m", "--name", "r")
    bound = place.mint("carol", "--allow-ip", "10.0.0.0/8,2001:db8::/32", "--name", "n")
    disabled = place.mint("dave")
    place.keyctl("owner", "disable", "dave", "--yes")
    with place.open() as reader:
        assert reader.verify(good)
        assert denied(reader.verify(good[:-1] + ("0" if good[-1] != "0" else "1")))[1] == "malformed"
        assert reader.verify(rated)
        assert denied(reader.verify(metered)) == ("FORBIDDEN", "quota", 403)
        assert denied(reader.verify("nonsense")) == ("UNAUTHORIZED", "malformed", 401)
        unknown = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
        assert denied(reader.verify(unknown)) == ("UNAUTHORIZED", "unknown", 401)
        for token, reason in ((revoked, "revoked"), (suspended, "suspended"), (future, "not_yet_valid")):
            assert denied(reader.verify(token)) == ("UNAUTHORIZED", reason, 401)
        assert denied(reader.verify(disabled)) == ("UNAUTHORIZED", "owner_disabled", 401)
        for ip, allowed in (("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("2001:db8::1", True)):
            assert bool(reader.verify(bound, ip=ip)) is allowed
        for ip_denied in (None, "11.0.0.1", "10.1.2.3%eth0", "nonsense"):
            assert denied(reader.verify(bound, ip=ip_denied)) == ("FORBIDDEN", "network", 403)


def test_a_suspension_ends_by_itself_also_for_an_answer_that_is_kept(place: Place) -> None:
    parent = place.mint("alice", "--scope", "memories")
    child = place.mint("bob", "--parent", "alice/default", "--scope", "memories")
    place.keyctl("suspend", "alice/default", "--for", "1s")
    with place.open() as reader:
        # A denial is kept for five seconds at most.
        end = time.monotonic() + 30
        while not (reader.verify(parent) and reader.verify(child)):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_what_is_no_scope_or_owner_is_the_callers_mistake(sqlite: Place) -> None:
    token = sqlite.mint("alice", "--scope", "memories")
    with sqlite.open() as reader:
        for scope in ("Memories", "a,b", "", "a b", "a:", "*:a", "keyctl", "keyctl:*"):
            with pytest.raises(InvalidAsk):
                reader.verify(token, scope)
        for owner in ("", "a b", "zo\u00eb", "alice\n", "a" * 256):
            with pytest.raises(InvalidAsk):
                reader.verify(token, owner=owner)
        with pytest.raises(TypeError):
            reader.verify(token.encode())  # type: ignore[arg-type]


def test_a_token_of_two_megabytes_is_malformed(sqlite: Place) -> None:
    token = sqlite.mint("alice")
    with sqlite.open() as reader:
        assert reader.verify(token)
        for long in (token + "x" * 2_000_000, "é" * 2_000_000, "\ud800" * 2_000_000):
            assert denied(reader.verify(long))[1] == "malformed"


def test_a_weak_foreign_token_is_found_by_its_slow_hash(place: Place) -> None:
    place.weak("sk-alice-test-key-12345", "alice")
    with place.open() as reader:
        result = reader.verify("sk-alice-test-key-12345", "memories:read")
        assert isinstance(result, Allowed)
        assert result.principal == "alice"
        assert denied(reader.verify("sk-alice-test-key-12346")) == ("UNAUTHORIZED", "unknown", 401)


class NoArgon2:
    """Finds that it is not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "argon2":
            raise ModuleNotFoundError("No module named 'argon2'", name="argon2")


def test_without_argon2_a_weak_token_is_the_stores_fault(
    sqlite: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.weak("sk-alice-test-key-12345", "alice")
    good = sqlite.mint("bob")
    for name in [name for name in sys.modules if name.split(".")[0] == "argon2"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoArgon2(), *sys.meta_path])
    with sqlite.open() as reader:
        assert reader.verify(good)
        with pytest.raises(StoreUnavailable, match=r"keyctl-runtime\[argon2\]") as caught:
            reader.verify("sk-alice-test-key-12345")
        assert (caught.value.type, caught.value.reason, caught.value.status) == (
            "STORE_UNAVAILABLE",
            "argon2id",
            503,
        )


def test_the_nearest_binding_decides_and_its_secret_opens(place: Place) -> None:
    alice, bob = place.mint("alice", "--name", "one"), place.mint("bob")
    place.secret("everybody", "anthropic", "of-the-store", "--default")
    place.secret("for-alice", "anthropic", "of-alice", "alice")
    place.secret("for-one", "openai", "of-the-key", "alice/one")
    with place.open() as reader:
        assert reader.secret(alice, "anthropic").expose() == "of-alice"
        assert reader.secret(alice, "openai").expose() == "of-the-key"
        assert reader.secret(bob, "anthropic").expose() == "of-the-store"
        assert "of-the" not in repr(reader.secret(bob, "anthropic")) + str(reader.secret(bob, "anthropic"))
        with pytest.raises(KeyUnavailable) as caught:
            reader.secret(bob, "openai")
        assert (caught.value.type, caught.value.reason) == ("KEY_UNAVAILABLE", "unbound")
        with pytest.raises(TokenDenied) as refused:
            reader.secret(bob, "anthropic", scope="memories")
        assert (refused.value.type, refused.value.reason, refused.value.status) == ("FORBIDDEN", "scope", 403)
        # Nothing is kept: an unbound key gets the next one at once.
        place.keyctl("secret", "unbind", "for-alice", "alice")
        assert reader.secret(alice, "anthropic").expose() == "of-the-store"


def test_a_master_key_that_does_not_match_is_said_to_be_that(place: Place) -> None:
    token = place.mint("alice")
    place.secret("team", "anthropic", "sk-ant-x", "alice")
    for master_key, previous, opens in (
        (OTHER_KEY, None, False),
        (None, None, False),
        (OTHER_KEY, MASTER_KEY, True),
    ):
        with place.open(master_key=master_key, master_key_previous=previous) as reader:
            assert reader.verify(token)
            if opens:
                assert reader.secret(token, "anthropic").expose() == "sk-ant-x"
                continue
            with pytest.raises(KeyUnavailable) as caught:
                reader.secret(token, "anthropic")
            assert caught.value.reason == "master_key"
