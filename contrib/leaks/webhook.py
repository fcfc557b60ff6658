"""What TruffleHog asks whether it found a token of keyctl (keyctl leaks rules --for trufflehog --webhook URL).

    python3 webhook.py 8712

Answers 200 where at least one of the texts is a token by its check. With KEYCTL_STORE set, it has to be one that works: keyctl verify
says so. It listens on loopback alone, keeps nothing and logs nothing.
"""
import json
import os
import re
import subprocess
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)?_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")


def has_check(token):
    rest, check = zlib.crc32(token[:-6].encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        check = ALPHABET[digit] + check
    return check == token[-6:]


def works(token):
    if not FORM.fullmatch(token) or not has_check(token):
        return False
    if "KEYCTL_STORE" not in os.environ:
        return True
    keyctl = os.environ.get("KEYCTL", "keyctl")
    asked = subprocess.run([keyctl, "verify", "-q"], input=token.encode(), stdout=subprocess.DEVNULL)
    return asked.returncode == 0


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            body = json.loads(self.rfile.read(min(int(self.headers["Content-Length"]), 1 << 20)))
            texts = [text for found in body.values() for texts in found.values() for text in texts]
            status = 200 if any(works(text) for text in texts) else 403
        except (AttributeError, KeyError, TypeError, ValueError):
            status = 400
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
    print(f"listening on 127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
