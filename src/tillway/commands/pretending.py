"""The pretend acquirer of the sandbox: what the gateway asks of it, what its payers do, and what it still has to tell.

Its books are its own: nothing here touches the gateway's payments, which it only knows by the ids it was given.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tillway.commands.tools import Tools
from tillway.domain import pretended
from tillway.domain.pretended import Pretended, PretendedCall, PretendRefused, Terms
from tillway.domain.published import Behaviour, PublishedNumber
from tillway.domain.reasons import Reason
from tillway.domain.schedules import DAY
from tillway.store.pretending import change_pretended, find_pretended, pretended_due
from tillway.store.protocol import Conflict

PRETENDED_METHODS = ("card", "bancontact", "ideal", "bank")
"""The methods that it serves."""

PAGE_OPENS = DAY
"""How long the address of a payment's page is good: it shows the end, too."""

_PAGE = "pretended payment"
_MOST_TRIES = 5

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Due:
    """Calls to be made about a payment, and the payment as it stands."""

    payment: Pretended
    calls: tuple[PretendedCall, ...]


def page_token(tools: Tools, payment: Pretended) -> str:
    """What the address of a payment's page ends in."""
    return tools.vault.sign_token(_PAGE, payment.id, payment.created_at + PAGE_OPENS)


def payment_of_page(tools: Tools, token: str) -> str | None:
    """The id of the payment whose page's address ends in this; None if it is none of ours or too old."""
    return tools.vault.read_token(_PAGE, token, tools.now())


async def create(tools: Tools, identity: str, terms: Terms) -> Pretended:
    """Create a payment, or answer the one of this id. Raises PretendRefused if that has other terms."""
    now = tools.now()

    def decide(before: Pretended | None) -> tuple[Pretended, Pretended]:
        after = pretended.create(identity, terms, now) if before is None else pretended.pass_time(before, now)
        if after.terms not in (terms, None):
            raise PretendRefused
        return after, after

    return await _change(tools, identity, decide)


async def look_up(tools: Tools, identity: str) -> Pretended | None:
    """How a payment stands now."""
    known = await tools.store.read(find_pretended(identity))
    return None if known is None else pretended.pass_time(known, tools.now())


async def cancel(tools: Tools, identity: str) -> Pretended:
    """Undo a payment, or bar it if it never arrived; what cannot be undone is answered as it stands."""
    now = tools.now()

    def decide(before: Pretended | None) -> tuple[Pretended, Pretended]:
        after = (
            pretended.bar(identity, now) if before is None else pretended.cancel(pretended.pass_time(before, now), now)
        )
        return after, after

    return await _change(tools, identity, decide)


async def refund(tools: Tools, identity: str, refund_id: str, amount: int) -> Pretended | None:
    """Give back part of a payment, once for each refund id; None for an unknown payment. Raises PretendRefused."""
    return await _move(tools, identity, lambda known, now: pretended.refund(known, refund_id, amount, now))


async def enter_card(tools: Tools, identity: str, number: PublishedNumber) -> Pretended | None:
    """The payer typed a published number."""
    return await _move(tools, identity, lambda known, now: pretended.enter_card(known, number, now))


async def choose_bank(tools: Tools, identity: str, bank: str) -> Pretended | None:
    """The payer chose a bank."""
    return await _move(tools, identity, lambda known, now: pretended.choose_bank(known, bank, now))


async def prove(tools: Tools, identity: str, behaviour: Behaviour | None = None) -> Pretended | None:
    """The payer agreed at the bank; `behaviour` is what the bank makes of it, where no card's number says it."""
    return await _move(tools, identity, lambda known, now: pretended.prove(known, behaviour, now))


async def refuse(tools: Tools, identity: str, reason: Reason) -> Pretended | None:
    """The payer said no."""
    return await _move(tools, identity, lambda known, now: pretended.refuse(known, reason, now))


async def settle(tools: Tools, identity: str, reason: Reason | None) -> Pretended | None:
    """Decide what is pending: declined for a reason, or with none paid."""
    return await _move(tools, identity, lambda known, now: pretended.settle(known, reason or "", now))


async def due(tools: Tools, limit: int) -> Sequence[str]:
    """The ids of payments of which something is due by itself."""
    return [row[0] for row in await tools.store.fetch(pretended_due(tools.now(), limit))]


async def take_calls(tools: Tools, identity: str) -> Due | None:
    """Let time pass for a payment, and take the calls that are due; each comes again until it is `heard`."""
    now = tools.now()

    def decide(before: Pretended | None) -> tuple[Pretended | None, Due | None]:
        if before is None:
            return None, None
        after, calls = pretended.take_calls(pretended.pass_time(before, now), now)
        return after, Due(after, calls)

    return await _change(tools, identity, decide)


async def heard(tools: Tools, identity: str, numbers: Iterable[int]) -> None:
    """These calls were taken in."""
    await _move(tools, identity, lambda known, now: pretended.heard(known, numbers))


async def _move(tools: Tools, identity: str, move: Callable[[Pretended, int], Pretended]) -> Pretended | None:
    """Let time pass for a payment, and then do something to it; None if there is none."""
    now = tools.now()

    def decide(before: Pretended | None) -> tuple[Pretended | None, Pretended | None]:
        after = None if before is None else move(pretended.pass_time(before, now), now)
        return after, after

    return await _change(tools, identity, decide)


async def _change(
    tools: Tools, identity: str, decide: Callable[[Pretended | None], tuple[Pretended | None, Answer]]
) -> Answer:
    """Change a payment; two that make the same row at once meet in the database, and the second tries again."""
    for _ in range(_MOST_TRIES - 1):
        try:
            return await tools.store.write(change_pretended(identity, decide))
        except Conflict:
            continue
    return await tools.store.write(change_pretended(identity, decide))
