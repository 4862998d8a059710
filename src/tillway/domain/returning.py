"""Where payers of payment orders may be sent back to: addresses that begin as one the client was allowed."""

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from tillway.domain.clients import Client

_PORTS = {"http": 80, "https": 443}
_SEGMENT_ENDS = re.compile(r"[/\\;]")

_Place = tuple[str, str, int]
"""Scheme, host and port."""


def may_return(client: Client, url: str) -> bool:
    """Whether scheme, host, port and the beginning of the path are those of an address on the client's list.

    Whole segments count: `/shop` allows `/shop/done` and not `/shopping`, and nothing climbs out with dots.
    """
    asked = _parts(url)
    if asked is None or _climbs(asked.path):
        return False
    place, path = _place(asked), f"{asked.path}/"
    return any(place == allowed and path.startswith(beginning) for allowed, beginning in _allowed(client.return_urls))


def is_beginning(text: str) -> bool:
    """Whether payers may be allowed back to all that begins like this: a URL up to some part of its path."""
    parts = _parts(text)
    plain = text.isascii() and " " not in text and not set(text) & set("?#")
    return parts is not None and plain and not _climbs(parts.path)


@lru_cache(maxsize=256)
def _allowed(return_urls: str) -> tuple[tuple[_Place, str], ...]:
    """The place of each address on a list, and how paths there begin, up to the end of a segment."""
    known = [parts for parts in map(_parts, return_urls.split(" ")) if parts is not None]
    return tuple((_place(parts), parts.path.rstrip("/") + "/") for parts in known)


def _climbs(path: str) -> bool:
    """Whether a browser, or a server behind it, would leave a folder: dots, slashes and all may be percent-encoded."""
    return ".." in _SEGMENT_ENDS.split(unquote(path))


def _place(parts: SplitResult) -> _Place:
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, parts.hostname or "", port


def _parts(url: str) -> SplitResult | None:
    """The parts of a URL that every browser reads as we do; None for all others."""
    if not url.isprintable() or url != url.strip() or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme in _PORTS and parts.hostname and parts.netloc.isascii() and "@" not in parts.netloc
    return parts if plain else None
