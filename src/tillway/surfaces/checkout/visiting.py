"""What a payer does on the hosted page: look, lay down a card, take one back, pay, cancel."""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands import giftcards, payments
from tillway.commands.giftcards import CardPart
from tillway.commands.tools import Tools
from tillway.domain.clients import Client
from tillway.domain.giftcards import GiftCard
from tillway.domain.guesses import of_address, of_payment
from tillway.domain.ids import PaymentId
from tillway.domain.payments import PaymentState
from tillway.domain.refusals import (
    CardEmpty,
    CardExpired,
    CardNotActive,
    CardNumberInvalid,
    CardNumberLength,
    CardRefusal,
    CardUnknown,
    CvcRefused,
    IssuerFailed,
    IssuerSilent,
    KeyReused,
    NotInThatState,
    PaymentRefusal,
    PaymentUnknown,
    TooManyTries,
    VendorNotAccepted,
)
from tillway.domain.spending import check_numbers
from tillway.domain.standing import Standing
from tillway.queries import giftcards as card_queries
from tillway.queries import payments as payment_queries
from tillway.queries.registry import Registry
from tillway.store.committer import Recall
from tillway.surfaces.checkout.drawing import Drawing, Links, links_of
from tillway.surfaces.checkout.tray import COOKIE, LASTS_SECONDS, Tray, seal, unseal
from tillway.surfaces.checkout.viewing import Shown, covers, page_of, summary
from tillway.surfaces.checkout.views import MOST_CARDS, CancelPage, EntryFault, LinkFault, NoPaymentPage, Setback
from tillway.surfaces.common.limits import neighbourhood
from tillway.surfaces.common.payment_links import payment_of_link
from tillway.surfaces.common.security_headers import cookie
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other

PAY_KEY_PREFIX = "page:"
"""Sets the keys of our forms apart from those that a client's own program sends."""

_CVC_LENGTH = 3
_KEY_BYTES = 16
_LONGEST_KEY = 64

_FAULT_OF: dict[type[CardRefusal], EntryFault] = {
    CardUnknown: EntryFault.REFUSED,
    CvcRefused: EntryFault.REFUSED,
    CardNumberInvalid: EntryFault.NUMBER_INVALID,
    CardNumberLength: EntryFault.NUMBER_LENGTH,
    VendorNotAccepted: EntryFault.NOT_ACCEPTED,
    CardExpired: EntryFault.EXPIRED,
    CardEmpty: EntryFault.EMPTY,
    CardNotActive: EntryFault.NOT_ACTIVE,
    TooManyTries: EntryFault.TOO_MANY,
}


@dataclass(frozen=True, slots=True)
class _Opened:
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


@dataclass(frozen=True, slots=True)
class Checkout:
    """The handlers of the hosted pages."""

    tools: Tools
    registry: Registry
    drawing: Drawing

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        return (
            PageRoute("GET", "/pay/{token}", self.look),
            PageRoute("POST", "/pay/{token}/cards", self.add_card),
            PageRoute("POST", "/pay/{token}/cards/remove", self.remove_card),
            PageRoute("POST", "/pay/{token}/perform", self.pay),
            PageRoute("GET", "/pay/{token}/cancel", self.ask_to_cancel),
            PageRoute("POST", "/pay/{token}/cancel", self.cancel),
        )

    async def look(self, visit: Visit) -> PageReply:
        """The payment as it stands; the first look moves it on."""
        opened = await self._open(visit, first_look=True)
        if isinstance(opened, PageReply):
            return opened
        view = page_of(opened.shown, secrets.token_urlsafe(_KEY_BYTES), self.tools.now())
        said = opened.tray.settled()
        headers = () if said == opened.tray else (self._laid_down(visit, opened, said),)
        return PageReply(200, self.drawing.draw(view, opened.links, opened.language), headers)

    async def add_card(self, visit: Visit) -> PageReply:
        """Lay down a card if its number and CVC belong together and it can be used."""
        opened = await self._open(visit)
        if isinstance(opened, PageReply):
            return opened
        entered = visit.form.get("number", "")
        number = "".join(entered.replace("-", " ").split())
        cvc = visit.form.get("cvc", "").strip()
        issuers = await self.registry.issuers()
        fault = _form_fault(opened.tray, number, cvc, issuers.prefixes)
        if fault is None:
            fault = await self._checked(visit, opened, number, cvc, issuers.prefixes)
        tray = opened.tray.refused(entered, fault) if fault else opened.tray.with_card(number)
        return self._back(visit, opened, tray)

    async def remove_card(self, visit: Visit) -> PageReply:
        """Take a card back from the tray."""
        opened = await self._open(visit)
        if isinstance(opened, PageReply):
            return opened
        place = visit.form.get("place", "")
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else 0
        return self._back(visit, opened, opened.tray.without(at))

    async def pay(self, visit: Visit) -> PageReply:
        """Take what the page said it would take, once, and complete the payment."""
        opened = await self._open(visit)
        if isinstance(opened, PageReply):
            return opened
        setback = await self._paid(opened, visit)
        tray = opened.tray.held_up(setback) if setback else opened.tray.settled()
        return self._back(visit, opened, tray)

    async def ask_to_cancel(self, visit: Visit) -> PageReply:
        """Ask once more before the payment is given up."""
        opened = await self._open(visit)
        if isinstance(opened, PageReply):
            return opened
        if not opened.standing.payment.is_open(self.tools.now()):
            return see_other(opened.links.page)
        view = CancelPage(summary(opened.shown))
        return PageReply(200, self.drawing.draw(view, opened.links, opened.language))

    async def cancel(self, visit: Visit) -> PageReply:
        """Give the payment up; one that ended otherwise meanwhile shows how."""
        opened = await self._open(visit)
        if isinstance(opened, PageReply):
            return opened
        with contextlib.suppress(NotInThatState):
            await payments.withdraw(self.tools, opened.client, opened.payment_id)
        return self._back(visit, opened, Tray())

    async def _open(self, visit: Visit, *, first_look: bool = False) -> _Opened | PageReply:
        """The payment that the link names, or the page that says why there is none."""
        tools, token = self.tools, visit.path["token"]
        now = tools.now()
        payment_id = payment_of_link(tools.vault, token, now)
        if payment_id is None:
            return self._no_payment(visit, token)
        try:
            standing = await payment_queries.standing(tools.store, payment_id)
            if first_look and standing.payment.state is PaymentState.CREATED:
                standing = await payments.see(tools, payment_id)
        except PaymentUnknown:
            return self._no_payment(visit, token)
        merchant = await self.registry.merchant(standing.order.merchant_id)
        client = await self.registry.client(standing.order.client_id)
        if merchant is None or client is None:
            return self._no_payment(visit, token)
        links = links_of(token)
        tray = unseal(visit.cookie(COOKIE, links.page), payment_id, tools.vault, now)
        shown = Shown(standing, merchant, tray, await self._cards(tray))
        return _Opened(payment_id, client, shown, links, visit.language(standing.order.language))

    async def _cards(self, tray: Tray) -> list[GiftCard]:
        """The tray's cards as they are now; a card that was once checked does not vanish."""
        found: list[GiftCard] = []
        for number in tray.numbers:
            card = await card_queries.card(self.tools.store, self.tools.vault.card_id(number))
            assert card is not None
            found.append(card)
        return found

    def _no_payment(self, visit: Visit, token: str) -> PageReply:
        was_ours = payment_of_link(self.tools.vault, token, 0) is not None
        view = NoPaymentPage(LinkFault.EXPIRED if was_ours else LinkFault.BROKEN)
        return PageReply(410 if was_ours else 404, self.drawing.draw(view, links_of(token), visit.language()))

    async def _checked(
        self, visit: Visit, opened: _Opened, number: str, cvc: str, prefixes: tuple[str, ...]
    ) -> EntryFault | None:
        """Why the card cannot be used; wrong guesses are counted for the payment, the card and the address."""
        scopes = (of_payment(opened.payment_id), of_address(neighbourhood(visit.peer)))
        try:
            await giftcards.balance(self.tools, opened.client, number, cvc, prefixes, scopes)
        except CardRefusal as refusal:
            return _FAULT_OF.get(type(refusal), EntryFault.REFUSED)
        return None

    async def _paid(self, opened: _Opened, visit: Visit) -> Setback | None:
        """Why nothing was taken; None if it was, or if the page to be shown next tells how the payment stands."""
        payment, cards = opened.standing.payment, opened.shown.cards
        parts = covers(payment.due, cards)
        amount, key = sum(parts), visit.form.get("pay_key", "")
        if not payment.is_open(self.tools.now()):
            return None
        if visit.form.get("amount") != str(amount) or amount == 0 or not 0 < len(key) <= _LONGEST_KEY:
            return Setback.CHANGED
        if amount < payment.due and visit.form.get("part") != "agreed":
            return Setback.DISAGREED
        recall: Recall[Standing] = Recall(
            opened.client.id, PAY_KEY_PREFIX + key, _fingerprint(opened, parts), self.tools.now(), lambda _: (303, "")
        )
        issuers = await self.registry.issuers()
        numbers = opened.tray.numbers
        try:
            await giftcards.perform(
                self.tools,
                opened.client,
                opened.payment_id,
                [CardPart(number, "", part) for number, part in zip(numbers, parts, strict=True) if part],
                issuers.prefixes,
                allow_partial=amount < payment.due,
                access=opened.standing.order.access,
                recall=recall,
            )
        except (NotInThatState, IssuerSilent):
            return None
        except IssuerFailed:
            return Setback.ISSUER_FAILED
        except (CardRefusal, PaymentRefusal, KeyReused):
            return Setback.CHANGED
        return None

    def _back(self, visit: Visit, opened: _Opened, tray: Tray) -> PageReply:
        """To the payment's page, with the tray as it is now."""
        return see_other(opened.links.page, (self._laid_down(visit, opened, tray),))

    def _laid_down(self, visit: Visit, opened: _Opened, tray: Tray) -> tuple[bytes, bytes]:
        """The cookie that holds the tray."""
        value = seal(tray, opened.payment_id, self.tools.vault, self.tools.now())
        page = opened.links.page
        return cookie(COOKIE, value, secure=visit.secure, lasts_seconds=LASTS_SECONDS, path=page)


def _form_fault(tray: Tray, number: str, cvc: str, prefixes: tuple[str, ...]) -> EntryFault | None:
    """What is wrong with an entry before anybody is asked: none of it counts as a guess."""
    if not number:
        return EntryFault.NUMBER_MISSING
    if number in tray.numbers:
        return EntryFault.ALREADY_THERE
    if len(tray.numbers) >= MOST_CARDS:
        return EntryFault.TRAY_FULL
    try:
        check_numbers((number,), prefixes)
    except CardNumberLength:
        return EntryFault.NUMBER_LENGTH
    except CardRefusal:
        return EntryFault.NUMBER_INVALID
    if not cvc:
        return EntryFault.CVC_MISSING
    if len(cvc) != _CVC_LENGTH or not (cvc.isascii() and cvc.isdigit()):
        return EntryFault.CVC_FORM
    return None


def _fingerprint(opened: _Opened, parts: Sequence[int]) -> str:
    """What is being paid, and with what: the same form twice has the same."""
    spent = (f"{card.id}={part}" for card, part in zip(opened.shown.cards, parts, strict=True))
    return f"{opened.payment_id} {' '.join(spent)}"
