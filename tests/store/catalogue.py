"""A catalogue of payment orders for searches: rows of a few clients, alike in much, and what a list of them is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.gateway import START
from tillway.domain.clients import Surface
from tillway.domain.ids import ClientId, MerchantId, order_id, payment_id, refund_payment_id, uuid7
from tillway.domain.money import exponent
from tillway.domain.orders import Access, Order
from tillway.domain.payment_orders import Instruction, OrderStatus, PaymentOrder
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.searching import AmountRange, SortField, Sought, Subject
from tillway.store.protocol import Store
from tillway.store.steps import Insert, Program, Write

CLIENTS = (ClientId("shop"), ClientId("other"))
IBANS = ("SK3112000000198742637541", "CZ6508000000192000145399")
CURRENCIES = ("EUR", "EUR", "CZK", "JPY", "KWD")
MESSAGES = ("Order 100%", "order_7", "Order 7", "", "a\\b")
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """An order with its payments and what is told of them."""

    order: Order
    terms: PaymentOrder
    payments: tuple[Payment, ...]
    told: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a list is searched and sorted by, by the names of `Sought` and `SortField`."""

    id: str
    client: str
    fields: Mapping[str, Any]


def entries(count: int, begin: int = 0) -> list[Entry]:
    """So many orders, every third of which came in the same millisecond as the one before it."""
    return [_entry(number) for number in range(begin, begin + count)]


def rows_of(subject: Subject, found: Iterable[Entry]) -> list[Row]:
    """What a list of these has, as the document says it."""
    rows: list[Row] = []
    for entry in found:
        incoming = [one for one in entry.told if not one.outgoing]
        rows += [_row(subject, entry, told) for told in (incoming[:1] if subject is Subject.ORDERS else incoming)]
    return rows


def listed(rows: Sequence[Row], client: str, sought: Sought, sort: SortField, *, descending: bool) -> list[str]:
    """The ids that a search finds, in order: the plain model that the store is held against."""
    kept = [row for row in rows if row.client == client and is_sought(row.fields, row.id, sought)]
    kept.sort(key=lambda row: (row.fields[sort], row.id), reverse=descending)
    return [row.id for row in kept]


def is_sought(fields: Mapping[str, Any], identity: str, sought: Sought) -> bool:
    """Whether a row is what a search is for."""
    texts = {
        "instruction_id": SortField.INSTRUCTION_ID,
        "external_id": SortField.EXTERNAL_ID,
        "currency": SortField.CURRENCY,
        "variable_symbol": SortField.VARIABLE_SYMBOL,
        "reference": SortField.REFERENCE,
    }
    for name in ("instruction_id", "external_id", "creditor_iban", "bank_id", "currency", "variable_symbol",
                 "constant_symbol", "specific_symbol", "reference"):  # fmt: skip
        wanted = getattr(sought, name)
        if wanted and fields[texts.get(name, name)] != wanted:
            return False
    return (
        sought.id in {"", identity}
        and sought.message in fields["message"]
        and (not sought.statuses or fields[SortField.STATUS] in sought.statuses)
        and (sought.amounts is None or any(_within(fields, each) for each in sought.amounts))
        and (sought.created_from is None or fields[SortField.CREATED_AT] >= sought.created_from)
        and (sought.created_to is None or fields[SortField.CREATED_AT] <= sought.created_to)
    )


async def keep(store: Store, found: Sequence[Entry]) -> None:
    """Put them into a store, as rows."""
    await store.write(_insert(found))


def _within(fields: Mapping[str, Any], each: AmountRange) -> bool:
    return exponent(fields[SortField.CURRENCY]) == each.exponent and each.low <= fields[SortField.AMOUNT] <= each.high


def _row(subject: Subject, entry: Entry, told: Instruction) -> Row:
    terms, is_order = entry.terms, subject is Subject.ORDERS
    fields = {
        SortField.CREATED_AT: (terms if is_order else told).created_at // 1000,
        SortField.ID: "",
        SortField.AMOUNT: terms.amount if is_order else told.amount,
        SortField.STATUS: terms.status if is_order else told.state,
        SortField.CURRENCY: terms.currency,
        SortField.INSTRUCTION_ID: told.instruction_id,
        SortField.EXTERNAL_ID: terms.external_id,
        SortField.VARIABLE_SYMBOL: told.variable_symbol,
        SortField.REFERENCE: told.reference,
    }
    names = ("creditor_iban", "bank_id", "constant_symbol", "specific_symbol", "message")
    fields |= {name: getattr(told, name) for name in names}
    return Row(terms.order_id if is_order else told.payment_id, terms.client_id, fields)


def _entry(number: int) -> Entry:
    at = START + (number - number % 3 // 2) * SECOND + number % 3 * 100
    noise = (number * 7919 % 100_003).to_bytes(4, "big") * 2 + number.to_bytes(2, "big")
    order = order_id(uuid7(at // 1000, noise))
    client = CLIENTS[number % 7 // 5]
    currency, amount = CURRENCIES[number % 5], (100, 2500, 105, 10_000, 1)[number % 11 % 5]
    status = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PARTIALLY_PAID)[number % 13 % 3]
    states = (PaymentState.CREATED, PaymentState.BOOKED, PaymentState.FAILED)
    named = number % 4 == 0
    first = Instruction(
        payment_id=payment_id(order, 1),
        client_id=client,
        outgoing=0,
        state=states[number % 13 % 3],
        amount=amount,
        currency=currency,
        instruction_id=f"name-{number}" if number % 3 else "",
        creditor_iban=IBANS[number % 2],
        creditor_name="",
        creditor_bic="",
        bank_id=("tatra", "", "fio")[number % 3],
        debtor_iban="",
        debtor_bic="",
        variable_symbol="" if named else f"{number % 6:04}",
        constant_symbol="" if named else "0308",
        specific_symbol=f"{number % 4}" if number % 4 == 1 else "",
        reference=f"ref {number % 3}" if named else "",
        message=MESSAGES[number % 5],
        return_url="https://shop.example/",
        language="",
        cause="",
        hook_data="",
        reason="",
        created_at=at,
        confirmed_at=0,
        finalized_at=0,
    )
    told = [first]
    if status is OrderStatus.PARTIALLY_PAID:
        later = {"payment_id": payment_id(order, 2), "instruction_id": "", "state": PaymentState.CREATED}
        told.append(replace(first, **later, amount=amount + 5, created_at=at + number % 50 * SECOND))
    if number % 10 == 0:
        told.append(replace(first, payment_id=refund_payment_id(order, 1), outgoing=1, instruction_id="", amount=1))
    terms = PaymentOrder(
        order, client, status, amount, currency, f"cart {number % 9}" if number % 2 else "", 10_000, 0, 0, 0, "-", at
    )
    return Entry(_order(terms, len(told)), terms, tuple(map(_payment, told)), tuple(told))


def _order(terms: PaymentOrder, payments: int) -> Order:
    return Order(
        terms.order_id, 0, MerchantId("merchant"), terms.client_id, Surface.ORDER, Access.BANK, terms.amount,
        terms.currency, "", "", "", "", "", "", "", "", 0, payments, terms.created_at,
    )  # fmt: skip


def _payment(told: Instruction) -> Payment:
    at = told.created_at
    return Payment(told.payment_id, told.amount, told.currency, told.state, 0, 0, 0, 0, 1, at, at, 0, at + SECOND)


def _insert(found: Sequence[Entry]) -> Program[None]:
    yield Write(
        [
            Insert(Order, [one.order for one in found]),
            Insert(PaymentOrder, [one.terms for one in found]),
            Insert(Payment, [each for one in found for each in one.payments]),
            Insert(Instruction, [each for one in found for each in one.told]),
        ]
    )
