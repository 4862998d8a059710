"""What must be true when the dust has settled: every answer, every webhook, every card and the books."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import func, select

from tests.campaigns.stories import Life, Teller
from tests.campaigns.traffic import Asked, Traffic
from tests.clients.receiver import Receiver
from tests.clients.till import Json, Till
from tests.shop import Shop
from tillway.domain.payments import UNRESOLVED
from tillway.queries.ledger import verify
from tillway.store import schema

AT_ONCE = 32
SETTLING_ROUNDS = 60
SETTLING_STEPS_SECONDS = (31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 310)
"""How much time is let pass each round, the last for all that follow: look-ups come ever more rarely."""
SETTLING_PAUSE_SECONDS = 0.2

Found = TypeVar("Found")


async def settle(shop: Shop, traffic: Traffic) -> None:
    """Let the sandbox's time pass until nothing is in doubt and nobody is left to be told."""
    for turn in range(SETTLING_ROUNDS):
        seconds = SETTLING_STEPS_SECONDS[min(turn, len(SETTLING_STEPS_SECONDS) - 1)]
        if await _unsettled(shop) == 0:
            return
        for address in traffic.addresses:
            till = replace(shop.till, url=address)
            await till.call("POST", "/sandbox/v1/clock/advance", {"seconds": seconds})
        await asyncio.sleep(SETTLING_PAUSE_SECONDS)
    traffic.surprises.append(f"{await _unsettled(shop)} things never settled")


async def _unsettled(shop: Shop) -> int:
    attempts, parts, notices = schema.attempts, schema.refund_parts, schema.notices
    searches: tuple[Any, ...] = (
        select(func.count()).where(attempts.c.state.in_(UNRESOLVED), attempts.c.next_look_up_at > 0),
        select(func.count()).where(parts.c.state == "PROCESSING"),
        select(func.count()).where(notices.c.state == "due"),
    )
    return sum([(await shop.tools.store.fetch(search))[0][0] for search in searches])


async def find_problems(
    shop: Shop, tellers: Sequence[Teller], traffic: Traffic, receiver: Receiver, initial_balance: int
) -> list[str]:
    """Everything that is not as it was answered; nothing if all is well."""
    lives = [life for teller in tellers for life in teller.lives]
    said = {answer["paymentId"]: answer for answer in await _all(_verified(shop.till, life) for life in lives)}
    for life in lives:
        life.learn(said[life.payment_id]["status"])
    verdict = await verify(shop.tools.store)
    return [
        *traffic.surprises,
        *(problem for found in await _all(_answer_kept(asked) for asked in traffic.asked) for problem in found),
        *(problem for life in lives for problem in _as_answered(life, said[life.payment_id])),
        *(problem for teller in tellers for problem in _doubts_resolved(teller)),
        *await _cards_add_up(shop, tellers, said, initial_balance),
        *await _nothing_twice(shop, lives),
        *_told(lives, receiver),
        *(f"badly signed: {delivery.text}" for delivery in receiver.badly_signed),
        *(f"the books: {one.rule} {one.subject} {one.detail}" for one in verdict.violations),
        *_mistakes(shop, traffic),
    ]


def _mistakes(shop: Shop, traffic: Traffic) -> list[str]:
    """What the server was surprised by; a database that goes away is allowed to surprise its workers."""
    unwelcome = ("request crashed",) if traffic.turned_away else ("request crashed", "Traceback")
    lines = shop.server.said().splitlines()
    return [f"{mistake} in the log: {line}" for mistake in unwelcome for line in lines if mistake in line]


async def _all(questions: Iterable[Awaitable[Found]]) -> list[Found]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(question: Awaitable[Found]) -> Found:
        async with room:
            return await question

    return await asyncio.gather(*map(one, questions))


async def _verified(till: Till, life: Life) -> Json:
    return (await till.verify(life.payment_id)).body


async def _answer_kept(asked: Asked) -> list[str]:
    """Whoever asks later what became of a call is told what was answered then."""
    kept = (await asked.till.operation(asked.key)).body
    if kept == {"state": "done", "status": 200, "body": asked.answer.body}:
        return []
    return [f"{asked.method} {asked.path} was answered {asked.answer.text}, but kept is {kept}"]


def _as_answered(life: Life, said: Json) -> list[str]:
    expected = (life.status, life.total, life.paid, life.refunded)
    found = (said["status"], said["paymentTotal"], said["paidAmount"], said["refundedAmount"])
    used = [(one["cardNumber"][-5:], one["deductedAmount"]) for one in said["cards"]]
    if found == expected and used == [(number[-5:], amount) for number, amount in life.taken]:
        return []
    return [f"{life.payment_id}: by what was answered it is {expected}, but verify says {said}"]


def _doubts_resolved(teller: Teller) -> list[str]:
    """What a silent issuer took is paid, and what it never heard of is not."""
    cards = teller.cards
    unpaid = [life for life in teller.lives if life.pending and life.pending[0] == cards.silent_but_paid]
    unheard = [life for life in teller.lives if cards.silent_and_never_received in dict(life.taken)]
    return [
        *(f"{life.payment_id}: the issuer took the money, but the payment is {life.status}" for life in unpaid),
        *(f"{life.payment_id}: paid by a card whose issuer never heard of it" for life in unheard),
    ]


async def _cards_add_up(
    shop: Shop, tellers: Sequence[Teller], said: Mapping[str, Json], initial_balance: int
) -> list[str]:
    """No card was charged twice, or not at all, for what was answered."""
    left = dict.fromkeys((number for teller in tellers for number in teller.cards.all()), initial_balance)
    for life in (life for teller in tellers for life in teller.lives):
        for number, one in zip((number for number, _ in life.taken), said[life.payment_id]["cards"], strict=False):
            left[number] -= int((one["deductedAmount"] - one["refundedAmount"]) * 100)
    problems: list[str] = []
    for number, expected in left.items():
        books = await shop.books(number)
        if (books.balance, books.held) != (expected, 0):
            problems.append(f"a card has {books.balance} and {books.held} held, where {expected} was left")
    return problems


async def _nothing_twice(shop: Shop, lives: Sequence[Life]) -> list[str]:
    """As many payments as were answered, and not one more."""
    orders = schema.orders
    wanted = select(func.count()).where(orders.c.client_id == shop.till.client_id)
    count = (await shop.tools.store.fetch(wanted))[0][0]
    return [] if count == len(lives) else [f"{len(lives)} payments were answered, but there are {count}"]


def _told(lives: Sequence[Life], receiver: Receiver) -> list[str]:
    """Every completed payment was told at least once, always with the same id and body, and no other one ever."""
    completed = {life.payment_id: life for life in lives if life.status == "completed"}
    ways: dict[str, set[tuple[str, str]]] = {}
    accepted: set[str] = set()
    problems: list[str] = []
    for delivery in receiver.deliveries:
        body = delivery.body
        payment_id = body["paymentId"]
        ways.setdefault(payment_id, set()).add((delivery.id, delivery.text))
        if delivery.status < 300:
            accepted.add(payment_id)
        if payment_id in completed and body["paidAmount"] != completed[payment_id].paid:
            problems.append(f"{payment_id}: {completed[payment_id].paid} was paid, but {body['paidAmount']} was told")
    problems += [f"{payment_id} is complete, but nobody was told" for payment_id in completed.keys() - accepted]
    problems += [f"{payment_id} was told, but is not complete" for payment_id in ways.keys() - completed.keys()]
    problems += [f"{payment_id} was told in {len(told)} ways" for payment_id, told in ways.items() if len(told) > 1]
    return problems
