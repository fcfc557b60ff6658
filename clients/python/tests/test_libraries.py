"""What is said where a library is not there, where it cannot be loaded, and where a variable is missing."""

import os
import subprocess
import sys

import pytest

OPEN = "from keyctl_runtime import Reader; Reader.open('postgres://u@localhost/x')"
NONE = "import sys; sys.modules['{}'] = None; "


def said(program: str, **environment: str) -> str:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEYCTL_")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=plain | environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def test_a_library_that_is_not_there_is_one_to_install() -> None:
    assert said(NONE.format("psycopg") + OPEN).endswith(
        "the store is PostgreSQL: install keyctl-runtime[postgres]"
    )


def test_a_library_that_cannot_be_loaded_says_why() -> None:
    # As where it was installed without the system's libpq.
    last = said(OPEN, PSYCOPG_IMPL="c")
    assert "psycopg is installed and cannot be loaded: " in last and "psycopg_c" in last, last
    assert "install keyctl-runtime" not in last


@pytest.mark.parametrize("store", ["None", "''"])
def test_a_missing_store_names_the_variable(store: str) -> None:
    assert "KEYCTL_STORE" in said(f"from keyctl_runtime import Reader; Reader.open({store})")
