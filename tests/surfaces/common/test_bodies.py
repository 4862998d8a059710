"""Bodies are received within limits of size, time and media type, and refused in the dialect outside of them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
from starlette.routing import Router

from tests.surfaces.common.orchard import Orchard
from tests.surfaces.common.serving import serving

pytestmark = pytest.mark.anyio

WISHES = b"POST /orchard/wishes HTTP/1.1\r\nhost: x\r\n"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with serving(Router(routes=[Orchard().api])) as address:
        yield address


async def heard(url: str, *parts: bytes, pause_seconds: float = 0.0) -> tuple[int, object, bool]:
    """Status, body, and whether the server closed the connection by itself, after sending some parts slowly."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(5):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_seconds)
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().strip().split("\r\n")[1:])
            body = await reader.readexactly(int(fields["content-length"]))
            closed = fields.get("connection") == "close" and await reader.read() == b""
            return int(head.split()[1]), json.loads(body), closed
    finally:
        writer.close()


async def test_a_body_that_arrives_in_pieces_is_read_whole(url: str) -> None:
    status, _, _ = await heard(url, WISHES + b"content-length: 12\r\n\r\n", b'{"plea', b'se":1}', pause_seconds=0.02)
    assert status == 200


async def test_a_chunked_body_is_read_whole(url: str) -> None:
    status, _, _ = await heard(
        url, WISHES + b"transfer-encoding: chunked\r\n\r\n", b'7\r\n{"pleas\r\n', b'5\r\ne":1}\r\n0\r\n\r\n'
    )
    assert status == 200


async def test_a_body_announced_too_large_is_refused_without_being_read(url: str) -> None:
    told = await heard(url, WISHES + b"content-length: 10000000\r\n\r\n")
    assert told == (413, {"no": "too heavy"}, True)


async def test_a_body_that_grows_too_large_is_refused(url: str) -> None:
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    told = await heard(url, WISHES + b"transfer-encoding: chunked\r\n\r\n", *[chunk] * 6)
    assert told == (413, {"no": "too heavy"}, True)


@pytest.mark.parametrize("size", [4096, 4097])
async def test_the_limit_is_exact(url: str, size: int) -> None:
    body = b'{"please":"' + b"x" * (size - 13) + b'"}'
    assert len(body) == size
    status, _, _ = await heard(url, WISHES + b"content-length: %d\r\n\r\n" % size + body)
    assert status == (200 if size == 4096 else 413)


async def test_a_body_announced_too_large_is_refused_where_none_is_asked_for(url: str) -> None:
    request = b"GET /orchard/baskets/b-1 HTTP/1.1\r\nhost: x\r\nx-gardener: rosa\r\ncontent-length: 10000000\r\n\r\n"
    assert await heard(url, request) == (413, {"no": "too heavy"}, True)


async def test_a_body_that_does_not_come_is_given_up(url: str) -> None:
    told = await heard(url, WISHES + b"content-length: 12\r\n\r\n", b"{")
    assert told == (408, {"no": "too slow"}, True)


async def test_a_body_that_trickles_is_given_up(url: str) -> None:
    drops = [b" "] * 20
    told = await heard(url, WISHES + b"content-length: 2000\r\n\r\n", *drops, pause_seconds=0.05)
    assert told == (408, {"no": "too slow"}, True)


async def test_only_the_slow_are_given_up(url: str) -> None:
    slow = asyncio.create_task(heard(url, WISHES + b"content-length: 12\r\n\r\n", b"{"))
    while not slow.done():
        assert (await heard(url, WISHES + b"content-length: 2\r\n\r\n{}"))[0] == 200
    assert slow.result()[0] == 408


async def test_a_slow_handler_is_not_a_slow_body(url: str) -> None:
    request = b"DELETE /orchard/trees/slow HTTP/1.1\r\nhost: x\r\nx-gardener: rosa\r\n\r\n"
    assert await heard(url, request) == (200, {"price": 1.1}, False)


async def test_a_caller_who_goes_away_is_only_noted() -> None:
    orchard = Orchard()
    async with serving(Router(routes=[orchard.api])) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(WISHES + b"content-length: 12\r\n\r\n{")
        await writer.drain()
        writer.close()
        labels = {"api": "orchard", "method": "POST", "route": "/orchard/wishes", "status": "499"}
        async with asyncio.timeout(5):
            while orchard.registry.get_sample_value("tillway_http_request_seconds_count", labels) != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"application/json", 200),
        (b"Application/JSON; charset=UTF-8", 200),
        (b"application/json-patch+json", 200),
        (b"application/vnd.apple+json ;charset=utf-8", 200),
        (b"", 200),
        (b"application/json; charset=latin-1", 415),
        (b"text/plain", 415),
        (b"application/xml", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"multipart/form-data; boundary=x", 415),
        (b"image/svg+json", 415),
        (b"json", 415),
        (b"\xff\xfe", 415),
    ],
)
async def test_only_json_is_read(url: str, content_type: bytes, status: int) -> None:
    told, body, closed = await heard(
        url, WISHES + b"content-type: " + content_type + b"\r\ncontent-length: 2\r\n\r\n{}"
    )
    assert told == status
    if status == 415:
        assert (body, closed) == ({"no": "not apples"}, False)


async def test_a_compressed_body_is_not_read(url: str) -> None:
    told = await heard(url, WISHES + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}")
    assert told == (415, {"no": "not apples"}, False)


@pytest.mark.parametrize("body", [b"[]", b"1", b'"text"', b"null", b"true"])
async def test_a_body_that_is_no_object_is_a_fault(url: str, body: bytes) -> None:
    status, told, _ = await heard(url, WISHES + b"content-length: %d\r\n\r\n" % len(body) + body)
    assert status == 400
    assert isinstance(told, dict)
    assert told["faults"][0]["kind"] == "wrong_type"


async def test_a_caller_who_sends_ten_megabytes_before_reading_still_gets_the_answer(url: str) -> None:
    body = b"x" * 10_000_000
    for head in (b"content-length: %d\r\n\r\n" % len(body), b"transfer-encoding: chunked\r\n\r\n989680\r\n"):
        assert await heard(url, WISHES + head, body) == (413, {"no": "too heavy"}, True)


async def test_a_refusal_that_does_not_need_the_body_keeps_the_connection(url: str) -> None:
    refused = b"POST /orchard/nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(refused + WISHES + b"connection: close\r\ncontent-length: 2\r\n\r\n{}")
    async with asyncio.timeout(5):
        told = await reader.read()
    writer.close()
    assert re.findall(rb"HTTP/1\.1 (\d+)", told) == [b"404", b"200"]
