"""A far side that keeps books of its own: what it did, whatever of that we have heard."""

from dataclasses import dataclass, field
from enum import Enum

from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

STEP_URL = "https://far.example/step"


class Wish(Enum):
    """What becomes of an operation when it arrives; WAITS: the payer has a page of the far side's before them."""

    TAKES = "takes"
    DECLINES = "declines"
    WAITS = "waits"


class Standing(Enum):
    """Where an operation stands at the far side."""

    WAITING = "waiting"
    TAKEN = "taken"
    CLOSED = "closed"


@dataclass(slots=True)
class Kept:
    """One operation: minor units, where it stands, and by refund what was given back of it."""

    amount: int
    standing: Standing
    given_back: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def left(self) -> int:
        """What the payer has paid and not got back."""
        return self.amount - sum(self.given_back.values()) if self.standing is Standing.TAKEN else 0


class FarBooks:
    """Everything happens at most once. An issuer of gift cards `undoes` what it took, all others can only refund it.

    `refused` holds the refunds that it will never give.
    """

    def __init__(self, *, undoes: bool = False) -> None:
        self.operations: dict[str, Kept] = {}
        self.refused: set[str] = set()
        self._undoes = undoes

    def has(self) -> dict[str, int]:
        """What it has, in minor units by operation; nothing for those it has nothing of."""
        return {identity: kept.left for identity, kept in self.operations.items() if kept.left}

    def waiting(self) -> list[str]:
        """The operations whose payers are on its pages."""
        return [one for one, kept in self.operations.items() if kept.standing is Standing.WAITING]

    def closed(self) -> list[str]:
        """The operations that it has said no to."""
        return [one for one, kept in self.operations.items() if kept.standing is Standing.CLOSED]

    def begin(self, identity: str, amount: int, wish: Wish) -> Outcome:
        """Take the amount, decline, or send the payer to a page."""
        standings = {
            Wish.TAKES: Standing.TAKEN,
            Wish.DECLINES: Standing.CLOSED,
            Wish.WAITS: Standing.WAITING,
        }
        self.operations.setdefault(identity, Kept(amount, standings[wish]))
        return self.told(identity)

    def look_up(self, identity: str) -> Outcome:
        """How it stands; what has not arrived by now never will."""
        self.operations.setdefault(identity, Kept(0, Standing.CLOSED))
        return self.told(identity)

    def reverse(self, identity: str) -> Outcome:
        """Undo it, whether or not it arrived."""
        kept = self.operations.setdefault(identity, Kept(0, Standing.CLOSED))
        if kept.standing is Standing.TAKEN and not self._undoes:
            return Declined(Reason.TAKEN)
        kept.standing = Standing.CLOSED
        return Paid()

    def refund(self, identity: str, refunded: str, amount: int, *, agrees: bool) -> Outcome:
        """Give some of it back, once; never more than it has."""
        kept = self.operations.get(refunded)
        if kept is not None and identity in kept.given_back:
            return Paid()
        if identity in self.refused or not agrees or kept is None or kept.left < amount:
            self.refused.add(identity)
            return Declined(Reason.REFUND_REFUSED)
        kept.given_back[identity] = amount
        return Paid()

    def settle(self, identity: str, *, agrees: bool) -> None:
        """The payer on its page, or the bank behind it, has decided."""
        kept = self.operations[identity]
        if kept.standing is Standing.WAITING:
            kept.standing = Standing.TAKEN if agrees else Standing.CLOSED

    def break_its_word(self, identity: str, amount: int) -> None:
        """Take what it has declined, as no far side should."""
        self.operations[identity].amount = amount
        self.operations[identity].standing = Standing.TAKEN

    def told(self, identity: str) -> Outcome:
        """What it says of an operation that it knows."""
        match self.operations[identity].standing:
            case Standing.WAITING:
                return Pending(f"far {identity}", STEP_URL)
            case Standing.TAKEN:
                return Paid(f"far {identity}", "Visa", "4242")
            case Standing.CLOSED:
                return Declined(Reason.DECLINED, f"far {identity}")
