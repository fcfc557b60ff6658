"""Rows of the views, a question, and the answer."""

import json

from common import DAY, NOW, OTHER_STORE, SALT, case, store_row, token_row, typed_id, with_foreign
from reference import YEAR_2024, argon2id, sha256, token_of

SECRET = "V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk"
TOKEN = token_of("sks", "4fTq9ZkPw2Xa", SECRET)
UNKNOWN = token_of("sks", "4fTq9ZkPw2Xa", SECRET[::-1])
WRONG_CHECK = TOKEN[:-1] + "0"
STRONG = "sk-" + "0123456789abcdef" * 3
WEAK = "sk-alice-test-key-12345"
OUTER = [
    ("newline behind it", "", "\n"), ("carriage return and newline behind it", "", "\r\n"),
    ("newline before it", "\n", ""), ("blank before it", " ", ""), ("blank behind it", "", " "),
    ("tab behind it", "", "\t"), ("no-break space behind it", "", "\u00a0"),
    ("byte order mark before it", "\ufeff", ""), ("zero width space behind it", "", "\u200b"),
    ("bearer before it", "Bearer ", ""),
]
INACTIVE = ("not_yet_valid", "expired", "revoked", "suspended", "owner_disabled", "parent_dead")
NEIGHBOUR = token_row(
    token_of("sks", "000000000000", SECRET), token_id="000000000000", owner="bob", key_name="other",
    key_id=typed_id("key", "bob's"), scopes='["*"]',
)
SALTED, UNSALTED = with_foreign(), store_row()


def text(value) -> str:
    return json.dumps(value, separators=(",", ":"))


def asked(token: str = TOKEN, row: dict | None = None, **other) -> dict:
    rows = [NEIGHBOUR, token_row(token, **(row or {}))]
    return {"token": token} | {"now": NOW, "store": UNSALTED, "tokens": rows} | other


def allowed(question: dict, index: int = 1) -> dict:
    row = question["tokens"][index]
    return {
        "allowed": True, "principal": row.get("subject", row["owner"]), "key_id": row["key_id"], "key_name": row["key_name"],
        "token_id": row["token_id"], "scopes": json.loads(row["scopes"]), "expires_at": row["expires_at"],
    }


def yes(name: str, **how) -> dict:
    question = asked(**how)
    return case(name, "verify", question, allowed(question))


def no(name: str, error: str, reason: str, **how) -> dict:
    return case(name, "verify", asked(**how), {"allowed": False, "type": error, "reason": reason})


def out(name: str, reason: str, **how) -> dict:
    return no(name, "UNAUTHORIZED", reason, **how)


def may_not(name: str, reason: str, **how) -> dict:
    return no(name, "FORBIDDEN", reason, **how)


def ours_to_blame(name: str, reason: str, **how) -> dict:
    return no(name, "STORE_UNAVAILABLE", reason, **how)


def states() -> list[dict]:
    return [
        yes("active"),
        yes("without an end", row={"expires_at": None}),
        out("active by its state, and at its end by the clock", "expired", row={"expires_at": NOW}),
        yes("active, a moment before its end", row={"expires_at": NOW + 1}),
        yes("since a moment", row={"not_before": NOW - DAY}),
        yes("with labels", row={"labels": '{"team":"red"}'}),
        yes("a name that is not the first one", row={"key_name": "ci-2"}),
        *(out(state.replace("_", " "), state, row={"state": state}) for state in INACTIVE),
        *(ours_to_blame(f"state {state!r}", "state", row={"state": state})
          for state in ("unknown", "ACTIVE", "active ", "", "paused")),
        ours_to_blame("no state", "state", row={"state": None}),
    ]


def form() -> list[dict]:
    nobody = {"tokens": [NEIGHBOUR]}
    weak_text, hashed = {"token": WEAK} | nobody, {"token": sha256(TOKEN)}
    display = {"token": "sks_4fTq9ZkPw2Xa"}
    there = {"tokens": [token_row(TOKEN)]}
    return [
        out("unknown, of our form", "unknown", token=UNKNOWN, **nobody),
        out("unknown, of our form, in a store with a salt", "unknown", token=UNKNOWN, store=SALTED, **nobody),
        out("no tokens at all", "unknown", tokens=[]),
        out("empty text", "malformed", token="", **there),
        out("empty text in a store with a salt", "malformed", token="", store=SALTED, **there),
        *(out(f"{name}{where}", "malformed", token=before + TOKEN + behind, store=store, **there)
          for where, store in (("", UNSALTED), (", in a store with a salt", SALTED))
          for name, before, behind in OUTER),
        *(out(f"{name}, made elsewhere", "malformed", token=before + STRONG + behind, store=SALTED,
              tokens=[token_row(STRONG)]) for name, before, behind in OUTER),
        out("newline behind it, and a row under that hash", "malformed", token=TOKEN + "\n"),
        out("blank before it, and a row under that hash", "malformed", token=" " + TOKEN, store=SALTED),
        out("4097 characters", "malformed", token="x" * 4097, store=SALTED, **there),
        out("letter outside ASCII", "malformed", token="\uff53ks" + TOKEN[3:], store=SALTED, **there),
        out("wrong check", "malformed", token=WRONG_CHECK, **there),
        out("wrong check, in a store with a salt", "malformed", token=WRONG_CHECK, store=SALTED, **there),
        out("wrong check, and a row under its hash", "malformed", token=WRONG_CHECK),
        out("wrong check, and a store of another version", "malformed", token=WRONG_CHECK,
            store=store_row(view_version=2)),
        out("wrong check, and a clock before 2024", "malformed", token=WRONG_CHECK, now=0),
        out("weak and unknown, without a salt", "malformed", **weak_text),
        out("weak and unknown, with a salt", "unknown", store=SALTED, **weak_text),
        out("strong and unknown, without a salt", "malformed", token=STRONG, **nobody),
        out("strong and unknown, with a salt", "unknown", token=STRONG, store=SALTED, **nobody),
        out("a stored hash", "malformed", **hashed | there),
        out("a stored hash, in a store with a salt", "unknown", store=SALTED, **hashed | there),
        out("a stored Argon2id hash", "unknown", token=argon2id(WEAK, SALT), store=SALTED,
            tokens=[token_row(WEAK, token_hash=argon2id(WEAK, SALT), hash_alg="argon2id")]),
        out("a display prefix", "malformed", **display | there),
        out("a display prefix, in a store with a salt", "unknown", store=SALTED, **display | there),
        out("ours in capitals", "unknown", token=TOKEN.upper(), store=SALTED, **there),
    ]


def foreign() -> list[dict]:
    slow = {"token_hash": argon2id(WEAK, SALT), "hash_alg": "argon2id"}
    weak = {"token": WEAK, "row": slow}
    other = with_foreign(foreign_salt="f" * 32)
    stronger = {"token": STRONG, "row": {"token_hash": argon2id(STRONG, SALT), "hash_alg": "argon2id"}}
    params = "argon2id$v=19$m=65536,t=3,p=1"
    return [
        yes("strong, without a salt", token=STRONG),
        yes("strong, with a salt", token=STRONG, store=SALTED),
        yes("weak under its SHA-256, without a salt", token=WEAK),
        yes("weak under its SHA-256, with a salt", token=WEAK, store=SALTED),
        yes("weak under its Argon2id hash", store=SALTED, **weak),
        out("weak and revoked", "revoked", store=SALTED, token=WEAK, row=slow | {"state": "revoked"}),
        out("weak, one letter changed", "unknown", store=SALTED, token=WEAK[:-1] + "6",
            tokens=[token_row(WEAK, **slow)]),
        out("weak under its Argon2id hash, and the salt is gone", "malformed", **weak),
        out("weak under another salt", "unknown", store=other, **weak),
        out("strong under an Argon2id hash, which nobody looks for", "unknown", store=SALTED, **stronger),
        ours_to_blame("weak under its Argon2id hash, which says SHA-256", "hash_alg", store=SALTED,
                      token=WEAK, row=slow | {"hash_alg": "sha256"}),
        ours_to_blame("weak under its SHA-256, which says Argon2id", "hash_alg", store=SALTED,
                      token=WEAK, row={"hash_alg": "argon2id"}),
        ours_to_blame("weak, other parameters", "foreign_params", store=with_foreign(foreign_params=params), **weak),
        ours_to_blame("weak, no parameters", "foreign_params", store=with_foreign(foreign_params=None), **weak),
        ours_to_blame("weak and unknown, other parameters", "foreign_params", token=WEAK, tokens=[NEIGHBOUR],
                      store=with_foreign(foreign_params=params)),
        ours_to_blame("ours, other parameters", "foreign_params", store=with_foreign(foreign_params=params)),
        ours_to_blame("ours and unknown, other parameters", "foreign_params", token=UNKNOWN,
                      tokens=[NEIGHBOUR], store=with_foreign(foreign_params=params)),
        ours_to_blame("weak, a salt of 31 digits", "row", store=with_foreign(foreign_salt=SALT[1:]), **weak),
        ours_to_blame("weak, a salt that is not hex", "row", store=with_foreign(foreign_salt="x" * 32), **weak),
    ]


def fault() -> list[dict]:
    def cell(name, **row):
        return ours_to_blame(name, "row", row=row)

    return [
        *(ours_to_blame(f"view version {version}", "view_version", store=store_row(view_version=version))
          for version in (0, 2)),
        ours_to_blame("unknown, and a store of another version", "view_version", token=UNKNOWN,
                      tokens=[], store=store_row(view_version=2)),
        yes("the first moment of 2024", now=YEAR_2024),
        ours_to_blame("the moment before 2024", "clock", now=YEAR_2024 - 1),
        ours_to_blame("clock at 1970", "clock", now=0),
        ours_to_blame("clock in seconds", "clock", now=NOW // 1000),
        ours_to_blame("unknown, and a clock before 2024", "clock", token=UNKNOWN, tokens=[], now=0),
        *(ours_to_blame(f"algorithm {alg!r}", "hash_alg", row={"hash_alg": alg})
          for alg in ("argon2id", "sha512", "SHA256", "")),
        ours_to_blame("store's uuid that is none", "row", store=store_row(store_uuid="0192f0c1")),
        yes("another store", store=store_row(store_uuid=str(OTHER_STORE))),
        cell("owner that is none", owner="Not An Owner"),
        cell("subject that is empty", subject=""),
        cell("subject that is missing", subject=None),
        cell("subject with a blank in it", subject="auth0 5f7C"),
        cell("subject with a letter outside ASCII", subject="zo\u00eb"),
        cell("subject of 256 characters", subject="x" * 256),
        cell("subject with a newline behind it", subject="alice\n"),
        yes("subject of 255 characters", row={"subject": "x" * 255}),
        cell("key id that is none", key_id="key_alice"),
        cell("key name that is none", key_name="Default"),
        cell("token id that is none", token_id="4fTq9ZkPw2X"),
        cell("scopes with a blank between them", scopes='["files", "memories"]'),
        cell("networks with a blank between them", networks='[["10.0.0.0/8", "192.0.2.0/24"]]'),
        cell("two networks in one text", networks='[["10.0.0.0/8,192.0.2.0/24"]]'),
        cell("network with a zero before its length", networks='[["10.0.0.0/08"]]'),
        ours_to_blame("parameters without a salt", "foreign_params",
                      store=store_row(foreign_salt=None, foreign_params=SALTED["foreign_params"])),
        cell("scopes that are not JSON", scopes="memories"),
        cell("scopes that are one text", scopes='"memories"'),
        cell("scopes that are JSON's null", scopes="null"),
        cell("scopes that are missing", scopes=None),
        cell("scopes with a number", scopes='["memories",1]'),
        cell("scope that is none: a capital", scopes='["Memories"]'),
        cell("scope that is none: empty", scopes='["memories",""]'),
        cell("scope that is none: a star inside", scopes='["mem*"]'),
        cell("scope that is none: a wildcard of keyctl", scopes='["keyctl:*"]'),
        cell("scope that is none: a wildcard below keyctl", scopes='["keyctl:lease:*"]'),
        cell("scope that is none: keyctl alone", scopes='["keyctl"]'),
        cell("scope that is none: nothing behind keyctl", scopes='["keyctl:"]'),
        cell("scope that is none: a capital behind keyctl", scopes='["keyctl:Lease"]'),
        cell("scope that is none: a hyphen first behind keyctl", scopes='["keyctl:-lease"]'),
        cell("scopes with something behind them", scopes='["memories"]x'),
        cell("networks that are not JSON", networks="10.0.0.0/8"),
        cell("networks that are JSON's null", networks="null"),
        cell("networks that are missing", networks=None),
        cell("networks in one list", networks='["10.0.0.0/8"]'),
        cell("network that is none: length 33", networks='[["10.0.0.0/33"]]'),
        cell("network that is none: a name", networks='[["localhost"]]'),
        cell("network that is none: bits behind its length", networks='[["10.0.0.1/8"]]'),
        cell("network that is none beside one that is", networks='[["10.0.0.0/8"],["x"]]'),
    ]


def networks() -> list[dict]:
    def at(name, verdict, ip, *lists):
        how = {"row": {"networks": text([list(one) for one in lists])}} | ({"ip": ip} if ip else {})
        return yes(name, **how) if verdict else may_not(name, "network", **how)

    ten, docs = ["10.0.0.0/8"], ["2001:db8::/32"]
    return [
        yes("no networks, an address", ip="192.0.2.7"),
        at("inside IPv4", True, "10.255.0.1", ten),
        at("last address before IPv4", False, "9.255.255.255", ten),
        at("first address behind IPv4", False, "11.0.0.0", ten),
        at("one address of IPv4", True, "192.0.2.7", ["192.0.2.7/32"]),
        at("its neighbour", False, "192.0.2.6", ["192.0.2.7/32"]),
        at("length that is no multiple of eight", True, "172.31.255.255", ["172.16.0.0/12"]),
        at("one behind that", False, "172.32.0.0", ["172.16.0.0/12"]),
        at("inside IPv6", True, "2001:db8:ffff::1", docs),
        at("outside IPv6", False, "2001:db9::1", docs),
        at("IPv6 written in full and in capitals", True, "2001:0DB8:0000:0000:0000:0000:0000:0001", docs),
        at("second of a list", True, "2001:db8::1", ten + docs),
        at("mapped address", True, "::ffff:10.0.0.1", ten),
        at("mapped address in hex", True, "::ffff:a00:1", ten),
        at("mapped network", True, "10.1.2.3", ["::ffff:10.0.0.0/104"]),
        at("mapped address and network", True, "::ffff:10.1.2.3", ["::ffff:10.0.0.0/104"]),
        at("outside a mapped network", False, "11.1.2.3", ["::ffff:10.0.0.0/104"]),
        at("compatible address is not mapped", False, "::10.0.0.1", ten),
        at("IPv4 in all of IPv6", False, "10.0.0.1", ["::/0"]),
        at("mapped address in all of IPv6", False, "::ffff:10.0.0.1", ["::/0"]),
        at("IPv6 in all of IPv4", False, "2001:db8::1", ["0.0.0.0/0"]),
        at("all of IPv4", True, "203.0.113.9", ["0.0.0.0/0"]),
        at("no address", False, None, ten),
        at("no address, all networks", False, None, ["0.0.0.0/0", "::/0"]),
        at("in both lists", True, "10.1.0.1", ten, ["10.1.0.0/16"]),
        at("in the first list alone", False, "10.2.0.1", ten, ["10.1.0.0/16"]),
        at("in the second list alone", False, "11.1.0.1", ten, ["11.0.0.0/8"]),
        at("a list of nothing", False, "10.0.0.1", []),
        at("a list of nothing beside another", False, "10.0.0.1", ten, []),
    ]


def scopes() -> list[dict]:
    def of(held: str, asked_for: str, verdict: bool):
        name = f"{held or 'no scope'} held, {asked_for} asked"
        how = {"row": {"scopes": text(held.split())}, "scope": asked_for}
        return yes(name, **how) if verdict else may_not(name, "scope", **how)

    covered = [
        ("memories", "memories"), ("memories", "memories:read"), ("memories", "memories:read:own"),
        ("memories", "memories:*"), ("files:*", "files:a"), ("files:*", "files:a:b"), ("files:*", "files:*"),
        ("files:a", "files:a:*"), ("*", "memories"), ("*", "files:a:b"), ("*", "*"),
        ("keyctl:resolve", "keyctl:resolve"), ("files memories", "memories:read"), ("a.b_c-d", "a.b_c-d:e"),
        ("* keyctl:introspect", "keyctl:introspect"),
        # What a later release may give: a scope like any other, and covered by itself alone.
        ("keyctl:lease", "keyctl:lease"), ("* keyctl:a.b_c-d keyctl:lease", "keyctl:lease"),
        ("keyctl:lease memories", "memories:read"), ("keyctl:lease:openai", "keyctl:lease:openai"),
    ]
    beyond = [
        ("", "memories"), ("memories", "memoriesx"), ("memories", "mem"), ("memories:read", "memories"),
        ("memories:read", "memories:write"), ("memories:read", "memories:*"), ("files:*", "files"),
        ("files:*", "filesx:a"), ("files:a:*", "files:a"), ("files:*", "*"), ("memories", "*"),
        ("*", "keyctl:resolve"), ("keyctl:resolve", "keyctl:introspect"), ("files memories", "other"),
        ("keyctl:resolve", "memories"), ("a.b", "axb"),
        ("*", "keyctl:lease"), ("keyctl:lease", "keyctl:resolve"), ("keyctl:resolve", "keyctl:lease"),
        ("keyctl:lease", "keyctl:leases"), ("keyctl:lease", "keyctl:lease:openai"),
        ("keyctl:lease:openai", "keyctl:lease"), ("keyctl:lease", "memories"), ("", "keyctl:lease"),
        ("keyctl:resolve", "keyctl:resolve:own"), ("keyctlx keyctlx:*", "keyctl:lease"),
    ]
    return [
        yes("no scope held, none asked", row={"scopes": "[]"}),
        yes("a scope of a later release held, none asked", row={"scopes": '["keyctl:lease"]'}),
        *(of(held, scope, True) for held, scope in covered),
        *(of(held, scope, False) for held, scope in beyond),
    ]


def others() -> list[dict]:
    quota, mail = {"quota": "10000/day"}, {"owner": "alice@example.org"}
    rate, known = {"rate": "600/m"}, {"subject": "auth0|5f7C"}
    return [
        yes("its owner", owner="alice"),
        yes("its owner by mail", row=mail, owner="alice@example.org"),
        may_not("another owner", "owner", owner="bob"),
        may_not("an owner that begins alike", "owner", owner="alice2"),
        may_not("an owner that the name begins with", "owner", owner="alic"),
        may_not("the mail's first part", "owner", row=mail, owner="alice"),
        yes("its subject", row=known, owner="auth0|5f7C"),
        yes("nobody's, where it has a subject", row=known),
        yes("its subject, which is its name", row={"subject": "alice"}, owner="alice"),
        yes("its subject, which could be a key", row={"subject": "key_alice"}, owner="key_alice"),
        may_not("its name, where that is not its subject", "owner", row=known, owner="alice"),
        may_not("its subject in other letters", "owner", row=known, owner="auth0|5F7c"),
        may_not("what its subject begins with", "owner", row=known, owner="auth0"),
        may_not("another subject", "owner", row=known, owner="auth0|5f7D"),
        may_not("a subject, of a view without", "owner", owner="auth0|5f7C"),
        yes("rate", row=rate),
        yes("rate, unmetered", row=rate, allow_unmetered=True),
        may_not("quota", "quota", row=quota),
        may_not("quota, explicitly metered", "quota", row=quota, allow_unmetered=False),
        yes("quota, unmetered", row=quota, allow_unmetered=True),
        may_not("quota and rate", "quota", row=quota | rate),
    ]


def order() -> list[dict]:
    bad = {"networks": '[["10.0.0.0/8"]]', "scopes": '["files"]', "quota": "1/day"}
    ask = {"ip": "192.0.2.7", "owner": "bob", "scope": "memories"}
    torn, params = {"scopes": "x"}, with_foreign(foreign_params="x")
    wide = bad | {"networks": "[]"}
    return [
        out("revoked before network, owner, scope and quota", "revoked", row=bad | {"state": "revoked"}, **ask),
        may_not("network before owner, scope and quota", "network", row=bad, **ask),
        may_not("owner before scope and quota", "owner", row=wide, **ask),
        may_not("scope before quota", "scope", row=wide, **ask | {"owner": "alice"}),
        ours_to_blame("view version before the clock", "view_version", store=store_row(view_version=2), now=0),
        ours_to_blame("clock before the state", "clock", row={"state": "x"}, now=0),
        ours_to_blame("state before the algorithm", "state", row={"state": "x", "hash_alg": "x"}),
        ours_to_blame("algorithm before the parameters", "hash_alg", row={"hash_alg": "x"}, store=params),
        ours_to_blame("parameters before the row", "foreign_params", row=torn, store=params),
        ours_to_blame("algorithm before the row", "hash_alg", row=torn | {"hash_alg": "x"}),
        ours_to_blame("row before its state", "row", row=torn | {"state": "revoked"}),
        ours_to_blame("row before the network", "row", row=bad | torn, **ask),
        ours_to_blame("state before the owner", "state", row={"state": "x"}, owner="bob"),
    ]


def files() -> dict:
    makers = (states, form, foreign, fault, networks, scopes, others, order)
    return {f"verify/{maker.__name__}.json": maker() for maker in makers}
