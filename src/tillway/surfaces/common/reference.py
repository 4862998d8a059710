"""An API's reference page, made from its OpenAPI document: for people, on one page, with nothing from another host."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from tillway.surfaces.common.api import Api
from tillway.surfaces.common.call import HeaderFields
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.openapi import Json, document, tags_of
from tillway.surfaces.common.reference_sections import Section, coloured_json, paragraphs, prose, section_of
from tillway.surfaces.common.security_headers import page_headers
from tillway.surfaces.common.serving import Pages

LANGUAGE = "en"
"""Programmers read it; field names and codes are English too."""

_JSON_HEADERS: HeaderFields = ((b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff"))


def reference(api: Api[Any], prefix: str, *, base_url: str) -> list[BaseRoute]:
    """The routes of an API's documents below `prefix` (`/docs-v1`): the page itself and `openapi.json`.

    `base_url` is where example calls go (`https://pay.example`).
    """
    prefix = prefix.rstrip("/")
    pages = Pages(Path(__file__).parent / "templates", static_prefix=f"{prefix}/static")
    described = document(api)
    page = _Document(_page(api, described, pages, base_url.rstrip("/")), page_headers())
    text = _Document(msgspec.json.format(msgspec.json.encode(described)), _JSON_HEADERS)
    return [
        Route(prefix, _Moved(f"{prefix}/")),
        Mount(prefix, routes=[Route("/", page), Route("/openapi.json", text), Mount("/static", pages.static)]),
    ]


def _page(api: Api[Any], described: Json, pages: Pages, base_url: str) -> bytes:
    about = api.dialect.about
    sections = {endpoint.name: section_of(api, endpoint, described, base_url) for endpoint in api.endpoints}
    groups = [
        (tag, [sections[endpoint.name] for endpoint in api.endpoints if tag in endpoint.tags])
        for tag in tags_of(api.endpoints)
    ]
    refusals = _all_refusals(sections.values())
    return pages.render(
        "reference.html",
        LANGUAGE,
        about=about,
        introduction=paragraphs(about.introduction),
        groups=groups,
        refusals=refusals,
        refusal_example=coloured_json(refusals[0].body),
        idempotent=any(endpoint.idempotent for endpoint in api.endpoints),
        base_url=base_url,
        prose=prose,
    )


def _all_refusals(sections: Iterable[Section]) -> Sequence[RefusalEntry]:
    """Every refusal of the API once, by status and then by code, numbers as numbers."""
    every = {(entry.status, entry.code, entry.message): entry for each in sections for entry in each.refusals}
    return [every[key] for key in sorted(every, key=lambda key: (key[0], len(key[1]), key[1], key[2]))]


class _Document:
    """A text that stays the same while the server runs; whoever has it already is only told so."""

    def __init__(self, body: bytes, headers: HeaderFields) -> None:
        self._body = body
        self._tag = f'"{sha256(body).hexdigest()[:24]}"'.encode()
        kept = tuple(field for field in headers if field[0] != b"cache-control")
        self._headers = (*kept, (b"etag", self._tag), (b"cache-control", b"no-cache"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = dict(scope["headers"]).get(b"if-none-match") == self._tag
        headers = [*self._headers] if known else [*self._headers, (b"content-length", b"%d" % len(self._body))]
        body = b"" if known or scope["method"] == "HEAD" else self._body
        await send({"type": "http.response.start", "status": 304 if known else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Moved:
    """Sends on to another path."""

    def __init__(self, path: str) -> None:
        self._headers = [(b"location", path.encode("ascii")), (b"content-length", b"0")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 308, "headers": self._headers})
        await send({"type": "http.response.body", "body": b""})
