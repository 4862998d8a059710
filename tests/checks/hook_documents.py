"""What pages under `docs/` list of the payment orders API's webhooks, as the code has it."""

import json
from typing import Any

from tests.checks.audiences import HOOKS, hooked
from tests.checks.event_samples import sample_of
from tillway.domain.events import OrderStatusChanged, PaymentSucceeded
from tillway.domain.hooks import HookType
from tillway.domain.payments import PaymentState
from tillway.surfaces.order_api.notices import announce, body, payment_data, trial


def webhook_of(kind: Any) -> str:
    """Which webhook tells of an event, if any does."""
    told = announce(sample_of(kind), hooked())
    return f"`{json.loads(told[0].body)['eventType']}`" if told else "no"


def order_webhooks() -> str:
    """An example of every webhook."""
    audience = hooked(instruction_id="ABCD11234", external_id="invoice 7", hook_data='{"cart":17}')
    asked = hooked(PaymentState.SEEN, instruction_id="ABCD11234")
    assert asked.terms is not None
    assert asked.instruction is not None
    check, data = HookType.PAYMENT_STATUS_CHECK, payment_data(asked.terms, asked.instruction)
    shown = (
        announce(sample_of(PaymentSucceeded), audience)[0].body,
        announce(sample_of(PaymentSucceeded), hooked(outgoing=True))[0].body,
        announce(sample_of(OrderStatusChanged), audience)[0].body,
        body(check, check, asked.event_id, asked.order.client_id, asked.at, data),
        trial(HOOKS[0], asked.event_id, asked.at).body,
    )
    return "```json\n" + "\n".join(shown) + "\n```"
