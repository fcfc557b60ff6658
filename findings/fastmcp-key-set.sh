#!/usr/bin/env bash
# FastMCP 4.1.6 (PyPI): a `JWTVerifier` whose first look at the key set fails refuses every good token for 30 s, also when
# the set can be had again at once.
#
# With `JWTVerifier(jwks_uri=…, issuer=…, audience=…, algorithm="ES256")`, and an endpoint that answers its first request
# with 503 and all others with the set. Expected: the next token has the set fetched, as of any cache that holds nothing.
# Seen: `verify_token` gives None for 30 s and asks nobody; the client gets a 401 as for a forged token, which MCP clients
# answer by throwing their tokens away. After that it is fetched, and the same token is good.
#
# So a server that starts beside its issuer, or while that restarts, keeps everybody out for half a minute. An issuer's
# key set should be there before the servers that verify by it, and never answer 429 or 503.
#
# Needs Python 3.10 or newer (PYTHON names it), installs the package into a temporary folder (about 100 MB), takes 35 s, and
# talks to this machine only. Ends with 1 if FastMCP does anything else than what is said here.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check fastmcp==4.1.6

cat >"$folder/try.py" <<'PY'
import asyncio, http.server, json, threading, time

from fastmcp.server.auth.providers.jwt import JWTVerifier
from joserfc import jwk, jwt

ISSUER, AUDIENCE = "https://keys.example.com", "https://mcp.example.com"
key = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
asked = []


class Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        is_first = len(asked) == 1
        body = b"" if is_first else json.dumps({"keys": [key.as_dict(private=False)]}).encode()
        self.send_response(503 if is_first else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
threading.Thread(target=server.serve_forever, daemon=True).start()
now = int(time.time())
claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "client_id": "a", "iat": now - 5, "exp": now + 600}
token = jwt.encode({"alg": "ES256", "kid": "one"}, claims, key)
verifier = JWTVerifier(
    jwks_uri=f"http://127.0.0.1:{server.server_port}/jwks", issuer=ISSUER, audience=AUDIENCE, algorithm="ES256"
)
failed = 0


def expect(what, expected, seen):
    global failed
    print(f"{what}: {seen}")
    if expected != seen:
        print(f"expected: {expected}")
        failed = 1


async def is_good():
    return await verifier.verify_token(token) is not None


async def main():
    expect("while the set cannot be had, it is good", False, await is_good())
    expect("when it can be had again, it is good", False, await is_good())
    await asyncio.sleep(25)
    expect("25 s later, it is good", False, await is_good())
    expect("the set was asked for", 1, len(asked))
    await asyncio.sleep(6)
    expect("31 s later, it is good", True, await is_good())
    expect("the set was asked for", 2, len(asked))


asyncio.run(main())
raise SystemExit(failed)
PY
"$folder/env/bin/python" "$folder/try.py" 2>"$folder/log" || { tail -n 5 "$folder/log"; exit 1; }
