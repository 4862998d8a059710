"""A merchant's payment orders in a book: pure rows, changed by one decision after another."""

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from tests.gateway import START
from tests.order_facts import OrderFacts, facts_in
from tillway.domain import banking, ledger, order_refunds, ordering, settling, transferring, withdrawal
from tillway.domain.banking import BankChoice
from tillway.domain.banks import Bank, Directory
from tillway.domain.book import Book
from tillway.domain.clients import Client, Grant, RecordState, Surface
from tillway.domain.decision import Decision, Stamp
from tillway.domain.hooks import Hook, HookType
from tillway.domain.ids import ClientId, MerchantId, OrderId, PaymentId, uuid7
from tillway.domain.ledger import Transfer
from tillway.domain.order_refunds import RefundAsked, RefundStanding
from tillway.domain.ordering import Instructed, OrderAsked, OrderChange
from tillway.domain.outcomes import Outcome
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.payments import Attempt, Payment
from tillway.domain.reasons import Reason
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY
from tillway.domain.standing import Standing
from tillway.surfaces.order_api.notices import announce

Answer = TypeVar("Answer")

ACCOUNT, PAYER = "SK3112000000198742637541", "AT611904300234573201"
RETURN_URL = "https://shop.example/thanks"
CLIENT = Client(
    ClientId("shop"),
    MerchantId("corner shop"),
    Surface.ORDER,
    "Corner shop",
    "EUR",
    "",
    "",
    RecordState.ACTIVE,
    START,
    ibans=ACCOUNT,
    return_urls="https://shop.example/",
    grants=Grant.REFUNDS,
)
BANKS = Directory([Bank("bank", "Bank", "SK", "TATRSKBX", connector="bank")])
HOOKS = {HookType.PAYMENT_STATUS_CHANGE: 2, HookType.ORDER_STATUS_CHANGE: 1, HookType.PAYMENT_STATUS_CHECK: 1}
"""How many hooks of each type the client has."""

PAYABLE = ledger.merchant_payable(CLIENT.merchant_id, "EUR")
LATE = ledger.late_money(CLIENT.merchant_id, "EUR")
FAR = ledger.receivable("bank", "EUR")


def instructed(name: str = "", **said: str) -> Instructed:
    """What banks are told of an order, unless something else is `said`."""
    words = dict.fromkeys(Instructed.__dataclass_fields__, "") | {
        "instruction_id": name,
        "creditor_iban": ACCOUNT,
        "creditor_name": "Corner shop",
        "variable_symbol": "0000000001",
        "return_url": RETURN_URL,
        "hook_data": "{}",
    }
    return Instructed(**(words | said))


class OrderShop:
    """Carries decisions out one after another; the client's hooks are told as the API tells them."""

    def __init__(self) -> None:
        self.book = Book()
        self.now = START
        self._acts = 0
        kinds = [kind for kind, count in HOOKS.items() for _ in range(count)]
        self.book.load(
            Hook,
            [
                Hook(CLIENT.id, number, kind, f"https://shop.example/hooks/{number}", START, 0, START)
                for number, kind in enumerate(kinds, 1)
            ],
        )

    def act(self, decide: Callable[[Stamp], Decision[Answer | Refusal]]) -> Answer:
        """Carry a decision out, and answer or raise what it answers."""
        self._acts += 1
        decision = decide(Stamp(self.now, uuid7(self.now // 1000, self._acts.to_bytes(10, "big")[::-1])))
        self.book.apply(decision)
        if isinstance(decision.answer, Refusal):
            raise decision.answer
        return decision.answer

    def open(
        self,
        amount: int = 100_00,
        name: str = "",
        *,
        caller: Client = CLIENT,
        limit: int = 100_00,
        silent: int = 0,
        currency: str = "EUR",
        fingerprint: str = "asked",
        **said: str,
    ) -> OrderStanding:
        """An order with one payment, good for a day; `limit` in hundredths of a percent."""
        asked = OrderAsked(
            amount, currency, instructed(name, **said), "", "SK", "", limit, 0, silent, fingerprint, self.now + DAY
        )
        return self.act(lambda stamp: ordering.open_order(self.book, caller, asked, BANKS, stamp))

    def update(
        self, order: OrderId, amount: int | None = None, limit: int | None = None, caller: Client = CLIENT
    ) -> OrderStanding:
        """Change the amount, or the refund limit."""
        change = OrderChange(amount, limit, self.now + DAY)
        return self.act(lambda stamp: ordering.update_order(self.book, caller, order, change, stamp, announce))

    def withdraw(self, order: OrderId, caller: Client = CLIENT) -> OrderStanding:
        """Give an order up."""
        return self.act(lambda stamp: ordering.withdraw_order(self.book, caller, order, stamp, announce))

    def refund(
        self,
        order: OrderId,
        amount: int,
        name: str = "",
        *,
        caller: Client = CLIENT,
        currency: str = "EUR",
        **said: str,
    ) -> RefundStanding:
        """A refund, good for a day, to whoever paid unless it is `said` otherwise."""
        words = {"creditor_iban": "", "variable_symbol": "", **said}
        asked = RefundAsked(amount, currency, instructed(name, **words), self.now + DAY)
        return self.act(lambda stamp: order_refunds.open_refund(self.book, caller, order, asked, BANKS, stamp))

    def withdraw_refund(self, refund: PaymentId, caller: Client = CLIENT) -> OrderStanding:
        """Give a refund up."""
        return self.act(lambda stamp: ordering.withdraw_refund(self.book, caller, refund, stamp, announce))

    def see(self, payment: PaymentId) -> Standing:
        """Whoever pays opens the page."""
        return self.act(lambda stamp: withdrawal.see(self.book, payment, stamp, announce))

    def begin(self, payment: PaymentId, key: str = "form", debtor_iban: str = "") -> Standing:
        """Whoever pays chooses the bank."""
        choice = BankChoice("bank", "TATRSKBX", "bank", debtor_iban, key, self.now + 5 * DAY)
        return self.act(lambda stamp: banking.begin_at_bank(self.book, payment, choice, stamp, announce))

    def give_up(self, payment: PaymentId) -> Standing:
        """Whoever pays leaves the page."""
        return self.act(lambda stamp: banking.give_up(self.book, payment, Reason.LEFT_THE_PAGE, stamp, announce))

    def await_transfer(self, payment: PaymentId) -> Standing:
        """Whoever pays means to transfer the money alone."""
        until = self.now + 5 * DAY
        return self.act(lambda stamp: banking.await_transfer(self.book, payment, until, stamp, announce))

    def transferred(self, payment: PaymentId, amount: int) -> Standing:
        """A statement shows that the money moved by itself."""
        return self.act(lambda stamp: transferring.receive_transfer(self.book, payment, amount, PAYER, stamp, announce))

    def expire(self, payment: PaymentId) -> Standing:
        """End it if its time is over."""
        return self.act(lambda stamp: withdrawal.expire(self.book, payment, stamp, announce))

    def record(self, payment: PaymentId, outcome: Outcome | None, number: int = 1) -> Standing:
        """Record what the bank said; None: it was not asked."""
        said = {} if outcome is None else {number: outcome}
        return self.act(lambda stamp: settling.record(self.book, payment, said, stamp, announce))

    def record_reversal(self, payment: PaymentId, outcome: Outcome) -> Standing:
        """Record what the bank said when nobody wanted it any more."""
        return self.act(lambda stamp: settling.record_reversals(self.book, payment, {1: outcome}, stamp, announce))

    def record_return(self, payment: PaymentId, outcome: Outcome) -> Standing:
        """Record what the bank said when late money was to go back."""
        return self.act(lambda stamp: settling.record_returns(self.book, payment, {1: outcome}, stamp, announce))

    def find(self, payment: PaymentId) -> Payment:
        """A payment, or a refund, as it is now."""
        found = self.book.find(Payment, payment)
        assert found is not None
        return found

    def attempts(self, payment: PaymentId) -> list[Attempt]:
        """Its attempts, first to last."""
        return self.book.attempts_of(self.find(payment))

    def standing(self, order: OrderId) -> OrderStanding:
        """An order as it stands."""
        return ordering.standing_in(self.book, order)

    def facts(self, order: OrderId) -> OrderFacts:
        """All that is kept of an order."""
        return facts_in(self.book, self.standing(order), HOOKS)

    def accounts(self) -> Counter[str]:
        """What every account has come to."""
        sums: Counter[str] = Counter()
        for transfer in self.book.all(Transfer):
            sums[transfer.source] -= transfer.amount
            sums[transfer.target] += transfer.amount
        return sums
