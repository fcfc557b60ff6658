"""The benchmark is no test: it says what it missed, and ends well."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"


@pytest.mark.parametrize(("least", "expected"), [(0.0, "ok"), (1e9, "MISSED")])
def test_a_ratio_that_is_missed_is_named(
    least: float, expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    monkeypatch.delitem(sys.modules, "bench", raising=False)
    bench = importlib.import_module("bench")
    for name, value in (("KEYS", 2000), ("ROUNDS", 1), ("LEAST", least)):
        monkeypatch.setattr(bench, name, value)
    assert bench.main() is None
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [(line.split()[0], line.split()[-1]) for line in lines] == [
        ("cached", expected),
        ("uncached", expected),
    ]
