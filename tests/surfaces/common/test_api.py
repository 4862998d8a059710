"""An API answers everything below its prefixes in its own dialect, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import structlog
from starlette.routing import Router

from tests.surfaces.common.orchard import KEY, Orchard
from tests.surfaces.common.serving import serving

pytestmark = pytest.mark.anyio

APPLES = "/orchard/baskets/b-1/apples"
BASKET = {"kilograms": 3, "price": 12.5}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]


class Visitor:
    """Someone with a socket to the orchard."""

    def __init__(self, url: str, session: aiohttp.ClientSession, orchard: Orchard) -> None:
        self.url = url
        self.orchard = orchard
        self._session = session

    async def ask(
        self, method: str, path: str, data: object = None, headers: dict[str, str] | None = None, **more: object
    ) -> Answer:
        fields = {**KEY, "content-type": "application/json", **(headers or {})}
        if isinstance(data, dict):
            data = json.dumps(data)
        sent = {"data": data, "headers": fields, **more}
        async with self._session.request(method, self.url + path, **sent) as answer:  # pyright: ignore[reportArgumentType]
            text = await answer.text()
            told = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, json.loads(text) if text else None, told)

    async def say(self, raw: bytes) -> bytes:
        """Send bytes as they are, and read until the connection is closed."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw)
        await writer.drain()
        async with asyncio.timeout(5):
            heard = await reader.read()
        writer.close()
        return heard

    def logged(self) -> list[dict[str, object]]:
        self.orchard.access_log.flush()
        return [json.loads(line) for line in self.orchard.log.getvalue().splitlines()]


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    orchard = Orchard()
    async with serving(Router(routes=[orchard.api])) as url, aiohttp.ClientSession() as session:
        yield Visitor(url, session, orchard)


async def test_a_good_call_reaches_its_handler_with_all_it_may_ask_for(visitor: Visitor) -> None:
    answer = await visitor.ask("POST", APPLES, BASKET, {"x-request-id": "till-7.1", "Idempotency-Key": "k-1"})
    assert answer.status == 200
    told = {name: answer.body[name] for name in ("basket", "price", "kilograms", "by", "peer", "request", "key")}
    assert told == {
        "basket": "b-1",
        "price": 12.5,
        "kilograms": 3,
        "by": "rosa",
        "peer": "127.0.0.1",
        "request": "till-7.1",
        "key": "k-1",
    }
    assert answer.headers["x-request-id"] == "till-7.1"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


async def test_parameters_are_decoded_and_stay_in_their_place(visitor: Visitor) -> None:
    heard = await visitor.say(
        b"GET /orchard/baskets/a%20b%2Fapples%C3%A6?x=1&x=2&y= HTTP/1.1\r\nhost: x\r\nx-gardener: rosa\r\n"
        b"connection: close\r\n\r\n"
    )
    assert json.loads(heard.partition(b"\r\n\r\n")[2]) == {
        "basket": "a b/applesæ",
        "query": {"x": ["1", "2"], "y": [""]},
        "agent": None,
    }


@pytest.mark.parametrize(
    "path",
    [
        "/orchard",
        "/orchard/",
        "/orchard/baskets",
        "/orchard/baskets//apples",
        "/orchard/baskets/b-1/pears",
        "/orchard/baskets/%00/apples",
        "/orchard/baskets/%FF",
        "/orchard/baskets/%ff%fe/apples",
        "/orchard/baskets/a%0Ab",
        "/orchard/baskets/../wishes",
        "/orchard//wishes",
        "/orchard/wishes%2F",
        "/orchard/" + "x" * 5000,
        "/orchard/baskets/" + "x" * 801,
    ],
)
async def test_an_unknown_path_is_not_found_in_the_dialect(visitor: Visitor, path: str) -> None:
    heard = await visitor.say(
        b"GET " + path.encode() + b" HTTP/1.1\r\nhost: x\r\nx-gardener: rosa\r\nconnection: close\r\n\r\n"
    )
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404")
    assert json.loads(body) == {"no": "nowhere"}


async def test_a_trailing_slash_makes_no_difference(visitor: Visitor) -> None:
    assert (await visitor.ask("POST", APPLES + "/", BASKET)).status == 200
    assert (await visitor.ask("POST", "/orchard/wishes/", {})).status == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", APPLES, "POST"),
        ("OPTIONS", APPLES, "POST"),
        ("POST", "/orchard/baskets/b-1", "GET, HEAD"),
        ("GET", "/orchard/wishes", "POST"),
    ],
)
async def test_another_method_is_refused_in_the_dialect(visitor: Visitor, method: str, path: str, allowed: str) -> None:
    answer = await visitor.ask(method, path)
    assert (answer.status, answer.body, answer.headers["allow"]) == (405, {"no": "not like this"}, allowed)


async def test_head_answers_as_get_without_a_body(visitor: Visitor) -> None:
    answer = await visitor.ask("HEAD", "/orchard/baskets/b-1")
    assert (answer.status, answer.body) == (200, None)


async def test_a_stranger_is_refused_before_the_body_is_read(visitor: Visitor) -> None:
    answer = await visitor.ask("POST", APPLES, "{ not json", {"x-gardener": ""})
    assert (answer.status, answer.body) == (401, {"no": "stranger"})


async def test_a_public_call_needs_no_credentials_and_an_optional_body_none(visitor: Visitor) -> None:
    answer = await visitor.ask("POST", "/orchard/wishes", None, {"x-gardener": ""})
    assert answer.status == 200
    assert answer.body["caller"] is None


async def test_all_faults_of_a_body_are_told_at_once_and_values_never(visitor: Visitor) -> None:
    body = {"price": "9578000000000012345", "sort": "x" * 21, "ripeAt": "soon", "notes": {"a": 1}, "pears": 1}
    answer = await visitor.ask("POST", APPLES, body)
    assert answer.status == 400
    faults = {(fault["where"], fault["kind"]) for fault in answer.body["faults"]}
    assert faults == {
        ("kilograms", "missing"),
        ("price", "wrong_type"),
        ("sort", "bad_value"),
        ("ripeAt", "bad_value"),
        ("notes.a", "wrong_type"),
        ("pears", "unknown"),
    }
    assert "9578000000000012345" not in json.dumps(answer.body)


async def test_a_handler_can_find_faults_of_its_own(visitor: Visitor) -> None:
    answer = await visitor.ask("POST", APPLES, BASKET | {"sort": "stone"})
    assert answer.status == 400
    assert answer.body["faults"] == [{"where": "sort", "kind": "bad_value", "what": "is not an apple"}]


@pytest.mark.parametrize("key", ["", " ", "a b", "ø", "x" * 256])
async def test_a_malformed_idempotency_key_is_a_fault(visitor: Visitor, key: str) -> None:
    answer = await visitor.ask("POST", APPLES, BASKET, {"Idempotency-Key": key})
    assert answer.status == 400
    assert answer.body["faults"][0]["where"] == "Idempotency-Key"


async def test_refusals_are_said_in_the_dialect(visitor: Visitor) -> None:
    answer = await visitor.ask("DELETE", "/orchard/trees/refused")
    assert (answer.status, answer.body) == (410, {"no": "wilted"})


async def test_when_too_much_waits_the_caller_is_told_when_to_come_again(visitor: Visitor) -> None:
    answer = await visitor.ask("DELETE", "/orchard/trees/busy")
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, {"no": "busy"}, "1")


@pytest.mark.parametrize("how", ["nail", "unlisted"])
async def test_our_own_mistakes_are_answered_logged_and_counted(visitor: Visitor, how: str) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await visitor.ask("DELETE", f"/orchard/trees/{how}", headers={"x-request-id": "r-1"})
    assert (answer.status, answer.body) == (500, {"no": "fell off the tree"})
    assert [(line["event"], line["request_id"], line["route"]) for line in logs] == [
        ("request crashed", "r-1", "/orchard/trees/{how}")
    ]
    assert visitor.orchard.registry.get_sample_value("tillway_http_crashes_total", {"api": "orchard"}) == 1
    assert (await visitor.ask("GET", "/orchard/baskets/b-1")).status == 200


async def test_the_access_log_has_the_template_and_the_client_and_nothing_that_was_sent(visitor: Visitor) -> None:
    await visitor.ask("POST", APPLES + "?token=secret", BASKET, {"x-request-id": "r-7"})
    await visitor.ask("GET", "/orchard/elsewhere-9578000000000012345")
    first, second = visitor.logged()
    assert {name: first[name] for name in first if name not in {"at", "milliseconds"}} == {
        "event": "request",
        "level": "info",
        "request_id": "r-7",
        "api": "orchard",
        "method": "POST",
        "route": "/orchard/baskets/{basket}/apples",
        "status": 200,
        "client": "rosa",
    }
    assert (second["route"], second["status"], second["client"]) == ("-", 404, None)
    written = visitor.orchard.log.getvalue()
    assert b"secret" not in written
    assert b"b-1" not in written
    assert b"9578" not in written


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "<script>", "ø", "9578000000000012345"])
async def test_a_request_id_that_is_not_safe_is_replaced(visitor: Visitor, given: str) -> None:
    answer = await visitor.ask("GET", "/orchard/baskets/b-1", headers={"x-request-id": given})
    assert len(answer.headers["x-request-id"]) == 32


async def test_new_request_ids_are_all_different(visitor: Visitor) -> None:
    made = {(await visitor.ask("POST", "/orchard/wishes")).headers["x-request-id"] for _ in range(300)}
    assert len(made) == 300


async def test_requests_are_counted_by_route_and_status(visitor: Visitor) -> None:
    await visitor.ask("POST", APPLES, BASKET)
    await visitor.ask("POST", APPLES, BASKET)
    labels = {"api": "orchard", "method": "POST", "route": "/orchard/baskets/{basket}/apples", "status": "200"}
    assert visitor.orchard.registry.get_sample_value("tillway_http_request_seconds_count", labels) == 2
    assert (
        visitor.orchard.registry.get_sample_value("tillway_http_request_seconds_bucket", labels | {"le": "+Inf"}) == 2
    )


async def test_what_is_not_ours_is_left_to_others(visitor: Visitor) -> None:
    heard = await visitor.say(b"GET /orchards HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert b"404" in heard.partition(b"\r\n")[0]
    assert visitor.logged() == []
