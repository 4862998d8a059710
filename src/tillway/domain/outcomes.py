"""What a connector reported: paid, declined, or pending, which is anything that is not a plain yes or no."""

from tillway.domain.values import value


@value
class Paid:
    """The far side has done it."""


@value
class Declined:
    """The far side will not do it, and has not; `reason` is a word of ours, never its text."""

    reason: str


@value
class Pending:
    """Nobody knows yet: no answer, an unclear one, or "wait"."""


Outcome = Paid | Declined | Pending
