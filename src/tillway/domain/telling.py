"""How an event becomes rows: its place in the log, and a notice for whoever must be told."""

from collections.abc import Callable
from urllib.parse import urlsplit

from tillway.domain.decision import Row, Stamp
from tillway.domain.events import Event, LoggedEvent
from tillway.domain.ids import EventId, NoticeId
from tillway.domain.notices import Notice, NoticeState
from tillway.domain.orders import Order
from tillway.domain.payments import Payment
from tillway.domain.values import value


@value
class Telling:
    """The body that a surface wants told of an event, and the schedule of its tries."""

    body: str
    schedule: str


Announcer = Callable[[Event, Order], Telling | None]
"""A surface's rendering of events; None where its document has no such webhook. Pure."""


def log(
    event: Event, order: Order, payment: Payment, stamp: Stamp, number: int, announce: Announcer, url: str = ""
) -> list[Row]:
    """The rows of one event of `payment` (as it is after the event), with id number `number` of the stamp.

    `url` is told instead of the order's webhook.
    """
    url = url or order.webhook_url
    identity = EventId(stamp.id(number))
    logged = LoggedEvent(identity, event.kind, order.client_id, payment.id, payment.version, event, stamp.now)
    if not url:
        return [logged]
    telling = announce(event, order)
    if telling is None:
        return [logged]
    notice = Notice(
        NoticeId(identity),
        identity,
        order.client_id,
        payment.id,
        telling.schedule,
        url,
        urlsplit(url).netloc.lower(),
        telling.body,
        NoticeState.DUE,
        0,
        stamp.now,
        0,
        stamp.now,
        0,
    )
    return [logged, notice]
