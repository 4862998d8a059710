"""One payment of 100 that a far side is asked for, in every state that it may come to."""

from itertools import pairwise
from typing import NamedTuple

from tests.domain.shop import CALLER, CURRENCY, Shop
from tillway.domain.events import Event
from tillway.domain.ids import PaymentId
from tillway.domain.ledger import late_money, merchant_payable, receivable, refunds_in_transit
from tillway.domain.orders import Access
from tillway.domain.outcomes import Declined, Paid, Pending
from tillway.domain.payments import AttemptState, PaymentState
from tillway.domain.schedules import DAY

PAID, PENDING, DECLINED = Paid(), Pending(), Declined("insufficient_funds")
A, P = AttemptState, PaymentState

PAYABLE = merchant_payable(CALLER.merchant_id, CURRENCY)
TRANSIT = refunds_in_transit(CALLER.merchant_id, CURRENCY)
LATE = late_money(CALLER.merchant_id, CURRENCY)
FAR = receivable("far", CURRENCY)


class Scene(NamedTuple):
    """A payment of 100 and the shop it is in."""

    shop: Shop
    payment: PaymentId

    @property
    def states(self) -> tuple[PaymentState, list[AttemptState]]:
        """Where the payment and its attempts stand."""
        return self.shop.find(self.payment).state, [one.state for one in self.shop.attempts(self.payment)]

    @property
    def told(self) -> list[Event]:
        """What happened to the payment."""
        return [logged.event for logged in self.shop.events(self.payment)]

    def check_books(self) -> None:
        """Fails unless the accounts are what the attempts say."""
        sums = dict.fromkeys(A, 0)
        for attempt in self.shop.attempts(self.payment):
            sums[attempt.state] += attempt.amount if attempt.is_far else 0
        accounts = self.shop.accounts()
        assert (accounts[FAR], accounts[LATE]) == (-sums[A.PAID] - sums[A.LATE], sums[A.LATE])
        assert self.shop.find(self.payment).paid == accounts[PAYABLE] + accounts[TRANSIT]
        numbers = [logged.sequence for logged in self.shop.events(self.payment)]
        assert all(earlier < later for earlier, later in pairwise(numbers))


def opened(most_declines: int = 0) -> Scene:
    """Waiting for its payer, who may be declined so often (0: for ever)."""
    shop = Shop()
    return Scene(shop, shop.payment(100, Access.WIDGET, most_declines))


def asked() -> Scene:
    """A far side has attempt 1."""
    scene = opened()
    scene.shop.tender(scene.payment)
    return scene


def paid() -> Scene:
    """It said yes."""
    scene = asked()
    scene.shop.record(scene.payment, {1: PAID})
    return scene


def declined() -> Scene:
    """It said no."""
    scene = asked()
    scene.shop.record(scene.payment, {1: DECLINED})
    return scene


def failed() -> Scene:
    """It said no, and no more tries are allowed."""
    scene = opened(most_declines=1)
    scene.shop.tender(scene.payment)
    scene.shop.record(scene.payment, {1: DECLINED})
    return scene


def declined_and_expired() -> Scene:
    """It said no, and the time is over."""
    scene = declined()
    scene.shop.now += DAY
    scene.shop.expire(scene.payment)
    return scene


def declined_and_paid_again() -> Scene:
    """It said no, and then yes to attempt 2."""
    scene = declined()
    scene.shop.tender(scene.payment)
    scene.shop.record(scene.payment, {2: PAID})
    return scene


def declined_and_asked_again() -> Scene:
    """It said no, and has attempt 2."""
    scene = declined()
    scene.shop.tender(scene.payment)
    return scene


def withdrawn_while_asked() -> Scene:
    """Withdrawn, and nobody knows of attempt 1."""
    scene = asked()
    scene.shop.withdraw(scene.payment)
    return scene


def expired_while_asked() -> Scene:
    """Expired, and nobody knows of attempt 1."""
    scene = asked()
    scene.shop.now += DAY
    scene.shop.expire(scene.payment)
    return scene


def to_be_undone() -> Scene:
    """Withdrawn, and the far side is to undo attempt 1."""
    scene = withdrawn_while_asked()
    scene.shop.record(scene.payment, {})
    return scene


def undone() -> Scene:
    """It has undone it."""
    scene = to_be_undone()
    scene.shop.record_reversals(scene.payment, {1: PAID})
    return scene


def paid_late() -> Scene:
    """Withdrawn, and then it said yes."""
    scene = withdrawn_while_asked()
    scene.shop.record(scene.payment, {1: PAID})
    return scene


def returned() -> Scene:
    """That money is back."""
    scene = paid_late()
    scene.shop.record_returns(scene.payment, {1: PAID})
    return scene
