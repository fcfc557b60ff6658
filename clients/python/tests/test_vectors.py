"""Every case of every vector file, by the conformance program as others would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LEAST = 140
VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"


def cases() -> list[dict[str, Any]]:
    files = sorted(
        path for kind in ("token", "hash", "envelope", "verify") for path in (VECTORS / kind).glob("*.json")
    )
    return [case for path in files for case in json.loads(path.read_text())]


def answers(asked: list[dict[str, Any]]) -> list[Any]:
    lines = [json.dumps({name: case[name] for name in ("name", "kind", "input")}) for case in asked]
    done = subprocess.run(
        [sys.executable, "-m", "keyctl_runtime.conformance"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_case_is_answered_as_expected() -> None:
    found = cases()
    assert len(found) >= LEAST, f"{len(found)} cases in {VECTORS}"
    wrong = [
        f"{case['name']}: {answer} instead of {case['expect']}"
        for case, answer in zip(found, answers(found), strict=True)
        if answer != case["expect"]
    ]
    assert not wrong, "\n".join(wrong)
