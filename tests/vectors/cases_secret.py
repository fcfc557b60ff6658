"""Bindings, secrets, a master key, and what a service gets."""

from cases_envelope import KEY, KEY_ID, OTHER_KEY, TEXT, encoded
from cases_verify import SALT, STRONG, TOKEN, UNKNOWN, WEAK, WRONG_CHECK, asked
from common import NOW, OTHER_STORE, case, envelope_of, store_row, token_row, typed_id, with_foreign
from reference import argon2id

VALUES = {"key": "sk-of-the-key", "owner": "sk-of-the-owner", "store": "sk-of-the-store"}
IDS = {kind: typed_id("sec", f"{kind}'s") for kind in VALUES}
KEY_NAME = token_row(TOKEN)["key_id"]
SUBJECTS = {"key": KEY_NAME, "owner": "alice", "store": ""}
PREVIOUS = encoded(OTHER_KEY)


def secret(kind: str, *, sealed: dict | None = None, **other) -> dict:
    how = {"secret_id": IDS[kind]} | (sealed or {})
    value, key = how.pop("value", VALUES[kind].encode()), how.pop("key", KEY)
    row = {
        "secret_id": IDS[kind], "provider": "anthropic", "name": f"{kind}'s", "version": 1,
        "state": "active", "expires_at": None, "envelope": envelope_of(key, value, **how).hex(),
    }
    return row | other


def binding(kind: str, **other) -> dict:
    row = {"subject_kind": kind, "subject_id": SUBJECTS[kind], "provider": "anthropic", "secret_id": IDS[kind]}
    return row | other


def question(kinds: str = "store", *, of: dict | None = None, **other) -> dict:
    """The secrets and bindings of these subjects; `of` replaces secrets by their subject."""
    secrets = {kind: secret(kind) for kind in kinds.split()} | (of or {})
    more = {
        "provider": "anthropic", "master_key": TEXT, "master_key_previous": None,
        "bindings": [binding(kind) for kind in reversed(kinds.split())],
        "secrets": [row for row in secrets.values() if row is not None],
    }
    inner = {name: other.pop(name) for name in ("token", "row", "store", "tokens", "now") if name in other}
    return asked(**inner) | more | other


def gets(name: str, value: str, kinds: str = "store", **how) -> dict:
    return case(name, "secret", question(kinds, **how), {"value": value})


def fails(name: str, reason: str, kinds: str = "store", error: str = "KEY_UNAVAILABLE", **how) -> dict:
    return case(name, "secret", question(kinds, **how), {"type": error, "reason": reason})


def denied(name: str, error: str, reason: str, **how) -> dict:
    expect = {"allowed": False, "type": error, "reason": reason}
    return case(name, "secret", question(**how), expect)


def nearest() -> list[dict]:
    every, known = "key owner store", {"subject": "auth0|5f7C"}
    gone = secret("key", state="deleted", envelope=None)
    ended = secret("owner", state="expired", envelope=None, expires_at=NOW - 1)
    elsewhere = [binding("key", subject_id=typed_id("key", "bob's")), binding("owner", subject_id="bob")]
    kinds = [binding("key", subject_id="alice"), binding("owner", subject_id=KEY_NAME),
             binding("store", subject_id="alice")]
    return [
        gets("the key's own", VALUES["key"], every),
        gets("the owner's, where the key has none", VALUES["owner"], "owner store"),
        gets("the store's, where neither has one", VALUES["store"]),
        gets("the owner's, by its name and not its subject", VALUES["owner"], "owner store", row=known),
        gets("the store's, where one is bound to the subject", VALUES["store"], row=known,
             bindings=[binding("owner", subject_id="auth0|5f7C"), binding("store")], of={"owner": secret("owner")}),
        gets("the key's own alone", VALUES["key"], "key"),
        gets("the store's, beside those of others", VALUES["store"],
             bindings=[*elsewhere, binding("store")], of={"key": secret("key"), "owner": secret("owner")}),
        gets("the owner's, where the key has another provider's", VALUES["owner"], every,
             bindings=[binding("key", provider="openai"), binding("owner"), binding("store")]),
        fails("the key's own is deleted, and not skipped", "deleted", every, of={"key": gone}),
        fails("the owner's is expired, and not skipped", "expired", "owner store", of={"owner": ended}),
        fails("the key's own leads nowhere, and is not skipped", "damaged", every, of={"key": None}),
        fails("the key's own is another provider's, and not skipped", "provider", every,
              of={"key": secret("key", provider="openai", sealed={"provider": "openai"})}),
        fails("the key's own is sealed under a lost key, and not skipped", "master_key", every,
              of={"key": secret("key", sealed={"key": OTHER_KEY})}),
        fails("nothing bound", "unbound", bindings=[]),
        fails("bound for another provider", "unbound", provider="openai"),
        fails("bound to others", "unbound", bindings=elsewhere),
        fails("bound to subjects of another kind", "unbound", bindings=kinds),
    ]


def opened() -> list[dict]:
    weak = {"token_hash": argon2id(WEAK, SALT), "hash_alg": "argon2id"}
    return [
        gets("version 10", VALUES["store"], of={"store": secret("store", version=10, sealed={"version": 10})}),
        gets("before its end", VALUES["store"], of={"store": secret("store", expires_at=NOW + 1)}),
        gets("two lines", "a\nb\n", of={"store": secret("store", sealed={"value": b"a\nb\n"})}),
        gets("the previous master key", VALUES["store"], master_key_previous=PREVIOUS,
             of={"store": secret("store", sealed={"key": OTHER_KEY})}),
        gets("the current master key, beside a previous one", VALUES["store"], master_key_previous=PREVIOUS),
        gets("another store", VALUES["store"], store=store_row(store_uuid=str(OTHER_STORE)),
             of={"store": secret("store", sealed={"store": OTHER_STORE})}),
        gets("with what is asked of a verification", VALUES["store"], owner="alice", scope="memories"),
        gets("quota, unmetered", VALUES["store"], row={"quota": "1/day"},
             allow_unmetered=True),
        gets("a strong token made elsewhere", VALUES["store"], token=STRONG),
        gets("a weak token made elsewhere", VALUES["store"], token=WEAK, row=weak, store=with_foreign()),
    ]


def faults() -> list[dict]:
    whole = secret("store")["envelope"]
    lost = {"key": OTHER_KEY}

    def with_envelope(name: str, reason: str, envelope: str | None, **other):
        return fails(name, reason, of={"store": secret("store", envelope=envelope)}, **other)

    def with_seal(name: str, reason: str, other: dict | None = None, **sealed):
        return fails(name, reason, of={"store": secret("store", sealed=sealed)}, **(other or {}))

    return [
        fails("no secret row", "damaged", of={"store": None}),
        with_envelope("active without an envelope", "damaged", None),
        with_envelope("empty envelope", "damaged", ""),
        with_envelope("101 bytes", "damaged", whole[:202]),
        with_envelope("version 2", "damaged", "02" + whole[2:]),
        with_envelope("algorithm 2", "damaged", "0102" + whole[4:]),
        with_envelope("algorithm 2, and no master key", "damaged", "0102" + whole[4:], master_key=None),
        with_envelope("last bit flipped", "damaged", f"{whole[:-2]}{int(whole[-2:], 16) ^ 1:02x}"),
        with_envelope("last byte cut off", "damaged", whole[:-2]),
        with_envelope("last bit flipped, and no master key", "master_key",
                      f"{whole[:-2]}{int(whole[-2:], 16) ^ 1:02x}", master_key=None),
        with_envelope("envelope of another secret", "damaged", secret("owner")["envelope"]),
        with_seal("envelope of another version", "damaged", version=2),
        with_seal("envelope of another provider", "damaged", provider="openai"),
        with_seal("envelope of another store", "master_key", store=OTHER_STORE),
        with_seal("envelope of another store under this key's id", "damaged", store=OTHER_STORE, key_id=KEY_ID),
        with_seal("value that is not UTF-8", "damaged", value=b"sk-\xff"),
        fails("another provider's secret", "provider",
              of={"store": secret("store", provider="openai", sealed={"provider": "openai"})}),
        fails("another provider's, and expired", "provider",
              of={"store": secret("store", provider="openai", state="expired", envelope=None)}),
        fails("another provider's, and no master key", "provider", master_key=None,
              of={"store": secret("store", provider="openai", sealed={"provider": "openai"})}),
        fails("expired", "expired", of={"store": secret("store", state="expired", envelope=None)}),
        fails("deleted", "deleted", of={"store": secret("store", state="deleted", envelope=None)}),
        fails("expired, and its envelope is still there", "expired", of={"store": secret("store", state="expired")}),
        fails("deleted, and no master key", "deleted", master_key=None,
              of={"store": secret("store", state="deleted", envelope=None)}),
        fails("no master key", "master_key", master_key=None),
        fails("another master key", "master_key", master_key=PREVIOUS),
        with_seal("sealed under a lost key", "master_key", **lost),
        with_seal("sealed under a lost key, a previous one at hand", "master_key",
                  {"master_key_previous": encoded(KEY[::-1])}, **lost),
        *(fails(f"secret's state {state!r}", "state", error="STORE_UNAVAILABLE",
                of={"store": secret("store", state=state)}) for state in ("unknown", "Active", "")),
        fails("secret's unknown state before another provider", "state", error="STORE_UNAVAILABLE",
              of={"store": secret("store", state="unknown", provider="openai", envelope=None)}),
    ]


def refused() -> list[dict]:
    torn = {"store": secret("store", state="unknown")}
    allow_none = {"networks": '[["10.0.0.0/8"]]'}
    return [
        denied("revoked", "UNAUTHORIZED", "revoked", row={"state": "revoked"}),
        denied("unknown", "UNAUTHORIZED", "unknown", token=UNKNOWN, tokens=[token_row(TOKEN)]),
        denied("malformed", "UNAUTHORIZED", "malformed", token=WRONG_CHECK, tokens=[token_row(TOKEN)]),
        denied("from nowhere", "FORBIDDEN", "network", row=allow_none),
        denied("for another owner", "FORBIDDEN", "owner", owner="bob"),
        denied("for another scope", "FORBIDDEN", "scope", scope="files"),
        denied("with a quota", "FORBIDDEN", "quota", row={"quota": "1/day"}),
        denied("revoked, and nothing is bound", "UNAUTHORIZED", "revoked", row={"state": "revoked"}, bindings=[]),
        denied("revoked, and the secret's state is unknown", "UNAUTHORIZED", "revoked",
               row={"state": "revoked"}, of=torn),
        denied("revoked, and no master key", "UNAUTHORIZED", "revoked", row={"state": "revoked"}, master_key=None),
        fails("a token's unknown state", "state", error="STORE_UNAVAILABLE", row={"state": "unknown"}),
        fails("a store of another version", "view_version", error="STORE_UNAVAILABLE",
              store=store_row(view_version=2)),
        fails("a clock before 2024", "clock", error="STORE_UNAVAILABLE", now=0),
    ]


def files() -> dict:
    return {f"verify/secret-{maker.__name__}.json": maker() for maker in (nearest, opened, faults, refused)}
