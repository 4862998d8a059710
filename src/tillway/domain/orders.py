"""The order: what a client asked to be paid, and how; its payments carry the money and the states."""

from enum import StrEnum

from tillway.domain.clients import Surface
from tillway.domain.ids import ClientId, MerchantId, OrderId
from tillway.domain.values import value


class Access(StrEnum):
    """Where the payer's part happens.

    WEB: on our page, to which the client sends the payer; API: in the client's own program; WIDGET: on our page inside
    the client's; LINK: on our page, by a link that the client hands out; BANK: at the payer's bank, which is chosen on
    our page or in the client's own program.
    """

    WEB = "web"
    API = "api"
    WIDGET = "widget"
    LINK = "link"
    BANK = "bank"


@value
class Order:
    """What was asked for. It does not change, but for `payment_count` and, of a payment order, `amount`.

    `number` is for people and programs that want a whole number, 0 where none was asked for. `amount` is in minor
    units; texts that were not given are empty; `metadata` is a JSON object as text. `origin` is the web origin that may
    show the payment, `country` the payer's (ISO 3166-1 alpha-2). After `most_declines` the payment has failed (0: it
    never has).
    """

    id: OrderId
    number: int
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
    origin: str
    country: str
    email: str
    most_declines: int
    payment_count: int
    created_at: int
