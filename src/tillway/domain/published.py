"""The test card numbers that the pretend acquirer publishes, and what each of them does; no real card has any."""

from enum import Enum
from typing import Final

from tillway.domain.reasons import Reason
from tillway.domain.schedules import SECOND
from tillway.domain.values import value

PREFIX: Final = "9999"
"""What every number begins with. After a leading 9 come the three digits of a country (ISO/IEC 7812-1), and 999 is
nobody's: ISO 3166-1 leaves 900 to 999 to users for good. So no card scheme can give these numbers to anybody."""


class Challenge(Enum):
    """Whether the payer has to prove to be the payer (3-D Secure), and what comes of it.

    NONE: not asked. ASKED: the payer's answer counts. FAILS: refused, whatever the payer answers. UNANSWERED: the
    payer's bank shows nothing to answer with, so that it ends when the payer's time is over.
    """

    NONE = "none"
    ASKED = "asked"
    FAILS = "fails"
    UNANSWERED = "unanswered"


class Calls(Enum):
    """How the acquirer tells of the outcome by itself.

    OUT_OF_ORDER: that it is paid, and after that once more that it is pending. NEVER: only who asks finds out.
    """

    ONCE = "once"
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"
    NEVER = "never"


class GivesBack(Enum):
    """What becomes of refunds: done at once, refused a moment after they were taken in, or done after a while."""

    AT_ONCE = "at_once"
    NEVER = "never"
    LATER = "later"


@value
class Behaviour:
    """What becomes of a payment once the payer has done everything.

    `reason` is why it is declined; without one it is paid. It is decided `waits` microseconds later; a negative wait
    lasts until somebody else decides. One that `is_late` is paid only after it should have been cancelled, which it
    cannot be.
    """

    code: str
    reason: Reason | None = None
    waits: int = 0
    calls: Calls = Calls.ONCE
    is_late: bool = False
    gives_back: GivesBack = GivesBack.AT_ONCE


@value
class PublishedNumber:
    """One published number (16 digits), of a pretended card of `scheme`."""

    number: str
    scheme: str
    behaviour: Behaviour
    challenge: Challenge = Challenge.NONE

    @property
    def mask(self) -> str:
        """What may be shown of it, and is kept."""
        return self.number[-4:]


PROCESSING_SECONDS: Final = 15

PAYS: Final = Behaviour("paid")
PROCESSES: Final = Behaviour("processing", waits=PROCESSING_SECONDS * SECOND)
UNDECIDED: Final = Behaviour("pending", waits=-1)

_DECLINED_FOR = (
    ("9999020100000001", Reason.INSUFFICIENT_FUNDS),
    ("9999020200000000", Reason.EXPIRED_CARD),
    ("9999020300000009", Reason.LOST_CARD),
    ("9999020400000008", Reason.STOLEN_CARD),
    ("9999020500000007", Reason.DO_NOT_HONOUR),
    ("9999020600000006", Reason.INCORRECT_CVC),
    ("9999020700000005", Reason.LIMIT_EXCEEDED),
    ("9999020800000004", Reason.SUSPECTED_FRAUD),
    ("9999020900000003", Reason.NOT_PERMITTED),
)

PUBLISHED: Final = (
    PublishedNumber("9999010100000002", "Visa", PAYS),
    PublishedNumber("9999010200000001", "Mastercard", PAYS),
    *(PublishedNumber(number, "Visa", Behaviour(reason.value, reason)) for number, reason in _DECLINED_FOR),
    PublishedNumber("9999030100000000", "Visa", Behaviour("challenge"), Challenge.ASKED),
    PublishedNumber("9999030200000009", "Visa", Behaviour("challenge_failed"), Challenge.FAILS),
    PublishedNumber("9999030300000008", "Visa", Behaviour("challenge_abandoned"), Challenge.UNANSWERED),
    PublishedNumber(
        "9999030400000007",
        "Mastercard",
        Behaviour("challenge_then_declined", Reason.INSUFFICIENT_FUNDS),
        Challenge.ASKED,
    ),
    PublishedNumber("9999040100000009", "Visa", PROCESSES),
    PublishedNumber(
        "9999040200000008",
        "Visa",
        Behaviour("processing_then_declined", Reason.DO_NOT_HONOUR, waits=PROCESSING_SECONDS * SECOND),
    ),
    PublishedNumber("9999040300000007", "Visa", UNDECIDED),
    PublishedNumber("9999040400000006", "Visa", Behaviour("told_twice", calls=Calls.TWICE)),
    PublishedNumber("9999040500000005", "Visa", Behaviour("told_out_of_order", calls=Calls.OUT_OF_ORDER)),
    PublishedNumber("9999040600000004", "Visa", Behaviour("never_told", calls=Calls.NEVER)),
    PublishedNumber("9999040700000003", "Visa", Behaviour("paid_late", is_late=True)),
    PublishedNumber("9999050100000008", "Visa", Behaviour("refund_failed", gives_back=GivesBack.NEVER)),
    PublishedNumber("9999050200000007", "Visa", Behaviour("refund_pending", gives_back=GivesBack.LATER)),
)

BEHAVIOURS: Final = {one.behaviour.code: one.behaviour for one in PUBLISHED}

BY_NUMBER: Final = {one.number: one for one in PUBLISHED}

BY_CODE: Final = {one.behaviour.code: one for one in reversed(PUBLISHED)}
"""The first number of each behaviour."""
