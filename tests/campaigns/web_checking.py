"""What must be true of web payments when the dust has settled: answers, postbacks, and the acquirer's own books."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, select

from tests.campaigns.web_stories import Purchase, Shopper
from tests.clients.receiver import Receiver
from tests.clients.till import Json
from tests.shop import Shop
from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.domain.pretended import Pretended, PretendedState
from tillway.store import schema

FINAL = {"success": True, "failed": False, "cancelled": False}
"""The words for a payment's or a refund's end, and whether it is a good one."""


async def find_web_problems(shop: Shop, shoppers: Sequence[Shopper], receiver: Receiver) -> list[str]:
    """Everything that is not as it was answered; nothing if all is well."""
    problems: list[str] = []
    for shopper in shoppers:
        assert (await shopper.shop.login()).status == 200, "more than an hour of the sandbox's may have passed"
        for purchase in shopper.purchases:
            answer = await shopper.shop.get(purchase.reference)
            assert answer.status == 200, answer
            problems += _as_answered(purchase, answer.body)
            problems += _told(purchase, answer.body, receiver)
    problems += (f"badly signed: {delivery.text}" for delivery in receiver.badly_signed)
    return problems + await _acquirer_agrees(shop)


def _as_answered(purchase: Purchase, said: Json) -> list[str]:
    status, reference = said["status"]["value"], purchase.reference
    given_back = {refund["refundReference"] for refund in said["refunds"]}
    problems = [
        f"{reference}: refund {one} was answered, and is gone" for one in purchase.refunds if one not in given_back
    ]
    if purchase.is_paid and status != "success":
        problems.append(f"{reference}: it was answered that it is paid, but it is {status}")
    if status == "requested":
        problems.append(f"{reference}: what became of it was never found out")
    booked = sum(refund["amount"] for refund in said["refunds"] if refund["status"] != "failed")
    if booked > (said["amount"]["value"] if status == "success" else 0):
        problems.append(f"{reference}: {booked} of {said['amount']['value']} was given back, and it is {status}")
    return problems


def _told(purchase: Purchase, said: Json, receiver: Receiver) -> list[str]:
    """The payment's end and each refund's were told and taken in at least once, always with the same id and body."""
    expected = {"": FINAL.get(said["status"]["value"])}
    expected |= {refund["refundReference"]: FINAL[refund["status"]] for refund in said["refunds"]}
    ways: dict[str, set[tuple[str, str]]] = {}
    accepted: set[str] = set()
    problems: list[str] = []
    for delivery in receiver.of(purchase.reference):
        of = delivery.body.get("refundReference", "")
        ways.setdefault(of, set()).add((delivery.id, delivery.text))
        if delivery.status < 300:
            accepted.add(of)
        if delivery.body["isSuccess"] is not expected.get(of):
            problems.append(f"{purchase.reference}: it is {said}, but {delivery.text} was told")
    ended = {of for of, end in expected.items() if end is not None}
    problems += [f"{purchase.reference}: nobody was told of its end {of}" for of in ended - accepted]
    problems += [f"{purchase.reference}: told in {len(told)} ways" for told in ways.values() if len(told) > 1]
    return problems


async def _acquirer_agrees(shop: Shop) -> list[str]:
    """The acquirer has taken, and given back, what our books say of each payment, and nothing of any other."""
    pretended, told = schema.pretended.c, schema.instructions.c
    documents = await shop.tools.store.fetch(select(pretended.document).where(pretended.id.not_like("bank:%")))
    known = [msgspec.json.decode(row[0], type=Pretended) for row in documents]
    theirs = _net(known)
    attempts = schema.attempts.c
    columns: list[ColumnElement[Any]] = [attempts.payment_id, attempts.number, attempts.amount, attempts.refunded]
    wanted = select(*columns).where(
        attempts.method != GIFT_CARD_METHOD,
        attempts.state.in_(("PAID", "LATE")),
        attempts.payment_id.not_in(select(told.payment_id)),
    )
    ours = Counter[str]()
    for payment, number, amount, refunded in await shop.tools.store.fetch(wanted):
        ours[f"{payment}-{number}"] += amount - refunded
    waiting = (one for one in known if one.state is PretendedState.PENDING)
    return [
        *(f"{one.id}: waits at the acquirer, {one.behaviour or 'for a choice'}, {one.step}" for one in waiting),
        *_differences(theirs, ours),
    ]


def _differences(theirs: Mapping[str, int], ours: Mapping[str, int]) -> list[str]:
    return [
        f"{one}: the acquirer has {theirs.get(one, 0)}, our books say {ours.get(one, 0)}"
        for one in sorted({*theirs, *ours})
        if theirs.get(one, 0) != ours.get(one, 0)
    ]


def _net(known: Iterable[Pretended]) -> Mapping[str, int]:
    """What the acquirer has of each payment, in minor units."""
    return {
        one.id: one.terms.amount - sum(back.amount for back in one.refunds if back.state is PretendedState.PAID)
        for one in known
        if one.state is PretendedState.PAID and one.terms is not None
    }
