"""What a service is told whose store or master key is not there or cannot be read, by rows."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keyctl_runtime import AddressError, MasterKeyError, Reader, StoreUnavailable

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[3] / "tests" / "readers.json").read_text()
)
TOKEN = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"


@pytest.fixture
def away() -> Iterator[Path]:
    """A folder that every user may go through."""
    with tempfile.TemporaryDirectory(prefix="keyctl-python-") as made:
        folder = Path(os.path.realpath(made))
        folder.chmod(0o755)
        yield folder


def make(path: Path, kind: str, row: dict[str, Any]) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "database":
        marked = "PRAGMA application_id = 7; CREATE TABLE t (x)"
        sqlite3.connect(path).executescript(marked).connection.close()
    else:
        path.write_text(row.get("text", "") * row.get("times", 1))
    path.chmod(int(row.get("mode", "0600"), 8))


def ask(row: dict[str, Any], place: str | None) -> None:
    """As a service does; by a process of another user where the row says so."""
    user = os.geteuid()
    os.seteuid(row.get("reader", user))
    try:
        with Reader.open(place if row["fault"] != "master_key" else "/nowhere/keys.db") as reader:
            reader.verify(TOKEN)
    finally:
        os.seteuid(user)


ERRORS = {"master_key": MasterKeyError, "setup": AddressError}


@pytest.mark.parametrize("row", [pytest.param(row, id=row["name"]) for row in ROWS])
def test_the_error_names_the_path_and_the_variable_and_no_secret(
    row: dict[str, Any], away: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if "reader" in row and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    made = dict(row.get("make", {}))
    extra = {name: made.pop(name) for name in ("text", "times", "mode") if name in made}
    for name, kind in made.items():
        make(away / name, kind, extra)

    def filled(text: str) -> str:
        return text.replace("{dir}", str(away)).replace("{cwd}", os.getcwd())

    for name, value in row.get("env", {}).items():
        monkeypatch.setenv(name, filled(value))
    place = filled(row["store"]) if "store" in row else os.environ.get("KEYCTL_STORE")
    with pytest.raises(ERRORS.get(row["fault"], StoreUnavailable)) as caught:
        ask(row, place)
    if isinstance(caught.value, StoreUnavailable):
        assert caught.value.reason == row["fault"]
    said = str(caught.value) + "".join(capfd.readouterr())
    for text in row["says"]:
        assert filled(text) in said
    for text in row.get("hides", ()):
        assert text not in said
