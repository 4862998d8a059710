"""An API's public document, as a library that we did not write reads it: every answer is held against it."""

import json
import re
from dataclasses import dataclass
from typing import Any

import aiohttp
import requests
import schemathesis
from schemathesis import Response

from tests.clients.till import JSON, Answer, Json


@dataclass(frozen=True, slots=True)
class Document:
    """An API's OpenAPI document and its operations by label (`POST /v1/payments`)."""

    text: Json
    operations: dict[str, Any]

    def check(self, method: str, path: str, answer: Answer) -> None:
        """Fail unless the answer has a status, header fields and a body that the document foresees."""
        plain = path.partition("?")[0]
        found = [template for template in self.text["paths"] if re.fullmatch(_pattern(template), plain)]
        documented = self.text["paths"][found[0]].get("get" if method == "HEAD" else method.lower()) if found else None
        if documented is None:
            return
        label = f"{'GET' if method == 'HEAD' else method} {found[0]}"
        assert str(answer.status) in documented["responses"], f"{label} never answers {answer.status}: {answer.text}"
        assert answer.headers["content-type"] == JSON
        if method != "HEAD":
            self.operations[label].validate_response(_response(method, answer))


async def read_document(session: aiohttp.ClientSession, url: str) -> Document:
    """The document that a server publishes of its gift-card API."""
    async with session.get(f"{url}/docs-v1/openapi.json") as response:
        return document_of(json.loads(await response.text()))


def document_of(text: Json) -> Document:
    """A document that is there already."""
    schema: Any = schemathesis.openapi.from_dict(text)
    return Document(text, {found.ok().label: found.ok() for found in schema.get_all_operations()})


def _pattern(template: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)) + "/?"


def _response(method: str, answer: Answer) -> Response:
    headers = {name.lower(): [value] for name, value in answer.headers.items()}
    request = requests.Request(method, "http://gateway.example/").prepare()
    return Response(answer.status, headers, answer.text.encode(), request, elapsed=0.0, verify=False)
