"""Why a try came to nothing, said to the payer: a sentence for each reason, and no more than the payer may know."""

from collections.abc import Callable
from typing import assert_never

from tillway.domain.reasons import WORDS, Reason
from tillway.domain.settling import GIVEN_UP

Text = Callable[[str], str]


def decline_text(word: str, _: Text) -> str:
    """What to tell a payer whose attempt ended for this reason; a word that we do not know says just that it ended."""
    if word == GIVEN_UP:
        return _("You turned back before the payment was finished.")
    return _text(Reason(word), _) if word in WORDS else _("The payment was not approved.")


def _text(reason: Reason, _: Text) -> str:
    """That a card was reported, or fraud is suspected, is between its holder and the bank: nobody is told here."""
    match reason:
        case Reason.INSUFFICIENT_FUNDS:
            return _("There is not enough money on the card or account.")
        case Reason.LIMIT_EXCEEDED:
            return _("The amount is above the limit of the card or account.")
        case Reason.EXPIRED_CARD:
            return _("The card has expired.")
        case Reason.INCORRECT_CVC:
            return _("The card's security code was not right.")
        case Reason.INVALID_NUMBER:
            return _("The card number was not right.")
        case Reason.LOST_CARD | Reason.STOLEN_CARD | Reason.SUSPECTED_FRAUD | Reason.NOT_PERMITTED | Reason.AML_BLOCKED:
            return _("This card or account cannot be used here. Your bank can tell you more.")
        case Reason.DO_NOT_HONOUR:
            return _("Your bank said no and gave no reason. It can tell you more.")
        case Reason.AUTHENTICATION_FAILED:
            return _("Your bank could not confirm that it is you.")
        case Reason.AUTHENTICATION_ABANDONED | Reason.PAYER_CANCELLED | Reason.LEFT_THE_PAGE:
            return _("You turned back before the payment was finished.")
        case Reason.PAYER_TOO_SLOW:
            return _("The payment was not finished in time.")
        case Reason.NEVER_RECEIVED | Reason.FAILED:
            return _("The payment could not be carried out. Try again, or pay in another way.")
        case (
            Reason.DECLINED
            | Reason.CANCELLED
            | Reason.TAKEN
            | Reason.REFUND_REFUSED
            | Reason.BANK_NOT_FOUND
            | Reason.TRANSFER_REQUESTED
            | Reason.PAID_OUT_LATE
        ):
            return _("The payment was not approved.")
        case _:
            assert_never(reason)
