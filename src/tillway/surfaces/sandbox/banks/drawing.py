"""The pretend banks' pages as bytes, and what they publish in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from tillway.domain.money import Money
from tillway.domain.pretended_banks import (
    CONFIRMED_SECONDS,
    PASSWORD,
    Account,
    Approach,
    PretendBank,
    Proof,
    User,
)
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.sandbox.banks.views import AccountPage, EndPage, Fault, FrontPage, LoginPage, Page, ProofPage

STATIC_PREFIX = "/static"

_FOLDER = Path(__file__).parent
_AS_THE_ACQUIRER = _FOLDER.parent / "acquirer" / "static"
"""Banks look as the acquirer does: visibly somebody else, and visibly a test."""

Text = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class UserRow:
    """A published user name, and what it does."""

    name: str
    does: str


@dataclass(frozen=True, slots=True)
class BankRow:
    """A bank, and how it lets its customers in."""

    name: str
    country: str
    does: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that can pay."""

    iban: str
    grouped: str
    name: str
    balance: Money


def bank_pages() -> Pages:
    """The templates, texts and static files; the texts are in the sandbox's catalogue."""
    return Pages(_FOLDER / "templates", _AS_THE_ACQUIRER, _FOLDER.parent / "locales", static_prefix=STATIC_PREFIX)


def draw(pages: Pages, view: Page, language: str, place: str) -> bytes:
    """The whole page, as UTF-8; `place` is the path that a payment's forms are below."""
    text = pages.text(language)
    more: Mapping[str, object] = {"languages": pages.languages.choices, "view": view, "place": place}
    match view:
        case FrontPage():
            banks = [_bank_row(bank, text) for bank in view.banks]
            users = users_of(view.users, text)
            return pages.render("front.html", language, banks=banks, users=users, password=PASSWORD, **more)
        case LoginPage():
            users = users_of(view.users, text)
            return pages.render("login.html", language, users=users, fault=_fault(view.fault, text), **more)
        case AccountPage():
            rows = [_account_row(one, view.summary.amount.currency, text) for one in view.accounts]
            return pages.render("account.html", language, accounts=rows, fault=_fault(view.fault, text), **more)
        case ProofPage():
            iban = _grouped(view.debtor_iban)
            return pages.render("proof.html", language, iban=iban, fault=_fault(view.fault, text), **more)
        case EndPage():
            return pages.render("end.html", language, **more)
        case _:
            assert_never(view)


def users_of(users: Sequence[User], _: Text) -> list[UserRow]:
    """What every bank publishes, one row for each user."""
    does = {
        "books": _("Booked at once"),
        "confirms": _("Confirmed, and booked after %s seconds") % CONFIRMED_SECONDS,
        "fails": _("Confirmed, but rejected after %s seconds") % CONFIRMED_SECONDS,
        "nomoney": _("Rejected: not enough money"),
        "aml": _("Rejected: stopped by a check against money laundering"),
        "rejected": _("Rejected: the bank gives no reason"),
        "cancels": _("Rejected: the customer has said no"),
        "silent": _("The bank never tells how it stands"),
        "late": _("Booked only after the payment has expired or was given up"),
        "wavers": _("Booked, and for a minute the bank tells older news"),
        "pending": _("Waits until you settle it through the sandbox helpers"),
        "confirmed": _("Confirmed, and waits until you settle it through the sandbox helpers"),
    }
    return [UserRow(user.name, does[user.name]) for user in users]


def _bank_row(bank: PretendBank, _: Text) -> BankRow:
    match bank.approach:
        case Approach.EMBEDDED:
            does = _("Has no page: user name, password and code are asked for by the gateway")
        case Approach.DECOUPLED:
            does = _("Has no page: the customer agrees in the bank's app")
        case Approach.REDIRECT:
            does = _proof(bank.proof, _)
    return BankRow(bank.bank.name, bank.bank.country, does)


def _proof(proof: Proof, _: Text) -> str:
    match proof:
        case Proof.CONFIRM:
            return _("Asks to confirm on its page")
        case Proof.SMS:
            return _("Asks for the code of a text message")
        case Proof.PUSH:
            return _("Asks to agree in its app")


def _account_row(account: Account, currency: str, _: Text) -> AccountRow:
    names = {"current": _("Current account"), "savings": _("Savings account"), "empty": _("Empty account")}
    return AccountRow(account.iban, _grouped(account.iban), names[account.name], Money(account.balance, currency))


def _grouped(iban: str) -> str:
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def _fault(fault: Fault | None, _: Text) -> str:
    match fault:
        case None:
            return ""
        case Fault.NOBODY:
            return _("Only the user names on this page are let in. Never type a real one here.")
        case Fault.NO_ACCOUNT:
            return _("Choose one of the accounts.")
        case Fault.WRONG_CODE:
            return _("That is not the code of the text message.")
