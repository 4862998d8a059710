"""Merchants, their clients (sets of credentials) and the issuers of gift cards."""

from enum import StrEnum

from tillway.domain.ids import ClientId, IssuerId, MerchantId
from tillway.domain.values import value


class Surface(StrEnum):
    """The API dialect that a client speaks."""

    GIFT_CARD = "gift_card"
    WEB = "web"
    ORDER = "order"
    MANAGEMENT = "management"


class RecordState(StrEnum):
    """Whether a client may still call."""

    ACTIVE = "active"
    CLOSED = "closed"


@value
class Merchant:
    """Who is paid; `zone` is the IANA time zone in which its days end."""

    id: MerchantId
    name: str
    zone: str
    created_at: int


@value
class Client:
    """One set of credentials of a merchant.

    `vendors` lists the issuers whose gift cards it accepts, `return_hosts` the hosts that payers may be sent back to,
    `origins` the web origins that may show its payments (none: any), `methods` what payers are offered (none: all that
    there is): texts separated by one space. `most_declines` is how often a payer may be declined before a web payment
    has failed. The id of a client of the web payments API is its API key.

    Of a client of the payment orders API, `ibans` are the accounts it may be paid at, `return_urls` the beginnings of
    addresses that payers may be sent back to, and `grants` what more it may do or asks for (`Grant`).
    """

    id: ClientId
    merchant_id: MerchantId
    surface: Surface
    name: str
    currency: str
    vendors: str
    return_hosts: str
    state: RecordState
    created_at: int
    origins: str = ""
    methods: str = ""
    most_declines: int = 0
    ibans: str = ""
    return_urls: str = ""
    grants: str = ""

    def accepts(self, issuer: IssuerId) -> bool:
        """Whether cards of this issuer may be used."""
        return issuer in self.vendors.split(" ")

    def may_return_to(self, host: str) -> bool:
        """Whether payers may be sent back to this host (exact, lower case, without port)."""
        return host in self.return_hosts.split(" ")

    def may_show_at(self, origin: str) -> bool:
        """Whether its payments may be shown at this web origin (exact, lower case)."""
        return not self.origins or origin in self.origins.split(" ")

    def offers(self, method: str) -> bool:
        """Whether payers may use this method, wherever it is available."""
        return not self.methods or method in self.methods.split(" ")

    def may_be_paid_at(self, iban: str) -> bool:
        """Whether payers may be asked to pay to this account (IBAN, upper case, without spaces)."""
        return iban != "" and iban in self.ibans.split(" ")

    def has(self, grant: "Grant") -> bool:
        """Whether this was granted, or asked for."""
        return grant in self.grants.split(" ")


class Grant(StrEnum):
    """What a client of the payment orders API may do, or wants, beyond the rest.

    REFUNDS: it may ask for the scope `refunds`. STRICT: `senderEmail` and `paymentMessage` are required of it.
    REFUNDS_CAPPED_AT_PAID: refunds of an order are never more than what was paid of it.
    """

    REFUNDS = "refunds"
    STRICT = "strict"
    REFUNDS_CAPPED_AT_PAID = "refunds_capped_at_paid"


class SecretUse(StrEnum):
    """What a client's secret is for.

    CALLING and TENANT are sent with calls; SIGNING signs what we tell; LOGIN is the private half of the RSA pair that a
    client of the web payments API proves itself with.
    """

    CALLING = "calling"
    SIGNING = "signing"
    TENANT = "tenant"
    LOGIN = "login"


@value
class ClientSecret:
    """A secret of a client, valid until `ends_at` (0: until it is replaced).

    What is sent to us is kept as a digest and never readable again; what we must use ourselves is kept sealed.
    """

    client_id: ClientId
    use: SecretUse
    number: int
    kept: str
    created_at: int
    ends_at: int

    def is_valid(self, now: int) -> bool:
        """Whether it may be used at `now`."""
        return self.ends_at == 0 or now < self.ends_at


@value
class Issuer:
    """Who owes the holders of its gift cards; `prefix` begins every number of its cards.

    `live` tells real cards from test cards: a gateway serves one kind only.
    """

    id: IssuerId
    name: str
    prefix: str
    currency: str
    live: bool
    created_at: int
