"""Short-lived tokens, the rows that verify them, and the answer."""

import base64
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from common import NOW, case, drawn, store_row, typed_id, with_foreign
from reference import YEAR_2024, thumbprint

ISSUER = "https://keys.example.com"
BILLING = "https://billing.example.com/api"
T = NOW // 1000
KEY = typed_id("key", "alice's")
OTHER_KEY = typed_id("key", "bob's")
CLAIMS = {
    "iss": ISSUER, "sub": "alice", "aud": ISSUER, "exp": T + 295, "iat": T - 5,
    "jti": typed_id("key", "a token").removeprefix("key_"), "client_id": KEY, "scope": "chat files:*", "kver": 3,
}
VERSIONS = [{"key_id": OTHER_KEY, "kver": 1}, {"key_id": KEY, "kver": 3}]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Pair:
    """A signing key that is the same every time."""

    def __init__(self, seed: str) -> None:
        number = int.from_bytes(drawn(f"signing key {seed}", 32), "big") >> 1
        self.private = ec.derive_private_key(number, ec.SECP256R1())
        point = self.private.public_key().public_numbers()
        self.x, self.y = b64(point.x.to_bytes(32, "big")), b64(point.y.to_bytes(32, "big"))
        self.kid = thumbprint(self.x, self.y)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def row(self, **other) -> dict:
        row = {"kid": self.kid, "x": self.x, "y": self.y, "published_at": NOW - 1000, "signs_from": NOW - 1000,
               "valid_until": None}
        return row | other


FIRST, NEXT, STRANGER = Pair("first"), Pair("next"), Pair("a stranger's")
HEADER = {"typ": "at+jwt", "alg": "ES256", "kid": FIRST.kid}


def text(value) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def compact(header, claims, pair: Pair = FIRST, signature: bytes | None = None) -> str:
    body = f"{b64(text(header).encode())}.{b64(text(claims).encode())}"
    return f"{body}.{b64(pair.sign(body.encode()) if signature is None else signature)}"


def without(of: dict, name: str) -> dict:
    return {key: value for key, value in of.items() if key != name}


def jwt(header=None, claims=None, **how) -> str:
    header = HEADER | header if isinstance(header, dict) else header or HEADER
    claims = CLAIMS | claims if isinstance(claims, dict) else claims or CLAIMS
    return compact(header, claims, **how)


def asked(token: str, **other) -> dict:
    rows = {"signing_keys": [NEXT.row(signs_from=None), FIRST.row()], "key_versions": VERSIONS}
    return {"token": token, "now": NOW, "store": store_row(), "issuer": ISSUER} | rows | other


def yes(name: str, token: str | None = None, said: dict | None = None, **other) -> dict:
    of = CLAIMS | (said or {})
    expect = {
        "allowed": True, "principal": of["sub"], "key_id": of["client_id"], "token_id": of["jti"],
        "audience": [of["aud"]] if isinstance(of["aud"], str) else of["aud"],
        "scopes": sorted(set(of.get("scope", "").split())), "expires_at": of["exp"] * 1000,
    }
    return case(name, "jwt", asked(jwt(claims=said) if token is None else token, **other), expect)


def no(name: str, error: str, reason: str, token: str | None = None, **other) -> dict:
    return case(name, "jwt", asked(jwt() if token is None else token, **other), {"allowed": False, "type": error, "reason": reason})


def out(name: str, reason: str, token: str | None = None, **other) -> dict:
    return no(name, "UNAUTHORIZED", reason, token, **other)


def form() -> list[dict]:
    good = jwt()
    head, body, signature = good.split(".")
    # 64 bytes are 86 characters, and the last one has four bits that say nothing.
    loose = good[:-1] + chr(ord(good[-1]) + 1)
    forbidden = {
        "crit": ["exp"], "jku": "https://evil.example.com/jwks.json", "jwk": {"kty": "EC", "crv": "P-256", "x": FIRST.x, "y": FIRST.y},
        "x5u": "https://evil.example.com/a.pem", "x5c": ["AAAA"], "zip": "DEF", "enc": "A128GCM", "b64": False,
    }
    public = f"{FIRST.x}.{FIRST.y}".encode()
    hs256 = f"{b64(text(HEADER | {'alg': 'HS256'}).encode())}.{body}"
    mac = hashlib.sha256(public + hs256.encode()).digest()
    long = jwt(claims=CLAIMS | {"more": "x" * 8000})

    def bad(name: str, token: str, **other) -> dict:
        return out(name, "malformed", token, **other)

    return [
        bad("empty text", ""), bad("a key", "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk0qgZWJ"),
        bad("two parts", f"{head}.{body}"), bad("four parts", f"{good}.{signature}"), bad("dots alone", ".."),
        bad("no header", f".{body}.{signature}"), bad("no claims", f"{head}..{signature}"),
        bad("a line end behind it", good + "\n"), bad("a blank before it", " " + good), bad("bearer before it", "Bearer " + good),
        bad("padding", good + "=="), bad("padding of the header", f"{head}=.{body}.{signature}"),
        bad("standard base64", f"{head}.{body}.{'+' + signature[1:]}"), bad("bits behind the end", loose),
        bad("a letter outside ASCII", f"{head}.{body}.{signature[:-1]}\u0430"),
        bad("more than 8 KiB", long), bad("a malformed one, and a store of another version", "..", store=store_row(view_version=2)),
        *(bad(f"{name} in the header", jwt(header={name: value})) for name, value in forbidden.items()),
        *(bad(f"alg {alg!r}", jwt(header={"alg": alg})) for alg in ("none", "None", "HS256", "RS256", "ES384", "EdDSA", "es256", "", None, ["ES256"])),
        bad("alg none, and no signature", jwt(header={"alg": "none"}, signature=b"")),
        bad("HS256 with the public key as the secret", f"{hs256}.{b64(mac)}"),
        bad("no alg", compact(without(HEADER, "alg"), CLAIMS)), bad("no kid", compact(without(HEADER, "kid"), CLAIMS)),
        bad("a kid that is a number", jwt(header={"kid": 7})), bad("a typ that is a number", jwt(header={"typ": 7})),
        bad("a header that is a list", compact([HEADER], CLAIMS)), bad("a header that is no JSON", compact("{", CLAIMS)),
        bad("two alg", compact(text(HEADER)[:-1] + ',"alg":"ES256"}', CLAIMS)),
        bad("two alg, one of them escaped", compact(text(HEADER)[:-1] + ',"\\u0061lg":"none"}', CLAIMS)),
        bad("a member twice within a member", compact(text(HEADER)[:-1] + ',"a":{"b":1,"b":2}}', CLAIMS)),
        bad("a lone surrogate", compact(text(HEADER)[:-1] + ',"a":"\\ud800"}', CLAIMS)),
        bad("a number that is none", compact(text(HEADER)[:-1] + ',"a":NaN}', CLAIMS)),
        bad("a number beyond all", compact(text(HEADER)[:-1] + ',"a":1e400}', CLAIMS)),
        bad("2000 values deep", compact(text(HEADER)[:-1] + ',"a":' + "[" * 2000 + "]" * 2000 + "}", CLAIMS)),
        yes("a member that says nothing", jwt(header={"cty": None, "more": {"deep": [[1.5, True]]}})),
        yes("100 values deep", compact(text(HEADER)[:-1] + ',"a":' + "[" * 99 + "]" * 99 + "}", CLAIMS)),
        yes("the whole name of the type, in capitals", jwt(header={"typ": "application/AT+JWT"})),
        yes("blanks in the header", compact(json.dumps(HEADER, indent=1), CLAIMS)),
    ]


def keys() -> list[dict]:
    good = jwt()
    head, body, signature = good.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = FIRST.private.sign(f"{head}.{body}".encode(), ec.ECDSA(SHA256(), deterministic_signing=True))
    mixed = [FIRST.row(x=NEXT.x)]

    def signed(name: str, raw: bytes, **other) -> dict:
        return out(name, "signature", f"{head}.{body}.{b64(raw)}", **other)

    def stranger(name: str, kid: str, **other) -> dict:
        return out(name, "signing_key", jwt(header={"kid": kid}, pair=STRANGER), **other)

    return [
        yes("by the key that signs"), yes("by the next one", jwt(header={"kid": NEXT.kid}, pair=NEXT)),
        yes("by one that signs no more", signing_keys=[FIRST.row(valid_until=NOW + 1)]),
        out("by one whose tokens have ended", "signing_key", signing_keys=[FIRST.row(valid_until=NOW)]),
        out("by one that was revoked", "signing_key", signing_keys=[NEXT.row()]),
        out("no keys at all", "signing_key", signing_keys=[]),
        stranger("an unknown kid", STRANGER.kid), stranger("an empty kid", ""), stranger("a kid that is a path", "../../../../dev/null"),
        stranger("a kid that is a statement", "' OR '1'='1"), stranger("a kid with a zero byte", "\0" + FIRST.kid[1:]),
        stranger("a kid that is long", "A" * 4000), stranger("our kid with a blank", FIRST.kid + " "),
        out("another's signature under our kid", "signature", jwt(pair=STRANGER)),
        out("our own signature under the next one's kid", "signature", jwt(header={"kid": NEXT.kid})),
        signed("no signature", b""), signed("a short one", raw[:-1]), signed("a long one", raw + b"\0"), signed("zeros", bytes(64)),
        signed("one bit of it changed", raw[:-1] + bytes([raw[-1] ^ 1])), signed("in DER", der),
        out("one claim changed", "signature", f"{head}.{b64(text(CLAIMS | {'sub': 'bob'}).encode())}.{signature}"),
        out("another header", "signature", f"{b64(text(HEADER | {'typ': 'JWT'}).encode())}.{body}.{signature}"),
        out("forged, and its claims are no JSON", "signature", compact(HEADER, "{", STRANGER)),
        out("an ID token", "type", jwt(header={"typ": "JWT"})), out("no type", "type", compact(without(HEADER, "typ"), CLAIMS)),
        out("a type with a blank", "type", jwt(header={"typ": "at+jwt "})),
        no("a key under another's id", "STORE_UNAVAILABLE", "row", signing_keys=mixed),
        no("a key whose point is short", "STORE_UNAVAILABLE", "row", signing_keys=[FIRST.row(x=FIRST.x[:-4])]),
        no("a store of another version", "STORE_UNAVAILABLE", "view_version", store=store_row(view_version=2)),
        no("forged, and a clock before 2024", "STORE_UNAVAILABLE", "clock", jwt(pair=STRANGER), now=YEAR_2024 - 1),
        no("unknown parameters of slow hashes", "STORE_UNAVAILABLE", "foreign_params", store=with_foreign(foreign_params="argon2id")),
        yes("in a store with a salt", store=with_foreign()),
    ]


def claims() -> list[dict]:
    def bad(name: str, claims) -> dict:
        return out(name, "claims", compact(HEADER, claims))

    def other(name: str, **said) -> dict:
        return bad(name, CLAIMS | said)

    written = text(CLAIMS)
    exp = f'"exp":{CLAIMS["exp"]}'
    forms = {
        "iss": (7, "", None, [ISSUER]), "sub": (7, "", None, "a b", "x" * 256, "zo\u00eb"), "aud": (7, "", [], [ISSUER, 7], None, {}),
        "iat": (str(T), float(T - 5), None, True), "exp": (str(T + 295), float(T + 295), None, 2**63, [T]), "jti": (7, "", None),
        "client_id": (7, "", "alice", KEY.upper(), KEY + "0", KEY[4:]), "kver": ("3", 3.0, None, True), "scope": (7, "", None, ["chat"]),
        "nbf": (str(T), float(T), None),
    }
    return [
        bad("no JSON", "{"), bad("a list", [CLAIMS]), bad("a text", '"a"'), bad("a line behind it", written + "\n{}"),
        *(bad(f"no {name}", without(CLAIMS, name)) for name in CLAIMS if name != "scope"),
        *(other(f"{name} {json.dumps(value)[:40]}", **{name: value}) for name, values in forms.items() for value in values),
        bad("two exp", written[:-1] + f",{exp}}}"), bad("two exp, one of them escaped", written[:-1] + f',"\\u0065xp":{T + 9}}}'),
        bad("exp with an exponent", written.replace(exp, f'"exp":{T + 295}e0')), bad("exp with a fraction", written.replace(exp, exp + ".0")),
        bad("kver minus zero", written.replace('"kver":3', '"kver":-0')),
        bad("a member of a claim twice", written[:-1] + ',"act":{"sub":"a","sub":"b"}}'),
        bad("a lone surrogate in a claim", written[:-1] + ',"a":"\\udc00"}'),
        other("a scope that is none", scope="Chat"), other("two blanks between scopes", scope="chat  files:*"), other("a blank behind scopes", scope="chat "),
        other("it ends as it begins", exp=T - 5), other("an hour and a second", exp=T + 3596),
        yes("an hour", said={"exp": T + 3595}), yes("no scope", compact(HEADER, without(CLAIMS, "scope")), said={"scope": ""}),
        yes("a claim that says nothing", said={"groups": ["a"], "act": {"sub": "b"}, "n": 1.5}),
        yes("a scope twice", said={"scope": "chat files:* chat"}),
        yes("a scope of a later version", said={"scope": "keyctl:later"}),
        yes("the longest subject", said={"sub": "x" * 255}),
    ]


def decision() -> list[dict]:
    two = {"aud": [BILLING, ISSUER]}
    billing = {"claims": {"aud": BILLING}}
    wild = jwt(claims={"scope": "*"})
    return [
        out("of another issuer", "issuer", jwt(claims={"iss": "https://evil.example.com"})),
        out("an issuer with a slash behind it", "issuer", jwt(claims={"iss": ISSUER + "/"})),
        out("a store without an issuer", "issuer", issuer=None),
        out("a store without an issuer, and no claims", "claims", compact(HEADER, "{}"), issuer=None),
        out("for another audience", "audience", jwt(**billing)), out("for us, and asked for another", "audience", audience=BILLING),
        out("a list without ours", "audience", jwt(claims={"aud": [BILLING, "other"]})),
        out("an audience in capitals", "audience", audience="HTTPS://KEYS.EXAMPLE.COM"),
        yes("for the audience that is asked for", said={"aud": BILLING}, audience=BILLING),
        yes("for one of two", said=two), yes("for the other of two", said=two, audience=BILLING),
        out("at its end", "expired", jwt(claims={"exp": T})), out("a millisecond before its end, in seconds", "expired", now=(T + 295) * 1000),
        yes("a moment before its end", now=(T + 295) * 1000 - 1),
        out("long over", "expired", jwt(claims={"exp": 2, "iat": 1})),
        yes("issued in half a minute", said={"iat": T + 30}), out("issued in 31 seconds", "not_yet_valid", jwt(claims={"iat": T + 31})),
        yes("good in half a minute", said={"nbf": T + 30}), out("good in 31 seconds", "not_yet_valid", jwt(claims={"nbf": T + 31})),
        out("the greatest end", "claims", jwt(claims={"exp": 2**63 - 1})),
        out("of no key", "unknown", key_versions=VERSIONS[:1]), out("of a key that is not there", "unknown", jwt(claims={"client_id": typed_id("key", "nobody's")})),
        out("of a version before", "version", key_versions=[{"key_id": KEY, "kver": 4}]), out("of a version to come", "version", jwt(claims={"kver": 4})),
        out("expired, and of a version before", "expired", jwt(claims={"exp": T, "kver": 2})),
        out("for another audience, and expired", "audience", jwt(claims={"aud": BILLING, "exp": T})),
        yes("a scope that it has", scope="chat"), yes("one that it covers", scope="files:read"), yes("one below it", scope="chat:read"),
        no("a scope that it has not", "FORBIDDEN", "scope", scope="billing"), no("one above it", "FORBIDDEN", "scope", scope="files"),
        no("one of keyctl's, with all others", "FORBIDDEN", "scope", wild, scope="keyctl:admin"),
        yes("its owner's data", owner="alice"), no("another owner's", "FORBIDDEN", "owner", owner="bob"),
        no("another owner's, with a scope that it has not", "FORBIDDEN", "owner", owner="Alice", scope="billing"),
        out("a scope that it has not, and a version before", "version", jwt(claims={"kver": 2}), scope="billing"),
    ]


def files() -> dict[str, list[dict]]:
    return {"jwt/form.json": form(), "jwt/keys.json": keys(), "jwt/claims.json": claims(), "jwt/decision.json": decision()}
