"""How long the first verification of a short-lived token takes beside PyJWT's of the same tokens: prints the ratio, and
MISSED below 0.7. It is no test, and ends well in either case.

PyJWT has the public key at hand, and asks nobody whether the key was revoked; the reader reads the store for each token.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path

import jwt
from support import keyctl, paired

from keyctl_runtime import Reader

ISSUER = "https://keys.example.com"
TOKENS = 150
ROUNDS = 31
LEAST = 0.7
KEYED = {"KEYCTL_MASTER_KEY": base64.b64encode(os.urandom(32)).decode()}


def issued(store: str) -> list[str]:
    keyctl(store, "store", "init")
    keyctl(store, "store", "set", "issuer", ISSUER)
    keyctl(store, "signing-key", "rotate", environment=KEYED)
    key = keyctl(store, "mint", "alice", "--scope", "chat,files:*").strip()
    issue = ("jwt", "issue", "--ttl", "1h")
    return [keyctl(store, *issue, given=key, environment=KEYED).strip() for _ in range(TOKENS)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "keys.db")
        tokens = issued(store)
        keys = jwt.PyJWKSet.from_dict(json.loads(keyctl(store, "signing-key", "jwks")))
        with Reader.open(store, master_key=None) as reader:

            def reference() -> None:
                for token in tokens:
                    key = keys[jwt.get_unverified_header(token)["kid"]]
                    jwt.decode(token, key, algorithms=["ES256"], audience=ISSUER, issuer=ISSUER)

            def first() -> None:
                # None of them is kept.
                reader._cache.jwts.clear()
                for token in tokens:
                    if not reader.verify_jwt(token, scope="chat"):
                        raise AssertionError("a token is denied")

            def again() -> None:
                for token in tokens:
                    reader.verify_jwt(token, scope="chat")

            print(f"{'verify_jwt':<12}{'PyJWT µs':>10}{'reader µs':>11}{'ratio':>8}{'least':>7}")
            for name, subject in (("first", first), ("again", again)):
                reference(), subject()
                theirs, ours, ratio = paired(reference, subject, ROUNDS)
                judged = "ok" if ratio >= LEAST else "MISSED"
                print(f"{name:<12}{theirs / TOKENS * 1e6:>10.1f}{ours / TOKENS * 1e6:>11.1f}{ratio:>8.2f}{LEAST:>7}  {judged}")


if __name__ == "__main__":
    main()
