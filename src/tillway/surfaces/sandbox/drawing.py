"""The sandbox's pages as bytes."""

import base64
import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import assert_never

from tillway.commands.statement_files import Counts
from tillway.domain.money import Money, exponent
from tillway.domain.statements import BankEntry, Cause
from tillway.surfaces.common.barcodes import code128_svg, qr_svg
from tillway.surfaces.common.days import day_of
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.sandbox.views import (
    Behaviour,
    CardFault,
    CardGeneratorPage,
    FileFault,
    HomePage,
    Page,
    StatementsPage,
    TestCard,
)

STATIC_PREFIX = "/card-gen/static"

_FOLDER = Path(__file__).parent
_FIELDS = ("client_id", "amount", "count", "vendor", "last_day", "behaviour")

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Pictures:
    """A card's number for scanners, as SVG elements."""

    barcode: str
    qr: str


def sandbox_pages() -> Pages:
    """The templates, texts and static files of the sandbox."""
    return Pages(_FOLDER / "templates", _FOLDER / "static", _FOLDER / "locales", static_prefix=STATIC_PREFIX)


def draw(pages: Pages, view: Page, language: str) -> bytes:
    """The whole page, as UTF-8."""
    languages = pages.languages.choices
    match view:
        case HomePage():
            return pages.render("home.html", language, view=view, languages=languages)
        case CardGeneratorPage():
            more = _generator(view, pages.text(language))
            return pages.render("card_gen.html", language, view=view, languages=languages, **more)
        case StatementsPage():
            more = _statements(view, pages.text(language))
            return pages.render("statements.html", language, view=view, languages=languages, **more)
        case _:
            assert_never(view)


def as_csv(cards: Sequence[TestCard]) -> str:
    """The cards as a table with a heading, in plain decimals and ISO dates."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("number", "cvc", "balance", "currency", "expires_on"))
    for card in cards:
        balance = _decimal(card.balance)
        writer.writerow((card.number, card.cvc, balance, card.balance.currency, card.last_day.isoformat()))
    return table.getvalue()


def _generator(view: CardGeneratorPage, text: Text) -> dict[str, object]:
    table = as_csv(view.cards)
    encoded = base64.b64encode(table.encode()).decode()
    unreadable = view.faults.get("last_day") is CardFault.DAY_UNREADABLE
    return {
        "last_day": "" if unreadable else view.form.last_day,
        "faults": {name: _fault_text(view.faults[name], text) if name in view.faults else "" for name in _FIELDS},
        "behaviours": [(behaviour.value, _behaviour_text(behaviour, text)) for behaviour in Behaviour],
        "cards": [(card, _pictures(card, text)) for card in view.cards],
        "csv": table,
        "csv_address": f"data:text/csv;charset=utf-8;base64,{encoded}",
    }


def _statements(view: StatementsPage, text: Text) -> dict[str, object]:
    encoded = base64.b64encode(view.example).decode()
    return {
        "fault": _file_text(view.refusal.fault, text) if view.refusal else "",
        "taken": [(one.statement, _tallies(one.counts, text)) for one in view.taken],
        "waiting": [
            (entry, Money(entry.left, entry.currency), day_of(entry.booked_on), _cause(entry, text))
            for entry in view.waiting
        ],
        "example_address": f"data:application/xml;base64,{encoded}" if encoded else "",
    }


def _tallies(counts: Counts, _: Text) -> list[tuple[str, int]]:
    """What became of a statement's entries; what none of them came to is left out."""
    every = [
        (_("Entries"), counts.entries),
        (_("New"), counts.fresh),
        (_("Found their payment"), counts.matched),
        (_("Wait for a decision"), counts.review),
        (_("Belong to nothing"), counts.unmatched),
        (_("Go back"), counts.returning),
    ]
    return every[:2] + [one for one in every[2:] if one[1]]


def _pictures(card: TestCard, _: Text) -> Pictures:
    ending = card.number[-5:]
    return Pictures(
        code128_svg(card.number, _("Barcode of the card ending in %s") % ending),
        qr_svg(card.number, _("QR code of the card ending in %s") % ending),
    )


def _decimal(money: Money) -> str:
    return str(Decimal(money.minor).scaleb(-exponent(money.currency)))


def _behaviour_text(behaviour: Behaviour, _: Text) -> str:
    match behaviour:
        case Behaviour.NORMAL:
            return _("Pays as usual")
        case Behaviour.EMPTY:
            return _("Has no balance (102, 106)")
        case Behaviour.EXPIRED:
            return _("Has expired (101)")
        case Behaviour.CVC_UNREADABLE:
            return _("Its CVC cannot be read (252)")
        case Behaviour.ISSUER_SILENT:
            return _("Issuer silent, nothing taken (253)")
        case Behaviour.ISSUER_SILENT_BUT_PAID:
            return _("Issuer silent, but money taken (253)")
        case Behaviour.ISSUER_FAILING:
            return _("Issuer answers with a failure (254)")
        case _:
            assert_never(behaviour)


def _fault_text(fault: CardFault, _: Text) -> str:
    match fault:
        case CardFault.CLIENT_UNKNOWN:
            return _("There is no client with this id.")
        case CardFault.AMOUNT_UNREADABLE:
            return _("Enter an amount in kroner, such as 250 or 99.50.")
        case CardFault.AMOUNT_OUT_OF_RANGE:
            return _("Enter an amount from 0 to 10,000 kroner.")
        case CardFault.COUNT_OUT_OF_RANGE:
            return _("Enter a number from 1 to 100.")
        case CardFault.VENDOR_UNKNOWN:
            return _("Choose one of the vendors.")
        case CardFault.DAY_UNREADABLE:
            return _("Enter a day.")
        case CardFault.DAY_OUT_OF_RANGE:
            return _("Enter a day within ten years.")
        case CardFault.BEHAVIOUR_UNKNOWN:
            return _("Choose one of the behaviours.")
        case _:
            assert_never(fault)


def _file_text(fault: FileFault, _: Text) -> str:
    match fault:
        case FileFault.MISSING:
            return _("Choose a file.")
        case FileFault.TOO_LARGE:
            return _("The file is larger than 8 MB. Use the command line for it.")
        case FileFault.REFUSED:
            return _("Nothing of this file was booked.")
        case _:
            assert_never(fault)


def _cause(entry: BankEntry, _: Text) -> str:
    """Why a person has to decide about an entry."""
    if not entry.cause:
        return _("Belongs to no payment that we know.")
    match Cause(entry.cause):
        case Cause.NEAR:
            return _("It looks like a payment, but is not surely it.")
        case Cause.PART:
            return _("Less came than was asked for.")
        case Cause.OVER:
            return _("More came than was asked for.")
        case Cause.LATE:
            return _("Its payment is over, or was paid already.")
        case Cause.DIFFERS:
            return _("The amount is not that of what went out.")
        case Cause.REVERSAL:
            return _("The bank undoes an earlier entry.")
        case Cause.DOUBT:
            return _("A bank may have taken the same money.")
        case Cause.NAMELESS:
            return _("It should go back, but the account it came from is not told.")
        case _ as never:
            assert_never(never)
