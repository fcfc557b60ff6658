"""A store, and the keyctl binary that changes it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from keyctl_runtime import AsyncReader, Reader

MASTER_KEY = "hex:" + bytes(range(32)).hex()
OTHER_KEY = "hex:" + bytes(range(1, 33)).hex()


def binary() -> str:
    root = Path(__file__).resolve().parents[3]
    places = [
        os.environ.get("KEYCTL_BIN"),
        *(root / "target" / kind / "keyctl" for kind in ("release", "debug")),
    ]
    found = next((str(place) for place in places if place and Path(place).is_file()), None)
    assert found, "no keyctl binary: set KEYCTL_BIN, or run cargo build"
    return found


class Place:
    """A store that `store init` has made."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.keyctl("store", "init")

    @classmethod
    def at(cls, address: str) -> Place:
        """One that is there."""
        place = cls.__new__(cls)
        place.address = address
        return place

    def keyctl(self, *words: str, given: str = "", **variables: str) -> str:
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [binary(), "--store", self.address, *words],
                input=given,
                capture_output=True,
                text=True,
                env={"PATH": os.environ["PATH"], "HOME": home, **variables},
                check=False,
            )
        assert done.returncode == 0, f"keyctl {words}: {done.stderr}"
        return done.stdout.removesuffix("\n")

    def mint(self, owner: str = "alice", *words: str) -> str:
        return self.keyctl("mint", owner, *words)

    def weak(self, token: str, owner: str) -> None:
        """Imports a token that may be guessed."""
        self.keyctl("import", "mem0", "-", "--scope", "memories", given=f'{{"{token}": "{owner}"}}')

    def secret(self, name: str, provider: str, value: str, *subject: str) -> None:
        self.keyctl("secret", "set", provider, name, given=value, KEYCTL_MASTER_KEY=MASTER_KEY)
        self.keyctl("secret", "bind", name, *subject)

    def open(self, **options: Any) -> Reader:
        return Reader.open(self.address, **{"master_key": MASTER_KEY, **options})

    def open_async(self, **options: Any) -> AsyncReader:
        return AsyncReader.open(self.address, **{"master_key": MASTER_KEY, **options})
