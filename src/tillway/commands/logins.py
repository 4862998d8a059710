"""Logging in to the APIs that hand out tokens: tries that failed, proofs, and the tokens that were renewed."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

from tillway.commands.login_keys import is_proof
from tillway.commands.tools import Tools
from tillway.domain.book import Needs
from tillway.domain.guesses import is_used_up, of_login, wait_of
from tillway.domain.ids import ClientId
from tillway.domain.logins import count_failed, note_renewal
from tillway.domain.refusals import LoginRefused, Overloaded, TooManyLogins
from tillway.domain.renewals import Renewal
from tillway.store.finding import find_guesses
from tillway.store.sweeping import sweep_renewals

MOST_WAITING = 256


class Desk:
    """Where proofs are checked, one after another; between two of them every other request gets its turn.

    A decryption takes 0.3 ms with 2048 bits and 1.7 ms with 4096, during which Python does nothing else: the library
    keeps the interpreter's lock, so another thread would not help (docs/decisions/0011-logins.md).
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def is_proof(self, kept: Sequence[str], signature: str, text: str) -> bool:
        """As `login_keys.is_proof`. Raises Overloaded rather than let more than MOST_WAITING wait."""
        if self._waiting >= MOST_WAITING:
            raise Overloaded
        self._waiting += 1
        try:
            async with self._turn:
                proven = is_proof(kept, signature, text)
                await asyncio.sleep(0)
        finally:
            self._waiting -= 1
        return proven


async def check_tries(tools: Tools, client_id: ClientId, address: str) -> None:
    """Whether a client, be there one of this id or not, may try to log in from this address. Refuses: TooManyLogins."""
    now, scope = tools.now(), of_login(client_id, address)
    guesses = await tools.store.read(find_guesses(scope))
    if is_used_up(scope, guesses, now):
        raise TooManyLogins(wait_of(guesses, now))


async def refuse(tools: Tools, client_id: ClientId, address: str) -> NoReturn:
    """Count a login that failed, and refuse it. Refuses: LoginRefused, TooManyLogins."""
    scope, now = of_login(client_id, address), tools.now()
    await tools.committer.run(Needs(guesses=(scope,)), lambda book: count_failed(book, scope, now))
    raise LoginRefused


async def renew(tools: Tools, token_id: str, client_id: ClientId, ends_at: int) -> None:
    """Note that a token was renewed: it is good until `ends_at`. To renew it again changes nothing."""
    renewal = Renewal(token_id, client_id, ends_at)
    await tools.committer.run(Needs(renewals=(token_id,)), lambda book: note_renewal(book, renewal))


async def forget_renewals(tools: Tools, after: str | None) -> str | None:
    """Remove the old among the renewals that follow a token's id (None: from the first); answers the last, or None."""
    return await tools.store.write(sweep_renewals(after or "", tools.now()))
