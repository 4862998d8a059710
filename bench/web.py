"""The speed of web payments: initiating, asking, logging in, and one payment refunded by everybody at once."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ColumnElement, func, select

from bench.load import web_requests
from bench.mirror.recording import REFUNDABLE
from bench.report import Aim, Check, Report, Sample
from bench.seeding import tools_of
from bench.speed import LITE, ONE, PLAIN, TWO, Effort, Run, against_peers, in_turns, ratio
from bench.stage import Stage
from bench.web_contenders import REFUNDS, TOO_MANY, Storm, WebServed, log_in
from tillway.commands.login_keys import is_proof
from tillway.queries.registry import Registry
from tillway.store import schema

PAYMENTS_OF_A_STORM = 10
PROOFS = 2_000


async def initiate(stage: Stage, effort: Effort, report: Report) -> None:
    """Initiating payments in the widget, with all three credentials checked."""
    one, two, lite = await _shops(stage)
    seconds = effort.seconds
    runs: dict[str, Run] = {
        ONE: lambda: one.initiate(seconds),
        TWO: lambda: two.initiate(seconds),
        LITE: lambda: lite.initiate(seconds),
        PLAIN: lambda: stage.plain.initiate(seconds),
    }
    await in_turns("initiate", runs, effort, report)
    against_peers(report, "initiate", 1.5)


async def get(stage: Stage, effort: Effort, report: Report) -> None:
    """Asking how ten thousand payments stand, beside pgbench that initiates them."""
    one, two, lite = await _shops(stage)
    seconds, plain = effort.seconds, f"initiate, {PLAIN}"
    runs: dict[str, Run] = {
        ONE: lambda: one.get(seconds),
        TWO: lambda: two.get(seconds),
        LITE: lambda: lite.get(seconds),
        plain: lambda: stage.plain.initiate(seconds),
    }
    await in_turns("get", runs, effort, report)
    against_peers(report, "get", 1.0, plain)


async def login(stage: Stage, effort: Effort, report: Report) -> None:
    """Logging in, and how much of its time is the decryption of the proof."""
    one, two, lite = await _shops(stage)
    seconds = effort.seconds
    runs: dict[str, Run] = {
        ONE: lambda: one.login(seconds),
        TWO: lambda: two.login(seconds),
        LITE: lambda: lite.login(seconds),
    }
    await in_turns("login", runs, effort, report)
    proof_us = await _proof_us(stage)
    for name in runs:
        row = report.row("login", name)
        assert row
        spent = row.middle("gateway_us")
        how = f"{proof_us:.0f} of {spent:.0f} µs; {1e6 / proof_us:,.0f} proofs a second fill a processor"
        report.aims.append(Aim(f"login: part of the CPU that is the RSA key's ({name})", proof_us / spent, how=how))


async def refund_storm(stage: Stage, effort: Effort, report: Report) -> None:
    """One payment after another refunded by 64 connections at once until nothing is left, and a little longer."""
    one, two, lite = await _shops(stage)
    count = PAYMENTS_OF_A_STORM if effort.rounds > 1 else 1
    storms: dict[str, list[Storm]] = {ONE: [], TWO: [], LITE: []}

    def storm(name: str, shop: WebServed) -> Callable[[], Awaitable[Sample]]:
        async def run() -> Sample:
            storms[name].append(await shop.refund(count))
            return storms[name][-1].sample

        return run

    runs: dict[str, Run] = {name: storm(name, shop) for name, shop in ((ONE, one), (TWO, two), (LITE, lite))}
    runs[PLAIN] = lambda: stage.plain.refund(effort.seconds)
    await in_turns("refund storm", runs, effort, report)
    for name, shop in ((ONE, one), (TWO, two), (LITE, lite)):
        await prove_storms(name, shop, storms[name], report)
        ratio(report, "refund storm", name, PLAIN, f"refund storm: {name} against {PLAIN}", None)


async def prove_storms(name: str, shop: WebServed, storms: list[Storm], report: Report) -> None:
    """Of every payment exactly what was paid came back, and exactly that was answered."""
    ids = [payment for storm in storms for payment in storm.payments]
    refunds, payments = schema.refunds.c, schema.payments.c
    given_back: list[ColumnElement[Any]] = [func.count(), func.coalesce(func.sum(refunds.amount), 0)]
    rows = select(*given_back).where(refunds.payment_id.in_(ids))
    ends: list[ColumnElement[Any]] = [func.min(payments.refunded), func.max(payments.refunded)]
    kept = select(*ends).where(payments.id.in_(ids))
    async with tools_of(shop.served.shop.settings) as tools:
        count, total = (await tools.store.fetch(rows))[0]
        least, most = (await tools.store.fetch(kept))[0]
    given, refused = sum(storm.given for storm in storms), sum(storm.refused for storm in storms)
    holds = (count, total, least, most) == (given, len(ids) * REFUNDABLE, REFUNDABLE, REFUNDABLE)
    holds &= (given, refused) == (len(ids) * REFUNDS, len(ids) * TOO_MANY)
    found = f"{given:,} refunds of {len(ids)} payments answered and {refused:,} refused; {count:,} are {total:,} in all"
    report.checks.append(Check(f"{name}: what was refunded is what was paid", holds, found))


async def _shops(stage: Stage) -> tuple[WebServed, WebServed, WebServed]:
    return await log_in(stage.one), await log_in(stage.two), await log_in(stage.lite)


async def _proof_us(stage: Stage) -> float:
    """What one proof of a login takes in this process, in microseconds."""
    shop = stage.lite.shop
    caller, timestamp = shop.web_caller, web_requests.timestamp_of()
    signature = web_requests.sign(caller, web_requests.proof_text(caller, timestamp).encode())
    async with tools_of(shop.settings) as tools:
        kept = await Registry(tools.store, tools.vault).login_keys(caller.api_key, tools.now())
    begun = time.process_time()
    for _ in range(PROOFS):
        assert is_proof(kept, signature, f"{caller.api_key}_{timestamp}")
    return (time.process_time() - begun) * 1e6 / PROOFS
