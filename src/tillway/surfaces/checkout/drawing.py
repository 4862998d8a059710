"""The hosted pages as bytes: each view drawn by its template, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

from tillway.surfaces.checkout.views import (
    MOST_CARDS,
    CancelPage,
    CheckingPage,
    EndedPage,
    Ending,
    EntryFault,
    LinkFault,
    NoPaymentPage,
    OpenPage,
    Page,
    ReceiptPage,
    Setback,
)
from tillway.surfaces.common.serving import Pages

STATIC_PREFIX = "/pay/static"

_FOLDER = Path(__file__).parent

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one payment's page and of its forms."""

    page: str
    add: str
    remove: str
    pay: str
    cancel: str


def links_of(token: str) -> Links:
    """The addresses below `/pay/{token}`."""
    page = f"/pay/{quote(token, safe='')}"
    return Links(page, f"{page}/cards", f"{page}/cards/remove", f"{page}/perform", f"{page}/cancel")


def checkout_pages() -> Pages:
    """The templates, texts and static files of the hosted pages."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER / "locales", static_prefix=STATIC_PREFIX)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws views with `pages`; `sandbox` adds the line that says the money is not real."""

    pages: Pages
    sandbox: bool

    def draw(self, view: Page, links: Links, language: str) -> bytes:
        """The whole page, as UTF-8."""
        template, more = _template(view, self.pages.text(language))
        languages = self.pages.languages.choices
        return self.pages.render(
            template, language, view=view, links=links, languages=languages, sandbox=self.sandbox, **more
        )


def _template(view: Page, text: Text) -> tuple[str, dict[str, object]]:
    """The template that draws `view`, and what it needs beside it."""
    match view:
        case OpenPage():
            return "open.html", _open(view, text)
        case CancelPage():
            return "cancel.html", {}
        case CheckingPage():
            return "checking.html", {}
        case ReceiptPage():
            return "receipt.html", {}
        case EndedPage():
            return "ended.html", {"expired": view.ending is Ending.EXPIRED}
        case NoPaymentPage():
            return "no_payment.html", {"expired": view.fault is LinkFault.EXPIRED}
        case _:
            assert_never(view)


def _open(view: OpenPage, text: Text) -> dict[str, object]:
    fault = _fault_text(view.fault, text) if view.fault else ""
    about_cvc = view.fault is not None and view.fault.is_about_cvc
    covered = bool(view.entered) and view.rest.minor == 0
    return {
        "fault": fault,
        "number_fault": "" if about_cvc else fault,
        "cvc_fault": fault if about_cvc else "",
        "setback": _setback_text(view.setback, text) if view.setback else "",
        "problem": view.fault or view.setback,
        "covered": covered,
        "full": len(view.entered) >= MOST_CARDS,
        "focus": _focus(view, about_cvc=about_cvc, covered=covered),
    }


def _focus(view: OpenPage, *, about_cvc: bool, covered: bool) -> str:
    """The field a scanner should type into; none once the amount is covered, so that nothing is paid by a scan."""
    if about_cvc:
        return "cvc"
    return "number" if view.fault or not covered else ""


def _fault_text(fault: EntryFault, _: Text) -> str:
    match fault:
        case EntryFault.NUMBER_MISSING:
            return _("Enter or scan the card number.")
        case EntryFault.NUMBER_LENGTH:
            return _("The card number has 19 digits. Check that none is missing.")
        case EntryFault.NUMBER_INVALID:
            return _("A digit of the card number is wrong. Check it against the card.")
        case EntryFault.CVC_MISSING:
            return _("Enter the card's CVC.")
        case EntryFault.CVC_FORM:
            return _("The CVC has 3 digits.")
        case EntryFault.REFUSED:
            return _("This number and CVC do not belong to a card we know. Check both.")
        case EntryFault.NOT_ACCEPTED:
            return _("This shop does not take this kind of gift card.")
        case EntryFault.EXPIRED:
            return _("This card has expired.")
        case EntryFault.EMPTY:
            return _("There is no money left on this card.")
        case EntryFault.NOT_ACTIVE:
            return _("This card cannot be used. Ask the staff for help.")
        case EntryFault.ALREADY_THERE:
            return _("This card is already added.")
        case EntryFault.TRAY_FULL:
            return _("No more cards fit in one payment.")
        case EntryFault.TOO_MANY:
            return _("Too many tries. Wait an hour before the next one, or ask the staff for help.")
        case _:
            assert_never(fault)


def _setback_text(setback: Setback, _: Text) -> str:
    match setback:
        case Setback.DISAGREED:
            return _("Nothing is paid yet. Tick the box to pay only a part, or add another card.")
        case Setback.CHANGED:
            return _("Nothing was paid, because something changed meanwhile. Check the amounts and try again.")
        case Setback.ISSUER_FAILED:
            return _("Nothing was paid: the card's issuer refused. Remove that card or try again later.")
        case _:
            assert_never(setback)
