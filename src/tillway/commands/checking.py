"""Asking a client, before its payer is sent to the bank, whether to go on."""

from tillway.commands.tools import Tools
from tillway.domain.hooks import HookType
from tillway.domain.ids import EventId, PaymentId, order_of
from tillway.domain.telling import Audience
from tillway.store.finding import find_hooks, find_order


async def may_proceed(tools: Tools, payment_id: PaymentId) -> bool:
    """Whether the client of a payment order lets the payment go on: yes, unless a hook of its says plainly no."""
    standing = await tools.store.read(find_order(order_of(payment_id)))
    if standing is None or standing.terms.is_silent or tools.permission is None:
        return True
    now, order = tools.now(), standing.order
    hooks = await tools.store.read(find_hooks(order.client_id))
    asked = tuple(hook for hook in hooks if hook.kind is HookType.PAYMENT_STATUS_CHECK and hook.is_on(now))
    if not asked:
        return True
    identity = EventId(tools.ids.make(now))
    audience = Audience(identity, now, order, "", standing.terms, standing.instruction_of(payment_id), asked)
    return await tools.permission.may_proceed(audience)
