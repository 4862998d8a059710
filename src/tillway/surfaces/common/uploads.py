"""Reading a form with a file in it (`multipart/form-data`, RFC 7578), within limits of size and time."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

from starlette.datastructures import Headers as FieldsOfHeader
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive

from tillway.surfaces.common.forms import MOST_FIELDS, FormUnreadable
from tillway.surfaces.common.reading import CallerGone, Headers, discard_rest

MOST_BYTES = 8 * 1024 * 1024
"""Of a whole form, its file included."""
WITHIN_SECONDS = 60.0

_LONGEST_FIELD = 16 * 1024
_MEDIA_TYPE = b"multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form; of one that is too large nothing was kept."""

    content: bytes = field(repr=False)
    is_too_large: bool = False


async def read_upload(receive: Receive, headers: Headers) -> tuple[Mapping[str, str], Upload | None]:
    """The fields of a form by name, and its file; None where none was chosen. Raises FormUnreadable or CallerGone."""
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    if content_type.partition(";")[0].strip().lower().encode() != _MEDIA_TYPE:
        raise FormUnreadable
    body = _Body(receive)
    try:
        async with asyncio.timeout(WITHIN_SECONDS), aclosing(body.chunks()) as chunks:
            return await _parsed(
                MultiPartParser(
                    FieldsOfHeader({"content-type": content_type}),
                    chunks,
                    max_files=1,
                    max_fields=MOST_FIELDS,
                    max_part_size=_LONGEST_FIELD,
                )
            )
    except _TooLarge:
        await body.discard()
        return {}, Upload(b"", is_too_large=True)
    except (MultiPartException, UnicodeError, TimeoutError):
        await body.discard()
        raise FormUnreadable from None


async def _parsed(parser: MultiPartParser) -> tuple[Mapping[str, str], Upload | None]:
    form = await parser.parse()
    try:
        fields: dict[str, str] = {}
        upload: Upload | None = None
        for name, item in form.multi_items():
            if not isinstance(item, UploadFile):
                fields[name] = item
            elif item.filename:
                upload = Upload(await item.read())
        return fields, upload
    finally:
        await form.close()


class _TooLarge(Exception):
    """More was sent than will be read."""


class _Body:
    """What a browser is sending."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_more = True

    async def chunks(self) -> AsyncGenerator[bytes]:
        """All of it, piece by piece. Raises _TooLarge or CallerGone."""
        size = 0
        while self._has_more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise CallerGone
            self._has_more = message.get("more_body", False)
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > MOST_BYTES:
                raise _TooLarge
            yield chunk

    async def discard(self) -> None:
        """Take in what is still coming, so that the answer is not lost."""
        if self._has_more:
            await discard_rest(self._receive)
