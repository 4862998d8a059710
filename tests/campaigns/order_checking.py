"""What must be true of payment orders when the dust has settled: answers, searches, webhooks, and the banks' books."""

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select

from tests.campaigns.order_stories import SCOPE, Paid, Sale, Seller, written
from tests.clients.receiver import Delivery, Receiver
from tests.clients.till import Json
from tests.shop import Shop
from tillway.domain.ids import ClientId
from tillway.domain.payments import BANK_METHOD
from tillway.domain.pretended_transfers import BankTransfer, TransferStatus
from tillway.store import schema

ENDS = frozenset({"BOOKED", "FAILED", "WITHDRAWN", "EXPIRED", "PROCESSING_EXPIRED"})
COUNTED = frozenset({"CONFIRMED", "BOOKED"})


async def find_order_problems(
    shop: Shop, client_id: ClientId, sellers: Sequence[Seller], receiver: Receiver
) -> list[str]:
    """Everything that is not as it was answered; nothing if all is well."""
    problems: list[str] = []
    statuses: dict[str, str] = {}
    for seller in sellers:
        assert (await seller.client.login(SCOPE)).status == 200
        for sale in seller.sales:
            said = (await seller.client.order(sale.id)).body["data"]
            problems += _as_answered(sale, said)
            problems += await _found(seller, sale)
            statuses |= {one["id"]: one["status"] for one in (*said["payments"], *said["refunds"])}
            statuses[sale.id] = said["status"]
    problems += _told(statuses, receiver)
    problems += (f"badly signed: {one.text}" for one in receiver.deliveries if not _has_signature(one, receiver.secret))
    return problems + await _nothing_twice(shop, client_id, sellers) + await _banks_agree(shop)


def _as_answered(sale: Sale, said: Json) -> list[str]:
    known = {one["id"]: one for one in (*said["payments"], *said["refunds"])}
    problems = [
        f"{written(sale)}: {one.id} is {known.get(one.id)}"
        for one in (sale.payment, *sale.refunds)
        if not _agrees(one, known.get(one.id))
    ]
    for name, room in (("sumOfPaid", "payments"), ("sumOfRefunded", "refunds")):
        total = sum((Decimal(one["amount"]) for one in said[room] if one["status"] in COUNTED), Decimal())
        if said[name] != total:
            problems.append(f"{sale.id}: {name} is {said[name]}, not {total}")
    return problems


def _agrees(known: Paid, said: Json | None) -> bool:
    if said is None or Decimal(said["amount"]) != known.amount:
        return False
    if known.status == "FAILED" and known.reason:
        return (said["status"], said["reasonCode"]) == (known.status, known.reason)
    return known.status in ("", said["status"])


async def _found(seller: Seller, sale: Sale) -> list[str]:
    """Whoever looks for what was ordered finds it, once."""
    answer = await seller.client.call("GET", f"/api/v2/orders?instructionId={sale.instruction_id}")
    found = [one["id"] for one in answer.body["data"]]
    return [] if found == [sale.id] else [f"{sale.id}: a search for its instruction finds {found}"]


def _told(statuses: Mapping[str, str], receiver: Receiver) -> list[str]:
    """The end of each payment and refund, and of each order, was told and taken in, always with one id and body."""
    told: dict[tuple[str, str], set[tuple[str, str]]] = {}
    accepted: set[tuple[str, str]] = set()
    for delivery in receiver.deliveries:
        data = delivery.body["data"]
        subject = (data.get("refundId") or data.get("paymentId") or data["orderId"], data["status"])
        told.setdefault(subject, set()).add((delivery.id, delivery.text))
        if delivery.status < 300:
            accepted.add(subject)
    ends = {one for one in statuses.items() if one[1] in ENDS or one[1] == "PAID"}
    problems = [f"nobody was told that {subject} is {status}" for subject, status in ends - accepted]
    problems += [
        f"{subject} is {statuses.get(subject)}, but {status} was told"
        for subject, status in told
        if status in ENDS and statuses.get(subject) != status
    ]
    return problems + [f"{subject} was told in {len(ways)} ways" for subject, ways in told.items() if len(ways) > 1]


def _has_signature(delivery: Delivery, secret: str) -> bool:
    """Whether the document's own signature is right: `Signature: ts=…;v0=…`."""
    marks = dict(part.split("=", 1) for part in delivery.headers["signature"].split(";"))
    message = f"{marks['ts']}.{delivery.text}".encode()
    return hmac.compare_digest(hmac.digest(secret.encode(), message, "sha256").hex(), marks["v0"])


async def _nothing_twice(shop: Shop, client_id: ClientId, sellers: Sequence[Seller]) -> list[str]:
    """As many orders and refunds as were answered, and not one more."""
    sales = [sale for seller in sellers for sale in seller.sales]
    orders, told = schema.payment_orders.c, schema.instructions.c
    asked = (
        ("orders", len(sales), select(func.count()).where(orders.client_id == client_id)),
        (
            "refunds",
            sum(len(sale.refunds) for sale in sales),
            select(func.count()).where(told.client_id == client_id, told.outgoing == 1),
        ),
    )
    problems: list[str] = []
    for what, answered, wanted in asked:
        count = (await shop.tools.store.fetch(wanted))[0][0]
        if count != answered:
            problems.append(f"{answered} {what} were answered, but there are {count}")
    return problems


async def _banks_agree(shop: Shop) -> list[str]:
    """The banks have moved what our books say of each payment, and nothing else."""
    pretended, attempts, told = schema.pretended.c, schema.attempts.c, schema.instructions.c
    rows = await shop.tools.store.fetch(select(pretended.document).where(pretended.id.like("bank:%")))
    known = [msgspec.json.decode(row[0], type=BankTransfer) for row in rows]
    theirs = Counter({one.id: one.terms.amount for one in known if one.status is TransferStatus.COMPLETED})
    columns: list[ColumnElement[Any]] = [attempts.reference, attempts.amount]
    wanted = (
        select(*columns)
        .join(schema.instructions, told.payment_id == attempts.payment_id)
        .where(attempts.method == BANK_METHOD, attempts.state == "PAID")
    )
    ours = Counter[str]()
    for reference, amount in await shop.tools.store.fetch(wanted):
        ours[reference] += amount
    return [
        f"{one}: its bank has moved {theirs[one]}, our books say {ours[one]}"
        for one in sorted({*theirs, *ours})
        if theirs[one] != ours[one]
    ]
