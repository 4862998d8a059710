"""Which network addresses we may call: public ones and, in the sandbox, this machine; never what lies between."""

from enum import Enum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address


class Reach(Enum):
    """PUBLIC is for production: https to public addresses only. SANDBOX adds loopback and plain http."""

    PUBLIC = "public"
    SANDBOX = "sandbox"


_NOT_PUBLIC_IPV4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        # A cloud's own services, on an address that looks public.
        "168.63.129.16/32",
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NOT_PUBLIC_IPV6 = tuple(
    # Teredo and other protocol assignments, documentation, 6to4, documentation again.
    IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


def may_reach(address: str, reach: Reach) -> bool:
    """Whether we may connect to a numeric address; one that only wraps an IPv4 address is judged by that address.

    `ipaddress` alone does not do: it calls NAT64, 6to4 and several reserved blocks global.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return reach is Reach.SANDBOX
    if isinstance(found, IPv6Address):
        return found in _PUBLIC_IPV6 and not any(found in block for block in _NOT_PUBLIC_IPV6)
    return not any(found in block for block in _NOT_PUBLIC_IPV4)
