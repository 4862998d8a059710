"""A past of payment orders to search in: as many as wanted, of a few clients, as uneven as those of real shops are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from random import Random
from typing import Any, Final

from bench.loading import PIECE, piles
from tillway.commands.tools import IdMaker
from tillway.domain.clients import Client
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Payment
from tillway.domain.schedules import DAY
from tillway.store.rows import MAPPINGS

SHARES: Final = (60, 25, 10, 5)
"""How many of a hundred orders each client has."""

DAYS: Final = 400
IBANS: Final = ("SK3112000000198742637541", "SK9611000000002918599669", "CZ6508000000192000145399")
BANKS: Final = ("tatra", "slsp", "vub", "csob", "fio", "kb", "mbank", "unicredit", "raiffeisen", "moneta")
STATES: Final = (
    ("BOOKED", "PAID", 70),
    ("CONFIRMED", "PAID", 1),
    ("EXPIRED", "UNPAID", 12),
    ("FAILED", "UNPAID", 9),
    ("WITHDRAWN", "UNPAID", 4),
    ("CREATED", "UNPAID", 2),
    ("PROCESSING", "UNPAID", 1),
    ("BOOKED", "PARTIALLY_PAID", 1),
)
"""State of the payment, status of its order, and how many of a hundred; one paid in part has a further payment."""

CURRENCIES: Final = (("EUR", 85), ("CZK", 12), ("PLN", 3))
FAILED: Final = "payer_cancelled"
UNEVEN: Final = 2 * 3 * 5 * 7
"""What is given or left out comes round after so many orders: samples are not to be of one kind only."""

KINDS: Final[Sequence[type[Any]]] = (Order, Payment, PaymentOrder, Instruction)

_FIELDS: Final[Mapping[type[Any], Mapping[str, str]]] = {
    Order: {
        "id": "{prefix}000",
        "merchant_id": "{merchant}",
        "client_id": "{client}",
        "surface": "order",
        "access": "bank",
        "amount": "{amount}",
        "currency": "{currency}",
        "return_url": "https://shop.example/back",
        "metadata": "{{}}",
        "email": "payer{number}@mail.example",
        "payment_count": "{count}",
        "created_at": "{at}",
    },
    Payment: {
        "id": "{payment}",
        "amount": "{part}",
        "currency": "{currency}",
        "state": "{state}",
        "paid": "{paid}",
        "version": "2",
        "created_at": "{paid_at}",
        "changed_at": "{paid_at}",
        "completed_at": "{paid_at}",
        "expires_at": "{ends}",
    },
    PaymentOrder: {
        "order_id": "{prefix}000",
        "client_id": "{client}",
        "status": "{status}",
        "amount": "{amount}",
        "currency": "{currency}",
        "external_id": "{external}",
        "refund_limit": "10000",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "created_at": "{at}",
    },
    Instruction: {
        "payment_id": "{payment}",
        "client_id": "{client}",
        "state": "{state}",
        "amount": "{part}",
        "currency": "{currency}",
        "instruction_id": "{name}",
        "creditor_iban": "{iban}",
        "creditor_name": "The shop",
        "bank_id": "{bank}",
        "variable_symbol": "{variable}",
        "constant_symbol": "{constant}",
        "specific_symbol": "{specific}",
        "reference": "{reference}",
        "message": "Order {number} of the shop",
        "return_url": "https://shop.example/back",
        "reason": "{reason}",
        "created_at": "{paid_at}",
        "finalized_at": "{finalized}",
    },
}


@dataclass(frozen=True, slots=True)
class Past:
    """What searches are made from: of every client some orders, as the texts that were given for them."""

    samples: Mapping[str, Sequence[Mapping[str, str]]]


async def make(database: str, clients: Sequence[Client], count: int, now: int, sampled: int = 200) -> Past:
    """Put `count` orders of the last DAYS into a database; only the rows that searches and details read."""
    lines = {kind: _pattern(kind) for kind in KINDS}
    samples: dict[str, list[Mapping[str, str]]] = {client.id: [] for client in clients}
    every = max(1, count * min(SHARES) // 100 // sampled)
    while gcd(every, UNEVEN) > 1:
        every += 1
    async with piles(database) as pile:
        waiting: dict[type[Any], list[str]] = {kind: [] for kind in KINDS}
        for number, fields in enumerate(_orders(clients, count, now)):
            if number % every == 0 and len(samples[fields["client"]]) < sampled:
                samples[fields["client"]].append(fields)
            for payment in _payments(fields):
                waiting[Payment].append(lines[Payment].format_map(payment))
                waiting[Instruction].append(lines[Instruction].format_map(payment))
            waiting[Order].append(lines[Order].format_map(fields))
            waiting[PaymentOrder].append(lines[PaymentOrder].format_map(fields))
            if len(waiting[Order]) == PIECE or number == count - 1:
                for kind, rows in waiting.items():
                    await pile.add(kind, rows)
                    rows.clear()
    return Past(samples)


def _pattern(kind: type[Any]) -> str:
    mapping, fields = MAPPINGS[kind], _FIELDS[kind]
    return "\t".join(fields.get(column, "" if mapping.is_text(column) else "0") for column in mapping.columns)


def _orders(clients: Sequence[Client], count: int, now: int) -> Iterator[dict[str, str]]:
    random, ids = Random(count), IdMaker()
    pace = DAYS * DAY // count
    begin = now - DAYS * DAY
    owners = random.choices(clients, SHARES[: len(clients)], k=1000)
    stands = random.choices(STATES, [share for *_, share in STATES], k=997)
    currencies = random.choices([name for name, _ in CURRENCIES], [share for _, share in CURRENCIES], k=991)
    banks = random.choices(("", *BANKS), (15, *range(20, 0, -2)), k=983)
    for number in range(count):
        at = begin + number * pace
        owner, (state, status, _) = owners[number % 1000], stands[number % 997]
        amount = min(5_000_000, max(100, int(random.lognormvariate(8.0, 1.1))))
        named = number % 10 == 0
        yield {
            "prefix": ids.make(at)[:33],
            "client": owner.id,
            "merchant": owner.merchant_id,
            "number": str(number),
            "at": str(at),
            "ends": str(at + DAY),
            "state": state,
            "status": status,
            "amount": str(amount),
            "currency": currencies[number % 991],
            "external": f"cart-{number:08d}" if number % 2 else "",
            "name": f"invoice-{number:08d}" if number % 5 < 3 else "",
            "iban": IBANS[number % 7 % 3],
            "bank": banks[number % 983],
            "variable": "" if named else f"{number % 999_999_937:010d}",
            "constant": "0308" if not named and number % 3 else "",
            "specific": f"{number % 5000:010d}" if not named and number % 9 == 1 else "",
            "reference": f"RF{number:08d}" if named else "",
            "count": "2" if status == "PARTIALLY_PAID" else "1",
        }


def _payments(order: dict[str, str]) -> Iterator[dict[str, str]]:
    """The payment of an order, and of one that is paid in part a further one, three days later."""
    whole, state = int(order["amount"]), order["state"]
    first = whole // 2 if order["status"] == "PARTIALLY_PAID" else whole
    for number, part in enumerate((first, whole - first), 1):
        if part == 0:
            return
        stands = state if number == 1 else "CREATED"
        at = int(order["at"]) + (number - 1) * 3 * DAY
        waits = stands in {"CREATED", "PROCESSING"}
        yield order | {
            "payment": f"{order['prefix']}{number:03x}",
            "part": str(part),
            "state": stands,
            "paid": str(part if stands == "BOOKED" else 0),
            "reason": FAILED if stands == "FAILED" else "",
            "name": order["name"] if number == 1 else "",
            "paid_at": str(at),
            "finalized": "0" if waits or stands == "CONFIRMED" else str(at),
        }
