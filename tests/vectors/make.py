"""Writes the vectors beside it, the same ones every time.

    python3 -m venv VENV && VENV/bin/pip install cryptography argon2-cffi
    VENV/bin/python tests/vectors/make.py

known-answers.json files come from elsewhere and are only checked.
"""

import json
import sys
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

import cases_address
import cases_envelope
import cases_hash
import cases_jwt
import cases_secret
import cases_token
import cases_verify
import reference

HERE = Path(__file__).parent
KNOWN = ("token/known-answers.json", "hash/known-answers.json", "envelope/known-answers.json")


def check(cases: list[dict]) -> None:
    for case in cases:
        found = reference.answer(case["kind"], case["input"])
        if found != case["expect"]:
            raise SystemExit(f"{case['kind']} {case['name']!r}: {found}, not {case['expect']}")
    names = Counter((case["kind"], case["name"]) for case in cases)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise SystemExit(f"twice: {twice}")


def write(path: Path, cases: list[dict]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = ",\n ".join(json.dumps(case) for case in cases)
    path.write_text(f"[\n {lines}\n]\n", encoding="ascii")


def main() -> None:
    files = {}
    for source in (cases_token, cases_hash, cases_envelope, cases_verify, cases_jwt, cases_secret, cases_address):
        files |= source.files()
    known = [case for name in KNOWN for case in json.loads((HERE / name).read_text())]
    made = [case for cases in files.values() for case in cases]
    check(known + made)
    for name, cases in files.items():
        write(HERE / name, cases)
    print(dict(Counter(case["kind"] for case in known + made)))
    refused = [c for c in made if not ({"value", "master_key_id", "display", "printed", "path"} & c["expect"].keys()
                                      or c["expect"].get("allowed") or c["expect"].get("lookups"))]
    print(f"{len(known + made)} cases, {len(refused)} of them refused")


if __name__ == "__main__":
    main()
