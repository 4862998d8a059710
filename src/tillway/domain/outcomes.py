"""What a connector reported: paid, declined, or pending, which is anything that is not a plain yes or no."""

from tillway.domain.values import value


@value
class Paid:
    """The far side has done it.

    `reference` is its own name for the operation, `scheme` the brand that was used (`Visa`) and `mask` what may be
    shown of the instrument; each empty where it does not tell.
    """

    reference: str = ""
    scheme: str = ""
    mask: str = ""


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


Outcome = Paid | Declined | Pending
