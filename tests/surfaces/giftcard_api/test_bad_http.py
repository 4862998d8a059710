"""HTTP that no decent client speaks: refused in the API's format, or the connection is closed; never a crash."""

import pytest

from tests.clients.raw import Heard, exchange
from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio

GOOD = b'{"amount":250,"accessMode":"api"}'


def request(
    till: Till, line: str, *fields: str, body: bytes = b"", length: object = None, ending: str = "\r\n"
) -> bytes:
    """A request with the till's credentials; its length is told by itself unless `length` says otherwise ("": not)."""
    told = len(body) if length is None else length
    lengths = [f"content-length: {told}"] if told != "" else []
    credentials = (f"x-client-id: {till.client_id}", f"x-client-secret: {till.secret}")
    head = ending.join((line, "host: till", *credentials, *fields, *lengths, "", ""))
    return head.encode("latin-1") + body


async def heard_by(shop: Shop, *parts: bytes) -> list[Heard]:
    """The answers, after making sure that nothing was changed and that the server is none the worse for it."""
    before = await shop.state_of_books()
    answers = await exchange(shop.server.port, parts)
    assert await shop.state_of_books() == before
    assert (await shop.till.operation("any")).status == 200
    return answers


CREATE = "POST /v1/payments HTTP/1.1"

PATHS = {
    "unknown": "/v1/refunds",
    "the prefix alone": "/v1",
    "the prefix and a slash": "/v1/",
    "upper case": "/V1/payments",
    "slashes doubled": "/v1//payments",
    "slashes doubled in front": "//v1/payments",
    "slashes doubled at the end": "/v1/payments//",
    "one up": "/v1/cards/../payments",
    "one up, encoded": "/v1/cards/%2e%2e/payments",
    "out of the root": "/../../../../etc/passwd",
    "the file system": "/v1/payments/..%2f..%2fetc%2fpasswd/perform",
    "here": "/v1/./payments",
    "a path parameter": "/v1/payments;a=b",
    "a letter encoded": "/v1/%70ayments",
    "a slash encoded": "/v1%2Fpayments",
    "NUL": "/v1/payments/%00",
    "NUL at the end": "/v1/payments%00",
    "not UTF-8": "/v1/payments/%ff%fe/perform",
    "bad percents": "/v1/payments/%zz%/perform",
    "controls": "/v1/payments/%0d%0aset-cookie:%20a=b/perform",
    "too deep": "/v1/payments/a/perform/b",
    "very long": "/v1/payments/" + "a" * 5000 + "/perform",
    "a little long": "/v1/payments/" + "a" * 900 + "/perform",
    "very many segments": "/v1" + "/a" * 10_000,
    "a star": "*",
    "no slash": "v1/payments",
    "another host": "http://elsewhere.example/v2/payments",
}


@pytest.mark.parametrize("name", PATHS)
async def test_a_path_of_tricks_leads_nowhere(shop: Shop, till: Till, name: str) -> None:
    answers = await heard_by(shop, request(till, f"POST {PATHS[name]} HTTP/1.1", body=b'{"cardNumber":"1"}'))
    assert len(answers) <= 1
    for heard in answers:
        assert heard.status in {400, 404}, heard
        if PATHS[name].startswith("/v1/"):
            assert heard.body["message"]
        assert "set-cookie" not in heard.head


@pytest.mark.parametrize(
    "payment", ["%27%20OR%201=1--", "019a9f1e%2D7c1a-7b52-8f6e-2f1d3c4b5001x", "0" * 36, "-" * 36, "%C3%A6", "null"]
)
async def test_an_id_that_is_none_is_259(shop: Shop, till: Till, payment: str) -> None:
    (heard,) = await heard_by(shop, request(till, f"POST /v1/payments/{payment}/abort HTTP/1.1"))
    assert (heard.status, heard.body["error"]) == (400, 259)


async def test_an_encoded_id_is_the_same_id_and_a_slash_at_the_end_makes_no_difference(shop: Shop, till: Till) -> None:
    payment = await till.open(1)
    encoded = "".join(f"%{ord(character):02X}" for character in payment)
    for path in (f"/v1/payments/{encoded}", f"/v1/payments/{payment}/", f"/v1/payments/{payment}?a=b&a=%00"):
        (heard,) = await heard_by(shop, request(till, f"GET {path} HTTP/1.1"))
        assert (heard.status, heard.body["paymentId"]) == (200, payment)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "GET"])
async def test_another_method_is_405_and_told_which_are_taken(shop: Shop, till: Till, method: str) -> None:
    (heard,) = await heard_by(shop, request(till, f"{method} /v1/payments HTTP/1.1"))
    assert (heard.status, list(heard.body)) == (405, ["message"])
    assert "allow: POST\r\n" in heard.head.lower().replace("post", "POST")


UNPARSABLE = {
    "no method that exists": b"FETCH /v1/payments HTTP/1.1\r\nhost: till\r\n\r\n",
    "a method in lower case": b"get /v1/payments HTTP/1.1\r\nhost: till\r\n\r\n",
    "HTTP of another future": b"GET /v1/payments HTTP/3.7\r\nhost: till\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\0" * 200,
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "rubbish": bytes(range(256)) * 8,
    "a space before the colon": b"GET /v1/payments HTTP/1.1\r\nhost : till\r\n\r\n",
    "a name of two words": b"GET /v1/payments HTTP/1.1\r\nho st: till\r\n\r\n",
    "a line without a colon": b"GET /v1/payments HTTP/1.1\r\nhost\r\n\r\n",
    "NUL in a field": b"GET /v1/payments HTTP/1.1\r\nhost: till\r\nx: a\0b\r\n\r\n",
    "NUL in the path": b"GET /v1/pay\0ments HTTP/1.1\r\nhost: till\r\n\r\n",
    "a bare carriage return": b"GET /v1/payments HTTP/1.1\r\nhost: till\r\nx: a\rb: c\r\n\r\n",
    "an address with a space": b"GET /v1/pay ments HTTP/1.1\r\nhost: till\r\n\r\n",
}


@pytest.mark.parametrize("name", UNPARSABLE)
async def test_what_is_not_http_is_refused_and_hung_up_on(shop: Shop, name: str) -> None:
    answers = await heard_by(shop, UNPARSABLE[name])
    assert [heard.status for heard in answers] in ([], [400]), answers


LENGTHS: dict[str, tuple[tuple[str, ...], bytes]] = {
    "negative": (("content-length: -1",), GOOD),
    "signed": (("content-length: +33",), GOOD),
    "words": (("content-length: many",), GOOD),
    "hexadecimal": (("content-length: 0x21",), GOOD),
    "a fraction": (("content-length: 33.0",), GOOD),
    "empty": (("content-length:",), GOOD),
    "two that differ": (("content-length: 33", "content-length: 1"), GOOD),
    "a list": (("content-length: 33, 33",), GOOD),
    "more than any body has": (("content-length: 99999999999999999999999999",), GOOD),
    "a gigabyte": (("content-length: 1073741824",), GOOD),
    "too short": (("content-length: 5",), GOOD),
    "none": ((), GOOD),
    "length and chunks": (("content-length: 33", "transfer-encoding: chunked"), b"21\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "chunks and length": (("transfer-encoding: chunked", "content-length: 33"), b"21\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "chunked, but not at last": (("transfer-encoding: chunked, identity",), b"21\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "chunked in disguise": (("transfer-encoding: xchunked",), b"21\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "chunked twice": (
        ("transfer-encoding: chunked", "transfer-encoding: identity"),
        b"21\r\n" + GOOD + b"\r\n0\r\n\r\n",
    ),
    "a chunk of no size": (("transfer-encoding: chunked",), b"\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk of no number": (("transfer-encoding: chunked",), b"zz\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk of endless size": (("transfer-encoding: chunked",), b"ffffffffffffffffff\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk of negative size": (("transfer-encoding: chunked",), b"-21\r\n" + GOOD + b"\r\n0\r\n\r\n"),
    "a chunk longer than it says": (("transfer-encoding: chunked",), b"5\r\n" + GOOD + b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", LENGTHS)
async def test_a_length_that_is_wrong_or_in_doubt_creates_nothing(shop: Shop, till: Till, name: str) -> None:
    fields, body = LENGTHS[name]
    answers = await heard_by(shop, request(till, CREATE, *fields, length="") + body)
    assert all(heard.status in {400, 404, 413} for heard in answers), answers


async def test_what_is_smuggled_behind_a_length_in_doubt_creates_nothing(shop: Shop, till: Till) -> None:
    smuggled = request(till, CREATE, body=GOOD)
    fields = ("transfer-encoding: chunked", "content-length: 4")
    answers = await heard_by(shop, request(till, CREATE, *fields, length="") + b"0\r\n\r\n" + smuggled)
    assert all(heard.status == 400 for heard in answers), answers


@pytest.mark.parametrize(
    "field",
    ["idempotency-key: " + "k" * 60_000, "x-request-id: " + "r" * 60_000, "x-client-id: " + "c" * 60_000],
    ids=["key", "request id", "client id"],
)
async def test_a_field_of_a_size_nobody_needs_is_cut_or_refused(shop: Shop, till: Till, field: str) -> None:
    answers = await heard_by(shop, request(till, CREATE, field, body=b'{"amount":0}'))
    assert [heard.status for heard in answers] in ([400], [401]), answers
    assert all(len(heard.head) < 2000 for heard in answers)


async def test_endless_headers_do_not_fill_the_memory(shop: Shop, till: Till) -> None:
    head = request(till, CREATE, length="")[:-2]
    fields = [b"x-%d: %b\r\n" % (number, b"a" * 60_000) for number in range(500)]
    answers = await heard_by(shop, head, *fields)
    assert [heard.status for heard in answers] in ([], [400]), answers


async def test_an_endless_field_does_not_fill_the_memory(shop: Shop, till: Till) -> None:
    answers = await heard_by(shop, request(till, CREATE, length="")[:-2] + b"x: ", *[b"a" * 60_000] * 500)
    assert [heard.status for heard in answers] in ([], [400]), answers


@pytest.mark.parametrize("given", ["<script>", "a b", "æ", "r" * 65, "6061001234567890123", "a;b", ""])
async def test_a_request_id_that_is_not_plain_is_not_echoed(till: Till, given: str) -> None:
    answer = await till.call("GET", "/v1/operations/any", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32
    plain = await till.call("GET", "/v1/operations/any", headers={"x-request-id": "till-7.42_a"})
    assert plain.headers["x-request-id"] == "till-7.42_a"


async def test_no_text_of_a_caller_becomes_a_header(shop: Shop, till: Till) -> None:
    trick = "a\r\nset-cookie: stolen=1\r\n\r\n<html>"
    payment = await till.open(250, reference=trick, metadata={trick[:60]: trick})
    for answer in (await till.verify(payment), await till.create(1, returnUrl=f"http://localhost/{trick}")):
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "\r" not in answer.text
    (heard,) = await heard_by(shop, request(till, "GET /v1/x?%0d%0aset-cookie:a=b HTTP/1.1"))
    assert "set-cookie" not in heard.head


async def test_http_1_0_is_answered_and_hung_up_on(shop: Shop, till: Till) -> None:
    first = request(till, "GET /v1/operations/any HTTP/1.0")
    (heard,) = await heard_by(shop, first + first)
    assert (heard.status, heard.body["state"]) == (200, "unknown")


async def test_requests_sent_before_the_answers_are_answered_in_order(shop: Shop, till: Till) -> None:
    payments = [await till.open(number) for number in range(1, 9)]
    asked = b"".join(request(till, f"GET /v1/payments/{payment} HTTP/1.1") for payment in payments)
    answers = await exchange(shop.server.port, [asked], expected=8)
    assert [heard.body["paymentTotal"] for heard in answers] == list(range(1, 9))


async def test_an_answer_to_head_has_no_body(till: Till) -> None:
    answer = await till.call("HEAD", f"/v1/payments/{await till.open(1)}")
    assert (answer.status, answer.text) == (200, "")


async def test_lines_may_be_cut_anywhere(shop: Shop, till: Till) -> None:
    whole = request(till, CREATE, body=GOOD)
    pieces = [whole[place : place + 7] for place in range(0, len(whole), 7)]
    (heard,) = await exchange(shop.server.port, pieces, pause_seconds=0.001)
    assert heard.status == 200


async def test_no_number_or_secret_reaches_the_log_wherever_it_is_put(shop: Shop, till: Till) -> None:
    gift = await shop.card(10_00)
    number = gift.number
    spaced = " ".join(number[place : place + 4] for place in range(0, 19, 4))
    shop.unmentionable.add(spaced)
    for where in (number, spaced):
        await till.call("GET", f"/v1/payments/{where}")
        await till.call("GET", f"/v1/operations/{where}?card={where}")
        await till.call("POST", f"/v1/cards/{where}", {})
        await till.create(1, reference=where, metadata={"card": where}, webhookUrl="http://127.0.0.1:9/" + number)
        await till.create(1, key=number, headers={"x-request-id": number, "user-agent": where, "referer": where})
        await till.call("POST", "/v1/cards/balance", {"cardNumber": number, number: {number: number}})
        await till.call("POST", "/v1/cards/balance", b'{"cardNumber": "%b' % number.encode())
        await till.call("GET", f"/{where}")
        await till.call("GET", f"/pay/{where}")
        await exchange(shop.server.port, [f"{number} / HTTP/1.1\r\n\r\n".encode()])
    await till.perform(await till.open(10), card(number, cvc=gift.cvc))
    await till.call("GET", "/v1/operations/any", headers={"authorization": f"Basic {till.secret}"})
    assert shop.leaks() == []
