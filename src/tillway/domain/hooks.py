"""The hook: an address of a client's that is told of one kind of thing, whatever payment it is about."""

from enum import StrEnum

from tillway.domain.ids import ClientId
from tillway.domain.values import value


class HookType(StrEnum):
    """What a hook is called for, as the payment orders document names it."""

    PAYMENT_STATUS_CHANGE = "payment.statusChange"
    PAYMENT_STATUS_CHECK = "payment.statusCheck"
    ORDER_STATUS_CHANGE = "order.statusChange"


MOST_HOOKS = 50
"""A client has no more in force: each change is told to all of its type."""

MOST_KEPT_HOOKS = 500
"""Nor are more kept of it, with those that are over: each act on an order loads them all."""


@value
class Hook:
    """Called from `starts_at` until before `ends_at` (microseconds UTC; 0: from ever, for ever)."""

    client_id: ClientId
    number: int
    kind: HookType
    url: str
    starts_at: int
    ends_at: int
    created_at: int

    def is_on(self, now: int) -> bool:
        """Whether it is to be called at `now`."""
        return self.starts_at <= now and (self.ends_at == 0 or now < self.ends_at)

    def is_over(self, now: int) -> bool:
        """Whether it will not be called any more."""
        return self.ends_at != 0 and self.ends_at <= now
