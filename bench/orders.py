"""The speed of payment orders: opening them, each under a name of its own that has to be unique."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bench.contenders import Served
from bench.load import burst, order_requests
from bench.load.order_requests import IBAN, SHOP, OrderCaller
from bench.load.wrk import WrongAnswers
from bench.report import Report, Sample
from bench.seeding import tools_of
from bench.speed import LITE, ONE, PLAIN, TWO, Effort, Run, against_peers, in_turns
from bench.stage import Stage
from tillway.commands import records
from tillway.commands.records import OrderTerms
from tillway.commands.tools import IdMaker, SystemClock


@dataclass(frozen=True, slots=True)
class OrderServed:
    """A gateway under a load of orders that a shop opens."""

    served: Served
    caller: OrderCaller

    async def create(self, seconds: int) -> Sample:
        """Orders opened, each with an instruction id of its own."""
        access, ids, now = await log_in(self.served.gateway.url, self.caller), IdMaker(), SystemClock().now()

        async def prepare(count: int) -> Iterable[bytes]:
            return (order_requests.create(access, ids.make(now)) for _ in range(count))

        answers, sample = await self.served.drive(prepare, seconds)
        self.served.tally.created += answers.answered
        return sample if not answers.used_up else await self.create(seconds)


async def orders(stage: Stage, effort: Effort, report: Report) -> None:
    """Opening payment orders."""
    one, two, lite = [await shop_of(served) for served in (stage.one, stage.two, stage.lite)]
    seconds = effort.seconds
    runs: dict[str, Run] = {
        ONE: lambda: one.create(seconds),
        TWO: lambda: two.create(seconds),
        LITE: lambda: lite.create(seconds),
        PLAIN: lambda: stage.plain.open_orders(seconds),
    }
    await in_turns("orders", runs, effort, report)
    against_peers(report, "orders", 1.5)


async def shop_of(served: Served) -> OrderServed:
    """A gateway with a new shop that takes payments by bank."""
    async with tools_of(served.shop.settings) as tools:
        merchant = await records.add_merchant(tools, "Corner shop", "Europe/Oslo")
        made = await records.add_order_client(tools, merchant, "Bank shop", OrderTerms("EUR", (IBAN,), (SHOP,)))
    return OrderServed(served, OrderCaller(made.client.id, made.secret))


async def log_in(url: str, caller: OrderCaller) -> str:
    """An access token. Raises WrongAnswers."""
    (answer,) = await burst.drive(url, [order_requests.token(caller)], 1)
    if answer.status != 200:
        raise WrongAnswers(f"a token was answered {answer.status}")
    return json.loads(answer.body)["access_token"]
