"""Signs in from a terminal with Authlib: prints what a person is to type, and in the end what it got."""

import json
import sys
import time

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def main(issuer, client_id, resource, authority):
    session = OAuth2Session(client_id, token_endpoint_auth_method="none")
    # Nothing of the environment names others.
    session.trust_env, session.verify = False, authority
    metadata = session.get(f"{issuer}/.well-known/oauth-authorization-server", withhold_token=True).json()
    asked = {"client_id": client_id, "scope": "files", "resource": resource}
    begun = session.post(metadata["device_authorization_endpoint"], data=asked, withhold_token=True).json()
    print(json.dumps({"user_code": begun["user_code"], "at": begun["verification_uri"]}), flush=True)
    wait, waited = begun["interval"], []
    while True:
        try:
            code = begun["device_code"]
            token = session.fetch_token(metadata["token_endpoint"], grant_type=GRANT, device_code=code)
            break
        except OAuthError as error:
            waited.append(error.error)
            if error.error == "slow_down":
                wait += 5
            elif error.error != "authorization_pending":
                raise
        time.sleep(wait)
    refreshed = session.refresh_token(metadata["token_endpoint"])
    print(json.dumps({"waited": waited, "token": dict(token), "refreshed": dict(refreshed)}), flush=True)


main(*sys.argv[1:])
