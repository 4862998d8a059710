"""Who is measured with web payments: a gateway that a web shop has logged in to, on the same database as the tills."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import update

from bench.contenders import Served
from bench.load import burst, web_requests
from bench.load.web_requests import Session
from bench.load.wrk import WrongAnswers
from bench.mirror.recording import NOWHERE, REFUNDABLE, initiated, tender_once, web_opening
from bench.report import Sample
from bench.seeding import PREFIX, open_payments, running, tools_of
from tillway.commands import payments, tendering
from tillway.commands.giftcards import CardPart
from tillway.domain.notices import NoticeState
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.store import schema

ASKED_FOR = 10_000
"""So many payments are asked for in turn."""

REFUNDS = 400
"""A payment of REFUNDABLE can be refunded so often, each time by what a refund of the load is."""

TOO_MANY = 80
"""So many refunds more are asked for, which must be refused."""


@dataclass(frozen=True, slots=True)
class Storm:
    """One payment after another that was refunded until nothing was left: what was given, and what was refused."""

    payments: tuple[str, ...]
    given: int
    refused: int
    sample: Sample


@dataclass(slots=True)
class WebServed:
    """A gateway under a load of a web shop's calls."""

    served: Served
    session: Session
    _known: list[str] = field(default_factory=list[str])

    async def initiate(self, seconds: int) -> Sample:
        """Payments initiated in the widget."""

        async def prepare(_: int) -> Iterable[bytes]:
            return [web_requests.initiate(self.session)]

        answers, sample = await self.served.drive(prepare, seconds, again=True)
        self.served.tally.created += answers.answered
        return sample

    async def get(self, seconds: int) -> Sample:
        """Ten thousand payments asked for in turn."""
        if not self._known:
            shop = self.served.shop
            self._known = await open_payments(shop, ASKED_FOR, await initiated(shop.web_client))
            self.served.tally.loaded += ASKED_FOR

        async def prepare(_: int) -> Iterable[bytes]:
            return [web_requests.get(self.session, payment) for payment in self._known]

        return (await self.served.drive(prepare, seconds, again=True))[1]

    async def login(self, seconds: int) -> Sample:
        """Logins, always with the same proof: it may be repeated as long as its timestamp is good."""

        async def prepare(_: int) -> Iterable[bytes]:
            return [web_requests.login(self.session.caller)]

        return (await self.served.drive(prepare, seconds, again=True))[1]

    async def refund(self, count: int) -> Storm:
        """So many payments, each refunded over all connections at once until nothing is left, and a little longer."""
        ids = await self._paid(count)
        served, given, refused, seconds = self.served, 0, 0, 0.0
        gateway, database = served.gateway.cpu_seconds, served.database_cpu()
        for payment in ids:
            request = web_requests.refund(self.session, payment)
            answers = await burst.drive(served.gateway.url, [request] * (REFUNDS + TOO_MANY))
            taken = [answer.at for answer in answers if answer.status == 202]
            given, refused = given + len(taken), refused + sum(answer.status in {410, 422} for answer in answers)
            seconds += max(taken)
        computed = served.gateway.cpu_seconds - gateway, served.database_cpu() - database
        each = 1e6 / (count * (REFUNDS + TOO_MANY))
        sample = Sample(given / seconds, gateway_us=computed[0] * each, database_us=computed[1] * each)
        await self._hush()
        return Storm(tuple(ids), given, refused, sample)

    async def _hush(self) -> None:
        """Give the storm's notices up: whoever is measured next shall not be measured beside their tries."""
        notices = schema.notices
        waiting = update(notices).where(notices.c.state == NoticeState.DUE).values(state=NoticeState.GIVEN_UP)
        async with tools_of(self.served.shop.settings) as tools:
            await tools.store.write(running(waiting))

    async def _paid(self, count: int) -> list[str]:
        """Payments that a payer has paid with one gift card."""
        shop, tally = self.served.shop, self.served.tally
        ids: list[str] = []
        async with tools_of(shop.settings) as tools:
            for _ in range(count):
                asked = web_opening(REFUNDABLE, web_requests.POSTBACK_URL, tools.now() + DAY)
                opened = await payments.open_payment(tools, shop.web_client, asked)
                assert isinstance(opened, Standing)
                part = CardPart(shop.numbers[0], "", 0)
                once = tender_once(shop.web_client, opened.payment.id, tools.now())
                await tendering.tender(tools, shop.web_client, opened, [part], None, (PREFIX,), NOWHERE, once)
                ids.append(opened.payment.id)
        tally.loaded += count
        tally.loaded_booked += count
        return ids


async def log_in(served: Served) -> WebServed:
    """Have the web shop log in over HTTP. Raises WrongAnswers."""
    caller = served.shop.web_caller
    (answer,) = await burst.drive(served.gateway.url, [web_requests.login(caller)], 1)
    if answer.status != 200:
        raise WrongAnswers(f"login was answered {answer.status}")
    return WebServed(served, Session(caller, json.loads(answer.body)["authToken"]))
