"""What psycopg connects with, of an address and its environment."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any, Final

import psycopg

from .address import Address
from .errors import ConfigurationError

CONNECT_TIMEOUT: Final = 2
"""Seconds for each host, unless the address says otherwise. libpq knows no shorter one."""
_PASSED_ON: Final = ("sslrootcert", "passfile", "channel_binding")
_DIRECT_SINCE: Final = 170000
"""The libpq that knows `sslnegotiation`."""


def check(address: Address) -> None:
    """`ConfigurationError` for what can be known to fail before anything is connected to."""
    if address.user is None and not os.environ.get("PGUSER"):
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ConfigurationError(
                "the address names no user, and this process's uid has no name"
            ) from None
    if address.parameters.get("sslnegotiation") == "direct" and psycopg.pq.version() < _DIRECT_SINCE:
        raise ConfigurationError("sslnegotiation=direct needs libpq 17 or later: install psycopg[binary]")


def parameters(address: Address, at: int) -> dict[str, Any]:
    """For one of the hosts. What libpq would take of the environment into the session is left out: a pooler
    refuses it, and nothing rests on it."""
    host, given = address.hosts[at], address.parameters
    addresses = given["hostaddr"].split(",") if "hostaddr" in given else []
    found = {
        "host": host.name,
        "port": host.port,
        "hostaddr": addresses[at] if addresses else "",
        "user": address.user,
        "password": address.password,
        "dbname": address.database,
        "sslmode": address.tls,
        "connect_timeout": given.get("connect_timeout") or CONNECT_TIMEOUT,
        "application_name": given.get("application_name") or "keyctl_runtime",
        "target_session_attrs": "any",
        "options": "",
        "client_encoding": "",
        "gssencmode": "disable",
        **{name: given[name] for name in _PASSED_ON if name in given},
        **_authorities(address),
    }
    if given.get("sslnegotiation") == "direct":
        found["sslnegotiation"] = "direct"
    return {name: value for name, value in found.items() if value is not None}


def _authorities(address: Address) -> dict[str, str]:
    """The system's authorities, where nobody names others (libpq 16 and later)."""
    own = Path("~/.postgresql/root.crt").expanduser()
    named = address.parameters.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if address.tls != "verify-full" or named or own.exists() or psycopg.pq.version() < 160000:
        return {}
    return {"sslrootcert": "system"}
