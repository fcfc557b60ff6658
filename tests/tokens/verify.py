"""Asks a Python library whether tokens are good: `verify.py LIBRARY` with a case a line on standard input.

A case is {"token", "audience", "issuer"} and the keys: as "jwks", a text of its own each time, or as "url", from where they
are fetched and kept as long as whoever uses that library keeps them. The answer is a line with the subject, or `refused`
and the name of the library's error; where keys are kept, after the seconds since the begin, by this process's clock.
PyJWT fetches by itself: a text from a server of this script's own.
"""

import json
import re
import sys
import threading
import time
import urllib.request
import warnings
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer


class Keys(BaseHTTPRequestHandler):
    document = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.document)))
        self.end_headers()
        self.wfile.write(self.document)

    def log_message(self, *_: object) -> None:
        pass


class Kept:
    """What a service does whose library fetches nothing: it goes by Cache-Control, and by nothing else."""

    until = 0.0
    document: dict = {}

    @classmethod
    def keys(cls, case: dict) -> dict:
        if "jwks" in case:
            return json.loads(case["jwks"])
        if time.monotonic() >= cls.until:
            with urllib.request.urlopen(case["url"]) as answer:
                age = re.fullmatch(r"max-age=(\d+)", answer.headers["Cache-Control"])
                cls.document, cls.until = json.load(answer), time.monotonic() + int(age[1])
        return cls.document


@cache
def client(url: str):
    import jwt

    return jwt.PyJWKClient(url)


def pyjwt(case: dict, own: str) -> str:
    import jwt

    keys = client(case["url"]) if "url" in case else jwt.PyJWKClient(own, cache_keys=False)
    said = jwt.decode(
        case["token"], keys.get_signing_key_from_jwt(case["token"]), algorithms=["ES256"],
        audience=case["audience"], issuer=case["issuer"],
        options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
    )
    return said["sub"]


def joserfc(case: dict, _: str) -> str:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    token = jwt.decode(case["token"], KeySet.import_key_set(Kept.keys(case)), algorithms=["ES256"])
    required = {
        "iss": {"essential": True, "value": case["issuer"]},
        "aud": {"essential": True, "value": case["audience"]},
        "exp": {"essential": True},
    }
    jwt.JWTClaimsRegistry(**required).validate(token.claims)
    return token.claims["sub"]


def authlib(case: dict, _: str) -> str:
    from authlib.jose import JsonWebKey, JsonWebToken

    keys = JsonWebKey.import_key_set(Kept.keys(case))
    required = {
        "iss": {"essential": True, "value": case["issuer"]},
        "aud": {"essential": True, "value": case["audience"]},
    }
    said = JsonWebToken(["ES256"]).decode(case["token"], keys, claims_options=required)
    said.validate()
    return said["sub"]


def python_jose(case: dict, _: str) -> str:
    from jose import jwt

    said = jwt.decode(
        case["token"], Kept.keys(case), algorithms=["ES256"], audience=case["audience"], issuer=case["issuer"]
    )
    return said["sub"]


LIBRARIES = {"pyjwt": pyjwt, "joserfc": joserfc, "authlib": authlib, "python-jose": python_jose}


def main() -> None:
    # Authlib says of its own module that joserfc is to come.
    warnings.simplefilter("ignore")
    verify = LIBRARIES[sys.argv[1]]
    server = HTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    begun = time.monotonic()
    for line in sys.stdin:
        case = json.loads(line)
        Keys.document = case.get("jwks", "").encode()
        try:
            said = verify(case, f"http://127.0.0.1:{server.server_port}/jwks.json")
        except Exception as error:  # Each library has its own kinds, and the test names them.
            said = f"refused {type(error).__name__}"
        print(f"{time.monotonic() - begun:.0f} {said}" if "url" in case else said, flush=True)


main()
