"""What is pure: formats, coverage, networks, the cache's rule by injected clocks."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from keyctl_runtime import Allowed, MasterKey, MasterKeyError, SecretValue
from keyctl_runtime import cache as caches
from keyctl_runtime import token as tokens
from keyctl_runtime.cache import Cache
from keyctl_runtime.core import Core
from keyctl_runtime.find import UNKNOWN, Found, query
from keyctl_runtime.hashing import is_strong
from keyctl_runtime.keys import FROM_ENVIRONMENT, at_hand
from keyctl_runtime.network import allow, parse_address, parse_network
from keyctl_runtime.results import DENIED, Denied
from keyctl_runtime.row import StoreFacts, TokenRow
from keyctl_runtime.scope import covers, is_scope

TOKEN = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
NOW = 1_800_000_000_000


def test_a_token_reads_back_and_one_bit_is_noticed() -> None:
    assert tokens.parse(TOKEN).display == "sks_4fTq9ZkPw2Xa"
    for at in range(len(TOKEN)):
        drifted = TOKEN[:at] + chr(ord(TOKEN[at]) ^ 1) + TOKEN[at + 1 :]
        with pytest.raises(tokens.TokenError):
            tokens.parse(drifted)


def test_coverage() -> None:
    for held, asked, covered in (
        ("memories", "memories:read", True),
        ("memories", "memoriesx", False),
        ("files:*", "files:a:b", True),
        ("files:*", "files", False),
        ("files", "files:*", True),
        ("*", "anything", True),
        ("*", "keyctl:resolve", False),
        ("keyctl:resolve", "keyctl:resolve", True),
        # Of a later release.
        ("keyctl:lease", "keyctl:lease", True),
        ("keyctl:lease", "keyctl:lease:openai", False),
        ("*", "keyctl:lease", False),
    ):
        assert covers(held, asked) is covered, (held, asked)
    assert not any(
        map(
            is_scope,
            ("", "a::b", "A", "a b", "-a", "*:a", "a*", "a" * 129, "a\n", "keyctl", "keyctl:*", "keyctl:a:*"),
        )
    )


def test_networks() -> None:
    lists = (
        (parse_network("::ffff:10.0.0.0/104"), parse_network("2001:db8::/32")),
        (parse_network("10.1.0.0/16"),),
    )
    assert allow(lists, parse_address("::ffff:10.1.2.3"))
    assert not allow(lists, parse_address("10.2.2.3"))
    assert not allow(lists, parse_address("2001:db8::1"))
    assert not allow(((),), parse_address("10.1.2.3"))
    for text in ("10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/255.0.0.0", "fe80::%eth0/64", "", "x"):
        with pytest.raises(ValueError):
            parse_network(text)


def test_what_is_strong() -> None:
    assert is_strong("sk-" + "0123456789abcdef" * 2)
    assert is_strong("sk-" + "abcdefghij1234567890xy")
    assert not is_strong("sk-alice-test-key-12345")
    assert not is_strong("abcdefghijklmnopqrstuvwxyz")
    assert not is_strong("g1" * 20)


def test_secrets_are_shown_by_nothing() -> None:
    for secret, shown in ((SecretValue("sk-ant-x"), "sk-ant-x"), (MasterKey(bytes(range(32))), "\\x01")):
        assert shown not in f"{secret} {secret!r} {[secret]}"
        for leak in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                leak(secret)
    assert SecretValue("a") == SecretValue("a")
    assert SecretValue("a") != SecretValue("b")
    assert TOKEN not in repr(query(TOKEN))


def test_a_result_is_not_changed_and_not_mistaken() -> None:
    allowed = Allowed("alice", "key_x", "default", "id", (), None)
    with pytest.raises(AttributeError):
        allowed.principal = "bob"  # type: ignore[misc]
    assert allowed
    assert not any(DENIED.values())
    assert not hasattr(DENIED["scope"], "principal")


def test_the_master_key_comes_from_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = "hex:" + bytes(range(32)).hex()
    file = tmp_path / "key"
    file.write_text(text + "\n")
    file.chmod(0o600)
    assert at_hand(FROM_ENVIRONMENT, FROM_ENVIRONMENT) == ()
    monkeypatch.setenv("KEYCTL_MASTER_KEY_FILE", str(file))
    assert len(at_hand(FROM_ENVIRONMENT, FROM_ENVIRONMENT)) == 1
    monkeypatch.setenv("KEYCTL_MASTER_KEY_CMD", f"cat {file}")
    with pytest.raises(MasterKeyError, match="both set"):
        at_hand(FROM_ENVIRONMENT, FROM_ENVIRONMENT)
    monkeypatch.delenv("KEYCTL_MASTER_KEY_FILE")
    monkeypatch.setenv("KEYCTL_MASTER_KEY_PREVIOUS", text)
    assert len(at_hand(FROM_ENVIRONMENT, FROM_ENVIRONMENT)) == 2
    monkeypatch.setenv("KEYCTL_MASTER_KEY_CMD", "exit 3")
    with pytest.raises(MasterKeyError, match="ended with 3"):
        at_hand(FROM_ENVIRONMENT, None)
    monkeypatch.delenv("KEYCTL_MASTER_KEY_CMD")
    monkeypatch.setenv("KEYCTL_MASTER_KEY_FILE", str(file))
    for mode in (0o644, 0o620):
        file.chmod(mode)
        with pytest.raises(MasterKeyError) as caught:
            at_hand(FROM_ENVIRONMENT, None)
        assert text not in str(caught.value)


class Clocks:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.monotonic, self.wall = 100.0, 1000.0
        self.cache = Cache(lambda: self.monotonic, lambda: self.wall, most_allowed=3, most_denied=2)

    def move(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += seconds

    def keep(self, name: str, row: TokenRow | Denied, mark: str = "1") -> bytes:
        digest = name.encode()
        facts = StoreFacts(mark, "uuid", NOW, None)
        self.cache.keep(digest, Found(row, facts, ((), self.cache.now())))
        return digest

    def is_usable(self, digest: bytes) -> bool:
        return self.cache.usable(digest, self.cache.now()) is not None


def row(state: str = "active", expires_at: int | None = None) -> TokenRow:
    return TokenRow(state, (), False, Allowed("alice", "key", "default", "id", (), expires_at))


def test_nothing_is_used_five_seconds_after_the_mark_was_asked_for() -> None:
    for clock in ("monotonic", "wall"):
        clocks = Clocks()
        digest = clocks.keep("a", row())
        setattr(clocks, clock, getattr(clocks, clock) + caches.BOUND - 0.01)
        assert clocks.is_usable(digest)
        setattr(clocks, clock, getattr(clocks, clock) + 0.01)
        assert not clocks.is_usable(digest), clock
        clocks.cache.note_mark("1", clocks.cache.now())
        assert clocks.is_usable(digest), "the mark is read again, and the same"


def test_another_mark_drops_all_and_an_older_reading_is_not_kept() -> None:
    clocks = Clocks()
    digest, sent = clocks.keep("a", row()), clocks.cache.now()
    clocks.move(0.1)
    clocks.cache.note_mark("2", clocks.cache.now())
    assert not clocks.is_usable(digest)
    clocks.cache.keep(b"late", Found(row(), StoreFacts("1", "uuid", NOW, None), ((), sent)))
    assert not clocks.is_usable(b"late")


def test_a_row_of_before_a_change_does_not_enter_the_window_after_it() -> None:
    clocks = Clocks()
    cache, core = clocks.cache, Core(clocks.cache, (), False)
    found = Found(row(), StoreFacts("1", "uuid", NOW, None), ((), cache.now()))
    raw = ("1", "uuid", 1, None, None, NOW)
    old = [cache.keep(b"a", found), cache.keep_known(b"b", row(), raw, found.sent)]
    for entry in old:
        assert entry is not None
        assert core.answer(entry, cache.window, None, None, None)
    assert set(cache.window.allowed[None]) == {b"a", b"b"}
    for is_dropped in (False, True):
        clocks.move(0.1)
        if is_dropped:
            cache.drop_all()
        cache.note_mark("2", cache.now())
        # Nor what was read before it and comes back after it.
        assert cache.keep_known(b"b", row(), raw, found.sent) is None
        late = cache.keep(b"a", found)
        for entry in (*old, late):
            assert entry is not None
            entry.monotonic_end = entry.wall_end = float("inf")
            assert core.answer(entry, cache.window, None, None, None)
            assert not cache.window.allowed


def test_a_row_is_not_kept_beyond_its_end() -> None:
    clocks = Clocks()
    ends, revoked = clocks.keep("a", row(expires_at=NOW + 500)), clocks.keep("b", row("revoked"))
    assert clocks.is_usable(ends)
    clocks.move(0.5)
    assert not clocks.is_usable(ends)
    clocks.move(4.4)
    clocks.cache.note_mark("1", clocks.cache.now())
    assert clocks.is_usable(revoked)
    clocks.move(0.1)
    assert not clocks.is_usable(revoked)


def test_wrong_tokens_cost_no_good_one_its_place() -> None:
    clocks = Clocks()
    good = [clocks.keep(f"good{number}", row()) for number in range(3)]
    wrong = [clocks.keep(f"wrong{number}", UNKNOWN) for number in range(50)]
    assert all(clocks.is_usable(digest) for digest in good)
    assert sum(clocks.is_usable(digest) for digest in wrong) == 2
    assert clocks.is_usable(good[0])
    fourth = clocks.keep("good3", row())
    assert [clocks.is_usable(digest) for digest in (*good, fourth)] == [True, False, True, True]


def test_one_caller_reads_the_mark_and_a_failed_read_is_not_repeated_for_a_second() -> None:
    clocks = Clocks()
    clocks.keep("a", row())
    assert not clocks.cache.claim_refresh(clocks.cache.now())
    clocks.move(1)
    assert clocks.cache.claim_refresh(clocks.cache.now())
    assert not clocks.cache.claim_refresh(clocks.cache.now())
    clocks.cache.refresh_failed()
    clocks.cache.release_refresh()
    clocks.move(0.9)
    assert not clocks.cache.claim_refresh(clocks.cache.now())
    clocks.move(0.1)
    assert clocks.cache.claim_refresh(clocks.cache.now())
