"""Guess protection: wrong card numbers and CVCs are counted, and too many close the door for a while."""

from tillway.domain.ids import CardId, ClientId, PaymentId
from tillway.domain.values import value

HOUR = 3_600_000_000


LIMITS = {"card": 10, "payment": 10, "address": 30, "login": 30}
"""How many wrong tries an hour allows, by what they have in common."""


@value
class Guesses:
    """Wrong tries of one `scope` since `since` (microseconds UTC)."""

    scope: str
    since: int
    count: int


def of_card(card: CardId) -> str:
    """The scope of all tries on one card."""
    return f"card:{card}"


def of_payment(payment: PaymentId) -> str:
    """The scope of all tries within one payment."""
    return f"payment:{payment}"


def of_address(address: str) -> str:
    """The scope of all tries from one network address."""
    return f"address:{address}"


def of_login(client: ClientId, address: str) -> str:
    """The scope of all logins as one client from one network address.

    Not of the client alone: its name is public, and nobody may shut it out from elsewhere. Not of the address alone:
    many shops may call from one.
    """
    return f"login:{client} {address}"


def wait_of(guesses: Guesses | None, now: int) -> int:
    """How long it takes (microseconds) until the counter begins anew."""
    return 0 if guesses is None else max(guesses.since + HOUR - now, 0)


def is_used_up(scope: str, guesses: Guesses | None, now: int) -> bool:
    """Whether no further try is allowed at `now`."""
    if guesses is None or now >= guesses.since + HOUR:
        return False
    return guesses.count >= LIMITS[scope.partition(":")[0]]


def one_more(scope: str, guesses: Guesses | None, now: int) -> Guesses:
    """The counter after one more wrong try; an hour that is over begins anew."""
    if guesses is None or now >= guesses.since + HOUR:
        return Guesses(scope, now, 1)
    return Guesses(scope, guesses.since, guesses.count + 1)
