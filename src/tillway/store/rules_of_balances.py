"""The rules on what transfers add up to (cards, days), each as a search through all of them."""

from sqlalchemy import ColumnElement, SelectBase, and_, func, not_, or_, select, union_all

from tillway.domain.proof import Rule
from tillway.domain.schedules import DAY
from tillway.store import schema
from tillway.store.daily import ROLLED_UP
from tillway.store.expressions import begins, finding, number, said, total, word

_CARD_KINDS = ("card:", "held:")

_TRANSFERS, _CARDS = schema.transfers.c, schema.gift_cards.c


def cards_and_their_transfers() -> SelectBase:
    """Every card's balance and reserve are the sums of its transfers."""
    rows = union_all(
        select(
            _TRANSFERS.source.label("account"),
            (-_TRANSFERS.amount).label("moved"),
            number(0).label("stated"),
            number(0).label("cards"),
        ).where(_of_a_card(_TRANSFERS.source)),
        select(_TRANSFERS.target, _TRANSFERS.amount, number(0), number(0)).where(_of_a_card(_TRANSFERS.target)),
        *(
            select(word(kind).concat(_CARDS.id).concat(word(":")).concat(_CARDS.currency), number(0), stated, number(1))
            for kind, stated in zip(_CARD_KINDS, (_CARDS.balance, _CARDS.held), strict=True)
        ),
    ).subquery()
    of = (
        select(
            rows.c.account,
            total(rows.c.moved).label("moved"),
            total(rows.c.stated).label("stated"),
            total(rows.c.cards).label("cards"),
        )
        .group_by(rows.c.account)
        .subquery()
        .c
    )
    detail = said("{} cards say {}, transfers say {}", of.cards, of.stated, of.moved)
    return select(*finding(Rule.CARD_BALANCE, of.account, detail)).where(or_(of.moved != of.stated, of.cards != 1))


def cards_and_their_issuers() -> SelectBase:
    """Every card's issuer is there and has the card's currency."""
    issuers = schema.issuers.c
    owned = schema.gift_cards.outerjoin(
        schema.issuers, and_(issuers.id == _CARDS.issuer_id, issuers.currency == _CARDS.currency)
    )
    detail = said("issuer {} in {}", _CARDS.issuer_id, _CARDS.currency)
    return select(*finding(Rule.CARD_ISSUER, _CARDS.id, detail)).select_from(owned).where(issuers.id.is_(None))


def days_and_their_transfers() -> SelectBase:
    """Every balance at the end of a day is the sum of the transfers up to then, and no account is left out."""
    daily = schema.daily_balances.c
    last = select(func.max(daily.day)).where(daily.account == ROLLED_UP).scalar_subquery()
    day = _TRANSFERS.at // number(DAY)
    rows = union_all(
        select(
            _TRANSFERS.source.label("account"),
            day.label("day"),
            (-_TRANSFERS.amount).label("moved"),
            number(0).label("stated"),
            number(0).label("rows"),
        ).where(not_(_of_a_card(_TRANSFERS.source)), day <= last),
        select(_TRANSFERS.target, day, _TRANSFERS.amount, number(0), number(0)).where(
            not_(_of_a_card(_TRANSFERS.target)), day <= last
        ),
        select(daily.account, daily.day, number(0), daily.balance, number(1)).where(daily.account != ROLLED_UP),
    ).subquery()
    days = (
        select(rows.c.account, rows.c.day, *(total(rows.c[name]).label(name) for name in ("moved", "stated", "rows")))
        .group_by(rows.c.account, rows.c.day)
        .subquery()
        .c
    )
    so_far = func.sum(days.moved).over(partition_by=days.account, order_by=days.day)
    of = select(days.account, days.day, days.rows, days.stated, so_far.label("so_far")).subquery().c
    detail = said("{} rows say {}, transfers say {}", of.rows, of.stated, of.so_far)
    return select(*finding(Rule.DAILY_BALANCE, said("{} day {}", of.account, of.day), detail)).where(
        or_(of.rows != 1, of.stated != of.so_far)
    )


def _of_a_card(account: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(begins(account, kind) for kind in _CARD_KINDS))


RULES = (cards_and_their_transfers, cards_and_their_issuers, days_and_their_transfers)
