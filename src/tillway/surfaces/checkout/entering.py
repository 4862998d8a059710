"""The two ways into a payment's page, its own address and a frame in a shop's page, and what is then known of it.

What differs between them is here and nowhere else: the token, who may show the page, and how the tray travels. A
browser may keep no cookie for a frame of another site, so there the tray stands sealed in the page's forms, and a form
is answered with the next page itself.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from tillway.commands import payments
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.giftcards import GiftCard
from tillway.domain.ids import PaymentId
from tillway.domain.orders import Access
from tillway.domain.payments import PaymentState
from tillway.domain.refusals import PaymentUnknown
from tillway.domain.standing import Standing
from tillway.queries import giftcards as card_queries
from tillway.queries import payments as payment_queries
from tillway.queries.registry import Registry
from tillway.surfaces.checkout.drawing import Drawing, Framed, Links, links_of
from tillway.surfaces.checkout.embedding import state_word
from tillway.surfaces.checkout.offering import Offer, Offering
from tillway.surfaces.checkout.tray import COOKIE, LASTS_SECONDS, Tray, seal, unseal
from tillway.surfaces.checkout.viewing import Shown, is_by_any_method, page_of
from tillway.surfaces.checkout.views import LinkFault, NoPaymentPage, Page
from tillway.surfaces.common.payment_links import OPENS_AFTER_EXPIRY_SECONDS, payment_of_link, payment_of_session
from tillway.surfaces.common.security_headers import HeaderFields, cookie, page_headers
from tillway.surfaces.common.visits import LANGUAGE, PageReply, Visit, see_other

_KEY_BYTES = 16
_TRAY_FIELD = "tray"
_LAST_MOMENT = 0
"""A time at which no token of ours is too old."""


class Door(Enum):
    """The first part of the addresses that lead in: LINK to a page by itself, FRAME to one inside a shop's own."""

    LINK = "pay"
    FRAME = "embed"


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit to a payment that exists."""

    payment_id: PaymentId
    client: Client
    shown: Shown
    links: Links
    language: str

    @property
    def standing(self) -> Standing:
        return self.shown.standing

    @property
    def tray(self) -> Tray:
        return self.shown.tray

    def with_tray(self, tray: Tray) -> "Opened":
        """The same, with another tray of the same cards."""
        return replace(self, shown=replace(self.shown, tray=tray))


@dataclass(frozen=True, slots=True)
class Entrance:
    """Opens payments at one door, and answers with their pages.

    `form_targets` are the origins that forms of pages with a choice of methods may lead to.
    """

    tools: Tools
    registry: Registry
    drawing: Drawing
    door: Door
    form_targets: Sequence[str] = ()

    async def open(self, visit: Visit, *, first_look: bool = False, late: bool = False) -> Opened | PageReply:
        """The payment that the address names, or the page that says why there is none.

        With `late` a session counts as long as a link: whoever comes back from a bank is still let through.
        """
        now = self.tools.now()
        payment_id = self._named(visit.path["token"], now, late=late)
        if payment_id is None:
            return await self._no_payment(visit)
        try:
            standing = await payment_queries.standing(self.tools.store, payment_id)
            if first_look and standing.payment.state is PaymentState.CREATED:
                standing = await payments.see(self.tools, payment_id)
        except PaymentUnknown:
            return await self._no_payment(visit)
        merchant = await self.registry.merchant(standing.order.merchant_id)
        client = await self.registry.client(standing.order.client_id)
        if merchant is None or client is None or (standing.order.access is Access.WIDGET) != (self.door is Door.FRAME):
            return self._not_found(visit)
        links = self._links(visit)
        tray = unseal(self._carried(visit, links), payment_id, self.tools.vault, now)
        offer = Offer()
        if is_by_any_method(standing.order):
            offer = await Offering(self.tools, self.registry).of(standing, client)
        link = visit.origin + links.page if standing.order.access is Access.LINK else ""
        shown = Shown(standing, merchant, tray, await self._cards(tray), offer, link)
        return Opened(payment_id, client, shown, links, visit.language(standing.order.language))

    def page(self, visit: Visit, opened: Opened, view: Page | None = None) -> PageReply:
        """A page of the payment; without a `view` the one that shows how it stands.

        What the tray had to say is said with that, and not again.
        """
        key = secrets.token_urlsafe(_KEY_BYTES)
        shown = page_of(opened.shown, key, self.tools.now()) if view is None else view
        said = opened.tray.settled()
        framed = self._framed(visit, opened, said)
        kept = view is not None or framed is not None or said == opened.tray
        headers = () if kept else (self._laid_down(visit, opened, said),)
        body = self.drawing.draw(shown, opened.links, opened.language, framed)
        return PageReply(200, body, headers, self._protection(opened.standing))

    async def back(self, visit: Visit, opened: Opened, tray: Tray) -> PageReply:
        """After a form: to the payment's page, with the tray as it is now."""
        if self.door is Door.LINK:
            return see_other(opened.links.page, (self._laid_down(visit, opened, tray),))
        standing = await payment_queries.standing(self.tools.store, opened.payment_id)
        if not (tray.setback or standing.payment.is_open(self.tools.now())):
            return see_other(opened.links.page)
        shown = replace(opened.shown, standing=standing, tray=tray, cards=await self._cards(tray))
        return self.page(visit, replace(opened, shown=shown))

    def kept(self, visit: Visit, opened: Opened) -> HeaderFields:
        """What keeps the tray while the payer is away at a far side; in a shop's page nothing can."""
        return (self._laid_down(visit, opened, opened.tray.settled()),) if self.door is Door.LINK else ()

    def _named(self, token: str, now: int, *, late: bool) -> PaymentId | None:
        if self.door is Door.LINK:
            return payment_of_link(self.tools.vault, token, now)
        longer = OPENS_AFTER_EXPIRY_SECONDS * 1_000_000 if late else 0
        return payment_of_session(self.tools.vault, token, now - longer)

    def _links(self, visit: Visit) -> Links:
        chosen = visit.query.get(LANGUAGE, "")
        framed = self.door is Door.FRAME and chosen in visit.languages.names
        return links_of(visit.path["token"], self.door.value, chosen if framed else "")

    def _carried(self, visit: Visit, links: Links) -> str:
        """The tray as it travelled here."""
        return visit.cookie(COOKIE, links.page) if self.door is Door.LINK else visit.form.get(_TRAY_FIELD, "")

    def _laid_down(self, visit: Visit, opened: Opened, tray: Tray) -> tuple[bytes, bytes]:
        """The cookie that holds the tray."""
        value = seal(tray, opened.payment_id, self.tools.vault, self.tools.now())
        return cookie(COOKIE, value, secure=visit.secure, lasts_seconds=LASTS_SECONDS, path=opened.links.page)

    def _framed(self, visit: Visit, opened: Opened, tray: Tray) -> Framed | None:
        if self.door is Door.LINK:
            return None
        now, standing = self.tools.now(), opened.standing
        sealed = seal(tray, opened.payment_id, self.tools.vault, now)
        has_left = visit.headers.get(b"sec-fetch-dest") == b"document"
        return Framed(standing.order.origin, opened.payment_id, state_word(standing.payment, now), sealed, has_left)

    def _protection(self, standing: Standing) -> HeaderFields:
        """A page with a choice of methods leads to their far sides, and is framed by its own shop or by nobody."""
        if not is_by_any_method(standing.order):
            return ()
        ancestors = (standing.order.origin,) if self.door is Door.FRAME else ()
        return page_headers(frame_ancestors=ancestors, form_targets=self.form_targets)

    async def _cards(self, tray: Tray) -> list[GiftCard]:
        """The tray's cards as they are now; a card that was once checked does not vanish."""
        found: list[GiftCard] = []
        for number in tray.numbers:
            card = await card_queries.card(self.tools.store, self.tools.vault.card_id(number))
            assert card is not None
            found.append(card)
        return found

    async def _no_payment(self, visit: Visit) -> PageReply:
        """The page for a token that opens nothing now; a shop's page may still show the end of a session of its own."""
        payment_id = self._named(visit.path["token"], _LAST_MOMENT, late=False)
        if payment_id is None:
            return self._not_found(visit)
        if self.door is Door.LINK:
            return PageReply(410, self._drawn(visit, LinkFault.EXPIRED))
        try:
            standing = await payment_queries.standing(self.tools.store, payment_id)
        except PaymentUnknown:
            return self._not_found(visit)
        framed = Framed(standing.order.origin, payment_id, state_word(standing.payment, self.tools.now()))
        body = self._drawn(visit, LinkFault.SESSION_OVER, framed, standing.order.language)
        return PageReply(410, body, protection=self._protection(standing))

    def _not_found(self, visit: Visit) -> PageReply:
        return PageReply(404, self._drawn(visit, LinkFault.BROKEN))

    def _drawn(self, visit: Visit, fault: LinkFault, framed: Framed | None = None, language: str = "") -> bytes:
        return self.drawing.draw(NoPaymentPage(fault), self._links(visit), visit.language(language), framed)
