"""The blocks of the README run, in order, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from places import MASTER_KEY, Place
from serving import Serving

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_examples_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(str(tmp_path / "keys.db"))
    token = place.mint("alice", "--scope", "memories")
    place.secret("team", "anthropic", "sk-ant-x", "alice")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEYCTL_MASTER_KEY", MASTER_KEY)
    names: dict[str, Any] = {"token": token}
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    with Serving(place, tmp_path) as serving:
        key = tmp_path / "service.key"
        key.touch(0o600)
        key.write_text(serving.key + "\n")
        monkeypatch.setenv("KEYCTL_CREDENTIALS_SOCKET", serving.socket)
        monkeypatch.setenv("KEYCTL_CREDENTIALS_KEY_FILE", str(key))
        for block in blocks:
            exec(compile(block, str(README), "exec"), names)  # noqa: S102
    names["reader"].close()
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        "let in alice ('memories',)",
        "malformed",
        "calls the provider with 8 characters",
        "let in",
        "calls GitHub with Authorization",
    ]
    assert "/memories" in names["app"].openapi()["paths"]
