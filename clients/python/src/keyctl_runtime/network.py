"""From where a key may be used."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

# `ipaddress` takes netmasks (10.0.0.0/255.0.0.0) and zones (fe80::1%eth0), which no list holds.
_CIDR: Final = re.compile(r"[0-9A-Fa-f:.]+(?:/(?:0|[1-9][0-9]{0,2}))?")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0.0.0.0/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Ip = str | Address | None


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses of one version that have their first bits in common."""

    version: int
    base: int
    mask: int

    def contains(self, address: Address) -> bool:
        return address.version == self.version and int(address) & self.mask == self.base


Networks = tuple[tuple[Network, ...], ...]
"""Each of the lists must contain the client's address; no list is from anywhere."""


def parse_network(text: str) -> Network:
    """A CIDR text without bits behind its length; `ValueError` for anything else."""
    if not _CIDR.fullmatch(text):
        raise ValueError("not a network")
    network = ipaddress.ip_network(text)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        base = int(network.network_address) & 0xFFFF_FFFF
        network = ipaddress.IPv4Network((base, network.prefixlen - 96))
    return Network(network.version, int(network.network_address), int(network.netmask))


def parse_address(ip: Ip) -> Address | None:
    """The client's address; None where there is none, and for a text that is none: what cannot be
    read is no trusted address."""
    if isinstance(ip, str):
        if "%" in ip:
            return None
        try:
            ip = ipaddress.ip_address(ip)
        except ValueError:
            return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ip


def allow(networks: Networks, address: Address | None) -> bool:
    if not networks:
        return True
    if address is None:
        return False
    return all(any(network.contains(address) for network in inner) for inner in networks)
