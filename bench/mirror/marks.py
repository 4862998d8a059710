"""The values by which a recorded row shows what differs from payment to payment."""

from dataclasses import dataclass
from typing import Final

from bench.load.requests import AMOUNT_MINOR
from tillway.commands.tools import IdMaker

OPENED: Final = 1_000_000_000_000_001
ACTED: Final = 1_000_000_000_000_002
ENDS: Final = 1_000_000_000_000_003

NUMBER: Final = 1_000_000_000_000_004
"""Of an order, for people."""

REFUNDS: Final = 441
REFUNDED: Final = 3_570
VERSION: Final = 887
"""How often and how much (minor units) a payment was refunded before it is once more, and how often it had moved."""

NUMBERS: Final = {
    OPENED: "opened",
    ACTED: "acted",
    ENDS: "ends",
    NUMBER: "number",
    REFUNDS + 1: "refund",
    REFUNDED + AMOUNT_MINOR: "refunded",
    VERSION + 1: "version",
}
"""Moments (microseconds) and counts that no other value of a recorded row has, and the names they are filled in by."""

RECEIVER: Final = "receiver.invalid:7"
"""Host and port that are told of what happens."""

ORDER: Final = "0aaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaa"
ACT: Final = "0bbbbbbb-bbbb-7bbb-8bbb-bbbbbbbbb"
LAST5: Final = ("-one-", "-two-")


@dataclass(slots=True)
class MarkedClock:
    """Tells one mark after the other."""

    moment: int = OPENED

    def now(self) -> int:
        """The mark."""
        return self.moment


class MarkedIds(IdMaker):
    """Gives the order's mark for what is opened, and the act's for what is done afterwards."""

    def make(self, now: int) -> str:
        """The mark, as a UUID."""
        return (ORDER if now == OPENED else ACT) + "000"


def named(card_ids: tuple[str, ...]) -> dict[str, str]:
    """Texts, and the names they are filled in by."""
    texts = {ORDER: "order", ACT: "act", RECEIVER: "receiver"}
    for place, (card, last5) in enumerate(zip(card_ids, LAST5, strict=False), 1):
        texts |= {card: f"card{place}", last5: f"mask{place}"}
    return texts
