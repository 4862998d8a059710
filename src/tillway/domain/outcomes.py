"""What a connector reported: paid, confirmed, declined, or pending: anything that is not a plain yes or no."""

from tillway.domain.values import value


@value
class Paid:
    """The far side has done it.

    `reference` is its own name for the operation, `scheme` the brand that was used (`Visa`) and `mask` what may be
    shown of the instrument; `debtor_iban` the account that paid by bank. Each is empty where it does not tell.
    """

    reference: str = ""
    scheme: str = ""
    mask: str = ""
    debtor_iban: str = ""


@value
class Declined:
    """The far side will not do it, and has not; `reason` is a word of ours, never its text."""

    reason: str
    reference: str = ""


@value
class Pending:
    """Nobody knows yet: no answer, an unclear one, or "wait". `step_url` is where the payer has to go next."""

    reference: str = ""
    step_url: str = ""


@value
class Confirmed:
    """The far side has promised to do it: authorised and accepted, but not booked, so it may rarely still fail."""

    reference: str = ""
    debtor_iban: str = ""


Outcome = Paid | Confirmed | Declined | Pending
