"""A shop in a book: a merchant's client, gift cards and payments as pure rows, whose money must always add up."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from tests.gateway import CURRENCY, START
from tillway.domain import ledger, refunding, settling, spending, withdrawal
from tillway.domain.book import Book
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.decision import Decision, Stamp
from tillway.domain.events import Event, LoggedEvent
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.ids import CardId, ClientId, IssuerId, MerchantId, PaymentId, uuid7
from tillway.domain.issuing import full_number
from tillway.domain.ledger import Transfer, TransferKind
from tillway.domain.opening import Opening, open_payment
from tillway.domain.orders import Access
from tillway.domain.outcomes import Outcome
from tillway.domain.payments import Attempt, Payment
from tillway.domain.refunding import Returned
from tillway.domain.refusals import Refusal
from tillway.domain.schedules import DAY
from tillway.domain.spending import Rest, Spend, Spends
from tillway.domain.standing import Standing
from tillway.domain.telling import Audience

Answer = TypeVar("Answer")

PREFIX = "606100"
VENDOR = IssuerId("sandbox")
CALLER = Client(
    ClientId("till"),
    MerchantId("corner shop"),
    Surface.GIFT_CARD,
    "Till 1",
    CURRENCY,
    VENDOR,
    "localhost",
    RecordState.ACTIVE,
    START,
)
CVC = "digest of 123"


def say_nothing(_: Event, __: Audience) -> tuple[()]:
    """An announcer for whom nobody waits."""
    return ()


class Shop:
    """Carries decisions out one after another, and holds the cards' money against its transfers after each."""

    def __init__(self) -> None:
        self.book = Book()
        self.now = START
        self._acts = 0

    def card(self, balance: int, **changes: Any) -> GiftCard:
        """A fresh active card; its number is `number_of` it."""
        serial = len(self.book.all(GiftCard))
        end = START + 365 * DAY
        card = GiftCard(
            CardId(f"{serial:032x}"), VENDOR, "", "", CVC, "", CURRENCY, balance, 0, CardState.ACTIVE, START, end
        )
        card = replace(card, last5=number_of(card)[-5:], **changes)
        self.book.load(GiftCard, (card,))
        if balance:
            liability = ledger.issuer_liability(VENDOR, CURRENCY)
            account = ledger.card(card.id, CURRENCY)
            issue = Transfer(
                f"issue {serial}", TransferKind.ISSUE, balance, CURRENCY, liability, account, "", 0, 0, START
            )
            self.book.load(Transfer, (issue,))
        return card

    def change_card(self, card: GiftCard, **changes: Any) -> None:
        """Let something happen to a card that moves no money."""
        self.book.load(GiftCard, (replace(self.now_of(card), **changes),))

    def now_of(self, card: GiftCard) -> GiftCard:
        """A card as it is now."""
        found = self.book.find(GiftCard, card.id)
        assert found is not None
        return found

    def balances(self, *cards: GiftCard) -> list[tuple[int, int]]:
        """What cards can spend, and what of them is reserved."""
        return [(card.balance, card.held) for card in map(self.now_of, cards)]

    def payment(self, amount: int, access: Access = Access.API, most_declines: int = 0) -> PaymentId:
        """An open payment, good for a day."""
        opening = Opening(amount, access, "receipt 1", "", "", "", "{}", self.now + DAY, most_declines=most_declines)
        return self.act(lambda stamp: open_payment(CALLER, opening, stamp)).payment.id

    def find(self, payment: PaymentId) -> Payment:
        """A payment as it is now."""
        found = self.book.find(Payment, payment)
        assert found is not None
        return found

    def act(self, decide: Callable[[Stamp], Decision[Answer | Refusal]]) -> Answer:
        """Carry a decision out, and answer or raise what it answers."""
        self._acts += 1
        noise = self._acts.to_bytes(10, "big")
        decision = decide(Stamp(self.now, uuid7(self.now // 1000, noise[::-1])))
        self.book.apply(decision)
        self._check()
        if isinstance(decision.answer, Refusal):
            raise decision.answer
        return decision.answer

    def spend(self, payment: PaymentId, spends: Spends, caller: Client = CALLER) -> Standing:
        """Pay with cards."""
        return self.act(lambda stamp: spending.spend(self.book, caller, payment, spends, stamp, say_nothing))

    def tender(self, payment: PaymentId, *parts: Spend, method: str = "card", connector: str = "far") -> Standing:
        """Pay what these cards do not with another method."""
        rest = Rest(method, connector)
        asked = Spends(
            parts, allow_partial=False, final=True, call_key="", prefixes=(PREFIX,), access=Access.WIDGET, rest=rest
        )
        return self.spend(payment, asked)

    def withdraw(self, payment: PaymentId) -> Standing:
        """Give a payment up."""
        return self.act(lambda stamp: withdrawal.withdraw(self.book, CALLER, payment, stamp, say_nothing))

    def expire(self, payment: PaymentId) -> Standing:
        """End a payment if its time is over."""
        return self.act(lambda stamp: withdrawal.expire(self.book, payment, stamp, say_nothing))

    def refund(self, payment: PaymentId, amount: int = 0) -> Returned:
        """Give money of a complete payment back."""
        return self.act(
            lambda stamp: refunding.refund(self.book, CALLER, payment, refunding.Giving(amount), stamp, say_nothing)
        )

    def record(self, payment: PaymentId, outcomes: dict[int, Outcome]) -> Standing:
        """Record what connectors said of attempts."""
        return self.act(lambda stamp: settling.record(self.book, payment, outcomes, stamp, say_nothing))

    def record_reversals(self, payment: PaymentId, outcomes: dict[int, Outcome]) -> Standing:
        """Record what connectors said of reversals."""
        return self.act(lambda stamp: settling.record_reversals(self.book, payment, outcomes, stamp, say_nothing))

    def record_returns(self, payment: PaymentId, outcomes: dict[int, Outcome]) -> Standing:
        """Record what far sides said when late money was to go back."""
        return self.act(lambda stamp: settling.record_returns(self.book, payment, outcomes, stamp, say_nothing))

    def record_refund(self, payment: PaymentId, number: int, outcomes: dict[int, Outcome]) -> Returned:
        """Record what connectors said of a refund."""
        return self.act(lambda stamp: refunding.record_refund(self.book, payment, number, outcomes, stamp, say_nothing))

    def attempts(self, payment: PaymentId) -> list[Attempt]:
        """The attempts of a payment, first to last."""
        return self.book.attempts_of(self.find(payment))

    def events(self, payment: PaymentId) -> list[LoggedEvent]:
        """What happened to a payment, in the order of the log."""
        return [logged for logged in self.book.all(LoggedEvent) if logged.payment_id == payment]

    def moved(self, kind: TransferKind) -> list[int]:
        """The amounts of all transfers of a kind, first to last."""
        return [transfer.amount for transfer in self.book.all(Transfer) if transfer.kind is kind]

    def accounts(self) -> Counter[str]:
        """What every account has come to."""
        sums: Counter[str] = Counter()
        for transfer in self.book.all(Transfer):
            assert transfer.amount > 0
            sums[transfer.source] -= transfer.amount
            sums[transfer.target] += transfer.amount
        return sums

    def _check(self) -> None:
        sums = self.accounts()
        assert sum(sums.values()) == 0
        for card in self.book.all(GiftCard):
            assert card.balance == sums[ledger.card(card.id, CURRENCY)] >= 0
            assert card.held == sums[ledger.card_held(card.id, CURRENCY)] >= 0


def number_of(card: GiftCard) -> str:
    """The number of a shop's card."""
    return full_number(PREFIX, int(card.id, 16))


def part(card: GiftCard, amount: int = 0, cvc_digest: str = "") -> Spend:
    """What a card is to give, in minor units; 0 for all that is due."""
    return Spend(number_of(card), card.id, amount, cvc_digest)


def spends(*parts: Spend, allow_partial: bool = False, final: bool = True, call_key: str = "") -> Spends:
    """The cards of one call."""
    return Spends(parts, allow_partial, final, call_key, (PREFIX,))
