"""The order: what a client asked to be paid, and how; its payments carry the money and the states."""

from enum import StrEnum

from tillway.domain.clients import Surface
from tillway.domain.ids import ClientId, MerchantId, OrderId
from tillway.domain.values import value


class Access(StrEnum):
    """Where the payer's part happens: on our page, or in the client's own program."""

    WEB = "web"
    API = "api"


@value
class Order:
    """What was asked for. It does not change, but for `payment_count`.

    `amount` is in minor units; texts that were not given are empty; `metadata` is a JSON object as text.
    """

    id: OrderId
    merchant_id: MerchantId
    client_id: ClientId
    surface: Surface
    access: Access
    amount: int
    currency: str
    reference: str
    return_url: str
    webhook_url: str
    language: str
    metadata: str
    payment_count: int
    created_at: int
