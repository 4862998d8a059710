"""How long to wait before the next try, in microseconds, for everything that is tried again."""

from tillway.domain.values import value

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@value
class Schedule:
    """`waits` one after another, then `then` for ever, until `ends_after` since the first try.

    `ends_at_refusal` says that who answers that we are wrong (4xx) is not asked again.
    """

    waits: tuple[int, ...]
    then: int
    ends_after: int
    ends_at_refusal: bool = False

    def wait_after(self, tries: int) -> int:
        """The wait before the try that follows the first `tries` (at least one)."""
        return self.waits[tries - 1] if tries <= len(self.waits) else self.then

    def is_over(self, tries: int) -> bool:
        """Whether `tries` with these waits between them (at least one) last until the end."""
        waits = tries - 1
        return sum(self.waits[:waits]) + max(0, waits - len(self.waits)) * self.then >= self.ends_after


LOOK_UPS = Schedule((10 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR), 6 * HOUR, 30 * DAY)
"""When to ask a connector again about an attempt that is not resolved."""

GIFT_CARD_NOTICES = Schedule(
    (
        5 * SECOND,
        30 * SECOND,
        2 * MINUTE,
        10 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        4 * HOUR,
        8 * HOUR,
        12 * HOUR,
    ),
    DAY,
    7 * DAY,
)
"""When to tell the receiver of a gift-card payment's webhook again."""

WEB_NOTICES = Schedule(
    (*(19 * (15 * SECOND,)), *GIFT_CARD_NOTICES.waits[3:]),
    DAY,
    7 * DAY,
)
"""When to tell the receiver of a web payment's postback again: 20 tries within five minutes, then ever more slowly."""

ORDER_NOTICES = Schedule(
    (*(4 * (5 * SECOND,)), *GIFT_CARD_NOTICES.waits[3:]),
    DAY,
    7 * DAY,
    ends_at_refusal=True,
)
"""When to tell a hook of the payment orders API again: 5 tries a few seconds apart, then ever more slowly."""

ORDERS = "orders"
NOTICES = {"gift_cards": GIFT_CARD_NOTICES, "web": WEB_NOTICES, ORDERS: ORDER_NOTICES}
"""The schedules of notices by the name that stands on the notice."""
