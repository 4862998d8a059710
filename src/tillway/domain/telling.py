"""How an event becomes rows: its place in the log, and a notice for whoever must be told."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from tillway.domain.decision import Row
from tillway.domain.events import Event, LoggedEvent
from tillway.domain.hooks import Hook
from tillway.domain.ids import ClientId, EventId, NoticeId, PaymentId
from tillway.domain.notices import Notice, NoticeState
from tillway.domain.orders import Order
from tillway.domain.payment_orders import Instruction, PaymentOrder
from tillway.domain.payments import Payment
from tillway.domain.values import value


@value
class Audience:
    """Who is to be told of one event, and what is known of what it is about, as it is after the event.

    `url` is the one address that the payment, or the refund, was given; empty if none was. A payment order has its
    `terms`, the `instruction` of the payment or refund, and its client's `hooks` instead.
    """

    event_id: EventId
    at: int
    order: Order
    url: str = ""
    terms: PaymentOrder | None = None
    instruction: Instruction | None = None
    hooks: tuple[Hook, ...] = ()


@value
class Telling:
    """What a surface wants told of an event at a URL: the body, and the schedule of its tries."""

    body: str
    schedule: str
    url: str


Announcer = Callable[[Event, Audience], Sequence[Telling]]
"""A surface's rendering of events; nothing where its document has no such webhook. Pure."""


def rows_of(
    event: Event, audience: Audience, payment: Payment, announce: Announcer, next_id: Callable[[], str]
) -> list[Row]:
    """The rows of one event of `payment` (as it is after the event): the first notice has the event's own id."""
    order, identity, now = audience.order, audience.event_id, audience.at
    rows: list[Row] = [LoggedEvent(identity, event.kind, order.client_id, payment.id, payment.version, event, now)]
    for place, telling in enumerate(announce(event, audience)):
        rows.append(notice_of(telling, next_id() if place else identity, identity, order.client_id, payment.id, now))
    return rows


def notice_of(
    telling: Telling, identity: str, event_id: EventId, client_id: ClientId, payment_id: PaymentId, now: int
) -> Notice:
    """The notice that tells of an event from `now` on."""
    return Notice(
        NoticeId(identity),
        event_id,
        client_id,
        payment_id,
        telling.schedule,
        telling.url,
        urlsplit(telling.url).netloc.lower(),
        telling.body,
        NoticeState.DUE,
        0,
        now,
        0,
        now,
        0,
    )
