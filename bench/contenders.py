"""Who is measured: gateways under load over HTTP, and pgbench doing the same to the same tables."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from bench.gateway import Gateway
from bench.load import requests, steady, wrk
from bench.load.requests import Caller
from bench.load.wrk import CONNECTIONS, Answers
from bench.mirror import pgbench
from bench.mirror.pgbench import Scripts, TooFewPayments
from bench.mirror.script import CARD_COUNT, CLIENTS, REFUNDS_OF_EACH
from bench.report import Sample
from bench.seeding import Shop, open_payments
from tillway.commands.tools import IdMaker, SystemClock

FIRST_GUESS = 6_000
"""So many requests are prepared for a second; if they do not last, the run is made again with twice as many."""

Prepare = Callable[[int], Awaitable[Iterable[bytes]]]
"""Makes so many requests ready, each to be sent once; or fewer, to be sent again and again."""


@dataclass(slots=True)
class Tally:
    """What the gateways of a database have answered: payments created and performed, in so many runs.

    `loaded` payments were put there for them, `loaded_booked` of these complete.
    """

    created: int = 0
    performed: int = 0
    runs: int = 0
    loaded: int = 0
    loaded_booked: int = 0


@dataclass(slots=True)
class Served:
    """A gateway under load; `database_cpu` tells the seconds its database server has computed so far."""

    shop: Shop
    gateway: Gateway
    tally: Tally
    database_cpu: Callable[[], float]
    _payments: list[str] = field(default_factory=list[str])
    _guess: int = FIRST_GUESS

    async def create(self, seconds: int, callers: Sequence[Caller] = (), *, keyed: bool = False) -> Sample:
        """Payments created by the shop's till, or by many in turn; with `keyed` each under an Idempotency-Key."""
        prepare = self._creating(callers or [self.shop.caller], keyed=keyed)
        answers, sample = await self.drive(prepare, seconds, again=not keyed)
        self.tally.created += answers.answered
        return sample if not answers.used_up else await self.create(seconds, callers, keyed=keyed)

    async def perform(self, seconds: int, cards: int = 1, *, hot: bool = False, keyed: bool = False) -> Sample:
        """Payments performed with one or more cards: all cards in turn, or always the same if they are `hot`."""
        answers, sample = await self.drive(self._performing(cards, hot=hot, keyed=keyed), seconds)
        self.tally.performed += answers.answered
        del self._payments[: answers.answered + 2 * CONNECTIONS]
        return sample if not answers.used_up else await self.perform(seconds, cards, hot=hot, keyed=keyed)

    async def create_at(self, per_second: float, seconds: int) -> Sample:
        """Payments created by the shop's till at a steady rate."""
        sample, count = await self._steadily(self._creating([self.shop.caller]), per_second, seconds)
        self.tally.created += count
        return sample

    async def perform_at(self, per_second: float, seconds: int) -> Sample:
        """Payments performed with all cards in turn at a steady rate."""
        sample, count = await self._steadily(self._performing(1), per_second, seconds)
        self.tally.performed += count
        del self._payments[:count]
        return sample

    def _creating(self, callers: Sequence[Caller], *, keyed: bool = False) -> Prepare:
        async def prepare(count: int) -> Iterable[bytes]:
            if keyed:
                return [requests.create(caller, key) for caller, key in zip(cycle(callers), _ids(count), strict=False)]
            return [requests.create(caller) for caller in callers]

        return prepare

    def _performing(self, cards: int, *, hot: bool = False, keyed: bool = False) -> Prepare:
        async def prepare(count: int) -> Iterable[bytes]:
            missing = count - len(self._payments)
            if missing > 0:
                self._payments += await open_payments(self.shop, missing)
                self.tally.loaded += missing
            numbers = cycle(self.shop.numbers[:cards] if hot else self.shop.numbers)
            keys = _ids(count) if keyed else [""] * count
            return (
                requests.perform(self.shop.caller, payment, list(islice(numbers, cards)), key)
                for payment, key in zip(self._payments, keys, strict=False)
            )

        return prepare

    async def drive(self, prepare: Prepare, seconds: int, *, again: bool = False) -> tuple[Answers, Sample]:
        """Send what was prepared, each request once or `again` and again, over 64 connections."""
        ready = await prepare(self._guess * seconds)
        file = requests.write(self.shop.data / "requests", ready, again=again)
        gateway, database = self.gateway.cpu_seconds, self.database_cpu()
        answers = await wrk.drive(self.gateway.url, file, seconds)
        sample = self.sample(answers, gateway, database)
        if answers.used_up:
            self._guess *= 2
        return answers, sample

    async def _steadily(self, prepare: Prepare, per_second: float, seconds: int) -> tuple[Sample, int]:
        count = int(per_second * seconds)
        ready = list(islice(cycle(await prepare(count)), count))
        gateway, database = self.gateway.cpu_seconds, self.database_cpu()
        answers = await steady.drive(self.gateway.url, ready, per_second)
        return self.sample(answers, gateway, database), answers.answered

    def sample(self, answers: Answers, gateway: float, database: float) -> Sample:
        """A run's figures; `gateway` and `database` are the seconds of CPU from before it."""
        self.tally.runs += 1
        each = 1e6 / answers.answered
        return Sample(
            answers.per_second,
            answers.p50_ms,
            answers.p99_ms,
            (self.gateway.cpu_seconds - gateway) * each,
            (self.database_cpu() - database) * each,
        )


@dataclass(slots=True)
class Plain:
    """pgbench on a database of its own, on the server of the gateways."""

    program: Path
    shop: Shop
    scripts: Scripts
    database_cpu: Callable[[], float]
    _begun: int = 0
    _guess: int = FIRST_GUESS

    async def create(self, seconds: int) -> Sample:
        """Payments opened one at a time by each client."""
        return await self._run(self.scripts.create, seconds)

    async def perform(self, seconds: int, cards: int = 1, *, hot: bool = False) -> Sample:
        """Payments performed one at a time by each client, with cards at random or always the same if it is `hot`."""
        each = self._guess * seconds // CLIENTS
        await pgbench.add_payments(self.shop, self._begun, each)
        file = self.scripts.perform if cards == 1 else self.scripts.perform_two
        try:
            return await self._run(file, seconds, 1 if hot else CARD_COUNT)
        except TooFewPayments:
            self._guess *= 2
            return await self.perform(seconds, cards, hot=hot)

    async def initiate(self, seconds: int) -> Sample:
        """Web payments opened one at a time by each client."""
        return await self._run(self.scripts.initiate, seconds)

    async def open_orders(self, seconds: int) -> Sample:
        """Payment orders opened one at a time by each client."""
        return await self._run(self.scripts.bank_order, seconds)

    async def refund(self, seconds: int) -> Sample:
        """One web payment after another refunded by all clients at once, little by little."""
        each = -(-self._guess * seconds // (CLIENTS * CLIENTS * REFUNDS_OF_EACH))
        place = self._begun * CLIENTS
        await pgbench.add_refundable(self.program, self.shop, self.scripts, self._begun, each)
        self._begun += each
        try:
            return await self._measured(self.scripts.refund, seconds, place, CARD_COUNT)
        except TooFewPayments:
            self._guess *= 2
            return await self.refund(seconds)

    async def _run(self, file: Path, seconds: int, cards: int = CARD_COUNT) -> Sample:
        begun, self._begun = self._begun, self._begun + self._guess * seconds
        return await self._measured(file, seconds, begun, cards)

    async def _measured(self, file: Path, seconds: int, begun: int, cards: int) -> Sample:
        database = self.database_cpu()
        run = await pgbench.run(self.program, self.shop, file, begun, cards, ("-T", str(seconds)))
        each = 1e6 / run.transactions
        return Sample(run.per_second, database_us=(self.database_cpu() - database) * each)


def _ids(count: int) -> Iterable[str]:
    ids, now = IdMaker(), SystemClock().now()
    return [ids.make(now) for _ in range(count)]
