"""A gift card: its number's rules, its states and what stands on its row."""

from enum import StrEnum

from tillway.domain.ids import CardId, IssuerId
from tillway.domain.machine import Machine
from tillway.domain.values import value

NUMBER_LENGTH = 19


class CardState(StrEnum):
    """INACTIVE until sold; expiry is not a state but a date."""

    INACTIVE = "inactive"
    ACTIVE = "active"
    BLOCKED = "blocked"


CARD = Machine(
    "gift card",
    {
        CardState.INACTIVE: frozenset({CardState.ACTIVE, CardState.BLOCKED}),
        CardState.ACTIVE: frozenset({CardState.BLOCKED}),
        CardState.BLOCKED: frozenset({CardState.ACTIVE}),
    },
)


@value
class GiftCard:
    """`balance` can be spent, `held` is reserved for payments that are not complete; minor units, never below 0.

    `cvc_digest` is the keyed hash of number and CVC, empty when the record cannot be read; `sealed` holds number and
    CVC encrypted, for print and for connectors. `connector` must agree before money moves; empty when our books decide
    alone. `expires_at` is the first instant at which the card is no longer good.
    """

    id: CardId
    issuer_id: IssuerId
    last5: str
    sealed: str
    cvc_digest: str
    connector: str
    currency: str
    balance: int
    held: int
    state: CardState
    created_at: int
    expires_at: int

    def with_money(self, balance: int, held: int) -> "GiftCard":
        """The card with another balance and reserve."""
        return GiftCard(
            self.id,
            self.issuer_id,
            self.last5,
            self.sealed,
            self.cvc_digest,
            self.connector,
            self.currency,
            balance,
            held,
            self.state,
            self.created_at,
            self.expires_at,
        )


def check_digit(digits: str) -> str:
    """The Luhn digit (ISO/IEC 7812-1 annex B) that completes `digits`."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_SINGLE = bytes.maketrans(b"0123456789", bytes(range(10)))


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn digit of those before it; `digits` are ASCII digits."""
    backwards = digits.encode()[::-1]
    return (sum(backwards[::2].translate(_SINGLE)) + sum(backwards[1::2].translate(_DOUBLED))) % 10 == 0


def masked(last5: str) -> str:
    """What may be shown of a number: fourteen asterisks and the last five digits."""
    return "*" * (NUMBER_LENGTH - 5) + last5
