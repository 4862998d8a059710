"""Laying gift cards on the tray and taking them back: what was entered is checked, and nothing is charged."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands import giftcards
from tillway.domain.guesses import of_address, of_payment
from tillway.domain.refusals import (
    CardEmpty,
    CardExpired,
    CardNotActive,
    CardNumberInvalid,
    CardNumberLength,
    CardRefusal,
    CardUnknown,
    CvcRefused,
    TooManyTries,
    VendorNotAccepted,
)
from tillway.domain.spending import check_numbers
from tillway.surfaces.checkout.entering import Entrance, Opened
from tillway.surfaces.checkout.tray import Tray
from tillway.surfaces.checkout.views import MOST_CARDS, EntryFault
from tillway.surfaces.common.limits import neighbourhood
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit

_CVC_LENGTH = 3

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
class Laying:
    """The handlers of the forms that fill the tray."""

    entrance: Entrance

    def routes(self) -> Sequence[PageRoute]:
        """Every form target."""
        page = f"/{self.entrance.door.value}/{{token}}"
        return (
            PageRoute("POST", f"{page}/cards", self.add_card),
            PageRoute("POST", f"{page}/cards/remove", self.remove_card),
        )

    async def add_card(self, visit: Visit) -> PageReply:
        """Lay down a card if its number and CVC belong together and it can be used."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        entered = visit.form.get("number", "")
        number = "".join(entered.replace("-", " ").split())
        cvc = visit.form.get("cvc", "").strip()
        issuers = await self.entrance.registry.issuers()
        fault = _form_fault(opened.tray, number, cvc, issuers.prefixes)
        if fault is None:
            fault = await self._checked(visit, opened, number, cvc, issuers.prefixes)
        tray = opened.tray.refused(entered, fault) if fault else opened.tray.with_card(number)
        return await self.entrance.back(visit, opened, tray)

    async def remove_card(self, visit: Visit) -> PageReply:
        """Take a card back from the tray."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        place = visit.form.get("place", "")
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 3 else 0
        return await self.entrance.back(visit, opened, opened.tray.without(at))

    async def _checked(
        self, visit: Visit, opened: Opened, number: str, cvc: str, prefixes: tuple[str, ...]
    ) -> EntryFault | None:
        """Why the card cannot be used; wrong guesses are counted for the payment, the card and the address."""
        scopes = (of_payment(opened.payment_id), of_address(neighbourhood(visit.peer)))
        try:
            await giftcards.balance(self.entrance.tools, opened.client, number, cvc, prefixes, scopes)
        except CardRefusal as refusal:
            return _FAULT_OF.get(type(refusal), EntryFault.REFUSED)
        return None


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
