"""What every account has come to, at one moment; the cards of a currency are shown as one account."""

from sqlalchemy import func, select

from tillway.store import schema
from tillway.store.daily import find_balances
from tillway.store.steps import Execute, Program


def find_all_balances() -> Program[dict[str, int]]:
    """Balances in minor units by account; over all accounts of a currency they add up to nothing."""
    balances = yield from find_balances()
    cards = schema.gift_cards.c
    by_currency = select(cards.currency, func.sum(cards.balance), func.sum(cards.held)).group_by(cards.currency)
    for currency, balance, held in (yield Execute(by_currency)):
        balances[f"card:*:{currency}"] = int(balance)
        balances[f"held:*:{currency}"] = int(held)
    return balances
