"""Where payers of payment orders may be sent back to: addresses that begin as one the client was allowed."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

from tillway.domain.clients import Client

_PORTS = {"http": 80, "https": 443}


def may_return(client: Client, url: str) -> bool:
    """Whether scheme, host, port and the beginning of the path are those of an address on the client's list."""
    asked = _parts(url)
    return asked is not None and any(_begins(asked, _parts(allowed)) for allowed in client.return_urls.split(" "))


def is_beginning(text: str) -> bool:
    """Whether payers may be allowed back to all that begins like this: a URL up to some part of its path."""
    parts = _parts(text)
    plain = text.isascii() and " " not in text and not set(text) & set("?#")
    return parts is not None and plain and not _climbs(parts.path)


def _begins(asked: SplitResult, allowed: SplitResult | None) -> bool:
    """Whole segments count: `/shop` allows `/shop/done` and not `/shopping`, and nothing climbs out with dots."""
    if allowed is None or _place(asked) != _place(allowed) or _climbs(asked.path):
        return False
    beginning = allowed.path.rstrip("/")
    return asked.path == beginning or asked.path.startswith(f"{beginning}/") or not beginning


def _climbs(path: str) -> bool:
    """Whether a browser, or a server behind it, would leave a folder: dots, slashes and all may be percent-encoded."""
    return ".." in re.split(r"[/\\;]", unquote(path))


def _place(parts: SplitResult) -> tuple[str, str, int]:
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
