"""What the shop remembers: its last sales, and what it was told of them. A real one would have a database."""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from tillway.surfaces.sandbox.shop.integrator import Refused

MOST_SALES = 50
MOST_POSTBACKS = 50


class Way(Enum):
    """How the payer is to pay: in the shop's own page, or by a link that the shop sends."""

    WIDGET = "widget"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Postback:
    """One time the gateway told of a payment: `body` as it came, `signed` if it was the gateway indeed."""

    came_at: int
    reference: str
    body: str
    signed: bool
    is_success: bool
    is_refund: bool


@dataclass(frozen=True, slots=True)
class Said:
    """The gateway's last answer to a call of the shop's."""

    call: str
    status: int
    answer: str
    refused: bool = False


@dataclass(slots=True)
class Sale:
    """One basket that somebody is paying; `initiation` is the gateway's answer, `said` its last one since."""

    reference: str
    way: Way
    amount: Decimal
    opened_at: int
    initiation: dict[str, Any] = field(repr=False)
    said: Said | None = None
    postbacks: deque[Postback] = field(default_factory=lambda: deque[Postback](maxlen=MOST_POSTBACKS))

    @property
    def is_paid(self) -> bool:
        """Whether the gateway said so, and signed it: a browser's word, or an unsigned one, is not enough."""
        return any(told.signed and told.is_success and not told.is_refund for told in self.postbacks)

    @property
    def is_lost(self) -> bool:
        """Whether the gateway said, and signed, that it will not be paid."""
        return any(told.signed and not told.is_success and not told.is_refund for told in self.postbacks)

    def refused(self, refusal: Refused) -> None:
        """Note what the gateway said no to."""
        self.said = Said(refusal.call, refusal.status, refusal.answer, refused=True)


class Memory:
    """The last MOST_SALES sales, newest last; a postback of any other is noted nowhere."""

    def __init__(self) -> None:
        self._sales: dict[str, Sale] = {}

    def add(self, sale: Sale) -> None:
        """Remember one more, and forget the oldest if there are too many."""
        self._sales[sale.reference] = sale
        while len(self._sales) > MOST_SALES:
            del self._sales[next(iter(self._sales))]

    def find(self, reference: str) -> Sale | None:
        """The sale that the gateway knows by this reference."""
        return self._sales.get(reference)

    def newest(self, most: int) -> list[Sale]:
        """The last few, newest first."""
        return list(reversed(self._sales.values()))[:most]
