"""The books, as anyone may check them: whether every rule holds, and what every account has come to."""

from dataclasses import dataclass

from tillway.domain.proof import Verdict
from tillway.store.balances import find_all_balances
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
