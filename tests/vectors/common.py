"""What the case files share: the form of a case, ids, rows of the views, sealing."""

import hashlib
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reference import PARAMS, framed, hkdf, master_key_id, place

LETTERS = {}
for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
    LETTERS |= {ord(letter): letter.lower(), ord(letter.lower()): letter}

STORE = uuid.UUID("0192f0c1-a2b3-7c4d-8e5f-60718293a4b5")
OTHER_STORE = uuid.UUID("0192f0c1-a2b3-7c4d-8e5f-60718293a4b6")
NOW = 1_790_000_000_000
DAY = 86_400_000
SALT = bytes(range(16)).hex()
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def case(name: str, kind: str, asked: dict, expect: dict) -> dict:
    return {"name": name, "kind": kind, "input": asked, "expect": expect}


def drawn(seed: str, length: int) -> bytes:
    """Bytes that look random and are the same every time."""
    return hkdf(seed.encode(), b"vectors", b"", length)


def typed_id(kind: str, seed: str) -> str:
    """`key_` or `sec_` and a UUIDv7 in Crockford's base32."""
    raw = bytearray(drawn(seed, 16))
    raw[:6] = (NOW - 30 * DAY).to_bytes(6, "big")
    raw[6], raw[8] = raw[6] & 15 | 0x70, raw[8] & 63 | 0x80
    number = int.from_bytes(raw, "big")
    return f"{kind}_" + "".join(CROCKFORD[number >> 5 * digit & 31] for digit in range(25, -1, -1))


def store_row(**other) -> dict:
    row = {"store_uuid": str(STORE), "view_version": 1, "foreign_salt": None, "foreign_params": None}
    return row | other


def with_foreign(**other) -> dict:
    return store_row(foreign_salt=SALT, foreign_params=PARAMS) | other


def token_row(token: str, **other) -> dict:
    row = {
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
        "hash_alg": "sha256",
        "token_id": "4fTq9ZkPw2Xa",
        "key_id": typed_id("key", "alice's"),
        "key_name": "default",
        "owner": "alice",
        "scopes": '["memories"]',
        "networks": "[]",
        "state": "active",
        "not_before": None,
        "expires_at": NOW + 30 * DAY,
        "rate": None,
        "quota": None,
        "labels": "{}",
    }
    return row | other


def envelope_of(
    key: bytes,
    value: bytes,
    *,
    secret_id: str,
    version: int = 1,
    provider: str = "anthropic",
    store: uuid.UUID = STORE,
    seed: str = "envelope",
    parts=lambda parts: parts,
    length: str = ">Q",
    info=lambda key_id: b"keyctl/v1/secret" + key_id,
    commit=lambda commit: commit,
    key_id: bytes | None = None,
) -> bytes:
    """An envelope; the last five arguments seal one wrongly."""
    key_id = key_id or master_key_id(key, store)
    salt, nonce = drawn(seed + " salt", 32), drawn(seed + " nonce", 12)
    okm = hkdf(key, salt, info(key_id), 64)
    header = b"\x01\x01" + key_id + salt + commit(okm[32:])
    additional = framed(parts([*place(store, secret_id, version, provider), header]), length)
    return header + nonce + AESGCM(okm[:32]).encrypt(nonce, value, additional)
