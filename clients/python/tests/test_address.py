"""The text that names a store: every vector, and that nothing of it is shown."""

from __future__ import annotations

import json
import logging
import os
import traceback
from pathlib import Path
from typing import Any

import psycopg
import pytest

from keyctl_runtime import ConfigurationError, MasterKeyError, Reader, StoreUnavailable
from keyctl_runtime.address import Address
from keyctl_runtime.address import parse as parse_address
from keyctl_runtime.errors import AddressError
from keyctl_runtime.keys import FROM_ENVIRONMENT, at_hand
from keyctl_runtime.location import PostgresLocation, parse, path_of

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "address"
LEAST = 300
HEX_KEY = bytes(range(32)).hex()


def cases() -> list[dict[str, Any]]:
    return [case for path in sorted(VECTORS.glob("*.json")) for case in json.loads(path.read_text())]


def answer(text: str) -> dict[str, Any]:
    try:
        where = parse(text)
        if not isinstance(where, PostgresLocation):
            path, follow = path_of(text)
            return {"path": path, "follow_symlink": follow}
    except AddressError as error:
        return {"error": error.fault, "parameter": error.parameter}
    found = where.address
    return {
        "printed": str(found),
        "user": found.user,
        "password": found.password,
        "hosts": [{"host": host.name, "port": host.port} for host in found.hosts],
        "database": found.database,
        "tls": found.tls,
        "parameters": dict(found.parameters),
    }


def test_every_case_is_answered_as_expected() -> None:
    found = cases()
    assert len(found) >= LEAST
    wrong = [
        f"{case['name']}: {said} instead of {case['expect']}"
        for case in found
        if (said := answer(case["input"]["address"])) != case["expect"]
    ]
    assert not wrong, "\n".join(wrong)


def test_what_is_printed_parses_again_to_the_same_without_the_password() -> None:
    for case in cases():
        expect = case["expect"]
        if "printed" in expect:
            again = answer(expect["printed"])
            assert again == expect | {"password": None}, case["name"]
            where = parse(case["input"]["address"])
            if expect["password"] and len(expect["password"]) > 3:
                assert expect["password"] not in f"{where} {where!r} {vars_of(where)}"


def vars_of(where: object) -> str:
    assert isinstance(where, PostgresLocation)
    return repr(where.address) + str(where.address)


def test_nothing_of_a_refused_text_is_repeated(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for text in (
        "postgres://app:Sup3r@secret@127.0.0.1/keys",
        "postgres://app:Sup3r/secret@127.0.0.1/keys",
        "postgres://app:Sup3r#secret@127.0.0.1/keys",
        "postgres://app:Sup3r?secret@127.0.0.1/keys",
        "postgres://app:Sup3r%secret@127.0.0.1/keys",
        "postgres://app:x@127.0.0.1/keys?secret=Sup3r",
        "postgres://app:x@127.0.0.1:secret/keys",
        "postgres:app:Sup3rsecret@127.0.0.1/keys",
        "host=127.0.0.1 password=Sup3rsecret",
        "app:Sup3rsecret@127.0.0.1/keys",
        "mysql://app:Sup3rsecret@127.0.0.1/keys",
        "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
        "sqlite:sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe",
        HEX_KEY,
        f"hex:{HEX_KEY}",
    ):
        with pytest.raises(ConfigurationError) as caught:
            Reader.open(text, master_key=None)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
        parts = ("Sup3r", "secret@", "secret#", "V24MWa", "Xk3Jq9", HEX_KEY)
        # The lines of this file are in the traceback, too; what counts is what the exception says.
        said = str(caught.value) + repr(caught.value) + str(caught.value.args) + caplog.text
        assert not any(part in said for part in parts), said
        assert caught.value.__context__ is None or not any(
            part in str(caught.value.__context__) for part in parts
        )
        assert HEX_KEY not in shown


def test_a_master_key_in_the_place_of_a_path_or_a_command_is_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA"
    for name in ("KEYCTL_MASTER_KEY_FILE", "KEYCTL_MASTER_KEY_CMD"):
        for text in (HEX_KEY, f"hex:{HEX_KEY}", "mK3q" * 10 + "abc=", token, f" {HEX_KEY}\n"):
            monkeypatch.setenv(name, text)
            with pytest.raises(MasterKeyError) as caught:
                at_hand(FROM_ENVIRONMENT, None)
            said = str(caught.value) + "".join(capfd.readouterr())
            assert text.strip() not in said
            assert name in said
        monkeypatch.delenv(name)


def test_an_address_without_a_user_under_a_uid_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.delenv("PGUSER", raising=False)
    with pytest.raises(ConfigurationError, match="the address names no user"):
        Reader.open("postgres://127.0.0.1/keys", master_key=None)
    monkeypatch.setenv("PGUSER", "app")
    Reader.open("postgres://127.0.0.1/keys", master_key=None).close()


def test_what_fails_in_the_driver_takes_no_password_along(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Reader.open("postgres://app:Sup3rSecret@127.0.0.1:1,127.0.0.1:2/keys", master_key=None) as reader:
        with pytest.raises(StoreUnavailable) as caught:
            reader.verify("sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA")
    error = caught.value
    chain: list[BaseException | None] = [error.__context__, error.__cause__]
    assert not any(isinstance(one, psycopg.Error) for one in chain)
    assert "127.0.0.1:1: " in str(error)
    assert "127.0.0.1:2: " in str(error)
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [repr(value) for values in frames[1:] for value in values.values()]
    assert not any("Sup3rSecret" in text for text in (str(error), repr(error), caplog.text, *ours))


def test_what_libpq_reads_of_the_environment_does_not_get_into_the_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from keyctl_runtime.dsn import parameters

    assert isinstance(parse_address("app@127.0.0.1/keys"), Address)
    monkeypatch.setitem(os.environ, "PGOPTIONS", "-c search_path=x")
    given = parameters(parse_address("app@127.0.0.1/keys"), 0)
    assert (given["options"], given["hostaddr"], given["client_encoding"]) == ("", "", "")
