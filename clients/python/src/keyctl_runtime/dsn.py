"""A PostgreSQL address, and what is added to it so that nothing travels in the clear."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Any, Final

from .errors import ConfigurationError
from .location import PostgresLocation

CONNECT_TIMEOUT: Final = 2
"""Seconds for each host. libpq knows no shorter one."""
_PLAIN: Final = frozenset({"disable", "allow", "prefer"})
_MODES: Final = _PLAIN | {"require", "verify-ca", "verify-full"}


def parameters(location: PostgresLocation) -> dict[str, Any]:
    """What psycopg connects with; `ConfigurationError` never repeats the address."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        given: dict[str, Any] = dict(conninfo_to_dict(location.address))
    except psycopg.Error:
        raise ConfigurationError(
            "not a PostgreSQL address as in postgres://USER@HOST:PORT/DATABASE"
        ) from None
    hosts = _hosts(given)
    if not hosts:
        raise ConfigurationError("the PostgreSQL address names no host")
    if "service" in given:
        raise ConfigurationError("service= in a PostgreSQL address is not supported")
    is_local = all(_is_local(host) for host in hosts)
    mode = given.get("sslmode") or ("prefer" if is_local else "verify-full")
    if mode not in _MODES:
        raise ConfigurationError("sslmode is disable, prefer, require, verify-ca or verify-full")
    if mode in _PLAIN and not is_local:
        raise ConfigurationError(
            f"sslmode={mode} is refused beyond this machine: the password would travel in the clear"
        )
    return given | {
        "sslmode": mode,
        "connect_timeout": CONNECT_TIMEOUT,
        "target_session_attrs": given.get("target_session_attrs") or _wanted(given),
        "application_name": given.get("application_name") or "keyctl_runtime",
        **_authorities(given, mode, psycopg.pq.version()),
    }


def _wanted(given: dict[str, Any]) -> str:
    """Of several servers the primary; of one, whether it is the primary is asked when it answers."""
    return "primary" if "," in str(given.get("host") or given.get("hostaddr")) else "any"


def _hosts(given: dict[str, Any]) -> list[str]:
    # The variable counts, too: libpq connects there, whatever host is named.
    addresses = str(given.get("hostaddr") or os.environ.get("PGHOSTADDR") or "")
    listed = f"{given.get('host') or ''},{addresses}".split(",")
    return [host for host in listed if host]


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorities(given: dict[str, Any], mode: str, libpq: int) -> dict[str, str]:
    """The system's authorities, where nobody names others (libpq 16 and later)."""
    own = Path("~/.postgresql/root.crt").expanduser()
    named = given.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if mode != "verify-full" or named or own.exists() or libpq < 160000:
        return {}
    return {"sslrootcert": "system"}
