"""An order to the card generator: what its form asks for, or which of its fields cannot be."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from tillway.commands.cards import CardPlan
from tillway.domain.clients import Client, Issuer
from tillway.domain.money import exponent
from tillway.surfaces.common.days import end_of
from tillway.surfaces.sandbox.views import Behaviour, CardFault, CardForm

LARGEST_AMOUNT_MAJOR = 10_000
MOST_CARDS = 100
LONGEST_LIFE_DAYS = 3650
USUAL_LIFE_DAYS = 365

_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class IssuerMarks:
    """How the pretend issuer is told what to do: its connector's name, and the digits a card's serial begins with."""

    connector: str
    silent: str
    silent_but_paid: str
    failing: str


@dataclass(frozen=True, slots=True)
class CardOrder:
    """`count` cards of `issuer`, all as planned."""

    issuer: Issuer
    plan: CardPlan
    count: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order is read against: the client that was named, all vendors, the pretend issuer, zone and day."""

    client: Client | None
    issuers: tuple[Issuer, ...]
    marks: IssuerMarks
    zone: str
    today: date


def read_order(form: CardForm, terms: Terms) -> CardOrder | dict[str, CardFault]:
    """The order, or every faulty field with what is wrong."""
    faults: dict[str, CardFault] = {}
    if terms.client is None:
        faults["client_id"] = CardFault.CLIENT_UNKNOWN
    issuer = next((one for one in terms.issuers if one.id == form.vendor), None)
    if issuer is None:
        faults["vendor"] = CardFault.VENDOR_UNKNOWN
    behaviour = _behaviour(form.behaviour)
    amount = _amount(form.amount, issuer.currency if issuer else "NOK")
    count = _whole(form.count)
    last_day = _day(form.last_day, terms.today)
    if behaviour is None:
        faults["behaviour"] = CardFault.BEHAVIOUR_UNKNOWN
    if isinstance(amount, CardFault):
        faults["amount"] = amount
    if count is None or not 1 <= count <= MOST_CARDS:
        faults["count"] = CardFault.COUNT_OUT_OF_RANGE
    if isinstance(last_day, CardFault):
        faults["last_day"] = last_day
    if faults or issuer is None or behaviour is None or count is None:
        return faults
    assert not isinstance(amount, CardFault)
    assert not isinstance(last_day, CardFault)
    return CardOrder(issuer, _plan(behaviour, amount, last_day, terms), count)


def _plan(behaviour: Behaviour, amount: int, last_day: date, terms: Terms) -> CardPlan:
    if behaviour is Behaviour.EXPIRED:
        last_day = min(last_day, terms.today - timedelta(days=1))
    expires_at = end_of(last_day, terms.zone)
    markers = {
        Behaviour.ISSUER_SILENT: terms.marks.silent,
        Behaviour.ISSUER_SILENT_BUT_PAID: terms.marks.silent_but_paid,
        Behaviour.ISSUER_FAILING: terms.marks.failing,
    }
    marker = markers.get(behaviour, "")
    return CardPlan(
        0 if behaviour is Behaviour.EMPTY else amount,
        expires_at,
        connector=terms.marks.connector if marker else "",
        marker=marker,
        readable_cvc=behaviour is not Behaviour.CVC_UNREADABLE,
    )


def _behaviour(text: str) -> Behaviour | None:
    return next((behaviour for behaviour in Behaviour if behaviour.value == text), None)


def _amount(text: str, currency: str) -> int | CardFault:
    """Minor units, from an amount as people type it: `1250`, `1 250,50`, `1250.5`."""
    plain = "".join(text.split()).replace(",", ".")
    if not plain or len(plain) > _LONGEST_NUMBER or not plain.isascii() or plain.strip("0123456789."):
        return CardFault.AMOUNT_UNREADABLE
    try:
        minor = Decimal(plain).scaleb(exponent(currency))
    except InvalidOperation:
        return CardFault.AMOUNT_UNREADABLE
    if minor != int(minor):
        return CardFault.AMOUNT_UNREADABLE
    if not 0 <= minor <= Decimal(LARGEST_AMOUNT_MAJOR).scaleb(exponent(currency)):
        return CardFault.AMOUNT_OUT_OF_RANGE
    return int(minor)


def _whole(text: str) -> int | None:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST_NUMBER else None


def _day(text: str, today: date) -> date | CardFault:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return CardFault.DAY_UNREADABLE
    if abs((day - today).days) > LONGEST_LIFE_DAYS:
        return CardFault.DAY_OUT_OF_RANGE
    return day
