"""The pretend acquirer's pages as bytes, and its published numbers in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from tillway.domain.published import PROCESSING_SECONDS, PublishedNumber
from tillway.domain.reasons import Reason
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.sandbox.acquirer.views import BankPage, CardPage, EndPage, Fault, FrontPage, Page, ProofPage

STATIC_PREFIX = "/static"

_FOLDER = Path(__file__).parent

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """A published number for the table: as it is typed, as it is read, and what it does."""

    number: str
    grouped: str
    scheme: str
    does: str


def acquirer_pages() -> Pages:
    """The templates, texts and static files; the texts are in the sandbox's catalogue."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER.parent / "locales", static_prefix=STATIC_PREFIX)


def draw(pages: Pages, view: Page, language: str, place: str) -> bytes:
    """The whole page, as UTF-8; `place` is the path that a payment's forms are below."""
    text = pages.text(language)
    more: Mapping[str, object] = {"languages": pages.languages.choices, "view": view, "place": place}
    match view:
        case FrontPage():
            return pages.render("front.html", language, rows=rows_of(view.numbers, text), **more)
        case CardPage():
            rows = rows_of(view.numbers, text)
            return pages.render("card.html", language, rows=rows, fault=_fault(view.fault, text), **more)
        case BankPage():
            return pages.render("bank.html", language, fault=_fault(view.fault, text), **more)
        case ProofPage():
            return pages.render("proof.html", language, **more)
        case EndPage():
            return pages.render("end.html", language, **more)
        case _:
            assert_never(view)


def rows_of(numbers: Sequence[PublishedNumber], text: Text) -> list[Row]:
    """What is published, one row for each number."""
    return [Row(one.number, _grouped(one.number), one.scheme, _does(one, text)) for one in numbers]


def _grouped(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _fault(fault: Fault | None, _: Text) -> str:
    match fault:
        case None:
            return ""
        case Fault.NOT_PUBLISHED:
            return _("Only the test numbers on this page are taken. Never type a real card number here.")
        case Fault.NO_BANK:
            return _("Choose one of the banks.")


def _does(number: PublishedNumber, _: Text) -> str:
    """What a published number does, in one sentence."""
    reason = number.behaviour.reason
    if reason is not None and number.behaviour.code == reason:
        return _("Declined: %s") % _why(reason, _)
    told = _told(_)
    return told[number.behaviour.code]


def _told(_: Text) -> Mapping[str, str]:
    return {
        "paid": _("Paid"),
        "challenge": _("Asks for 3-D Secure; you choose how it ends"),
        "challenge_failed": _("Asks for 3-D Secure, which fails whatever you answer"),
        "challenge_abandoned": _("Asks for 3-D Secure, but the bank shows nothing to answer"),
        "challenge_then_declined": _("Asks for 3-D Secure, and is declined after it: not enough money"),
        "processing": _("Pending for %s seconds, then paid") % PROCESSING_SECONDS,
        "processing_then_declined": _("Pending for %s seconds, then declined") % PROCESSING_SECONDS,
        "pending": _("Pending until you settle it through the sandbox helpers"),
        "told_twice": _("Paid, and the gateway is told twice"),
        "told_out_of_order": _("Paid, and the gateway is told that it is pending after that"),
        "never_told": _("Paid, and the gateway is never told: it has to ask"),
        "paid_late": _("Paid only after the payment has expired or was given up"),
        "refund_failed": _("Paid; refunds fail after a moment"),
        "refund_pending": _("Paid; refunds take ten seconds"),
    }


def _why(reason: Reason, _: Text) -> str:
    """A published reason; all others only say that it was declined."""
    match reason:
        case Reason.INSUFFICIENT_FUNDS:
            return _("not enough money")
        case Reason.EXPIRED_CARD:
            return _("the card has expired")
        case Reason.LOST_CARD:
            return _("the card was reported lost")
        case Reason.STOLEN_CARD:
            return _("the card was reported stolen")
        case Reason.DO_NOT_HONOUR:
            return _("the bank gives no reason")
        case Reason.INCORRECT_CVC:
            return _("the security code is wrong")
        case Reason.LIMIT_EXCEEDED:
            return _("the card's limit is reached")
        case Reason.SUSPECTED_FRAUD:
            return _("the bank suspects fraud")
        case Reason.NOT_PERMITTED:
            return _("the card may not be used for this")
        case _:
            return _("the payment was not approved")
