"""How soon a running reader sees a revocation: 200 of them in each database, by the keyctl binary.

Prints a table, and exits with 1 if one took over 5 seconds or the 99th percentile over 2.5.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from postgres_server import Server
from support import fill, keyctl

from keyctl_runtime import Reader

REVOCATIONS = 200
PAUSE = 0.08
LONGEST, P99 = 5.0, 2.5


def measure(store: str) -> list[float]:
    """Seconds from the end of each revocation to the first denial."""
    tokens = fill(store, REVOCATIONS)
    revoked: dict[int, float] = {}
    seen: dict[int, float] = {}

    def watch(reader: Reader) -> None:
        while len(seen) < REVOCATIONS:
            for number, token in enumerate(tokens):
                if number not in seen and not reader.verify(token):
                    seen[number] = time.monotonic()
            time.sleep(0.002)

    with Reader.open(store, master_key=None) as reader:
        if not all(reader.verify(token) for token in tokens):
            raise AssertionError("a token is denied")
        watcher = threading.Thread(target=watch, args=(reader,), daemon=True)
        watcher.start()
        for number in range(REVOCATIONS):
            keyctl(store, "revoke", f"owner{number % 100}/key{number}")
            revoked[number] = time.monotonic()
            time.sleep(PAUSE)
        watcher.join(timeout=2 * LONGEST)
        if watcher.is_alive():
            raise AssertionError(f"{REVOCATIONS - len(seen)} revocations were never seen")
    return sorted(max(0.0, seen[number] - revoked[number]) for number in revoked)


def main() -> int:
    print(f"{'store':<10}{'p50 s':>8}{'p99 s':>8}{'max s':>8}")
    good = True
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        stores = {"sqlite": str(Path(folder) / "keys.db"), "postgres": server.database()}
        for name, store in stores.items():
            taken = measure(store)
            p99 = taken[-(len(taken) // 100) - 1]
            print(f"{name:<10}{statistics.median(taken):>8.2f}{p99:>8.2f}{taken[-1]:>8.2f}", flush=True)
            good = good and taken[-1] <= LONGEST and p99 <= P99
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
