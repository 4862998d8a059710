"""Choosing a bank: look through the list, say which account pays where the bank asks for it, and go there."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tillway.commands import banking
from tillway.domain.banks import Bank
from tillway.domain.refusals import NotInThatState
from tillway.surfaces.bank_checkout.accounts import LONGEST_ENTRY, read_iban
from tillway.surfaces.bank_checkout.entering import Entrance, Opened
from tillway.surfaces.bank_checkout.listing import Listing, country_of
from tillway.surfaces.bank_checkout.remembering import Remembered, remembered_by
from tillway.surfaces.bank_checkout.viewing import chooser_page, standing_page, summary, transfer_page
from tillway.surfaces.bank_checkout.views import AccountPage, IbanFault
from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.security_headers import HeaderFields
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_other

LONGEST_KEY = 64

_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Choosing:
    """The handlers of the payment's own page."""

    entrance: Entrance
    listing: Listing

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        page = f"/{BANK_ROOM}/{{token}}"
        return (
            PageRoute("GET", page, self.look),
            PageRoute("GET", f"{page}/account", self.ask_for_account),
            PageRoute("POST", f"{page}/choose", self.choose),
        )

    async def look(self, visit: Visit) -> PageReply:
        """The payment as it stands: while it is open, the list of banks, or how to transfer the money."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        if self.entrance.is_led_here(opened.standing):
            return see_other(opened.links.steps)
        if not self._is_open(opened):
            return self.entrance.page(opened, standing_page(opened.shown))
        if opened.shown.is_external:
            return self.entrance.page(opened, transfer_page(opened.shown))
        known = remembered_by(visit)
        country = self._country(visit, opened, known)
        choosing = self.listing.choosing(
            country, visit.query.get("q", ""), visit.origin, known.bank_id, opened.shown.told.bank_id
        )
        view = chooser_page(opened.shown, choosing, _fresh_key(), visit.origin + opened.links.page)
        chosen = visit.query.get("country") == country and country != known.country
        headers: HeaderFields = (replace(known, country=country).field(secure=visit.secure),) if chosen else ()
        return self.entrance.page(opened, view, headers=headers)

    async def ask_for_account(self, visit: Visit) -> PageReply:
        """Ask for the account that pays, for a bank that wants to know it."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        bank = self.entrance.tools.banks.find(visit.query.get("bank", ""))
        if bank is None or not bank.needs_iban or not self._may_choose(opened):
            return see_other(opened.links.page)
        return self._account_page(visit, opened, bank, _fresh_key())

    async def choose(self, visit: Visit) -> PageReply:
        """Begin at the bank, once for each form, and go to its page; what it asks for first is asked for first."""
        opened = await self.entrance.open(visit)
        if isinstance(opened, PageReply):
            return opened
        bank = self.entrance.tools.banks.find(visit.form.get("bank", ""))
        key = visit.form.get("call_key", "")
        if bank is None or not 0 < len(key) <= LONGEST_KEY or opened.shown.is_external:
            return see_other(opened.links.page)
        iban = opened.shown.told.debtor_iban
        if bank.needs_iban and not iban:
            if "iban" not in visit.form:
                return see_other(opened.links.account_of(bank.id))
            entered = read_iban(visit.form["iban"])
            if isinstance(entered, IbanFault):
                return self._account_page(visit, opened, bank, key, entered)
            iban = entered
        return await self._begin(visit, opened, bank, iban, f"{key}.{bank.id}")

    async def _begin(self, visit: Visit, opened: Opened, bank: Bank, iban: str, call_key: str) -> PageReply:
        entrance = self.entrance
        journey = entrance.journey(visit, opened)
        try:
            stands = await banking.begin(entrance.tools, opened.payment_id, bank, iban, call_key, journey)
        except NotInThatState:
            return see_other(opened.links.page)
        kept = Remembered(bank.country, bank.id).field(secure=visit.secure)
        return entrance.onward(opened, stands, (kept,))

    def _account_page(
        self, visit: Visit, opened: Opened, bank: Bank, key: str, fault: IbanFault | None = None
    ) -> PageReply:
        row = self.listing.row(bank.id, visit.origin)
        assert row is not None
        entered = visit.form.get("iban", "")[:LONGEST_ENTRY]
        view = AccountPage(summary(opened.shown), row, key, entered, fault)
        return self.entrance.page(opened, view, opened.links.account_of(bank.id) if fault else "")

    def _may_choose(self, opened: Opened) -> bool:
        return self._is_open(opened) and not opened.shown.is_external

    def _is_open(self, opened: Opened) -> bool:
        return opened.shown.payment.is_open(self.entrance.tools.now())

    def _country(self, visit: Visit, opened: Opened, known: Remembered) -> str:
        """Whose banks to list first: asked for, of the bank named with the order, of the last visit, the payer's."""
        countries = self.listing.countries
        named = self.entrance.tools.banks.find(opened.shown.told.bank_id)
        accepted = visit.headers.get(b"accept-language", b"").decode("latin-1")
        wishes = (
            visit.query.get("country", ""),
            named.country if named else "",
            known.country,
            opened.standing.order.country,
            country_of(accepted, countries),
            *countries[:1],
        )
        return next((wish for wish in wishes if wish in countries), "")


def _fresh_key() -> str:
    return secrets.token_urlsafe(_KEY_BYTES)
