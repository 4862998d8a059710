"""The books, as anyone may check them: whether every rule holds, what accounts have come to, and what is in doubt."""

from dataclasses import dataclass

from tillway.domain.proof import Verdict
from tillway.store.balances import find_all_balances
from tillway.store.doubts import find_doubts
from tillway.store.protocol import Store
from tillway.store.proving import prove


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has come to, in minor units; `owner` is `*` for all of a kind together."""

    kind: str
    owner: str
    currency: str
    minor: int

    @property
    def account(self) -> str:
        """The account's name."""
        return f"{self.kind}:{self.owner}:{self.currency}"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Money that a far side still has to answer for; `refund` is 0 where it is not about one.

    `next_look_up_at` says when the far side is asked again, 0 that it no longer is: then a person has to find out.
    """

    payment_id: str
    attempt: int
    refund: int
    connector: str
    state: str
    amount: int
    currency: str
    since: int
    next_look_up_at: int


async def verify(store: Store) -> Verdict:
    """Prove every rule of the books (`domain/proof.py`) at one moment, beside whatever is being written."""
    return await store.read(prove())


async def balances(store: Store, prefix: str = "") -> list[Balance]:
    """The accounts whose names begin with `prefix`, by name; all cards of a currency together are one account.

    Over all accounts of a currency the balances add up to nothing.
    """
    found: list[Balance] = []
    for account, minor in sorted((await store.read(find_all_balances())).items()):
        if account.startswith(prefix):
            kind, owner, currency = account.split(":")
            found.append(Balance(kind, owner, currency, minor))
    return found


async def doubts(store: Store, limit: int) -> list[Doubt]:
    """What is in doubt, longest first, at most `limit` of it."""
    return [Doubt(*row) for row in await store.fetch(find_doubts(limit))]
