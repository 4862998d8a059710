"""The rules on what payment orders keep of their payments and refunds, each as a search within one range of orders."""

from sqlalchemy import SelectBase, and_, case, func, not_, or_, select, union_all

from tillway.domain.orders import Access
from tillway.domain.payment_orders import COUNTS_AS_PAID, OrderStatus
from tillway.domain.proof import Rule
from tillway.store import schema
from tillway.store.expressions import amount_if, finding, is_outgoing, last_of, number, order_of, said, total, word
from tillway.store.rules_of_payments import Range


def payments_and_what_banks_are_told(within: Range) -> SelectBase:
    """A bank is told of every payment of a payment order, and of nothing else: its state, amount and currency."""
    told, payments, orders = schema.instructions.c, schema.payments.c, schema.orders.c
    # Looked up for each payment: a join may compare all payments of a range with all orders, where statistics are old.
    access = select(orders.access).where(orders.id == order_of(payments.id)).scalar_subquery()
    rows = union_all(
        select(
            payments.id.label("subject"),
            payments.state.label("state"),
            payments.amount.label("amount"),
            payments.currency.label("currency"),
            number(0).label("told"),
        ).where(access == word(Access.BANK), within.has(payments.id)),
        select(told.payment_id, told.state, told.amount, told.currency, number(1)).where(within.has(told.payment_id)),
    ).subquery()
    of = (
        select(
            rows.c.subject,
            func.count().label("rows"),
            total(rows.c.told).label("told"),
            *(func.min(rows.c[name]).label(f"least_{name}") for name in ("state", "amount", "currency")),
            *(func.max(rows.c[name]).label(f"most_{name}") for name in ("state", "amount", "currency")),
        )
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    both = (of.least_state, of.most_state, of.least_amount, of.most_amount, of.told)
    detail = said("{} and {}, {} and {}, told {} times", *both)
    return select(*finding(Rule.INSTRUCTION_MIRROR, of.subject, detail)).where(
        or_(
            of.rows != 2,
            of.told != 1,
            of.least_state != of.most_state,
            of.least_amount != of.most_amount,
            of.least_currency != of.most_currency,
        )
    )


def orders_and_their_terms(within: Range) -> SelectBase:
    """A payment order's terms are its order's, and its status is what its payments that count have come to."""
    orders, terms, payments = schema.orders.c, schema.payment_orders.c, schema.payments.c
    counts = and_(payments.state.in_(sorted(COUNTS_AS_PAID)), not_(is_outgoing(payments.id)))
    both = schema.payment_orders.outerjoin(
        schema.orders, and_(orders.id == terms.order_id, orders.client_id == terms.client_id)
    )
    of_order = and_(payments.id > terms.order_id, payments.id <= last_of(terms.order_id))
    sums = select(total(amount_if(counts, payments.amount))).where(of_order).scalar_subquery()
    paid = func.coalesce(sums, number(0))
    status = case(
        (paid == 0, word(OrderStatus.UNPAID)),
        (paid >= terms.amount, word(OrderStatus.PAID)),
        else_=word(OrderStatus.PARTIALLY_PAID),
    )
    detail = said("{} with {} of {} paid, the order is for {}", terms.status, paid, terms.amount, orders.amount)
    return (
        select(*finding(Rule.ORDER_TERMS, terms.order_id, detail))
        .select_from(both)
        .where(
            within.has(terms.order_id),
            or_(
                orders.id.is_(None),
                orders.amount != terms.amount,
                orders.currency != terms.currency,
                terms.status != status,
            ),
        )
    )


RULES = (payments_and_what_banks_are_told, orders_and_their_terms)
