"""Addresses of databases: a `postgresql://` address, or the path of a SQLite file."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit


def is_postgres(database: str) -> bool:
    """Whether an address names a PostgreSQL database; it is the path of a SQLite file otherwise."""
    return database.startswith(("postgresql://", "postgres://"))


def each_host(url: str) -> list[str]:
    """A PostgreSQL address once for each host that it names, which may stand before its path or in its query.

    Raises ValueError for what is no address.
    """
    parts = urlsplit(url)
    before, at, hosts = parts.netloc.rpartition("@")
    query = f"?{parts.query}" if parts.query else ""
    if hosts:
        return [f"{parts.scheme}://{before}{at}{host}{parts.path}{query}" for host in hosts.split(",")]
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    named = fields.get("host", "").split(",")
    if len(named) == 1:
        return [url]
    ports = fields.get("port", "").split(",")
    if len(ports) != len(named):
        ports = ports[:1] * len(named)
    start = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return [f"{start}?{_query(fields | {'host': host, 'port': port})}" for host, port in zip(named, ports, strict=True)]


def _query(fields: dict[str, str]) -> str:
    return urlencode({name: value for name, value in fields.items() if value}, quote_via=quote, safe="/")
