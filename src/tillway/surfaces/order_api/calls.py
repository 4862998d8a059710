"""What each call of the payment orders API does: from wire to command, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tillway.commands import orders
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.ids import OrderId, order_of
from tillway.domain.order_refunds import RefundAsked
from tillway.domain.ordering import Instructed, OrderAsked, OrderChange
from tillway.domain.payment_orders import WHOLE_PERCENT, OrderStanding
from tillway.domain.payments import Payment
from tillway.domain.refusals import PaymentUnknown, RefundUnknown
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.registry import Registry
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.faults import bad_value
from tillway.surfaces.common.payment_links import bank_link
from tillway.surfaces.order_api.auth import Credentials
from tillway.surfaces.order_api.banks import bank_bodies
from tillway.surfaces.order_api.lists import Lists
from tillway.surfaces.order_api.oauth import TokenDesk
from tillway.surfaces.order_api.processing import Leading
from tillway.surfaces.order_api.rendering import order_body, payment_body, refund_body, success
from tillway.surfaces.order_api.rules import Terms, alpha_2, hook_text, hundredths, minor
from tillway.surfaces.order_api.tokens import Tokens
from tillway.surfaces.order_api.wire import OrderRequest, ProcessRequest, RefundRequest, UpdateRequest

COUNTRY: Final = "countryCode"
WHOLE_ORDER: Final = 100 * WHOLE_PERCENT


@dataclass(frozen=True, slots=True)
class OrderManners:
    """What an operator sets: where our pages are, and whether this is a sandbox, whose payers may be on loopback."""

    public_url: str
    loopback: bool


class OrderCalls:
    """The handlers of the endpoint table."""

    def __init__(self, tools: Tools, registry: Registry, manners: OrderManners) -> None:
        self._tools = tools
        self._manners = manners
        tokens = Tokens(tools)
        self.orders = PaymentOrders(tools.store)
        self.credentials = Credentials(registry, tokens, tools.clock)
        self.desk = TokenDesk(tools, registry, tokens)
        self._leading = Leading(tools, self.orders)
        self.lists = Lists(tools.store, manners.public_url)

    def terms(self, caller: Client) -> Terms:
        """What a body of this caller's is held against."""
        return Terms(caller, self._manners.loopback)

    async def create(self, call: Call[OrderRequest, Client]) -> Reply:
        """Open an order, or answer the one that was opened with the same words before.

        One that only a transfer is waited for has as long as a bank would.
        """
        asked, caller, lasts = call.body, call.caller, self._tools.lasts
        limit = asked.refund_limit_percentage
        order = OrderAsked(
            minor(asked.amount, asked.currency),
            asked.currency,
            _instructed(asked, asked.recipient_name or caller.name),
            asked.sender_email or "",
            asked.preferred_bank_country_code or "",
            asked.external_id or "",
            WHOLE_ORDER if limit is None else hundredths(limit),
            int(bool(asked.is_external_payment)),
            int(bool(asked.disable_hooks)),
            call.fingerprint,
            self._tools.now() + (lasts.processing if asked.is_external_payment else lasts.waiting),
        )
        return self._opened(await orders.open_order(self._tools, caller, order))

    async def get(self, call: Call[None, Client]) -> Reply:
        """How an order stands."""
        known = orders.known_order(call.path["orderId"])
        return Reply.json(200, success(order_body(await self.orders.order(call.caller, known))))

    async def update(self, call: Call[UpdateRequest, Client]) -> Reply:
        """Change the amount or the refund limit."""
        asked, caller = call.body, call.caller
        known = orders.known_order(call.path["orderId"])
        amount, limit = None, asked.refund_limit_percentage
        if asked.amount is not None:
            amount = minor(asked.amount, (await self.orders.order(caller, known)).order.currency)
        ends = self._tools.now() + self._tools.lasts.waiting
        change = OrderChange(amount, None if limit is None else hundredths(limit), ends)
        return self._opened(await orders.update_order(self._tools, caller, known, change))

    async def withdraw(self, call: Call[None, Client]) -> Reply:
        """Give an order up."""
        standing = await orders.withdraw_order(self._tools, call.caller, call.path["orderId"])
        return Reply.json(200, success({"id": standing.order.id}))

    async def get_payment(self, call: Call[None, Client]) -> Reply:
        """How a payment stands."""
        return Reply.json(200, success(payment_body(*await self._payment(call.caller, call.path))))

    async def process(self, call: Call[ProcessRequest, Client]) -> Reply:
        """Lead the payer a step further."""
        standing, payment = await self._payment(call.caller, call.path)
        return Reply.json(200, await self._leading.lead(call, standing, payment, self._link(payment)))

    async def banks(self, call: Call[None, Client]) -> Reply:
        """The banks that payers can choose from."""
        named = next(iter(call.query.get(COUNTRY, ())), "")
        country = alpha_2(named) if named else ""
        if country is None:
            raise bad_value(COUNTRY, "should be a country's three letters, as ISO 3166-1 lists them")
        return Reply.json(200, success(bank_bodies(self._tools.banks, country)))

    async def refund(self, call: Call[RefundRequest, Client]) -> Reply:
        """Open a refund, or answer the one that was opened with the same words before."""
        asked = call.body
        wanted = RefundAsked(
            minor(asked.amount, asked.currency),
            asked.currency,
            _instructed(asked, asked.recipient_name or "", asked.reason or ""),
            self._tools.now() + self._tools.lasts.waiting,
        )
        opened = await orders.open_refund(self._tools, call.caller, call.path["orderId"], wanted)
        refund = opened.refund
        return Reply.json(200, success({"id": refund.id, "link": self._link(refund), "status": refund.state}))

    async def refunds(self, call: Call[None, Client]) -> Reply:
        """Every refund of an order."""
        found = await self.orders.order(call.caller, orders.known_order(call.path["orderId"]))
        return Reply.json(200, success([refund_body(found, refund) for refund in found.refunds]))

    async def get_refund(self, call: Call[None, Client]) -> Reply:
        """How a refund stands."""
        return Reply.json(200, success(refund_body(*await self._refund(call.caller, call.path))))

    async def process_refund(self, call: Call[ProcessRequest, Client]) -> Reply:
        """Lead whoever authorises a refund a step further."""
        standing, refund = await self._refund(call.caller, call.path)
        return Reply.json(200, await self._leading.lead(call, standing, refund, self._link(refund)))

    async def withdraw_refund(self, call: Call[None, Client]) -> Reply:
        """Give a refund up."""
        _, refund = await self._refund(call.caller, call.path)
        await orders.withdraw_refund(self._tools, call.caller, refund.id)
        return Reply.json(200, success({"id": refund.id}))

    async def _payment(self, caller: Client, path: Mapping[str, str]) -> tuple[OrderStanding, Payment]:
        named = await self._named(caller, path)
        known = orders.known_payment(path["paymentId"])
        if named not in {None, order_of(known)}:
            raise PaymentUnknown
        return await self.orders.payment(caller, known)

    async def _refund(self, caller: Client, path: Mapping[str, str]) -> tuple[OrderStanding, Payment]:
        named = await self._named(caller, path)
        known = orders.known_refund(path["refundId"])
        if named not in {None, order_of(known)}:
            raise RefundUnknown
        return await self.orders.refund(caller, known)

    async def _named(self, caller: Client, path: Mapping[str, str]) -> OrderId | None:
        """The order that a path names, which has to be the caller's; None if it names none. Refuses: OrderUnknown."""
        if "orderId" not in path:
            return None
        return (await self.orders.order(caller, orders.known_order(path["orderId"]))).order.id

    def _opened(self, standing: OrderStanding) -> Reply:
        payment = standing.processable()
        body = {
            "id": standing.order.id,
            "processablePaymentId": payment.id,
            "link": self._link(payment),
            "status": standing.terms.status,
        }
        return Reply.json(200, success(body))

    def _link(self, payment: Payment) -> str:
        """The payment's page: the same address however often it is asked for, for as long as it may take."""
        lasts = self._tools.lasts
        ends = payment.created_at + lasts.waiting + lasts.processing
        return bank_link(self._tools.vault, self._manners.public_url, payment.id, ends)


def _instructed(asked: OrderRequest | RefundRequest, recipient: str, cause: str = "") -> Instructed:
    return Instructed(
        asked.instruction_id or "",
        asked.recipient_iban or "",
        recipient,
        (asked.recipient_bank_bic or "") if isinstance(asked, OrderRequest) else "",
        asked.sender_bank_id or "",
        asked.sender_iban or "",
        asked.variable_symbol or "",
        asked.constant_symbol or "",
        asked.specific_symbol or "",
        asked.reference or "",
        asked.payment_message or "",
        asked.redirect_url or "",
        asked.user_locale or "",
        hook_text(asked.hook_data),
        cause,
    )
