"""Every case of every vector file, by the conformance program as others would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from keyctl_runtime import Allowed, StoreUnavailable
from keyctl_runtime.conformance import _reading
from keyctl_runtime.find import query
from keyctl_runtime.hashing import SHA256
from keyctl_runtime.row import SECRET_AT, STORE_AT, known, read

LEAST = 140
VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors"


def cases() -> list[dict[str, Any]]:
    files = sorted(
        path for kind in ("token", "hash", "envelope", "verify", "jwt") for path in (VECTORS / kind).glob("*.json")
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


def test_the_quick_way_says_what_the_long_one_says() -> None:
    agreed = refused = 0
    for case in cases():
        asked = query(case["input"]["token"]) if case["kind"] == "verify" else None
        if asked is None:
            continue
        given = _reading(case["input"], asked.fast_hash, None)[0]
        assert given is not None
        raw = tuple(given)
        store, nothing = raw[:STORE_AT], (None,) * (SECRET_AT - STORE_AT - 1)
        try:
            # Only a store that can be trusted is handed to the quick way.
            read((*store, 2_000_000_000_000, *nothing), asked.fast_hash, SHA256, lambda _: None)
        except StoreUnavailable:
            continue
        quick = known(raw, asked.fast_hash, store)
        try:
            row = read(raw, asked.fast_hash, SHA256, lambda _: None)[1]
        except StoreUnavailable:
            row = None
        if row is None or row.state != "active":
            assert quick is None, case["name"]
            refused += 1
            continue
        assert quick is not None, case["name"]
        if isinstance(quick, Allowed):
            assert (quick, (), False) == (row.allowed, row.networks, row.has_quota), case["name"]
        else:
            read_row = (row.networks, row.has_quota, row.allowed)
            assert (quick.networks, quick.has_quota, quick.allowed) == read_row, case["name"]
            assert quick.networks or quick.has_quota, case["name"]
        agreed += 1
    assert agreed > 20
    assert refused > 20
