"""Where payers of payment orders may be sent back to: addresses that begin as one the client was allowed."""

from urllib.parse import SplitResult, urlsplit

from tillway.domain.clients import Client

_PORTS = {"http": 80, "https": 443}


def may_return(client: Client, url: str) -> bool:
    """Whether scheme, host, port and the beginning of the path are those of an address on the client's list."""
    asked = _parts(url)
    return asked is not None and any(_begins(asked, _parts(allowed)) for allowed in client.return_urls.split(" "))


def is_beginning(text: str) -> bool:
    """Whether payers may be allowed back to all that begins like this: a URL up to some part of its path."""
    parts = _parts(text)
    plain = text.isascii() and text.isprintable() and " " not in text and not set(text) & set("?#")
    return parts is not None and plain and ".." not in parts.path.split("/")


def _begins(asked: SplitResult, allowed: SplitResult | None) -> bool:
    """Whole segments count: `/shop` allows `/shop/done` and not `/shopping`, and nothing climbs out with dots."""
    if allowed is None or _place(asked) != _place(allowed) or ".." in asked.path.split("/"):
        return False
    beginning = allowed.path.rstrip("/")
    return asked.path == beginning or asked.path.startswith(f"{beginning}/") or not beginning


def _place(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme.lower())


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    plain = parts.scheme.lower() in _PORTS and parts.hostname and "@" not in parts.netloc and "\\" not in url
    return parts if plain else None
