"""What gift cards and payments should come to: the documented rules once more, as plainly as they can be said."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tillway.commands.cards import IssuedCard
from tillway.domain.refusals import (
    AmountAboveDue,
    BalanceTooLow,
    CardEmpty,
    CardExpired,
    CardNotActive,
    IssuerFailed,
    NothingLeftToRefund,
    NotInThatState,
    RefundAboveLeft,
    Refusal,
)

OURS = "ours"
AGREES = "agrees"
SILENT_PAID = "silent, paid"


@dataclass(slots=True)
class ModelCard:
    """A card and what it should have; `kind` says who has to agree, and how they answer."""

    issued: IssuedCard
    kind: str
    balance: int
    expires_at: int
    held: int = 0
    is_active: bool = True


@dataclass(slots=True)
class Part:
    """What one card gave to a payment."""

    card: ModelCard
    amount: int
    refunded: int = 0


@dataclass(slots=True)
class ModelPayment:
    """A payment and what it should have come to; its parts are held until it is complete."""

    id: str
    amount: int
    expires_at: int
    state: str = "open"
    parts: list[Part] = field(default_factory=list[Part])

    @property
    def paid(self) -> int:
        """What was taken, in minor units."""
        return sum(part.amount for part in self.parts)

    @property
    def refunded(self) -> int:
        """What of it was given back."""
        return sum(part.refunded for part in self.parts)

    def perform(
        self, asked: Sequence[tuple[ModelCard, int]], now: int, *, allow_partial: bool, final: bool
    ) -> type[Refusal] | None:
        """Take what is due, or say why not."""
        if self.state != "open" or now >= self.expires_at:
            return NotInThatState
        cards = [card for card, _ in asked]
        if any(now >= card.expires_at for card in cards):
            return CardExpired
        if any(card.balance == 0 for card in cards):
            return CardEmpty
        parts, refusal = self._shares(asked, allow_partial=allow_partial, final=final)
        if refusal is not None:
            return refusal
        if not all(card.is_active for card in cards):
            return CardNotActive
        if not _agree([part.card.kind for part in parts]):
            return IssuerFailed
        for part in parts:
            part.card.balance -= part.amount
            part.card.held += part.amount
        self.parts += parts
        if final or self.paid == self.amount:
            self.state = "complete"
            for part in self.parts:
                part.card.held -= part.amount
        return None

    def _shares(
        self, asked: Sequence[tuple[ModelCard, int]], *, allow_partial: bool, final: bool
    ) -> tuple[list[Part], type[Refusal] | None]:
        due = self.amount - self.paid
        parts: list[Part] = []
        for card, amount in asked:
            if amount > due:
                return [], AmountAboveDue
            wanted = amount or due
            available = card.balance - sum(part.amount for part in parts if part.card is card)
            if wanted > available and not allow_partial:
                return [], BalanceTooLow
            if given := min(wanted, available):
                parts.append(Part(card, given))
                due -= given
        if not parts or (due and final and not allow_partial):
            return [], BalanceTooLow
        return parts, None

    def withdraw(self, now: int) -> type[Refusal] | None:
        """Give everything back."""
        if self.state != "open" or now >= self.expires_at:
            return NotInThatState
        self._give_back("withdrawn")
        return None

    def expire(self, now: int) -> None:
        """Give everything back if the time is over."""
        if self.state == "open" and now >= self.expires_at:
            self._give_back("expired")

    def _give_back(self, state: str) -> None:
        self.state = state
        for part in self.parts:
            part.card.held -= part.amount
            part.card.balance += part.amount
        self.parts = []

    def refund(self, amount: int) -> type[Refusal] | None:
        """Give some, or with 0 all that is left, back: to the cards used last first."""
        if self.state != "complete":
            return NotInThatState
        if self.refunded == self.paid:
            return NothingLeftToRefund
        left = amount or self.paid - self.refunded
        if left > self.paid - self.refunded:
            return RefundAboveLeft
        for part in reversed(self.parts):
            given = min(left, part.amount - part.refunded)
            part.refunded += given
            part.card.balance += given
            left -= given
        return None


def _agree(kinds: Sequence[str]) -> bool:
    """Whether all issuers do; after a silent one none is asked any more, and all end as if they had said no."""
    asked = [kind for kind in kinds if kind != OURS]
    return all(kind == AGREES for kind in asked[:-1]) and asked[-1:] in ([], [AGREES], [SILENT_PAID])
