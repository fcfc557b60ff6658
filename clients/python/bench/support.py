"""What the benchmarks share: a store made by the keyctl binary, and medians of interleaved pairs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from keyctl_runtime.token import check_of

ROOT = Path(__file__).resolve().parents[3]


def keyctl_binary() -> str:
    """`KEYCTL_BIN`, else what was built in the repository."""
    places = [
        os.environ.get("KEYCTL_BIN"),
        *(ROOT / "target" / kind / "keyctl" for kind in ("release", "debug")),
    ]
    for place in places:
        if place and Path(place).is_file():
            return str(place)
    sys.exit("no keyctl binary: set KEYCTL_BIN, or run cargo build")


def keyctl(store: str, *words: str, given: str = "", environment: dict[str, str] | None = None) -> str:
    """Runs the binary on a store; returns what it printed."""
    variables = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | (environment or {})
    done = subprocess.run(
        [keyctl_binary(), "--store", store, *words],
        input=given,
        capture_output=True,
        text=True,
        env=variables,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"keyctl {' '.join(words)}: {done.stderr}")
    return done.stdout


def fill(store: str, count: int, environment: dict[str, str] | None = None) -> list[str]:
    """Makes a store with this many keys of scope `memories`; returns their tokens. They are made here
    and imported, which takes one process for all of them."""
    keyctl(store, "store", "init", environment=environment)
    bodies = [f"sks_{number:012d}_{sha256(str(number).encode()).hexdigest()[:43]}" for number in range(count)]
    tokens = [body + check_of(body.encode()) for body in bodies]
    lines = ["hash,owner,name,scopes"]
    lines += [
        f"{sha256(token.encode()).hexdigest()},owner{number % 100},key{number},memories"
        for number, token in enumerate(tokens)
    ]
    keyctl(store, "import", "csv", "-", given="\n".join(lines) + "\n", environment=environment)
    return tokens


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(
    reference: Callable[[], object], subject: Callable[[], object], rounds: int
) -> tuple[float, float, float]:
    """Medians of the two, in seconds, and the median of the ratios reference ÷ subject."""
    pairs = [(seconds(reference), seconds(subject)) for _ in range(rounds)]
    ratio = statistics.median(one / other for one, other in pairs)
    return statistics.median(one for one, _ in pairs), statistics.median(other for _, other in pairs), ratio
