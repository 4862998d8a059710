"""What protects pages in a browser: headers that say what a page may do, and the check that a form was ours."""

from collections.abc import Sequence
from typing import Literal

from starlette.types import Scope

from tillway.surfaces.common.reading import Headers

HeaderFields = tuple[tuple[bytes, bytes], ...]

_OWN_SITES = frozenset({b"same-origin", b"none"})
_UNSAFE_IN_A_DIRECTIVE = frozenset(" ;,\r\n\t\"'")


def page_headers(
    *, frame_ancestors: Sequence[str] = (), form_targets: Sequence[str] = (), widgets: Sequence[str] = ()
) -> HeaderFields:
    """The header fields of a page: nothing from other hosts, nothing inline, not stored, no address told onward.

    `frame_ancestors` are the origins that may show the page in a frame (none by default). `form_targets` are further
    origins to which an answer to one of the page's forms redirects (browsers check redirects of forms too).
    `widgets` are the origins whose scripts and frames the page shows.
    Raises ValueError for an origin that would write another directive.
    """
    ancestors = " ".join(map(_origin, frame_ancestors)) or "'none'"
    targets = " ".join(("'self'", *map(_origin, form_targets)))
    scripts = " ".join(("'self'", *map(_origin, widgets)))
    frames = f"frame-src {' '.join(map(_origin, widgets))}; " if widgets else ""
    policy = (
        f"default-src 'none'; script-src {scripts}; {frames}style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; base-uri 'none'; form-action {targets}; frame-ancestors {ancestors}"
    )
    framing = () if frame_ancestors else ((b"x-frame-options", b"DENY"),)
    return (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", policy.encode("ascii")),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
        (b"cache-control", b"no-store"),
        *framing,
    )


def is_own_form(headers: Headers, own_origin: str) -> bool:
    """Whether a form post came from a page of ours and not from another site (cross-site request forgery).

    By `Sec-Fetch-Site`, which every current browser sends and no page can forge; without it by `Origin`. A post with
    neither is not taken for ours.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in _OWN_SITES
    return headers.get(b"origin") == own_origin.encode("ascii")


def own_origin(scope: Scope, headers: Headers) -> str:
    """The origin a browser knows us by when no public address is set: the scheme and `Host` that it asked for."""
    host = headers.get(b"host", b"").decode("latin-1")
    return f"{scope['scheme']}://{host}"


def cookie(
    name: str,
    value: str,
    *,
    secure: bool,
    lasts_seconds: int | None = None,
    path: str = "/",
    same_site: Literal["Strict", "Lax"] = "Lax",
) -> tuple[bytes, bytes]:
    """The `Set-Cookie` field of a cookie that no script can read; by default it ends with the browser's session.

    With `secure` and the path `/` the name gets the prefix `__Host-`, which keeps sister domains from setting it.
    """
    text = name + value + path
    if not text.isascii() or not _UNSAFE_IN_A_DIRECTIVE.isdisjoint(text):
        raise ValueError("a cookie takes letters, digits and marks that need no quoting")
    named = cookie_name(name, secure=secure, path=path)
    parts = [f"{named}={value}", f"Path={path}", "HttpOnly", f"SameSite={same_site}"]
    if lasts_seconds is not None:
        parts.append(f"Max-Age={lasts_seconds}")
    if secure:
        parts.append("Secure")
    return (b"set-cookie", "; ".join(parts).encode("ascii"))


def cookie_name(name: str, *, secure: bool, path: str = "/") -> str:
    """The name under which a cookie made by `cookie` comes back."""
    return f"__Host-{name}" if secure and path == "/" else name


def _origin(text: str) -> str:
    if not text.isascii() or not _UNSAFE_IN_A_DIRECTIVE.isdisjoint(text):
        raise ValueError("not an origin")
    return text
