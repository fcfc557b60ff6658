"""How much of the bare work a verification is: prints both ratios, and MISSED beside one
below 0.6. It is no test, and ends well in either case.

Cached: against SHA-256 of the token and one look into a dict, in this process. Uncached: against the
bare driver's select of the same row, on a connection that is kept open.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from support import fill, paired

from keyctl_runtime import Reader

KEYS = 20_000
"""More than a reader keeps: whoever asks for one after the other finds none of them kept."""
ROUNDS = 31
LEAST = 0.6


def cached(reader: Reader, tokens: list[str]) -> tuple[Callable[[], None], Callable[[], None]]:
    known = {hashlib.sha256(token.encode()).hexdigest(): token for token in tokens}

    def reference() -> None:
        for token in tokens:
            known[hashlib.sha256(token.encode()).hexdigest()]

    def subject() -> None:
        for token in tokens:
            reader.verify(token, "memories")

    return reference, subject


def uncached(reader: Reader, path: Path, tokens: list[str]) -> tuple[Callable[[], None], Callable[[], None]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in tokens]
    at = {"reference": 0, "subject": 0}

    def next_of(which: str) -> range:
        start = at[which]
        at[which] = (start + 1000) % len(tokens)
        return range(start, start + 1000)

    def reference() -> None:
        for number in next_of("reference"):
            connection.execute(
                "SELECT * FROM keyctl_tokens_v1 WHERE token_hash=?", (hashes[number],)
            ).fetchone()

    def subject() -> None:
        for number in next_of("subject"):
            reader.verify(tokens[number], "memories")

    return reference, subject


def judged(ratio: float) -> str:
    return "ok" if ratio >= LEAST else "MISSED"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.db"
        tokens = fill(str(path), KEYS)
        with Reader.open(path, master_key=None) as reader:
            if not all(reader.verify(token, "memories") for token in tokens):
                raise AssertionError("a token is denied")
            some = tokens[:1000]
            runs = {
                "cached": (*cached(reader, some), len(some)),
                "uncached": (*uncached(reader, path, tokens), 1000),
            }
            print(f"{'verify':<10}{'bare µs':>10}{'reader µs':>11}{'ratio':>8}{'least':>7}")
            for name, (reference, subject, count) in runs.items():
                reference(), subject()
                bare, ours, ratio = paired(reference, subject, ROUNDS)
                print(
                    f"{name:<10}{bare / count * 1e6:>10.2f}{ours / count * 1e6:>11.2f}{ratio:>8.2f}{LEAST:>7}"
                    f"  {judged(ratio)}"
                )


if __name__ == "__main__":
    main()
