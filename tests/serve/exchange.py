"""A client of OAuth that gets its tokens from keyctl serve by Authlib, and a service that verifies them by PyJWT.

Usage: exchange.py ISSUER CLIENT_ID, the key on standard input. Prints one object.
"""

import json
import sys

import jwt
from authlib.integrations.requests_client import OAuth2Session

issuer, client_id = sys.argv[1:]
secret = sys.stdin.readline().strip()
exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
access_token = "urn:ietf:params:oauth:token-type:access_token"

told = {}
for method in ("client_secret_basic", "client_secret_post"):
    session = OAuth2Session(client_id, secret, token_endpoint_auth_method=method, scope="chat")
    told[method] = session.fetch_token(f"{issuer}/token", grant_type="client_credentials")
session = OAuth2Session(None, None, token_endpoint_auth_method="none")
told["exchange"] = session.fetch_token(
    f"{issuer}/token",
    grant_type=exchange,
    subject_token=secret,
    subject_token_type=access_token,
    audience="billing",
)

keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
said = {}
for name, token in told.items():
    key = keys.get_signing_key_from_jwt(token["access_token"])
    audience = "billing" if name == "exchange" else issuer
    claims = jwt.decode(token["access_token"], key.key, algorithms=["ES256"], audience=audience, issuer=issuer)
    said[name] = {"claims": claims, "expires_in": token["expires_in"], "scope": token.get("scope")}
print(json.dumps(said))
