"""The hosted pages as bytes: each view drawn by its template, in the reader's language."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import quote, urlencode

from tillway.surfaces.checkout.declining import decline_text
from tillway.surfaces.checkout.faults import fault_text, setback_text
from tillway.surfaces.checkout.views import (
    MOST_CARDS,
    CancelPage,
    CheckingPage,
    ChoicePage,
    EndedPage,
    Ending,
    LinkFault,
    NoPaymentPage,
    OpenPage,
    Page,
    ReceiptPage,
    WaitingPage,
)
from tillway.surfaces.common.barcodes import qr_svg
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.visits import LANGUAGE

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
    turn_back: str


def links_of(token: str, room: str = "pay", language: str = "") -> Links:
    """The addresses below `/{room}/{token}`; with a `language` they say so, for want of a cookie that remembers it."""
    page = f"/{room}/{quote(token, safe='')}"
    query = f"?{urlencode({LANGUAGE: language})}" if language else ""
    below = (f"{page}{path}{query}" for path in ("", "/cards", "/cards/remove", "/perform", "/cancel", "/turn-back"))
    return Links(*below)


@dataclass(frozen=True, slots=True)
class Framed:
    """What a page inside a shop's own (a frame of the widget's) says of itself, and carries from form to form.

    `origin` is that of the shop's page, `state` the widget's word for how the payment stands; `tray` is sealed, empty
    where there are no forms. `has_left` says that a form has led it out of the frame: the shop is around it no more.
    """

    origin: str
    reference: str
    state: str
    tray: str = ""
    has_left: bool = False


def checkout_pages() -> Pages:
    """The templates, texts and static files of the hosted pages."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER / "locales", static_prefix=STATIC_PREFIX)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws views with `pages`; `sandbox` adds the line that says the money is not real."""

    pages: Pages
    sandbox: bool

    def draw(self, view: Page, links: Links, language: str, framed: Framed | None = None) -> bytes:
        """The whole page, as UTF-8."""
        template, more = _template(view, self.pages.text(language), framed=framed is not None)
        return self.pages.render(
            template,
            language,
            view=view,
            links=links,
            framed=framed,
            languages=self.pages.languages.choices,
            sandbox=self.sandbox,
            **more,
        )


def _template(view: Page, text: Text, *, framed: bool) -> tuple[str, dict[str, object]]:
    """The template that draws `view`, and what it needs beside it."""
    match view:
        case OpenPage():
            return "open.html", _open(view, text)
        case ChoicePage():
            return "choice.html", _choice(view, text, framed=framed)
        case CancelPage():
            return "cancel.html", {}
        case CheckingPage():
            return "checking.html", {}
        case WaitingPage():
            return "waiting.html", {"setback": setback_text(view.setback, text) if view.setback else ""}
        case ReceiptPage():
            return "receipt.html", {}
        case EndedPage():
            return "ended.html", _ended(view, text)
        case NoPaymentPage():
            over = view.fault is LinkFault.SESSION_OVER
            return "no_payment.html", {"expired": view.fault is LinkFault.EXPIRED, "over": over}
        case _:
            assert_never(view)


def _open(view: OpenPage, text: Text) -> dict[str, object]:
    fault = fault_text(view.fault, text) if view.fault else ""
    about_cvc = view.fault is not None and view.fault.is_about_cvc
    covered = bool(view.entered) and view.rest.minor == 0
    return {
        "fault": fault,
        "number_fault": "" if about_cvc else fault,
        "cvc_fault": fault if about_cvc else "",
        "setback": setback_text(view.setback, text) if view.setback else "",
        "problem": view.fault or view.setback,
        "covered": covered,
        "full": len(view.entered) >= MOST_CARDS,
        "focus": _focus(view, about_cvc=about_cvc, covered=covered),
    }


def _choice(view: ChoicePage, _: Text, *, framed: bool) -> dict[str, object]:
    """A frame does not take the cursor from the shop's page; elsewhere it goes to what has to be typed again."""
    cards = _open(view.cards, _)
    return cards | {
        "focus": cards["focus"] if view.cards.fault and not framed else "",
        "decline": decline_text(view.decline.reason, _) if view.decline else "",
        "qr": qr_svg(view.link, _("QR code with the address of this page")) if view.link else "",
    }


def _ended(view: EndedPage, text: Text) -> dict[str, object]:
    return {
        "expired": view.ending is Ending.EXPIRED,
        "failed": view.ending is Ending.FAILED,
        "why": decline_text(view.decline.reason, text) if view.decline else "",
    }


def _focus(view: OpenPage, *, about_cvc: bool, covered: bool) -> str:
    """The field a scanner should type into; none once the amount is covered, so that nothing is paid by a scan."""
    if about_cvc:
        return "cvc"
    return "number" if view.fault or not covered else ""
