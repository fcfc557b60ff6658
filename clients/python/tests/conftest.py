"""Stores made by the keyctl binary, and one PostgreSQL server for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import Place, binary
from postgres_server import Server


@pytest.fixture(scope="session", autouse=True)
def _binary() -> None:
    binary()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "_FILE", "_CMD", "_PREVIOUS"):
        monkeypatch.delenv(f"KEYCTL_MASTER_KEY{name}", raising=False)
    for name in ("STORE", "CREDENTIALS_SOCKET", "CREDENTIALS_KEY_FILE", "CREDENTIALS_OWNER"):
        monkeypatch.delenv(f"KEYCTL_{name}", raising=False)


@pytest.fixture
def private_files() -> Iterator[None]:
    """A store that others can read is refused, and so is a copy of one."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def sqlite(tmp_path: Path) -> Place:
    return Place(str(tmp_path / "keys.db"))


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A store in each of the two databases."""
    if request.param == "sqlite":
        return Place(str(tmp_path / "keys.db"))
    server: Server = request.getfixturevalue("server")
    return Place(server.database())
