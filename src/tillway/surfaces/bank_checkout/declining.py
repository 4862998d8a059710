"""Why a bank did not pay, said to whoever was to pay: a sentence for each reason, and no more than they may know."""

from collections.abc import Callable
from typing import assert_never

from tillway.domain.reasons import WORDS, Reason
from tillway.domain.settling import GIVEN_UP
from tillway.surfaces.bank_checkout.views import IbanFault

Text = Callable[[str], str]


def decline_text(word: str, _: Text) -> str:
    """What to tell somebody whose payment failed for this reason; an unknown word says just that the bank said no."""
    if word == GIVEN_UP:
        return _("You turned back before the payment was finished.")
    return _text(Reason(word) if word in WORDS else Reason.DECLINED, _)


def _text(reason: Reason, _: Text) -> str:
    """That fraud or money laundering is suspected is for the bank to say: nobody is told here."""
    match reason:
        case Reason.INSUFFICIENT_FUNDS:
            return _("There was not enough money on the account.")
        case Reason.LIMIT_EXCEEDED:
            return _("The amount is above a limit of the account.")
        case Reason.AUTHENTICATION_FAILED:
            return _("Your bank could not confirm that it is you.")
        case Reason.AUTHENTICATION_ABANDONED | Reason.PAYER_CANCELLED | Reason.LEFT_THE_PAGE:
            return _("You turned back before the payment was finished.")
        case Reason.PAYER_TOO_SLOW:
            return _("The payment was not finished in time.")
        case Reason.BANK_NOT_FOUND:
            return _("Your bank was not on the list.")
        case Reason.TRANSFER_REQUESTED:
            return _("You wanted to transfer the money yourself.")
        case Reason.NEVER_RECEIVED | Reason.FAILED:
            return _("The bank could not be reached.")
        case Reason.EXPIRED_CARD | Reason.INCORRECT_CVC | Reason.INVALID_NUMBER | Reason.LOST_CARD | Reason.STOLEN_CARD:
            return _("Your bank did not approve the payment. It can tell you more.")
        case Reason.SUSPECTED_FRAUD | Reason.NOT_PERMITTED | Reason.AML_BLOCKED | Reason.DO_NOT_HONOUR:
            return _("Your bank did not approve the payment. It can tell you more.")
        case Reason.DECLINED | Reason.CANCELLED | Reason.TAKEN | Reason.REFUND_REFUSED | Reason.PAID_OUT_LATE:
            return _("Your bank did not approve the payment. It can tell you more.")
        case _:
            assert_never(reason)


def fault_text(fault: IbanFault, _: Text) -> str:
    """Why what was entered is not an IBAN."""
    match fault:
        case IbanFault.MISSING:
            return _("Enter the IBAN of your account.")
        case IbanFault.COUNTRY:
            return _("An IBAN begins with the two letters of a country, such as SK or CZ.")
        case IbanFault.FORM:
            return _("This is not an IBAN: it has letters or digits that do not belong there.")
        case IbanFault.LENGTH:
            return _("The IBAN is too short or too long. Check that no digit is missing.")
        case IbanFault.CHECK_DIGITS:
            return _("A digit of the IBAN is wrong. Check it against your bank's app or a statement.")
        case _:
            assert_never(fault)
