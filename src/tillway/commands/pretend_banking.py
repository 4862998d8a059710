"""The pretend banks of the sandbox: what gateways ask of them, and what their customers do.

Their books are their own: nothing here touches the gateway's payments. A payment's id is made from the bank's and the
request's, so that a request that comes again is about the same payment.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from tillway.commands.tools import Tools
from tillway.domain import pretended_transfers
from tillway.domain.pretended_transfers import BankTransfer, TransferTerms
from tillway.domain.schedules import DAY
from tillway.store.pretending import change_transfer, find_transfer
from tillway.store.protocol import Conflict

PAGE_OPENS = DAY
"""How long the address of a payment's page is good: it shows the end, too."""

_PAGE = "pretended bank transfer"
_MOST_TRIES = 5
_DIGITS_OF_AN_ID = 32

Answer = TypeVar("Answer")


def page_token(tools: Tools, transfer: BankTransfer) -> str:
    """What the address of a payment's page ends in."""
    return tools.vault.sign_token(_PAGE, transfer.id, transfer.created_at + PAGE_OPENS)


def transfer_of_page(tools: Tools, token: str) -> str | None:
    """The id of the payment whose page's address ends in this; None if it is none of ours or too old."""
    return tools.vault.read_token(_PAGE, token, tools.now())


def identity_of(bank: str, request_id: str) -> str:
    """The id that a bank gives the payment which a request has made."""
    return sha256(f"{bank} {request_id.lower()}".encode()).hexdigest()[:_DIGITS_OF_AN_ID]


async def initiate(tools: Tools, bank: str, request_id: str, terms: TransferTerms) -> BankTransfer:
    """Make a payment, or answer the one that this request has made, whatever it says by now."""
    now = tools.now()
    identity = identity_of(bank, request_id)

    def decide(before: BankTransfer | None) -> tuple[BankTransfer, BankTransfer]:
        if before is None:
            after = pretended_transfers.create(identity, bank, terms, now)
        else:
            after = pretended_transfers.pass_time(before, now)
        return after, after

    return await _change(tools, identity, decide)


async def look_up(tools: Tools, identity: str) -> BankTransfer | None:
    """How a payment stands now."""
    known = await tools.store.read(find_transfer(identity))
    return None if known is None else pretended_transfers.pass_time(known, tools.now())


async def cancel(tools: Tools, identity: str) -> BankTransfer | None:
    """Cancel a payment; what cannot be cancelled is answered as it stands."""
    return await _move(tools, identity, pretended_transfers.cancel)


async def log_in(tools: Tools, identity: str, user: str) -> BankTransfer | None:
    """A customer comes."""
    return await _move(tools, identity, lambda known, now: pretended_transfers.log_in(known, user, now))


async def choose_account(tools: Tools, identity: str, iban: str) -> BankTransfer | None:
    """The customer chooses the account that pays."""
    return await _move(tools, identity, lambda known, now: pretended_transfers.choose_account(known, iban, now))


async def prove(tools: Tools, identity: str) -> BankTransfer | None:
    """The customer agrees, by whatever the bank asks for."""
    return await _move(tools, identity, pretended_transfers.prove)


async def turn_back(tools: Tools, identity: str) -> BankTransfer | None:
    """The customer says no."""
    return await _move(tools, identity, lambda known, _: pretended_transfers.turn_back(known))


async def promise(tools: Tools, identity: str) -> BankTransfer | None:
    """The bank confirms what it still works on."""
    return await _move(tools, identity, lambda known, _: pretended_transfers.promise(known))


async def settle(tools: Tools, identity: str, reason: str) -> BankTransfer | None:
    """Decide what the bank still works on: rejected for a reason (ISO 20022), or with none booked."""
    return await _move(tools, identity, lambda known, now: pretended_transfers.settle(known, reason, now))


async def act(tools: Tools, identity: str, user: str) -> BankTransfer | None:
    """All that a customer does at the bank: log in, take the first account, and agree."""

    def whole(known: BankTransfer, now: int) -> BankTransfer:
        known = pretended_transfers.log_in(known, user, now)
        known = pretended_transfers.choose_account(known, pretended_transfers.first_account(known), now)
        return pretended_transfers.prove(known, now)

    return await _move(tools, identity, whole)


async def _move(tools: Tools, identity: str, move: Callable[[BankTransfer, int], BankTransfer]) -> BankTransfer | None:
    """Let time pass for a payment, and then do something to it; None if there is none."""
    now = tools.now()

    def decide(before: BankTransfer | None) -> tuple[BankTransfer | None, BankTransfer | None]:
        after = None if before is None else move(pretended_transfers.pass_time(before, now), now)
        return after, after

    return await _change(tools, identity, decide)


async def _change(
    tools: Tools, identity: str, decide: Callable[[BankTransfer | None], tuple[BankTransfer | None, Answer]]
) -> Answer:
    """Change a payment; two that make the same row at once meet in the database, and the second tries again."""
    for _ in range(_MOST_TRIES - 1):
        try:
            return await tools.store.write(change_transfer(identity, decide))
        except Conflict:
            continue
    return await tools.store.write(change_transfer(identity, decide))
