"""The documented order of refusals of the perform call: of two faults the one that stands first is answered.

The order is that of the table in the gift-card API's document, top to bottom.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from tests.domain.shop import CALLER, CVC, PREFIX, Shop, number_of, part, say_nothing, spends
from tests.gateway import START
from tillway.domain.decision import Stamp
from tillway.domain.giftcards import CardState, check_digit
from tillway.domain.guesses import LIMITS, Guesses, of_card, of_payment
from tillway.domain.ids import ClientId, IssuerId, MerchantId, PaymentId, first_of
from tillway.domain.looking import BalanceAsked, look
from tillway.domain.orders import Access, Order
from tillway.domain.payments import Payment, PaymentState
from tillway.domain.refusals import (
    AmountAboveDue,
    BalanceTooLow,
    CardEmpty,
    CardExpired,
    CardNotActive,
    CardNumberDigits,
    CardNumberInvalid,
    CardNumberLength,
    CardRefusal,
    CardUnknown,
    CvcRefused,
    NotApiPayment,
    NotInThatState,
    NotYourClientsPayment,
    NotYourPayment,
    PaymentUnknown,
    Refusal,
    VendorNotAccepted,
)
from tillway.domain.schedules import DAY
from tillway.domain.spending import spend

DUE = 100_00


class Scene:
    """A payment of 100.00 that two cards of 100.00 would pay: 40.00 from the first, the rest from the second."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.payment = self.shop.payment(DUE)
        self.cards = [self.shop.card(DUE), self.shop.card(DUE)]
        self.parts = [part(self.cards[0], 40_00, CVC), part(self.cards[1], 0, CVC)]

    def change_part(self, place: int, **changes: Any) -> None:
        """Ask for a card in another way."""
        self.parts[place] = replace(self.parts[place], **changes)

    def change_card(self, place: int, **changes: Any) -> None:
        """Have a card be otherwise, as it is loaded."""
        self.shop.change_card(self.cards[place], **changes)

    def change_payment(self, **changes: Any) -> None:
        """Have the payment be otherwise, as it is loaded."""
        self.shop.book.load(Payment, (replace(self.shop.find(self.payment), **changes),))

    def change_order(self, **changes: Any) -> None:
        """Have the order be otherwise, as it is loaded."""
        order = self.shop.book.order_of(self.payment)
        assert order is not None
        self.shop.book.load(Order, (replace(order, **changes),))

    def guessed(self, scope: str) -> None:
        """All tries of a scope are used up."""
        self.shop.book.load(Guesses, (Guesses(scope, START, LIMITS[scope.partition(":")[0]]),))

    def decide(self) -> None:
        """What the perform call would be answered; raises its refusal."""
        stamp = Stamp(self.shop.now, first_of(START // 1000))
        answer = spend(self.shop.book, CALLER, self.payment, spends(*self.parts), stamp, say_nothing).answer
        if isinstance(answer, Refusal):
            raise answer

    def look(self) -> None:
        """What the balance call of an API would be answered for the first card; raises its refusal."""
        one = self.parts[0]
        asked = BalanceAsked(one.number, one.card, one.cvc_digest, (), (PREFIX,))
        answer = look(self.shop.book, CALLER, asked, self.shop.now).answer
        if isinstance(answer, Refusal):
            raise answer


def _unknown_payment(scene: Scene, _: int) -> None:
    scene.payment = PaymentId(scene.payment[:33] + "777")


def _forget(scene: Scene, place: int) -> None:
    scene.change_part(place, card="unknown")


def _not_luhn(scene: Scene, place: int) -> None:
    number = number_of(scene.cards[place])
    scene.change_part(place, number=number[:-1] + str((int(number[-1]) + 1) % 10))


Fault = Callable[[Scene, int], None]

FAULTS: tuple[tuple[type[Refusal], dict[str, Fault]], ...] = (
    (PaymentUnknown, {"unknown": _unknown_payment}),
    (NotYourPayment, {"another merchant": lambda scene, _: scene.change_order(merchant_id=MerchantId("other"))}),
    (NotYourClientsPayment, {"another client": lambda scene, _: scene.change_order(client_id=ClientId("other"))}),
    (NotApiPayment, {"a web payment": lambda scene, _: scene.change_order(access=Access.WEB)}),
    (
        NotInThatState,
        {
            **{
                state.name: lambda scene, _, state=state: scene.change_payment(state=state)
                for state in PaymentState
                if state not in {PaymentState.CREATED, PaymentState.SEEN}
            },
            "overdue": lambda scene, _: scene.change_payment(expires_at=START),
        },
    ),
    (CardNumberLength, {"18 digits": lambda scene, place: scene.change_part(place, number="606100000000000000")}),
    (
        CardNumberDigits,
        {
            "a letter": lambda scene, place: scene.change_part(place, number="60610000000000000x8"),
            "zeros": lambda scene, place: scene.change_part(place, number="0" * 19),
        },
    ),
    (
        CardNumberInvalid,
        {
            "check digit": _not_luhn,
            "prefix": lambda scene, place: scene.change_part(place, number="9" * 18 + check_digit("9" * 18)),
        },
    ),
    (
        CardUnknown,
        {
            "no such card": _forget,
            "another currency": lambda scene, place: scene.change_card(place, currency="EUR"),
        },
    ),
    (
        VendorNotAccepted,
        {"another vendor": lambda scene, place: scene.change_card(place, issuer_id=IssuerId("other"))},
    ),
    (CardExpired, {"this instant": lambda scene, place: scene.change_card(place, expires_at=START)}),
    (CardEmpty, {"empty": lambda scene, place: scene.change_card(place, balance=0)}),
    (
        CvcRefused,
        {
            "unreadable": lambda scene, place: scene.change_card(place, cvc_digest=""),
            "wrong": lambda scene, place: scene.change_part(place, cvc_digest="wrong"),
            "card guessed": lambda scene, place: scene.guessed(of_card(scene.cards[place].id)),
            "payment guessed": lambda scene, _: scene.guessed(of_payment(scene.payment)),
        },
    ),
    (BalanceTooLow, {"too little": lambda scene, place: scene.change_card(place, balance=1)}),
    (
        CardNotActive,
        {
            "blocked": lambda scene, place: scene.change_card(place, state=CardState.BLOCKED),
            "inactive": lambda scene, place: scene.change_card(place, state=CardState.INACTIVE),
        },
    ),
)

CASES = [
    (rank, refusal, name, fault) for rank, (refusal, faults) in enumerate(FAULTS) for name, fault in faults.items()
]


@pytest.mark.parametrize(("refusal", "fault"), [(case[1], case[3]) for case in CASES], ids=[case[2] for case in CASES])
@pytest.mark.parametrize("place", [0, 1])
def test_each_fault_alone_is_refused(refusal: type[Refusal], fault: Fault, place: int) -> None:
    scene = Scene()
    fault(scene, place)
    with pytest.raises(refusal):
        scene.decide()


def _raised(first: Fault, second: Fault, places: tuple[int, int]) -> type[Exception]:
    scene = Scene()
    # Of two that replace the same number or the same payment, the one expected must be the one that stays.
    second(scene, places[1])
    first(scene, places[0])
    with pytest.raises(Refusal) as raised:
        scene.decide()
    return raised.type


@pytest.mark.parametrize("places", [(0, 0), (0, 1), (1, 0)], ids=["one card", "as used", "the other way round"])
@pytest.mark.parametrize("earlier", CASES, ids=lambda case: f"{case[1].__name__}, {case[2]}")
def test_of_two_faults_the_one_documented_first_is_answered(
    earlier: tuple[int, type[Refusal], str, Fault], places: tuple[int, int]
) -> None:
    rank, refusal, name, fault = earlier
    for later_rank, _, later_name, later in CASES:
        if later_rank > rank:
            assert _raised(fault, later, places) is refusal, f"{name}, and {later_name}"


OF_A_BALANCE = [
    case for case in CASES if issubclass(case[1], CardRefusal) and case[2] not in {"too little", "payment guessed"}
]


@pytest.mark.parametrize("earlier", OF_A_BALANCE, ids=lambda case: f"{case[1].__name__}, {case[2]}")
def test_the_balance_call_answers_in_the_same_order(earlier: tuple[int, type[Refusal], str, Fault]) -> None:
    rank, refusal, name, fault = earlier
    for later_rank, _, later_name, later in OF_A_BALANCE:
        if later_rank >= rank:
            scene = Scene()
            later(scene, 0)
            fault(scene, 0)
            with pytest.raises(Refusal) as raised:
                scene.look()
            assert raised.type is refusal, f"{name}, and {later_name}"


def test_without_a_fault_both_cards_are_taken() -> None:
    scene = Scene()
    scene.shop.spend(scene.payment, spends(*scene.parts))
    assert scene.shop.balances(*scene.cards) == [(60_00, 0), (40_00, 0)]


@pytest.mark.parametrize(("place", "amount"), list(product([0, 1], [DUE + 1, 10 * DUE])))
def test_more_than_is_due_is_refused_before_a_card_that_is_not_active(place: int, amount: int) -> None:
    scene = Scene()
    scene.change_part(place, amount=amount)
    scene.change_card(0, state=CardState.BLOCKED)
    with pytest.raises(AmountAboveDue):
        scene.decide()


def test_a_card_is_good_until_the_instant_it_expires() -> None:
    scene = Scene()
    scene.change_card(0, expires_at=START + 1)
    scene.decide()


def test_a_payment_is_open_until_the_instant_it_expires() -> None:
    scene = Scene()
    scene.shop.now = START + DAY - 1
    scene.decide()
    late = Scene()
    late.shop.now = START + DAY
    with pytest.raises(NotInThatState):
        late.decide()
