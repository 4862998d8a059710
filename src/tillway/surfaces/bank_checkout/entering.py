"""The way into a payment order's page, what is then known of it, and the pages that answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tillway.commands import payments
from tillway.commands.tools import Tools
from tillway.connectors.protocol import BankConnector, Journey
from tillway.domain.ids import PaymentId, order_of
from tillway.domain.payments import PaymentState
from tillway.domain.refusals import OrderUnknown, PaymentUnknown
from tillway.domain.standing import Standing
from tillway.queries import payments as payment_queries
from tillway.queries.payment_orders import PaymentOrders
from tillway.queries.registry import Registry
from tillway.surfaces.bank_checkout.drawing import Drawing, Links, links_of
from tillway.surfaces.bank_checkout.viewing import Shown, open_attempt, return_address
from tillway.surfaces.bank_checkout.views import LinkFault, NoPaymentPage, Page
from tillway.surfaces.common.limits import NO_ADDRESS
from tillway.surfaces.common.payment_links import payment_of_bank_link
from tillway.surfaces.common.security_headers import HeaderFields
from tillway.surfaces.common.visits import PageReply, Visit, lead_elsewhere, see_elsewhere, see_other

_LAST_MOMENT = 0
"""A time at which no token of ours is too old."""

_LONGEST_AGENT = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit to a payment, or a refund, that exists."""

    payment_id: PaymentId
    shown: Shown
    links: Links
    language: str

    @property
    def standing(self) -> Standing:
        return self.shown.standing

    def standing_now(self, standing: Standing) -> "Opened":
        """The same, as it stands by now."""
        return replace(self, shown=replace(self.shown, standing=standing))


@dataclass(frozen=True, slots=True)
class Entrance:
    """Opens payments and refunds, and answers with their pages.

    `form_targets` are the origins of banks' own pages, which answers to forms may redirect to.
    """

    tools: Tools
    registry: Registry
    orders: PaymentOrders
    drawing: Drawing
    form_targets: Sequence[str] = ()

    async def open(self, visit: Visit) -> Opened | PageReply:
        """The payment that the address names, or the page that says why there is none. The first look moves it on."""
        now = self.tools.now()
        payment_id = payment_of_bank_link(self.tools.vault, visit.path["token"], now)
        if payment_id is None:
            return self._no_payment(visit)
        try:
            standing = await payment_queries.standing(self.tools.store, payment_id)
            if standing.payment.state is PaymentState.CREATED:
                standing = await payments.see(self.tools, payment_id)
            order = await self.orders.standing(order_of(payment_id))
        except (PaymentUnknown, OrderUnknown):
            return self._broken(visit)
        merchant = await self.registry.merchant(order.order.merchant_id)
        if merchant is None:
            return self._broken(visit)
        told = order.instruction_of(payment_id)
        shown = Shown(standing, order.terms, told, merchant)
        return Opened(payment_id, shown, links_of(visit.path["token"]), visit.language(told.language))

    def page(self, opened: Opened, view: Page, here: str = "", headers: HeaderFields = ()) -> PageReply:
        """A page of the payment; `here` is its own address, where it is the answer to something else."""
        return PageReply(200, self.drawing.draw(view, opened.links, opened.language, here), headers)

    def onward(self, opened: Opened, stands: Standing, headers: HeaderFields = ()) -> PageReply:
        """To where the payment goes on: the bank's page, its steps on ours, or how it stands."""
        attempt = open_attempt(stands)
        if attempt is not None and attempt.step_url:
            return self.to_bank(attempt.step_url, headers)
        if self.is_led_here(stands):
            return see_other(opened.links.steps, headers)
        return see_other(opened.links.page, headers)

    def to_bank(self, url: str, headers: HeaderFields = ()) -> PageReply:
        """To a bank's page: by a redirect if forms may lead there, else by a page that goes on by itself."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" in self.form_targets:
            return see_elsewhere(url, headers)
        leading = lead_elsewhere(url)
        return replace(leading, headers=(*leading.headers, *headers))

    def to_merchant(self, opened: Opened) -> PageReply:
        """Back to where the client wants the payer, or to how it stands where there is no such place."""
        address = return_address(opened.shown)
        return lead_elsewhere(address) if address else see_other(opened.links.page)

    def is_led_here(self, stands: Standing) -> bool:
        """Whether a bank is to be authorised at on our own page, since it has none."""
        attempt = open_attempt(stands)
        if attempt is None or attempt.step_url or stands.payment.state is not PaymentState.PROCESSING:
            return False
        return isinstance(self.tools.connectors.get(attempt.connector), BankConnector)

    def journey(self, visit: Visit, opened: Opened) -> Journey:
        """What a bank needs to know of the payer and of the way back."""
        order = opened.standing.order
        agent = visit.headers.get(b"user-agent", b"")[:_LONGEST_AGENT].decode("ascii", "ignore")
        return Journey(
            visit.origin + opened.links.back,
            visit.origin + opened.links.page,
            opened.language,
            order.country,
            order.email,
            opened.shown.merchant.name,
            "" if visit.peer == NO_ADDRESS else visit.peer,
            agent if agent.isprintable() else "",
        )

    def _no_payment(self, visit: Visit) -> PageReply:
        if payment_of_bank_link(self.tools.vault, visit.path["token"], _LAST_MOMENT) is None:
            return self._broken(visit)
        return PageReply(410, self._drawn(visit, LinkFault.EXPIRED))

    def _broken(self, visit: Visit) -> PageReply:
        return PageReply(404, self._drawn(visit, LinkFault.BROKEN))

    def _drawn(self, visit: Visit, fault: LinkFault) -> bytes:
        return self.drawing.draw(NoPaymentPage(fault), links_of(visit.path["token"]), visit.language())
