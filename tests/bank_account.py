"""A merchant with a bank account, for tests: orders to be paid there, and what its bank tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests import gateway
from tillway.commands import batches, entries, orders, records, statements
from tillway.commands.records import OrderTerms
from tillway.commands.tools import Tools
from tillway.domain.clients import Client, Grant
from tillway.domain.exporting import Batch, BatchWanted
from tillway.domain.ids import OrderId, PaymentId
from tillway.domain.importing import TakenIn
from tillway.domain.order_refunds import RefundAsked, RefundStanding
from tillway.domain.ordering import Instructed, OrderAsked
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.schedules import DAY
from tillway.domain.statements import BankEntry, EntryTold, Handling, StatementEnded, StatementTold
from tillway.store.candidates import find_entries
from tillway.store.finding import find_order

ACCOUNT = "SK3112000000198742637541"
PAYER = "AT611904300234573201"
SHOP = "https://shop.example/"
TODAY = 20_454


def told(amount: int, **said: object) -> EntryTold:
    """What a bank tells of money that came, from the usual payer; any of it may be `said` otherwise."""
    words: dict[str, object] = {
        **dict.fromkeys(EntryTold.__dataclass_fields__, ""),
        "account": ACCOUNT,
        "currency": "EUR",
        "amount": amount,
        "is_credit": 1,
        "is_reversal": 0,
        "booked_on": TODAY,
        "value_on": TODAY,
        "counterparty_iban": PAYER,
        "counterparty_name": "Payer",
    }
    return EntryTold(**{**words, **said})  # pyright: ignore[reportArgumentType] - names and kinds are the fields'


def instructed(name: str = "", **said: str) -> Instructed:
    """What banks are to be told of an order, or a refund, of a client of the account."""
    words = dict.fromkeys(Instructed.__dataclass_fields__, "") | {
        "instruction_id": name,
        "creditor_iban": ACCOUNT,
        "creditor_name": "Corner shop",
        "return_url": SHOP,
        "hook_data": "",
    }
    return Instructed(**(words | said))


@dataclass(slots=True)
class Account:
    """A merchant's account at a bank, with a client that is paid there."""

    tools: Tools
    client: Client
    files: int = 0
    orders: list[OrderId] = field(default_factory=list[OrderId])

    async def order(self, amount: int = 100_00, **said: str) -> OrderStanding:
        """An order to be paid there, by the variable symbol 7001 unless something else is `said`."""
        words = said if {"variable_symbol", "reference"} & said.keys() else {"variable_symbol": "7001", **said}
        asked = OrderAsked(
            amount, "EUR", instructed(**words), "", "", "", 100_00, 1, 0, "asked", self.tools.now() + DAY
        )
        opened = await orders.open_order(self.tools, self.client, asked)
        self.orders.append(opened.order.id)
        return opened

    async def refund(self, order: OrderId, amount: int, cause: str = "") -> RefundStanding:
        """A refund of an order, which waits to be authorised."""
        asked = RefundAsked(
            amount,
            "EUR",
            instructed(creditor_iban="", creditor_name="Payer", return_url="", cause=cause),
            self.tools.now() + DAY,
        )
        return await orders.open_refund(self.tools, self.client, order, asked)

    async def standing(self, order: OrderId) -> OrderStanding:
        """An order as it stands."""
        found = await self.tools.store.read(find_order(order))
        assert found is not None
        return found

    async def tell(self, *entries: EntryTold, digest: str = "") -> list[TakenIn]:
        """Take a statement with these entries in; another file each time, unless it has the digest of one before."""
        self.files += 1
        head = StatementTold(ACCOUNT, "EUR", "S", TODAY, TODAY, digest or f"file {self.files}", 1)
        intake = await statements.open_statement(self.tools, self.client.merchant_id, (self.client.id,), head)
        taken: list[TakenIn] = []
        for start in range(0, len(entries), statements.CHUNK):
            taken += await statements.take_in(self.tools, intake, entries[start : start + statements.CHUNK])
        await statements.end_statement(self.tools, intake, StatementEnded(0, 0, 0, len(entries)))
        return taken

    async def told_of(self, entry: EntryTold) -> BankEntry:
        """The entry as it was taken in."""
        ((taken),) = await self.tell(entry)
        return taken.entry

    async def entry(self, known: BankEntry) -> BankEntry:
        """An entry as it stands by now."""
        (found,) = await self.tools.store.read(find_entries([known.id]))
        return found

    async def handles(
        self, part: Handling | None = None, over: Handling | None = None, late: Handling | None = None
    ) -> None:
        """The merchant says what to do with money that is not what was asked for."""
        await entries.set_policy(self.tools, self.client.merchant_id, part, over, late)

    async def export(self, refunds: Sequence[PaymentId] | None = None) -> Batch | None:
        """A file of what waits, or only of these refunds."""
        waiting = await batches.find_waiting(self.tools, self.client.merchant_id, (self.client.id,))
        if not waiting:
            return None
        chosen = waiting[0].refunds if refunds is None else tuple(refunds)
        wanted = BatchWanted(
            self.client.merchant_id,
            ACCOUNT,
            "Corner shop",
            "EUR",
            chosen,
            waiting[0].returns if refunds is None else (),
            TODAY,
            self.tools.now() + 60 * DAY,
        )
        return await batches.begin_batch(self.tools, wanted)


async def bank_account(tools: Tools, name: str = "Corner shop") -> Account:
    """A merchant that is paid at ACCOUNT."""
    merchant = await gateway.merchant(tools, name)
    made = await records.add_order_client(
        tools, merchant, "Client of the account", OrderTerms("EUR", (ACCOUNT,), (SHOP,), (Grant.REFUNDS,))
    )
    return Account(tools, made.client)
