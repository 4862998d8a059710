"""The tray: the cards that a payer has laid down and not yet paid with, kept sealed in the payer's own browser.

It is a cookie rather than rows, since a visit that comes to nothing leaves nothing behind; and a cookie rather than a
hidden field, since only a cookie survives the redirect that follows each form. It is encrypted and authenticated
(AES-GCM), is good for one payment and half an hour, is out of reach of scripts, and goes only to that payment's page.
CVCs are checked when a card is laid down and are kept nowhere.
"""

from dataclasses import dataclass, replace

import msgspec

from tillway.domain.ids import PaymentId
from tillway.store.vault import Unreadable, Vault
from tillway.surfaces.checkout.views import EntryFault, Setback

COOKIE = "tray"
LASTS_SECONDS = 1800
LONGEST_NUMBER = 40
"""How much of a mistyped number is kept, to be corrected."""


@dataclass(frozen=True, slots=True)
class Tray:
    """`numbers` are checked card numbers; the rest is what the page says once about the last form.

    `number` is the text that stood in the number field when the entry failed.
    """

    numbers: tuple[str, ...] = ()
    number: str = ""
    fault: EntryFault | None = None
    setback: Setback | None = None
    just_added: bool = False

    def with_card(self, number: str) -> "Tray":
        """One more card."""
        return Tray((*self.numbers, number), just_added=True)

    def without(self, place: int) -> "Tray":
        """The cards but for the one at `place`, counted from 1; a place where there is none changes nothing."""
        return Tray(tuple(number for at, number in enumerate(self.numbers, 1) if at != place))

    def refused(self, number: str, fault: EntryFault) -> "Tray":
        """The same cards, and why the last entry was not taken."""
        return Tray(self.numbers, number[:LONGEST_NUMBER], fault)

    def held_up(self, setback: Setback) -> "Tray":
        """The same cards, and why nothing was paid."""
        return Tray(self.numbers, setback=setback)

    def settled(self) -> "Tray":
        """The same cards, with nothing more to say."""
        return replace(self, number="", fault=None, setback=None, just_added=False)


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    payment_id: str
    ends_at: int
    numbers: tuple[str, ...]
    number: str
    fault: EntryFault | None
    setback: Setback | None
    just_added: bool


_write = msgspec.json.Encoder().encode
_read = msgspec.json.Decoder(_Kept).decode


def seal(tray: Tray, payment_id: PaymentId, vault: Vault, now: int) -> str:
    """The cookie's value."""
    ends_at = now + LASTS_SECONDS * 1_000_000
    kept = _Kept(payment_id, ends_at, tray.numbers, tray.number, tray.fault, tray.setback, tray.just_added)
    return vault.seal(_write(kept).decode())


def unseal(value: str, payment_id: PaymentId, vault: Vault, now: int) -> Tray:
    """What the cookie holds; an empty tray if it is not ours, of another payment, or too old."""
    try:
        kept = _read(vault.open(value))
    except (Unreadable, msgspec.MsgspecError):
        return Tray()
    if kept.payment_id != payment_id or now >= kept.ends_at:
        return Tray()
    return Tray(kept.numbers, kept.number, kept.fault, kept.setback, kept.just_added)
