"""What a proof of the books checks, and what it found."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tillway.domain.values import value


class Rule(StrEnum):
    """The rules that the books keep at every moment."""

    TRANSFER_AMOUNT = "transfer_amount"
    TRANSFER_ACCOUNTS = "transfer_accounts"
    TRANSFER_CURRENCY = "transfer_currency"
    TRANSFER_KIND = "transfer_kind"
    TRANSFER_ORPHAN = "transfer_orphan"
    TRANSFER_OWNER = "transfer_owner"
    CARD_BALANCE = "card_balance"
    CARD_ISSUER = "card_issuer"
    ATTEMPT_TRANSFERS = "attempt_transfers"
    REFUND_TRANSFERS = "refund_transfers"
    REFUND_PARTS = "refund_parts"
    PAYMENT_PAID = "payment_paid"
    PAYMENT_REFUNDED = "payment_refunded"
    PAYMENT_ENDED = "payment_ended"
    PAYMENT_COUNTS = "payment_counts"
    PAYMENT_ORPHAN = "payment_orphan"
    ORDER_PAYMENTS = "order_payments"
    ORDER_OWNER = "order_owner"
    PAYMENT_STATE = "payment_state"
    TRANSITION_CHAIN = "transition_chain"
    TRANSITION_ORPHAN = "transition_orphan"
    SUCCESS_LOGGED = "success_logged"
    NOTICE_EVENT = "notice_event"
    DAILY_BALANCE = "daily_balance"
    INSTRUCTION_MIRROR = "instruction_mirror"
    ORDER_TERMS = "order_terms"
    ENTRY_TRANSFERS = "entry_transfers"
    ENTRY_STATE = "entry_state"
    ENTRY_RETURN = "entry_return"
    BATCH_LINES = "batch_lines"


MEANINGS: Final[Mapping[Rule, str]] = {
    Rule.TRANSFER_AMOUNT: "A transfer moves more than nothing.",
    Rule.TRANSFER_ACCOUNTS: "A transfer goes from one account to another.",
    Rule.TRANSFER_CURRENCY: "Both accounts of a transfer are in its currency.",
    Rule.TRANSFER_KIND: "A transfer goes between the accounts that its kind goes between; a hold stays with its card.",
    Rule.TRANSFER_ORPHAN: "A transfer belongs to an attempt or a bank entry that is there; an issue belongs to none.",
    Rule.TRANSFER_OWNER: "Transfers touch only the card, far side or account that they belong to, and its merchant.",
    Rule.CARD_BALANCE: "A card's balance and reserve are the sums of its transfers, and every card account has a card.",
    Rule.CARD_ISSUER: "A card's issuer is there and has the card's currency.",
    Rule.ATTEMPT_TRANSFERS: "What an attempt moved fits its state and its amount.",
    Rule.REFUND_TRANSFERS: "What a part of a refund sent, returned and failed fits its state and its amount.",
    Rule.REFUND_PARTS: "A refund is the sum of its parts, and its state is theirs.",
    Rule.PAYMENT_PAID: "A payment's paid amount is the sum of its attempts that are held or paid.",
    Rule.PAYMENT_REFUNDED: "A payment has refunded what its attempts have, each of them its refunds' parts that stand.",
    Rule.PAYMENT_ENDED: "A booked payment holds nothing; one that ended otherwise has been paid nothing.",
    Rule.PAYMENT_COUNTS: "A payment's attempts and refunds are numbered from 1 and are as many as it says.",
    Rule.PAYMENT_ORPHAN: "Attempts and refunds belong to a payment, parts of refunds to an attempt and a refund.",
    Rule.ORDER_PAYMENTS: "An order has as many payments and refunds as it says, in its currency; each has an order.",
    Rule.ORDER_OWNER: "An order's client is there and is its merchant's.",
    Rule.PAYMENT_STATE: "A payment's state is where its last transition led; one without transitions is CREATED.",
    Rule.TRANSITION_CHAIN: "Each transition begins where the one before it ended, and the machine has the move.",
    Rule.TRANSITION_ORPHAN: "A transition is a payment's, or a refund's and led to its state.",
    Rule.SUCCESS_LOGGED: "A payment that is booked, and no other, has one event that says so.",
    Rule.NOTICE_EVENT: "A notice tells of an event that is there.",
    Rule.DAILY_BALANCE: "Balances at the end of a day are the sums of all transfers up to then.",
    Rule.INSTRUCTION_MIRROR: "Banks are told of a payment order's payments and refunds with their state and amount.",
    Rule.ORDER_TERMS: "A payment order's amount and currency are its order's, its status is what its payments make.",
    Rule.ENTRY_TRANSFERS: "A bank entry is booked once; what it settled and what was kept of it are its transfers.",
    Rule.ENTRY_STATE: "What is left of a bank entry fits its state.",
    Rule.ENTRY_RETURN: "What is left of a returned entry went back with exactly one other.",
    Rule.BATCH_LINES: "A file of refunds has as many lines as it says, and they add up.",
}


@value
class Violation:
    """One row that breaks a rule: `subject` is its id or key, `detail` what was found."""

    rule: Rule
    subject: str
    detail: str


@value
class Verdict:
    """What was found at one moment: rows checked by table, the first violations of each rule, and the number of all."""

    checked: Mapping[str, int]
    violations: tuple[Violation, ...]
    found: Mapping[Rule, int]

    @property
    def is_sound(self) -> bool:
        """Whether every rule holds."""
        return not self.found
