"""Whose address a request comes from, behind proxies that we trust and none else."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import Scope

from tillway.surfaces.common.reading import Headers

NO_ADDRESS = "local"
"""For a caller on a Unix socket."""

_MOST_HOPS = 16
_NEIGHBOURHOOD_V6 = 64


class Addresses:
    """Reads the caller's address; `X-Forwarded-For` is believed only as far as `trusted_proxies` wrote it.

    `trusted_proxies` are networks (`10.0.0.0/8`, `::1`). The server in front of this must not rewrite the address
    itself: start uvicorn with `proxy_headers=False`.
    """

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        self._trusted: tuple[IPv4Network | IPv6Network, ...] = tuple(ip_network(text) for text in trusted_proxies)
        self._behind = lru_cache(maxsize=4096)(self._seen_through_proxies)

    def of(self, scope: Scope, headers: Headers) -> str:
        """The address of the caller as text."""
        client: tuple[str, int] | None = scope["client"]
        if client is None:
            return NO_ADDRESS
        if not self._trusted:
            return client[0]
        return self._behind(client[0], headers.get(b"x-forwarded-for", b""))

    def _seen_through_proxies(self, peer: str, forwarded_for: bytes) -> str:
        """Walks from the nearest hop outwards, and stops at the first that is not a proxy of ours."""
        address = _plain(peer)
        hops = forwarded_for.decode("latin-1").split(",")[-_MOST_HOPS:] if forwarded_for else []
        while hops and address is not None and self._is_proxy(address):
            farther = _plain(hops.pop())
            if farther is None:
                break
            address = farther
        return address or peer

    def _is_proxy(self, text: str) -> bool:
        address = ip_address(text)
        return any(address in network for network in self._trusted)


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Who counts as one caller when tries are counted: an IPv4 address, but of IPv6 the /64 that one line owns."""
    plain = _plain(address)
    if plain is None or ":" not in plain:
        return plain or address
    return str(ip_network((plain, _NEIGHBOURHOOD_V6), strict=False))


def _plain(text: str) -> str | None:
    """An address in its one usual form, without port, brackets or zone; None for what is none."""
    text = text.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
