"""A provider that takes assertions: RFC 7523 by Authlib's server, RFC 8693 by a small one of ours.

Usage: provider.py KEYS ISSUER AUDIENCE PREFIX LIVES. The public keys are read anew for each request, as if they were just
uploaded; a subject is admitted that begins with PREFIX, as providers' rules match it. Prints its port.
"""

import json
import os
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.oauth2 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

keys, issuer, audience, prefix, lives = sys.argv[1:]
handed_out = 0


def token(*_arguments, **_more):
    global handed_out
    handed_out += 1
    return f"tok-{handed_out}"


def public_keys():
    with open(keys, encoding="utf-8") as file:
        uploaded = json.load(file)
    # joserfc takes no set without a key: one that nobody has.
    return KeySet.import_key_set(uploaded) if uploaded["keys"] else KeySet([ECKey.generate_key("P-256")])


class Client:
    client_id = "keyctl"

    def check_grant_type(self, grant_type):
        return grant_type == JWTBearerGrant.GRANT_TYPE

    def get_allowed_scope(self, scope):
        return scope or ""


class Grant(JWTBearerGrant):
    def resolve_issuer_client(self, claimed):
        return Client() if claimed == issuer else None

    def resolve_client_public_key(self, client):
        return public_keys()

    def authenticate_user(self, subject):
        return subject if subject.startswith(prefix) else None

    def get_audiences(self):
        return [audience]

    def has_granted_permission(self, client, user):
        return True


class Request(OAuth2Request):
    @property
    def form(self):
        return self.payload.data


class Server(AuthorizationServer):
    def query_client(self, client_id):
        return None

    def save_token(self, token, request):
        pass

    def create_oauth2_request(self, request):
        made = Request("POST", f"http://127.0.0.1{request.path}", headers=dict(request.headers))
        made.payload = BasicOAuth2Payload(request.form)
        return made

    def handle_response(self, status, body, headers):
        return status, body

    def send_signal(self, *arguments, **more):
        pass


server = Server()
server.register_token_generator("default", BearerTokenGenerator(token, expires_generator=lambda *_: int(lives)))
server.register_grant(Grant)


def exchange(form):
    """RFC 8693 section 2."""
    if form.get("subject_token_type") != "urn:ietf:params:oauth:token-type:jwt":
        return 400, {"error": "invalid_request"}
    try:
        claims = jwt.decode(form["subject_token"], public_keys(), algorithms=["ES256"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        ).validate(claims)
    except (JoseError, ValueError, KeyError):
        return 400, {"error": "invalid_request"}
    if not claims.get("sub", "").startswith(prefix):
        return 400, {"error": "invalid_target"}
    access_token = "urn:ietf:params:oauth:token-type:access_token"
    return 200, {
        "access_token": token(),
        "issued_token_type": access_token,
        "token_type": "Bearer",
        "expires_in": int(lives),
    }


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.form = dict(urllib.parse.parse_qsl(body))
        if self.path == "/exchange":
            status, answer = exchange(self.form)
        else:
            status, answer = server.create_token_response(self)
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_arguments):
        pass


http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(http.server_port, flush=True)
http.serve_forever()
