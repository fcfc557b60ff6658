"""docs/runtime.md once more, for the vectors alone: short, slow, and written from the text.

Every expected answer that the case files name is compared with what this computes, so that a
slip in either shows before the vectors are written.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
import re
import struct
import uuid
import zlib
from urllib.parse import quote, unquote_to_bytes

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX = re.compile(r"(?=.{2,9}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)?\Z")
OURS = re.compile(r"([a-z0-9_]+)_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}\Z")
FOREIGN = re.compile(r"[!-~]{1,4096}\Z")
PARAMS = "argon2id$v=19$m=65536,t=3,p=4"
STATES = ("active", "not_yet_valid", "expired", "revoked", "suspended", "owner_disabled", "parent_dead")
SCOPE_WORD = r"[a-z0-9][a-z0-9._-]*"
SCOPE = re.compile(rf"(?=.{{1,128}}\Z)(\*|{SCOPE_WORD}(:{SCOPE_WORD})*(:\*)?)\Z")
YEAR_2024 = 1_704_067_200_000


class Refused(Exception):
    """One of the faults that the contract names."""


class Unavailable(Exception):
    """A type and a reason that are no fault of the credential."""


def check_digits(body: str) -> str:
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = BASE62[digit] + digits
    return digits


def token_of(prefix: str, token_id: str, secret: str) -> str:
    body = f"{prefix}_{token_id}_{secret}"
    return body + check_digits(body)


def parse_token(text: str) -> dict:
    if not text:
        raise Refused("empty")
    if any(c not in BASE62 + "_" for c in text):
        raise Refused("alphabet")
    parts = text.rsplit("_", 2)
    if len(parts) < 3:
        raise Refused("shape")
    prefix, token_id, tail = parts
    if not PREFIX.match(prefix):
        raise Refused("prefix")
    if len(token_id) != 12:
        raise Refused("id_length")
    if len(tail) != 49:
        raise Refused("secret_length")
    if check_digits(text[:-6]) != text[-6:]:
        raise Refused("check")
    return {"prefix": prefix, "id": token_id, "display": f"{prefix}_{token_id}"}


def is_ours(text: str) -> bool:
    found = OURS.match(text)
    return bool(found and PREFIX.match(found[1]))


def is_strong(text: str) -> bool:
    body = re.sub(r"\A[a-z]+[-_]", "", text)
    if re.fullmatch(r"[0-9A-Fa-f]{32,}", body):
        return True
    return bool(
        re.fullmatch(r"[0-9A-Za-z_-]{22,}", body)
        and len(set(body)) >= 10
        and re.search(r"[A-Za-z]", body)
        and re.search(r"[0-9]", body)
    )


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def argon2id(text: str, salt: str) -> str:
    raw = hash_secret_raw(text.encode(), bytes.fromhex(salt), 3, 65536, 4, 32, Type.ID)
    return raw.hex()


def lookups(text: str, salt: str | None) -> list[dict]:
    fast = {"hash_alg": "sha256", "token_hash": None}
    if is_ours(text):
        try:
            parse_token(text)
        except Refused:
            return []
        return [fast | {"token_hash": sha256(text)}]
    if not FOREIGN.match(text):
        return []
    found = [fast | {"token_hash": sha256(text)}]
    if salt is not None and not is_strong(text):
        found.append({"hash_alg": "argon2id", "token_hash": argon2id(text, salt)})
    return found


def parse_master_key(text: str) -> bytes:
    hex_digits = re.compile(r"[0-9A-Fa-f]*\Z")
    if not text:
        raise Refused("empty")
    if text[0] == "\ufeff":
        raise Refused("byte_order_mark")
    if "\n" in text or "\r" in text:
        raise Refused("line_end")
    if any(c in " \t\f" for c in text):
        raise Refused("blank")
    if text[:2] in ("0x", "0X") and hex_digits.match(text[2:]):
        raise Refused("hex_prefix")
    if len(text) == 64 and hex_digits.match(text):
        raise Refused("bare_hex")
    if text.startswith("hex:"):
        if len(text) % 2 or not hex_digits.match(text[4:]):
            raise Refused("encoding")
        key = bytes.fromhex(text[4:])
    else:
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            raise Refused("encoding") from None
        # What an encoder would not have written, such as bits behind the end.
        if base64.b64encode(key).decode() != text:
            raise Refused("encoding")
    if len(key) != 32:
        raise Refused("length")
    if len(set(key)) == 1:
        raise Refused("repeated")
    return key


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 by its two steps."""
    prk = hmac.digest(salt, key, "sha256")
    out, block = b"", b""
    for counter in range(1, 256):
        if len(out) >= length:
            break
        block = hmac.digest(prk, block + info + bytes([counter]), "sha256")
        out += block
    return out[:length]


def master_key_id(key: bytes, store: uuid.UUID) -> bytes:
    return hkdf(key, store.bytes, b"keyctl/v1/master-key-id", 8)


def framed(parts: list[bytes], length: str = ">Q") -> bytes:
    return b"".join(struct.pack(length, len(part)) + part for part in parts)


def place(store: uuid.UUID, secret_id: str, version: int, provider: str) -> list[bytes]:
    texts = [secret_id, "envelope", str(version), provider]
    return [b"keyctl/v1/aad", store.bytes, b"secret_version", *(text.encode() for text in texts)]


def open_envelope(keys: list[bytes], where: tuple, envelope: bytes) -> bytes:
    store = where[0]
    if not 102 <= len(envelope) <= 65638:
        raise Refused("length")
    if envelope[0] != 1:
        raise Refused("version")
    if envelope[1] != 1:
        raise Refused("algorithm")
    key = next((key for key in keys if master_key_id(key, store) == envelope[2:10]), None)
    if key is None:
        raise Refused("unknown_master_key")
    okm = hkdf(key, envelope[10:42], b"keyctl/v1/secret" + envelope[2:10], 64)
    if not hmac.compare_digest(okm[32:], envelope[42:74]):
        raise Refused("unauthentic")
    additional = framed([*place(*where), envelope[:74]])
    try:
        return AESGCM(okm[:32]).decrypt(envelope[74:86], envelope[86:], additional)
    except InvalidTag:
        raise Refused("unauthentic") from None


def covers(held: str, asked: str) -> bool:
    if held == asked:
        return True
    if asked.startswith("keyctl:") or held.startswith("keyctl:"):
        return False
    if held == "*":
        return True
    if held.endswith(":*"):
        return asked.startswith(held[:-1]) and len(asked) > len(held) - 1
    return asked.startswith(held + ":")


def canonical(address):
    return getattr(address, "ipv4_mapped", None) or address


def network(text: str):
    found = ipaddress.ip_network(text, strict=True)
    mapped = getattr(found.network_address, "ipv4_mapped", None)
    if mapped and found.prefixlen >= 96:
        return ipaddress.ip_network((mapped, found.prefixlen - 96))
    return found


def is_scope(text) -> bool:
    if not isinstance(text, str) or not SCOPE.match(text):
        return False
    # Under keyctl stand whole scopes, known here or not; never a wildcard, never nothing.
    return text.split(":")[0] != "keyctl" or (":" in text and "*" not in text)


FORMS = {
    "subject": "[!-~]{1,255}",
    "key_id": "key_[0-7][0-9a-hjkmnp-tv-z]{25}",
    "key_name": "[a-z0-9][a-z0-9._-]{0,63}",
    "token_id": "[0-9A-Za-z]{12}",
}


def parse_cells(row: dict, store: dict) -> tuple[list, list]:
    """The row's lists; everything else is only looked at."""
    try:
        uuid.UUID(store["store_uuid"])
        for name, form in FORMS.items():
            assert re.fullmatch(form, ({"subject": row["owner"]} | row)[name])
        assert " " not in row["scopes"] + row["networks"]
        scopes, networks = json.loads(row["scopes"]), json.loads(row["networks"])
        assert isinstance(scopes, list) and all(map(is_scope, scopes))
        networks = [[network(text) for text in texts] for texts in networks]
        assert not re.search('/0[0-9]', row["networks"])
    except (AssertionError, TypeError, ValueError):
        raise Unavailable("STORE_UNAVAILABLE", "row") from None
    return scopes, networks


def find(asked: dict) -> tuple[dict | None, str | None]:
    """The row, and what is wrong with the way to it."""
    store = asked["store"]
    text, salt = asked["token"], store["foreign_salt"]
    if salt is not None and store["foreign_params"] == PARAMS and not re.fullmatch("[0-9a-f]{32}", salt):
        raise Unavailable("STORE_UNAVAILABLE", "row")
    for lookup in lookups(text, salt):
        for row in asked["tokens"]:
            if row["token_hash"] == lookup["token_hash"]:
                return row, lookup["hash_alg"]
    return None, None


def trusted_row(asked: dict) -> tuple[dict | None, list, list]:
    store, fault = asked["store"], "STORE_UNAVAILABLE"
    if store["view_version"] != 1:
        raise Unavailable(fault, "view_version")
    if asked["now"] < YEAR_2024:
        raise Unavailable(fault, "clock")
    known_params = store["foreign_params"] in (None, PARAMS)
    known_params = known_params and (store["foreign_params"] is None) == (store["foreign_salt"] is None)
    row, alg = find(asked if known_params else asked | {"store": store | {"foreign_salt": None}})
    if row and row["state"] not in STATES:
        raise Unavailable(fault, "state")
    if row and row["hash_alg"] != alg:
        raise Unavailable(fault, "hash_alg")
    if not known_params:
        raise Unavailable(fault, "foreign_params")
    return (row, *parse_cells(row, store)) if row else (None, [], [])


def allowed_from(networks: list, ip: str | None) -> bool:
    if not networks:
        return True
    if ip is None:
        return False
    address = canonical(ipaddress.ip_address(ip))
    return all(any(address in one for one in texts) for texts in networks)


def judge(asked: dict) -> dict:
    if not lookups(asked["token"], None):
        raise Refused("UNAUTHORIZED", "malformed")
    row, scopes, networks = trusted_row(asked)
    if row is None:
        known_form = is_ours(asked["token"]) or asked["store"]["foreign_salt"] is not None
        raise Refused("UNAUTHORIZED", "unknown" if known_form else "malformed")
    if row["state"] != "active":
        raise Refused("UNAUTHORIZED", row["state"])
    if row["expires_at"] is not None and row["expires_at"] <= asked["now"]:
        raise Refused("UNAUTHORIZED", "expired")
    if not allowed_from(networks, asked.get("ip")):
        raise Refused("FORBIDDEN", "network")
    # A view of before there were subjects has no such column.
    subject = row.get("subject", row["owner"])
    if asked.get("owner") not in (None, subject):
        raise Refused("FORBIDDEN", "owner")
    scope = asked.get("scope")
    if scope is not None and not any(covers(held, scope) for held in scopes):
        raise Refused("FORBIDDEN", "scope")
    if row["quota"] is not None and not asked.get("allow_unmetered"):
        raise Refused("FORBIDDEN", "quota")
    names = ("key_id", "key_name", "token_id", "expires_at")
    return {"allowed": True, "principal": subject, "scopes": scopes} | {n: row[n] for n in names}


FORBIDDEN = ("crit", "jku", "jwk", "x5u", "x5c", "zip", "enc", "b64")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def thumbprint(x: str, y: str) -> str:
    """RFC 7638."""
    members = json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))
    return unpadded(hashlib.sha256(members.encode()).digest())


def once(pairs: list) -> dict:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def number(written: str):
    """An integer of 64 bits that is written as one; None for every other number."""
    if abs(float(written)) == float("inf"):
        raise ValueError("too large")
    is_one = re.fullmatch("-?[0-9]+", written) and written != "-0" and -(2**63) <= int(written) < 2**63
    return int(written) if is_one else None


def deepest(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(deepest, inner), default=0)


def strict_object(raw: bytes) -> dict:
    def constant(name: str):
        raise ValueError(name)

    try:
        text = raw.decode()
        found = json.loads(text, object_pairs_hook=once, parse_int=number, parse_float=number, parse_constant=constant)
        json.dumps(found, ensure_ascii=False).encode()
        if not isinstance(found, dict) or deepest(found) > 127:
            raise ValueError("another kind")
    except RecursionError:
        raise ValueError("deep") from None
    return found


def jwt_parts(text: str) -> tuple[dict, bytes, bytes, bytes]:
    """Header, claims, signature, and what is signed."""
    try:
        assert len(text) <= 8192 and re.fullmatch(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", text)
        raw = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")]
        assert ".".join(map(unpadded, raw)) == text
        header = strict_object(raw[0])
        assert not header.keys() & set(FORBIDDEN) and header.get("alg") == "ES256"
        assert isinstance(header.get("kid"), str) and isinstance(header.get("typ", ""), str)
    except (AssertionError, ValueError):
        raise Refused("UNAUTHORIZED", "malformed") from None
    return header, raw[1], raw[2], text.rpartition(".")[0].encode()


def is_signed(row: dict, signature: bytes, signed: bytes) -> bool:
    x, y = (int.from_bytes(base64.urlsafe_b64decode(row[name] + "="), "big") for name in "xy")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < ORDER and 0 < s < ORDER):
        return False
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    try:
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def read_claims(raw: bytes) -> dict:
    try:
        claims = strict_object(raw)
        for name in ("iss", "sub", "jti", "client_id"):
            assert isinstance(claims[name], str) and claims[name]
        for name in ("iat", "exp", "kver"):
            assert type(claims[name]) is int
        assert "nbf" not in claims or type(claims["nbf"]) is int
        audience = [claims["aud"]] if isinstance(claims["aud"], str) and claims["aud"] else claims["aud"]
        assert isinstance(audience, list) and audience and all(isinstance(one, str) for one in audience)
        assert re.fullmatch(FORMS["subject"], claims["sub"]) and re.fullmatch(FORMS["key_id"], claims["client_id"])
        scopes = claims["scope"].split(" ") if "scope" in claims else []
        assert all(map(is_scope, scopes))
    except (AssertionError, AttributeError, KeyError, ValueError):
        raise Refused("UNAUTHORIZED", "claims") from None
    return claims | {"aud": audience, "scope": sorted(set(scopes))}


def judge_jwt(asked: dict) -> dict:
    header, raw, signature, signed = jwt_parts(asked["token"])
    trusted_row(asked | {"tokens": [], "token": token_of("sks", "0" * 12, "0" * 43)})
    row = next((row for row in asked["signing_keys"] if row["kid"] == header["kid"]), None)
    if row and row["valid_until"] is not None and row["valid_until"] <= asked["now"]:
        row = None
    if row and thumbprint(row["x"], row["y"]) != row["kid"]:
        raise Unavailable("STORE_UNAVAILABLE", "row")

    def need(holds: bool, reason: str, error: str = "UNAUTHORIZED") -> None:
        if not holds:
            raise Refused(error, reason)

    need(row is not None, "signing_key")
    need(is_signed(row, signature, signed), "signature")
    need(header.get("typ", "").lower() in ("at+jwt", "application/at+jwt"), "type")
    claims, now = read_claims(raw), asked["now"] // 1000
    need(asked["issuer"] == claims["iss"], "issuer")
    need((asked.get("audience") or asked["issuer"]) in claims["aud"], "audience")
    need(claims["iat"] < claims["exp"] <= claims["iat"] + 3600, "claims")
    need(now < claims["exp"], "expired")
    need(max(claims["iat"], claims.get("nbf", 0)) <= now + 30, "not_yet_valid")
    version = next((one["kver"] for one in asked["key_versions"] if one["key_id"] == claims["client_id"]), None)
    need(version is not None, "unknown")
    need(version == claims["kver"], "version")
    need(asked.get("owner") in (None, claims["sub"]), "owner", "FORBIDDEN")
    scope = asked.get("scope")
    need(scope is None or any(covers(held, scope) for held in claims["scope"]), "scope", "FORBIDDEN")
    return {
        "allowed": True, "principal": claims["sub"], "key_id": claims["client_id"], "token_id": claims["jti"],
        "audience": claims["aud"], "scopes": claims["scope"], "expires_at": claims["exp"] * 1000,
    }


def nearest(asked: dict, row: dict) -> str | None:
    owner = next(one["owner"] for one in asked["tokens"] if one["key_id"] == row["key_id"])
    for kind, name in (("key", row["key_id"]), ("owner", owner), ("store", "")):
        for binding in asked["bindings"]:
            subject = (binding["subject_kind"], binding["subject_id"], binding["provider"])
            if subject == (kind, name, asked["provider"]):
                return binding["secret_id"]
    return None


def get_secret(asked: dict) -> str:
    row, fault = judge(asked), "KEY_UNAVAILABLE"
    secret_id = nearest(asked, row)
    if secret_id is None:
        raise Unavailable(fault, "unbound")
    secret = next((one for one in asked["secrets"] if one["secret_id"] == secret_id), None)
    if secret is None:
        raise Unavailable(fault, "damaged")
    state, sealed = secret["state"], secret["envelope"]
    if state not in ("active", "expired", "deleted"):
        raise Unavailable("STORE_UNAVAILABLE", "state")
    store = uuid.UUID(asked["store"]["store_uuid"])
    where = (store, secret_id, secret["version"], secret["provider"])
    keys = [parse_master_key(asked[n]) for n in ("master_key", "master_key_previous") if asked.get(n)]
    value, wrong = None, None
    if state == "active":
        try:
            value = open_envelope(keys, where, bytes.fromhex(sealed or ""))
        except Refused as error:
            wrong = str(error)
        if wrong in ("length", "version", "algorithm"):
            raise Unavailable(fault, "damaged")
    if secret["provider"] != asked["provider"]:
        raise Unavailable(fault, "provider")
    if state != "active":
        raise Unavailable(fault, state)
    if wrong:
        raise Unavailable(fault, "master_key" if wrong == "unknown_master_key" else "damaged")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Unavailable(fault, "damaged") from None


KNOWN_STARTS = (
    "sk- sk_live_ sk_test_ rk_live_ pk_live_ ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xoxb- xoxp- "
    "AKIA AIza hf_ gsk_ agpt_"
).split()
TAKEN = (
    "sslmode sslrootcert passfile sslnegotiation channel_binding connect_timeout application_name "
    "target_session_attrs hostaddr host port"
).split()
LIBPQ = (
    "service servicefile user password require_auth dbname client_encoding options fallback_application_name "
    "keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication gssencmode "
    "requiressl sslcompression sslcert sslkey sslkeylogfile sslpassword sslcertmode sslcrl sslcrldir sslsni "
    "requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version "
    "krbsrvname gsslib gssdelegation scram_client_key scram_server_key load_balance_hosts oauth_issuer "
    "oauth_client_id oauth_client_secret oauth_scope"
).split()
SQLITE = "cache immutable mode modeof nolock psow vfs".split()
PASSWORDS = "password passwd pwd secret token key hexkey apikey api_key".split()
OTHER_FORM = "host hostaddr user password dbname port service sslmode passfile".split()
VALUES = {
    "sslmode": "disable|require|verify-ca|verify-full",
    "sslnegotiation": "postgres|direct",
    "channel_binding": "disable|prefer|require",
    "target_session_attrs": "any|primary|read-write",
    "connect_timeout": "[1-9][0-9]{0,2}",
}


def is_secret(text: str) -> bool:
    """Whether a text is one of the three kinds of secrets by its form."""
    text = text.strip(" \t\r\n\"'")
    if re.search(r"[_-][0-9A-Za-z]{12}[_-][0-9A-Za-z]{49}", text):
        return True
    if any(len(part) == 49 and is_mixed(part) for part in re.split("[^0-9A-Za-z]+", text)):
        return True
    value = re.sub("^(export )?[0-9A-Za-z_]+[=:]", "", text).strip(" \t\r\n\"'")
    path = re.match(r"(\.{0,2}|~)/(.*)", value, re.DOTALL)
    return is_key(text) or is_key(value) or bool(path and is_master_key(path[2]))


def is_mixed(text: str) -> bool:
    return all(re.search(kind, text) for kind in ("[0-9]", "[A-Z]", "[a-z]"))


def is_master_key(text: str) -> bool:
    if re.fullmatch(r"[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=|hex:.*", text):
        return True
    return bool(re.fullmatch(r"[0-9A-Za-z+/_-]{43}", text) and is_mixed(text))


def is_key(text: str) -> bool:
    if is_master_key(text):
        return True
    if len(text) < 16 or not re.search("[0-9]", text):
        return False
    starts = "|".join(KNOWN_STARTS)
    return bool(re.fullmatch(rf"({starts})[0-9A-Za-z_-]*|eyJ[0-9A-Za-z_.-]*", text))


def has_control(text: str) -> bool:
    return bool(re.search(r"[\x00-\x1f\x7f]", text))


def store_text(text: str) -> dict:
    if not text.strip(" \t\r\n"):
        raise Refused("empty", None)
    if re.match(r"postgres(ql)?://", text):
        return postgres_address(text.split("://", 1)[1])
    if is_secret(text.removeprefix("sqlite:")):
        raise Refused("secret", None)
    if has_control(text) or text != text.strip(" "):
        raise Refused("character", None)
    pairs = [word.split("=", 1)[0] for word in text.split(" ") if "=" in word]
    if "://" in text or re.match("postgres(ql)?:", text.lower()) or set(pairs) & set(OTHER_FORM):
        raise Refused("form", None)
    names = {pair.partition("=")[0].lower() for pair in re.split("[?&; ]", text) if "=" in pair}
    if re.search("//.*:.*@", text) or names & set(PASSWORDS):
        raise Refused("form", None)
    if text.startswith("sqlite:"):
        path, mark, parameter = text.removeprefix("sqlite:").partition("?")
        name, _, value = parameter.partition("=")
        if mark and name != "symlink":
            raise Refused("parameter", name if name in SQLITE else None)
        if mark and value != "follow":
            raise Refused("value", "symlink")
        if not path:
            raise Refused("empty", None)
        return {"path": path, "follow_symlink": bool(mark)}
    if not re.match(r"/|\./|\.\./", text) and re.match("[^/]*:.*@", text):
        raise Refused("form", None)
    return {"path": text, "follow_symlink": False}


def plain(text: str) -> str:
    """Percent-decoded."""
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise Refused("percent", None)
    try:
        found = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Refused("percent", None) from None
    if has_control(found):
        raise Refused("character", None)
    return found


def is_address(text: str, *versions: int) -> bool:
    try:
        return "%" not in text and ipaddress.ip_address(text).version in versions
    except ValueError:
        return False


def port_of(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,4}", text) or int(text) > 65535:
        raise Refused("port", None)
    return int(text)


def host_of(text: str, *, bare_v6: bool) -> str:
    label = r"[0-9A-Za-z_]([0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?"
    is_name = len(text) <= 253 and re.fullmatch(rf"{label}(\.{label})*\.?", text)
    if not (is_name or text.startswith("/") and "," not in text or bare_v6 and is_address(text, 6)):
        raise Refused("host", None)
    return text


def host_and_port(text: str) -> dict:
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed and not is_address(bracketed[1], 6):
        raise Refused("host", None)
    if not bracketed and re.search(r"[\[\]]", text):
        raise Refused("host", None)
    name, _, port = text.partition(":")
    host = bracketed[1] if bracketed else host_of(plain(name), bare_v6=False)
    has_port = bracketed[2] is not None if bracketed else ":" in text
    return {"host": host, "port": port_of((bracketed[2] if bracketed else port)) if has_port else 5432}


def given_parameters(query: str) -> dict:
    found = {}
    for pair in query.split("&"):
        name, mark, value = pair.partition("=")
        if name not in TAKEN:
            raise Refused("parameter", name if name in LIBPQ else None)
        if name in found:
            raise Refused("twice", name)
        found[name] = value = plain(value)
        if not mark or not value or not re.fullmatch(VALUES.get(name, "(?s:.*)"), value):
            raise Refused("value", name)
        if is_secret(value):
            raise Refused("secret", name)
    return found


def listed_hosts(parameters: dict) -> list[dict]:
    """Of `host`, `port` and `hostaddr`, where the authority names none."""
    listed = parameters.pop("host", None) or parameters.pop("hostaddr", None)
    if listed is None:
        raise Refused("host", None)
    hosts = [host_of(one, bare_v6=True) for one in listed.split(",")]
    ports = [port_of(one) for one in parameters.pop("port", "5432").split(",")]
    if len(ports) not in (1, len(hosts)):
        raise Refused("value", "port")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    return [{"host": host, "port": port} for host, port in zip(hosts, ports)]


def is_this_machine(host: str) -> bool:
    if host.startswith("/") or host == "localhost":
        return True
    return is_address(host, 4) and host.startswith("127.") or is_address(host, 6) and int(ipaddress.ip_address(host)) == 1


def tls_of(hosts: list[dict], parameters: dict) -> str:
    names = [one["host"] for one in hosts] + parameters.get("hostaddr", "127.0.0.1").split(",")
    local = all(is_this_machine(name) for name in names)
    mode = parameters.get("sslmode") or ("disable" if local else "verify-full")
    if mode == "disable" and not local:
        raise Refused("plain", "sslmode")
    for name, value in (("sslnegotiation", "direct"), ("channel_binding", "require")):
        if mode == "disable" and parameters.get(name) == value:
            raise Refused("conflict", name)
    return "verify-ca" if mode == "require" and "sslrootcert" in parameters else mode


def printed(found: dict) -> str:
    def host(one: dict) -> str:
        bracketed = f"[{one['host']}]" if is_address(one["host"], 6) else quote(one["host"], safe="")
        return f"{bracketed}:{one['port']}"

    user = "" if found["user"] is None else quote(found["user"], safe="") + "@"
    database = "" if found["database"] is None else "/" + quote(found["database"], safe="")
    query = "&".join(f"{name}={quote(value, safe='/:,')}" for name, value in found["parameters"].items())
    hosts = ",".join(host(one) for one in found["hosts"])
    return f"postgres://{user}{hosts}{database}" + (f"?{query}" if query else "")


def postgres_address(rest: str) -> dict:
    if not re.fullmatch("[!-~]*", rest):
        raise Refused("character", None)
    if "#" in rest:
        raise Refused("unescaped", None)
    beginning, has_query, query = rest.partition("?")
    authority, _, database = beginning.partition("/")
    if "/" in database or "@" in database + query or authority.count("@") > 1:
        raise Refused("unescaped", None)
    credentials, at, listed = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    user, password, database = plain(user), plain(password), plain(database)
    if at and not user:
        raise Refused("user", None)
    if is_secret(user) or is_secret(database):
        raise Refused("secret", None)
    hosts = [host_and_port(one) for one in listed.split(",")] if listed else []
    parameters = given_parameters(query) if has_query else {}
    for name in ("host", "port"):
        if hosts and name in parameters:
            raise Refused("conflict", name)
    addresses = parameters.get("hostaddr", "").split(",")
    if "hostaddr" in parameters and not all(is_address(one, 4, 6) for one in addresses):
        raise Refused("value", "hostaddr")
    hosts = hosts or listed_hosts(parameters)
    if "hostaddr" in parameters and len(addresses) != len(hosts):
        raise Refused("value", "hostaddr")
    found = {"user": user or None, "password": password or None, "hosts": hosts}
    found |= {"database": database or None, "tls": tls_of(hosts, parameters), "parameters": parameters}
    return {"printed": printed(found)} | found


def answer(kind: str, asked: dict) -> dict:
    try:
        match kind:
            case "token":
                return parse_token(asked["token"])
            case "hash":
                return {"lookups": lookups(asked["token"], asked.get("foreign_salt"))}
            case "master_key":
                key = parse_master_key(asked["master_key"])
                return {"master_key_id": master_key_id(key, uuid.UUID(asked["store_uuid"])).hex()}
            case "envelope":
                key = parse_master_key(asked["master_key"])
                where = (uuid.UUID(asked["store_uuid"]), asked["secret_id"], asked["version"], asked["provider"])
                return {"value": open_envelope([key], where, bytes.fromhex(asked["envelope"])).decode()}
            case "verify":
                return judge(asked)
            case "jwt":
                return judge_jwt(asked)
            case "secret":
                return {"value": get_secret(asked)}
            case "address":
                return store_text(asked["address"])
    except Refused as error:
        if kind in ("verify", "jwt", "secret"):
            return {"allowed": False, "type": error.args[0], "reason": error.args[1]}
        if kind == "address":
            return {"error": error.args[0], "parameter": error.args[1]}
        return {"error": str(error)}
    except Unavailable as error:
        denied = {"allowed": False} if kind in ("verify", "jwt") else {}
        return denied | {"type": error.args[0], "reason": error.args[1]}
    raise ValueError(kind)
