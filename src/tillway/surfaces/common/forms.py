"""Reading what a person's browser sends with a form: url-encoded fields, within limits of size and time."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.types import Receive

from tillway.surfaces.common.faults import not_json
from tillway.surfaces.common.json_text import JsonValue
from tillway.surfaces.common.reading import FORM_MEDIA_TYPE, CallerGone, Headers

MOST_BYTES = 16 * 1024
MOST_FIELDS = 50
WITHIN_SECONDS = 15.0


class FormUnreadable(Exception):
    """The form cannot be read: too large, too slow, or not what our pages send."""


async def read_form(receive: Receive, headers: Headers) -> Mapping[str, str]:
    """The fields of a form by name; of a name sent twice, the last. Raises FormUnreadable or CallerGone."""
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != FORM_MEDIA_TYPE:
        raise FormUnreadable
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return read_fields(await _body(receive))
    except TimeoutError:
        raise FormUnreadable from None


def read_fields(text: bytes) -> Mapping[str, str]:
    """The fields of a url-encoded text, such as a query. Raises FormUnreadable."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise FormUnreadable from None
    return dict(pairs)


def read_call(text: bytes) -> JsonValue:
    """The fields of a call's url-encoded body. Raises Invalid, never anything else; a name may be there once only."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise not_json("the form cannot be read") from None
    fields: dict[str, JsonValue] = dict(pairs)
    if len(fields) != len(pairs):
        raise not_json("a name is given twice in one form")
    if any("\0" in part for pair in pairs for part in pair):
        raise not_json("a text contains the character NUL")
    return fields


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGone
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise FormUnreadable
        more = message.get("more_body", False)
    return bytes(body)
