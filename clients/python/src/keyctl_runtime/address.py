"""The address of a PostgreSQL store: one strict form, and a printed one that parses again.

What is not understood is refused, and nothing of it is repeated, for where an address is broken nobody can
tell which part of it was the password. The rules stand in `tests/vectors/README.md`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from .errors import AddressError
from .leak import is_secret

PORT: Final = 5432
_TAKEN: Final = frozenset(
    "sslmode sslrootcert passfile sslnegotiation channel_binding connect_timeout application_name "
    "target_session_attrs hostaddr host port".split()
)
_LIBPQ: Final = frozenset(
    "service servicefile user password require_auth dbname client_encoding options fallback_application_name "
    "keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication gssencmode "
    "requiressl sslcompression sslcert sslkey sslkeylogfile sslpassword sslcertmode sslcrl sslcrldir sslsni "
    "requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version "
    "krbsrvname gsslib gssdelegation scram_client_key scram_server_key load_balance_hosts oauth_issuer "
    "oauth_client_id oauth_client_secret oauth_scope".split()
)
"""Names that may be repeated in an error: they are libpq's, not somebody's."""
_VALUES: Final = {
    "sslmode": re.compile("disable|require|verify-ca|verify-full"),
    "sslnegotiation": re.compile("postgres|direct"),
    "channel_binding": re.compile("disable|prefer|require"),
    "target_session_attrs": re.compile("any|primary|read-write"),
    "connect_timeout": re.compile("[1-9][0-9]{0,2}"),
}
_CHARACTERS: Final = re.compile("[!-~]*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_BROKEN_ESCAPE: Final = re.compile("%(?![0-9A-Fa-f]{2})")
_LABEL: Final = r"[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_BRACKETED: Final = re.compile(r"\[([^\]]*)\](?::(.*))?")
_PORT: Final = re.compile("[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Host:
    """Where a server listens; `name` is a name, an IP address, or the folder of a socket."""

    name: str
    port: int

    def __str__(self) -> str:
        name = f"[{self.name}]" if _is_ip(self.name, 6) else quote(self.name, safe="")
        return f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says, decoded. `str` and `repr` have no password."""

    user: str | None
    password: str | None = field(repr=False)
    hosts: tuple[Host, ...]
    database: str | None
    tls: str
    """What is done: `disable`, `require`, `verify-ca` or `verify-full`."""
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        user = "" if self.user is None else quote(self.user, safe="") + "@"
        database = "" if self.database is None else "/" + quote(self.database, safe="")
        query = "&".join(f"{name}={quote(value, safe='/:,')}" for name, value in self.parameters.items())
        hosts = ",".join(map(str, self.hosts))
        return f"postgres://{user}{hosts}{database}" + (f"?{query}" if query else "")


def parse(rest: str) -> Address:
    """What stands behind `postgres://`."""
    if not _CHARACTERS.fullmatch(rest):
        raise AddressError("character")
    beginning, has_query, query = rest.partition("?")
    authority, _, path = beginning.partition("/")
    if "#" in rest or "/" in path or "@" in path + query or authority.count("@") > 1:
        raise AddressError("unescaped")
    credentials, at, listed = authority.rpartition("@")
    user, _, password = credentials.partition(":")
    user, password, database = (_decoded(text) for text in (user, password, path))
    if at and not user:
        raise AddressError("user")
    if is_secret(user) or is_secret(database):
        raise AddressError("secret")
    hosts = [_host_and_port(one) for one in listed.split(",")] if listed else []
    parameters = _parameters(query) if has_query else {}
    hosts = _check_hosts(hosts, parameters)
    tls = _tls(hosts, parameters)
    return Address(user or None, password or None, tuple(hosts), database or None, tls, parameters)


def _decoded(text: str) -> str:
    if _BROKEN_ESCAPE.search(text):
        raise AddressError("percent")
    try:
        found = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise AddressError("percent") from None
    if _CONTROL.search(found):
        raise AddressError("character")
    return found


def _is_ip(text: str, *versions: int) -> bool:
    try:
        return "%" not in text and ipaddress.ip_address(text).version in versions
    except ValueError:
        return False


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise AddressError("port")
    return int(text)


def _host(text: str, *, bare_v6: bool) -> str:
    is_folder = text.startswith("/") and "," not in text
    if not (_NAME.fullmatch(text) or is_folder or (bare_v6 and _is_ip(text, 6))):
        raise AddressError("host")
    return text


def _host_and_port(text: str) -> Host:
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed is None:
        name, colon, port = text.partition(":")
        if "[" in text or "]" in text:
            raise AddressError("host")
        return Host(_host(_decoded(name), bare_v6=False), _port(port) if colon else PORT)
    name, port = bracketed.groups()
    if not _is_ip(name, 6):
        raise AddressError("host")
    return Host(name, PORT if port is None else _port(port))


def _parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name not in _TAKEN:
            raise AddressError("parameter", name if name in _LIBPQ else None)
        if name in found:
            raise AddressError("twice", name)
        found[name] = value = _decoded(value)
        if not value or not (name not in _VALUES or _VALUES[name].fullmatch(value)):
            raise AddressError("value", name)
        if is_secret(value):
            raise AddressError("secret", name)
    return found


def _check_hosts(hosts: list[Host], parameters: dict[str, str]) -> list[Host]:
    """Those before, or else those of the parameters, which are no parameters then."""
    for name in ("host", "port"):
        if hosts and name in parameters:
            raise AddressError("conflict", name)
    addresses = parameters["hostaddr"].split(",") if "hostaddr" in parameters else []
    if not all(_is_ip(one, 4, 6) for one in addresses):
        raise AddressError("value", "hostaddr")
    hosts = hosts or _listed_hosts(parameters)
    if "hostaddr" in parameters and len(addresses) != len(hosts):
        raise AddressError("value", "hostaddr")
    return hosts


def _listed_hosts(parameters: dict[str, str]) -> list[Host]:
    listed = parameters.pop("host", None) or parameters.pop("hostaddr", None)
    if listed is None:
        raise AddressError("host")
    names = [_host(one, bare_v6=True) for one in listed.split(",")]
    ports = [_port(one) for one in parameters.pop("port", str(PORT)).split(",")]
    if len(ports) == 1:
        ports *= len(names)
    if len(ports) != len(names):
        raise AddressError("value", "port")
    return [Host(name, port) for name, port in zip(names, ports, strict=True)]


def _is_this_machine(name: str) -> bool:
    if name.startswith("/") or name == "localhost":
        return True
    if _is_ip(name, 4):
        return name.startswith("127.")
    return _is_ip(name, 6) and int(ipaddress.ip_address(name)) == 1


def _tls(hosts: list[Host], parameters: Mapping[str, str]) -> str:
    names = [host.name for host in hosts] + parameters.get("hostaddr", "127.0.0.1").split(",")
    is_local = all(map(_is_this_machine, names))
    mode = parameters.get("sslmode") or ("disable" if is_local else "verify-full")
    if mode == "disable" and not is_local:
        raise AddressError("plain", "sslmode")
    for name, value in (("sslnegotiation", "direct"), ("channel_binding", "require")):
        if mode == "disable" and parameters.get(name) == value:
            raise AddressError("conflict", name)
    return "verify-ca" if mode == "require" and "sslrootcert" in parameters else mode
