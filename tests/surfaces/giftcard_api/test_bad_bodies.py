"""Bodies that no decent client sends: each refused in the API's own format, and nothing is changed by any of them."""

import asyncio
import gzip
import json
import zlib

import pytest

from tests.clients.raw import Heard, connected, exchange, read_answer
from tests.clients.till import Answer, Till
from tests.shop import Shop

pytestmark = pytest.mark.anyio

GOOD = b'{"amount":250,"accessMode":"api"}'
MEGABYTE = 2**20


def deep(levels: int, opening: bytes, closing: bytes) -> bytes:
    return b'{"amount":250,"accessMode":"api","x":%b1%b}' % (opening * levels, closing * levels)


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \r\n\t ",
    "a list": b"[]",
    "a text": b'"amount"',
    "a number": b"250",
    "null": b"null",
    "true": b"true",
    "half of it": GOOD[:-1],
    "single quotes": b"{'amount':250}",
    "a comment": b'{"amount":250/* kroner */,"accessMode":"api"}',
    "a comma too many": b'{"amount":250,"accessMode":"api",}',
    "two values": GOOD + GOOD,
    "something after it": GOOD + b"\0",
    "a form": b"amount=250&accessMode=api",
    "a name given twice": b'{"amount":250,"accessMode":"api","amount":250}',
    "a name given twice, once escaped": b'{"amount":250,"accessMode":"api","\\u0061mount":1}',
    "a name given twice inside": b'{"amount":250,"accessMode":"api","metadata":{"a":"1","a":"1"}}',
    "NaN": b'{"amount":NaN,"accessMode":"api"}',
    "infinity": b'{"amount":-Infinity,"accessMode":"api"}',
    "1e300": b'{"amount":1e300,"accessMode":"api"}',
    "1e300 where nobody looks": b'{"amount":250,"accessMode":"api","x":1e300}',
    "a million digits": b'{"amount":250,"accessMode":"api","x":' + b"9" * 60_000 + b"}",
    "lists nested deep": deep(20_000, b"[", b"]"),
    "lists nested a little too deep": deep(32, b"[", b"]"),
    "objects nested deep": deep(8_000, b'{"a":', b"}"),
    "opened and never closed": b"[" * 60_000,
    "broken UTF-8": b'{"amount":250,"accessMode":"api","reference":"\xff"}',
    "overlong UTF-8": b'{"amount":250,"accessMode":"api","reference":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"amount":250,"accessMode":"api","reference":"\xed\xa0\x80"}',
    "UTF-8 cut short": b'{"amount":250,"accessMode":"api","reference":"\xf0\x9f',
    "a lone surrogate": b'{"amount":250,"accessMode":"api","reference":"\\ud800"}',
    "an escaped NUL": b'{"amount":250,"accessMode":"api","reference":"\\u0000"}',
    "an escaped NUL in a name": b'{"amount":250,"accessMode":"api","\\u0000":1}',
    "a bare NUL": b'{"amount":250,"accessMode":"api","reference":"\0"}',
    "a bare line feed in a text": b'{"amount":250,"accessMode":"api","reference":"a\nb"}',
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "gzip that is not announced": gzip.compress(GOOD),
    "members nobody needs, and not the one that is": json.dumps({f"m{n}": n for n in range(4000)}).encode(),
}

MEDIA_TYPES = (
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/octet-stream",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-1",
    "application/jsonp",
    "application/json, text/plain",
    "json",
    ";;;",
    "application/" + "x" * 2000,
    "*/*",
)


def is_refused_with(answer: Answer, status: int) -> bool:
    """Whether an answer is a refusal in the format of this API."""
    members = {"error", "message"} if status == 400 else {"message"}
    return answer.status == status and answer.body.keys() == members and bool(answer.body["message"])


@pytest.mark.parametrize("name", UNREADABLE)
async def test_a_body_that_cannot_be_read_is_950_and_changes_nothing(shop: Shop, till: Till, name: str) -> None:
    before = await shop.state_of_books()
    answer = await till.call("POST", "/v1/payments", UNREADABLE[name], key="bad-body")
    assert is_refused_with(answer, 400), answer
    assert answer.error == 950
    assert (await till.operation("bad-body")).body["state"] == "unknown"
    assert await shop.state_of_books() == before


@pytest.mark.parametrize("path", ["perform", "refunds"])
@pytest.mark.parametrize("name", [name for name in UNREADABLE if name != "nothing"])
async def test_the_same_holds_for_every_call_with_a_body(shop: Shop, till: Till, name: str, path: str) -> None:
    payment = await till.open(250)
    answer = await till.call("POST", f"/v1/payments/{payment}/{path}", UNREADABLE[name])
    if answer.error == 251 and path == "refunds":
        assert isinstance(json.loads(UNREADABLE[name]), dict)
        return
    assert is_refused_with(answer, 400), answer
    assert answer.error == 950
    assert (await till.verify(payment)).body["status"] == "created"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_what_is_not_json_by_its_media_type_is_not_read(shop: Shop, till: Till, media_type: str) -> None:
    before = await shop.state_of_books()
    answer = await till.call("POST", "/v1/payments", GOOD, headers={"content-type": media_type})
    assert is_refused_with(answer, 415), answer
    assert await shop.state_of_books() == before


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(GOOD)),
        ("deflate", zlib.compress(GOOD)),
        ("gzip", gzip.compress(b" " * 50 * MEGABYTE + GOOD)),
        ("br", b"\x0b\x02\x80"),
        ("identity", GOOD),
        ("gzip, gzip", GOOD),
    ],
    ids=["gzip", "deflate", "a bomb", "brotli", "identity", "twice"],
)
async def test_a_compressed_body_is_not_read(shop: Shop, till: Till, coding: str, body: bytes) -> None:
    before = await shop.state_of_books()
    answer = await till.call("POST", "/v1/payments", body, headers={"content-encoding": coding})
    assert is_refused_with(answer, 415), answer
    assert await shop.state_of_books() == before


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", "application/vnd.x+json"]
)
async def test_json_goes_by_several_names(till: Till, media_type: str) -> None:
    assert (await till.call("POST", "/v1/payments", GOOD, headers={"content-type": media_type})).status == 200


def start(till: Till, path: str, *fields: str) -> bytes:
    """The head of a POST with the till's credentials."""
    credentials = (f"x-client-id: {till.client_id}", f"x-client-secret: {till.secret}")
    return "\r\n".join((f"POST {path} HTTP/1.1", "host: till", *credentials, *fields, "", "")).encode("latin-1")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * MEGABYTE])
async def test_a_body_that_is_too_large_is_413(shop: Shop, till: Till, size: int) -> None:
    before = await shop.state_of_books()
    head = start(till, "/v1/payments", f"content-length: {size}")
    (heard,) = await exchange(shop.server.port, [head, GOOD.ljust(size)])
    assert (heard.status, list(heard.body)) == (413, ["message"])
    assert await shop.state_of_books() == before
    assert (await till.call("POST", "/v1/payments", GOOD.ljust(64 * 1024))).status == 200


async def test_a_body_in_pieces_that_grows_too_large_is_413(shop: Shop, till: Till) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    parts = [start(till, "/v1/payments", "transfer-encoding: chunked"), *[chunk] * 160, b"0\r\n\r\n"]
    (heard,) = await exchange(shop.server.port, parts)
    assert (heard.status, list(heard.body)) == (413, ["message"])


async def test_whoever_goes_away_in_the_middle_of_a_body_has_done_nothing(shop: Shop, till: Till) -> None:
    before = await shop.state_of_books()
    for _ in range(20):
        async with connected(shop.server.port) as (_, writer):
            writer.write(start(till, "/v1/payments", f"content-length: {len(GOOD)}") + GOOD[:-1])
            await writer.drain()
    assert (await till.create(-1)).error == 950
    assert await shop.state_of_books() == before


async def test_whoever_goes_away_before_the_answer_has_paid_all_the_same(shop: Shop, till: Till) -> None:
    fields = (f"content-length: {len(GOOD)}", "idempotency-key: gone-before-the-answer")
    # A server that finds the caller gone before it has looked at the body was not called: then the caller calls again.
    for _ in range(10):
        async with connected(shop.server.port) as (_, writer):
            writer.write(start(till, "/v1/payments", *fields) + GOOD)
            await writer.drain()
        for _ in range(100):
            if (await till.operation("gone-before-the-answer")).body["state"] == "done":
                return
            await asyncio.sleep(0.01)
    pytest.fail("the payment was not created")


@pytest.mark.parametrize("server_database", ["sqlite"], indirect=True)
async def test_bodies_that_do_not_come_are_given_up_while_others_are_served(shop: Shop, till: Till) -> None:
    before = await shop.state_of_books()
    announced = start(till, "/v1/payments", "content-length: 1000")

    async def trickle(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.5)

    async def stalled(head: bytes, *, trickles: bool = False) -> Heard | None:
        async with connected(shop.server.port) as (reader, writer), asyncio.timeout(30):
            writer.write(head)
            trickling = asyncio.create_task(trickle(writer)) if trickles else None
            try:
                return await read_answer(reader)
            finally:
                if trickling is not None:
                    trickling.cancel()

    waiting = asyncio.gather(
        stalled(announced),
        stalled(announced + GOOD),
        stalled(announced, trickles=True),
        stalled(start(till, "/v1/payments", "transfer-encoding: chunked") + b"400\r\n{"),
        *(stalled(announced) for _ in range(50)),
    )
    silent = asyncio.gather(stalled(b""), stalled(announced[:-10]), stalled(announced[:-10], trickles=True))
    await asyncio.sleep(0)
    assert (await till.create(-1)).error == 950
    answers = await waiting
    assert {(heard.status, "message" in heard.body) for heard in answers if heard is not None} == {(408, True)}
    assert len(answers) == 54
    assert None not in answers
    assert {heard.status for heard in await silent if heard is not None} == {400}
    assert await shop.state_of_books() == before
