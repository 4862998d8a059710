"""What a connector reported: paid, declined, or pending, which is anything that is not a plain yes or no."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paid:
    """The far side has done it."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The far side will not do it, and has not; `reason` is a word of ours, never its text."""

    reason: str


@dataclass(frozen=True, slots=True)
class Pending:
    """Nobody knows yet: no answer, an unclear one, or "wait"."""


Outcome = Paid | Declined | Pending
