"""The management API over a socket: the log by cursor, notices, replay, and who may."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette

from tests import gateway
from tests.surfaces.common.serving import serving
from tillway.commands import giftcards, records
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.clients import Surface
from tillway.queries.events import SETTLING
from tillway.queries.registry import Registry
from tillway.surfaces.common.api import Api, Telemetry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.logs import AccessLog
from tillway.surfaces.common.metrics import RequestMetrics
from tillway.surfaces.management_api import routes
from tillway.surfaces.management_api.dialect import ManagementDialect
from tillway.surfaces.management_api.routes import ManagementCalls

pytestmark = pytest.mark.anyio


class Operator:
    """Someone with a token."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._url = url
        self.token = token

    async def ask(self, method: str, path: str, token: str | None = None) -> tuple[int, Any]:
        """Status and body of a call."""
        headers = {"authorization": f"Bearer {self.token if token is None else token}"}
        async with self._session.request(method, f"{self._url}/management/v1{path}", headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
async def operator(tools: Tools) -> AsyncIterator[Operator]:
    """An operator of a gateway that has taken three payments."""
    owner = await gateway.merchant(tools)
    made = await records.add_client(tools, owner, "operator", "Operator", Surface.MANAGEMENT, "NOK", (), ())
    api = Api(
        ManagementDialect(Registry(tools.store, tools.vault), tools.clock),
        routes.endpoints(ManagementCalls(tools)),
        prefixes=[routes.PREFIX],
        telemetry=Telemetry(AccessLog(BytesIO()), RequestMetrics()),
        addresses=Addresses(),
    )
    await take_payments(tools, 3)
    async with serving(Starlette(routes=[api])) as url, aiohttp.ClientSession() as session:
        yield Operator(session, url, f"operator.{made.secret}")


async def take_payments(tools: Tools, count: int) -> None:
    till = await gateway.client(tools)
    for card in await gateway.cards(tools, *[10_000] * count):
        payment = (await gateway.payment(tools, till, 2_500)).payment
        await giftcards.perform(tools, till, payment.id, [CardPart(card.number, "", 0)], (gateway.PREFIX,))


async def test_the_log_is_read_to_its_end_by_cursor(operator: Operator, tools: Tools) -> None:
    gateway.clock_of(tools).advance(SETTLING / 1_000_000 + 1)
    seen: list[str] = []
    after = ""
    while True:
        status, page = await operator.ask("GET", f"/events?limit=2&after={after}")
        assert status == 200
        if not page["events"]:
            assert page["next"] == after
            break
        assert len(page["events"]) <= 2
        seen += [event["event"]["payment_id"] for event in page["events"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 3


async def test_an_event_is_listed_only_when_none_can_slip_in_before_it(operator: Operator, tools: Tools) -> None:
    assert (await operator.ask("GET", "/events"))[1]["events"] == []
    gateway.clock_of(tools).advance(SETTLING / 1_000_000 + 1)
    (_, page) = await operator.ask("GET", "/events?clientId=till")
    assert [event["kind"] for event in page["events"]] == ["payment.succeeded"] * 3
    assert (await operator.ask("GET", "/events?clientId=nobody"))[1]["events"] == []


async def test_a_notice_is_listed_looked_at_and_told_again(operator: Operator) -> None:
    (_, page) = await operator.ask("GET", "/notices?state=due&limit=1")
    (notice,) = page["notices"]
    status, detail = await operator.ask("GET", f"/notices/{notice['id']}")
    assert status == 200
    assert detail["notice"] == notice
    assert notice["paymentId"] in detail["body"]
    assert detail["tries"] == []
    status, again = await operator.ask("POST", f"/notices/{notice['id']}/replay")
    assert (status, again["id"], again["state"]) == (200, notice["id"], "due")


@pytest.mark.parametrize("token", ["", "operator.", "operator.wrong", "nobody.wrong", ".", "operator"])
async def test_nobody_gets_in_without_the_token(operator: Operator, token: str) -> None:
    status, body = await operator.ask("GET", "/events", token)
    assert (status, body["error"]) == (401, "unauthorized")


async def test_a_till_is_not_an_operator(operator: Operator, tools: Tools) -> None:
    till = await gateway.credentials(tools, "another-till")
    assert (await operator.ask("GET", "/events", f"another-till.{till.secret}"))[0] == 401


@pytest.mark.parametrize(
    "path",
    [
        "/events?limit=0",
        "/events?limit=501",
        "/events?limit=x",
        "/events?limit=%D9%A3",
        "/events?after=x",
        "/notices?state=odd",
        "/events?after=%00",
    ],
)
async def test_a_parameter_out_of_bounds_is_named(operator: Operator, path: str) -> None:
    status, body = await operator.ask("GET", path)
    assert (status, body["error"]) == (400, "invalid")


@pytest.mark.parametrize("notice", ["x", "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5003"])
async def test_a_notice_that_is_not_there_is_said_to_be_unknown(operator: Operator, notice: str) -> None:
    assert (await operator.ask("GET", f"/notices/{notice}"))[0] == 404
    status, body = await operator.ask("POST", f"/notices/{notice}/replay")
    assert (status, body["error"]) == (404, "notice_unknown")
