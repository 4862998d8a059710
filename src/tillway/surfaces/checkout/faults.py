"""What went wrong on a page, as sentences for its payer."""

from collections.abc import Callable
from typing import assert_never

from tillway.surfaces.checkout.views import EntryFault, Setback

Text = Callable[[str], str]


def fault_text(fault: EntryFault, _: Text) -> str:
    """Why a card was not taken."""
    match fault:
        case EntryFault.NUMBER_MISSING:
            return _("Enter or scan the card number.")
        case EntryFault.NUMBER_LENGTH:
            return _("The card number has 19 digits. Check that none is missing.")
        case EntryFault.NUMBER_INVALID:
            return _("A digit of the card number is wrong. Check it against the card.")
        case EntryFault.CVC_MISSING:
            return _("Enter the card's CVC.")
        case EntryFault.CVC_FORM:
            return _("The CVC has 3 digits.")
        case EntryFault.REFUSED:
            return _("This number and CVC do not belong to a card we know. Check both.")
        case EntryFault.NOT_ACCEPTED:
            return _("This shop does not take this kind of gift card.")
        case EntryFault.EXPIRED:
            return _("This card has expired.")
        case EntryFault.EMPTY:
            return _("There is no money left on this card.")
        case EntryFault.NOT_ACTIVE:
            return _("This card cannot be used. Ask the staff for help.")
        case EntryFault.ALREADY_THERE:
            return _("This card is already added.")
        case EntryFault.TRAY_FULL:
            return _("No more cards fit in one payment.")
        case EntryFault.TOO_MANY:
            return _("Too many tries. Wait an hour before the next one, or ask the staff for help.")
        case _:
            assert_never(fault)


def setback_text(setback: Setback, _: Text) -> str:
    """Why nothing came of what the payer asked for."""
    match setback:
        case Setback.DISAGREED:
            return _("Nothing is paid yet. Tick the box to pay only a part, or add another card.")
        case Setback.CHANGED:
            return _("Nothing was paid, because something changed meanwhile. Check the amounts and try again.")
        case Setback.ISSUER_FAILED:
            return _("Nothing was paid: the card's issuer refused. Remove that card or try again later.")
        case Setback.NOT_UNDONE:
            return _("What you began could not be stopped yet. Wait for its outcome, or try again in a moment.")
        case _:
            assert_never(setback)
