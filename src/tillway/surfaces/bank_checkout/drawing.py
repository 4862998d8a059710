"""The pages of payment orders as bytes: each view drawn by its template, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never, cast
from urllib.parse import quote, urlencode

from babel import Locale

from tillway.connectors.protocol import StepKind
from tillway.surfaces.bank_checkout.asking import label_of
from tillway.surfaces.bank_checkout.declining import decline_text, fault_text
from tillway.surfaces.bank_checkout.views import (
    AccountPage,
    ChooserPage,
    EndedPage,
    LeavePage,
    LinkFault,
    NoPaymentPage,
    Page,
    ReceiptPage,
    StepPage,
    TransferPage,
    WaitingPage,
)
from tillway.surfaces.common.barcodes import qr_svg
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.transfer_codes import CodeKind, code_svg

STATIC_PREFIX = f"/{BANK_ROOM}/static"

_FOLDER = Path(__file__).parent

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of one payment's page, of what lies below it, and of its forms."""

    page: str

    @property
    def choose(self) -> str:
        return f"{self.page}/choose"

    @property
    def account(self) -> str:
        return f"{self.page}/account"

    @property
    def transfer(self) -> str:
        return f"{self.page}/transfer"

    @property
    def leave(self) -> str:
        return f"{self.page}/leave"

    @property
    def steps(self) -> str:
        return f"{self.page}/steps"

    @property
    def back(self) -> str:
        """Where banks send the payer."""
        return f"{self.page}/return"

    @property
    def outcome(self) -> str:
        """Where whoever came back waits for the outcome, and is led on."""
        return f"{self.page}/outcome"

    def account_of(self, bank_id: str) -> str:
        """The page that asks for the account at a bank."""
        return f"{self.account}?{urlencode({'bank': bank_id})}"


def links_of(token: str) -> Links:
    """The addresses below `/bank/{token}`."""
    return Links(f"/{BANK_ROOM}/{quote(token, safe='')}")


def bank_pages() -> Pages:
    """The templates, texts and static files of these pages."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER / "locales", static_prefix=STATIC_PREFIX)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws views with `pages`; `sandbox` adds the line that says the money is not real."""

    pages: Pages
    sandbox: bool

    def draw(self, view: Page, links: Links, language: str, here: str = "") -> bytes:
        """The whole page, as UTF-8; `here` is its own address, where it is the answer to something else."""
        template, more = _template(view, self.pages.text(language), language)
        return self.pages.render(
            template,
            language,
            view=view,
            links=links,
            here=here,
            languages=self.pages.languages.choices,
            sandbox=self.sandbox,
            **more,
        )


def _template(view: Page, text: Text, language: str) -> tuple[str, dict[str, object]]:
    """The template that draws `view`, and what it needs beside it."""
    match view:
        case ChooserPage():
            return "chooser.html", _chooser(view, text, language)
        case AccountPage():
            return "account.html", {"fault": fault_text(view.fault, text) if view.fault else ""}
        case TransferPage():
            return "transfer.html", _transfer(view, text)
        case LeavePage():
            return "leave.html", {}
        case WaitingPage():
            return "waiting.html", {}
        case StepPage():
            return "step.html", _step(view, text)
        case ReceiptPage():
            return "receipt.html", {}
        case EndedPage():
            return "ended.html", {"why": decline_text(view.reason, text) if view.reason else ""}
        case NoPaymentPage():
            return "no_payment.html", {"expired": view.fault is LinkFault.EXPIRED}
        case _:
            assert_never(view)


def _chooser(view: ChooserPage, _: Text, language: str) -> dict[str, object]:
    names = cast("Mapping[str, str]", Locale.parse(language).territories)
    countries = sorted(((code, names.get(code, code)) for code in view.choosing.countries), key=lambda one: one[1])
    return {
        "countries": countries,
        "country_names": dict(countries),
        "qr": qr_svg(view.link, _("QR code with the address of this page")) if view.link else "",
    }


def _transfer(view: TransferPage, _: Text) -> dict[str, object]:
    at_home_first = sorted(view.codes, key=lambda code: code.kind is CodeKind.EPC)
    codes = [(*_about(code.kind, _), code_svg(code, _("QR code with this transfer"))) for code in at_home_first]
    return {"codes": codes}


def _step(view: StepPage, text: Text) -> dict[str, object]:
    fields = [(asked, label_of(asked, text)) for asked in view.step.inputs]
    return {"kind": view.step.kind, "asks": view.step.kind is StepKind.INPUT, "fields": fields}


def _about(kind: CodeKind, _: Text) -> tuple[str, str]:
    """What a code is called, and which apps read it."""
    match kind:
        case CodeKind.EPC:
            return _("SEPA QR code"), _(
                "For banking apps in the euro area, such as those of Austria, Germany or Belgium."
            )
        case CodeKind.PAY_BY_SQUARE:
            return "PAY by square", _("For the banking apps of Slovak banks.")
        case CodeKind.SPAYD:
            return "QR Platba", _("For the banking apps of Czech banks.")
        case _:
            assert_never(kind)
