"""URLs that callers hand us: what of them is allowed, and how something is added to their query."""

from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from tillway.surfaces.common.faults import bad_value


def absolute_url(text: str, member: str, schemes: tuple[str, ...]) -> SplitResult:
    """An absolute URL with a host and without credentials. Raises Invalid, naming `member`."""
    if not text.isprintable() or " " in text or "\\" in text:
        raise bad_value(member, "is not a URL")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise bad_value(member, "is not a URL") from None
    if parts.scheme not in schemes:
        raise bad_value(member, f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if not parts.hostname:
        raise bad_value(member, "has no host")
    if parts.username is not None or parts.password is not None:
        raise bad_value(member, "must not carry credentials")
    return parts


def with_query(url: str, name: str, value: str) -> str:
    """The URL with one more member in its query; what it has stays."""
    parts = urlsplit(url)
    member = f"{quote(name)}={quote(value)}"
    query = f"{parts.query}&{member}" if parts.query else member
    return urlunsplit(parts._replace(query=query))
