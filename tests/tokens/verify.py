"""Asks a Python library whether tokens are good: `verify.py LIBRARY` with a case a line on standard input.

A case is {"token", "audience", "issuer", "jwks"}; the answer a line with the subject, or `refused` and the name of the
library's error. PyJWT fetches the keys from a server of this script's own, as its client does.
"""

import json
import sys
import threading
import warnings
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


def pyjwt(case: dict, url: str) -> str:
    import jwt

    key = jwt.PyJWKClient(url, cache_keys=False).get_signing_key_from_jwt(case["token"])
    said = jwt.decode(
        case["token"], key, algorithms=["ES256"], audience=case["audience"], issuer=case["issuer"],
        options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]},
    )
    return said["sub"]


def joserfc(case: dict, _: str) -> str:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    token = jwt.decode(case["token"], KeySet.import_key_set(json.loads(case["jwks"])), algorithms=["ES256"])
    required = {
        "iss": {"essential": True, "value": case["issuer"]},
        "aud": {"essential": True, "value": case["audience"]},
        "exp": {"essential": True},
    }
    jwt.JWTClaimsRegistry(**required).validate(token.claims)
    return token.claims["sub"]


def authlib(case: dict, _: str) -> str:
    from authlib.jose import JsonWebKey, JsonWebToken

    keys = JsonWebKey.import_key_set(json.loads(case["jwks"]))
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
        case["token"], json.loads(case["jwks"]), algorithms=["ES256"], audience=case["audience"], issuer=case["issuer"]
    )
    return said["sub"]


LIBRARIES = {"pyjwt": pyjwt, "joserfc": joserfc, "authlib": authlib, "python-jose": python_jose}


def main() -> None:
    # Authlib says of its own module that joserfc is to come.
    warnings.simplefilter("ignore")
    verify = LIBRARIES[sys.argv[1]]
    server = HTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for line in sys.stdin:
        case = json.loads(line)
        Keys.document = case["jwks"].encode()
        try:
            print(verify(case, f"http://127.0.0.1:{server.server_port}/jwks.json"), flush=True)
        except Exception as error:  # Each library has its own kinds, and the test names them.
            print("refused", type(error).__name__, flush=True)


main()
