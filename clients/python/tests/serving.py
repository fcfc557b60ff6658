"""`keyctl serve` on a Unix socket, which hands out tokens of credentials."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from places import MASTER_KEY, Place, binary

ENDPOINT = "https://login.example.com/oauth/token"


class Serving:
    """With two credentials, that of gitlab with leases, and a key for the service."""

    def __init__(self, place: Place, folder: Path, *, leases: bool = True) -> None:
        self.place, self.socket, self._log = place, str(folder / "serve.sock"), folder / "log"
        self.credential("hub", "github")
        self.credential("lab", "gitlab", "--refresh-invalidates")
        self.key = place.mint("service", "--scope", "keyctl:lease")
        self._leases = ["--lease-store", place.address] if leases else []
        self.start()

    def start(self) -> None:
        command = [binary(), "serve", "--store", self.place.address, *self._leases]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, "--listen", f"unix:{self.socket}=internal"],
                stderr=log,
                env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KEYCTL_MASTER_KEY": MASTER_KEY},
            )
        until = time.monotonic() + 20
        while "listening on" not in self._log.read_text():
            assert time.monotonic() < until and self._process.poll() is None, self._log.read_text()
            time.sleep(0.02)
        while self._leases and b" 400 " not in self._ask():
            assert time.monotonic() < until, self._log.read_text()
            time.sleep(0.02)

    def _ask(self) -> bytes:
        """What it says to who asks for nothing: it may listen before it can hand anything out."""
        head = f"POST /lease HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\nContent-Length: 2"
        with socket.socket(socket.AF_UNIX) as stream:
            stream.connect(self.socket)
            stream.sendall(f"{head}\r\n\r\n{{}}".encode())
            return stream.recv(4096)

    def credential(self, name: str, provider: str, *words: str, subject: str = "--default") -> None:
        tokens = {"access_token": f"planted-{name}", "refresh_token": f"planted-r-{name}", "expires_in": 3600}
        flags = ("--provider", provider, "--token-endpoint", ENDPOINT, "--client-id", "public")
        self.place.keyctl(
            "oauth", "add", name, *flags, *words, given=json.dumps(tokens), KEYCTL_MASTER_KEY=MASTER_KEY
        )
        self.place.keyctl("secret", "bind", name, subject)

    def leases(self) -> list[Any]:
        found: list[Any] = json.loads(self.place.keyctl("lease", "list", "-o", "json"))
        return found

    def refreshing(self) -> subprocess.Popen[bytes]:
        """A refresh of lab, which waits for those who use its token; then nobody answers it."""
        refresh = subprocess.Popen(
            [binary(), "--store", self.place.address, "oauth", "refresh", "--force", "lab"],
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KEYCTL_MASTER_KEY": MASTER_KEY},
        )
        until = time.monotonic() + 20
        while not self._is_announced():
            assert time.monotonic() < until
            time.sleep(0.05)
        return refresh

    def _is_announced(self) -> bool:
        with sqlite3.connect(self.place.address) as store:
            return store.execute("SELECT 1 FROM oauth_use WHERE announced IS NOT NULL").fetchone() is not None

    def kill(self) -> None:
        """At once: its socket stays."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.stop()
