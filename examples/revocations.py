"""A service that verifies short-lived tokens offline, and still refuses those of revoked keys.

Besides the public keys (any JWT library) it keeps what keyctl serve says of keys from which something was taken
away: GET /revocations, asked every few seconds with a key that has keyctl:introspect.
"""

import json
import threading
import time
import urllib.request


class Revocations:
    def __init__(self, url: str, key: str, bound: float = 5.0):
        self.url, self.key, self.bound = url, key, bound
        self.next, self.versions, self.not_before, self.read = 0, {}, 0, float("-inf")

    def refresh(self) -> None:
        more = True
        while more:
            asked = time.monotonic()
            request = urllib.request.Request(f"{self.url}/revocations?since={self.next}")
            request.add_header("Authorization", f"Bearer {self.key}")
            with urllib.request.urlopen(request, timeout=self.bound) as response:
                said = json.load(response)
            if said["gap"]:  # Another history: tokens of before are not to be believed.
                self.versions, self.not_before = {}, said["at"]
            self.versions |= {key["client_id"]: key["kver"] for key in said["keys"]}
            self.next, more = said["next"], said["more"]
        self.read = asked

    def watch(self) -> None:
        def run() -> None:
            while True:
                try:
                    self.refresh()
                except (OSError, ValueError):
                    pass  # What was read last is used no longer than the bound.
                time.sleep(self.bound / 5)

        threading.Thread(target=run, daemon=True).start()

    def refuse(self, claims: dict) -> bool:
        """Of claims whose signature, issuer, audience and times were verified."""
        is_old = time.monotonic() - self.read > self.bound
        is_taken = claims["kver"] < self.versions.get(claims["client_id"], 0)
        return is_old or is_taken or claims["iat"] < self.not_before
