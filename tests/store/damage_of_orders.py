"""Damage to payment orders and bank entries as SQL statements: for every rule on them, some that each break it."""

from collections.abc import Mapping

from tests.store.damage import copied_transfer
from tillway.domain.proof import Rule

_NEW = "'01999999-0000-7000-8000-000000000001'"
_ENTRY = "'ffffffffffffffffffffffffffffffff'"
_REFUND = "(SELECT payment_id FROM instructions WHERE outgoing = 1 AND state = 'BOOKED')"
_COPIED = (
    "merchant_id, statement_id, account, currency, amount, is_credit, is_reversal, booked_on, value_on, "
    "bank_reference, end_to_end_id, variable_symbol, constant_symbol, specific_symbol, reference, remittance, "
    "counterparty_name, counterparty_iban, counterparty_bic, state, payment_id, attempt, settled, kept, score, "
    "cause, batch_id, returns, created_at, changed_at"
)


def _copied_entry(where: str) -> str:
    return f"INSERT INTO entries SELECT {_ENTRY}, {_COPIED} FROM entries WHERE {where}"


PLANTS: Mapping[Rule, tuple[str, ...]] = {
    Rule.TRANSFER_KIND: (
        "UPDATE transfers SET kind = 'statement_out' WHERE kind = 'statement_in'",
        "UPDATE transfers SET kind = 'settle' WHERE kind = 'keep'",
        "UPDATE transfers SET kind = 'receive' WHERE kind = 'pay_out'",
    ),
    Rule.TRANSFER_ORPHAN: (
        copied_transfer("statement_in", payment_id=_ENTRY),
        copied_transfer("statement_in", attempt="1"),
        "DELETE FROM entries WHERE state = 'UNMATCHED' AND is_credit = 1",
        copied_transfer("settle", attempt="9"),
    ),
    Rule.TRANSFER_OWNER: (
        "UPDATE transfers SET source = 'account:another:EUR' WHERE kind = 'statement_in'",
        "UPDATE transfers SET target = 'unmatched:another:EUR' WHERE kind = 'statement_in'",
        "UPDATE transfers SET target = 'payable:another:EUR' WHERE kind = 'keep'",
        "UPDATE transfers SET source = 'unmatched:another:EUR' WHERE kind = 'settle' AND source LIKE 'unmatched:%'",
        "UPDATE transfers SET target = 'receivable:file:EUR' WHERE kind = 'settle' AND target LIKE 'receivable:tra%'",
        "UPDATE entries SET merchant_id = 'another'",
    ),
    Rule.ATTEMPT_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'pay_out'",
        copied_transfer("pay_out"),
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'pay_out'",
    ),
    Rule.ORDER_PAYMENTS: (
        "UPDATE payment_orders SET refund_count = refund_count + 1",
        f"DELETE FROM payments WHERE id = {_REFUND}",
    ),
    Rule.INSTRUCTION_MIRROR: (
        "UPDATE instructions SET state = 'SEEN' WHERE state = 'CREATED'",
        "UPDATE instructions SET amount = amount + 1 WHERE state = 'BOOKED'",
        "UPDATE instructions SET currency = 'CZK' WHERE outgoing = 1",
        "DELETE FROM instructions WHERE outgoing = 0 AND state = 'CREATED'",
        f"UPDATE instructions SET payment_id = {_NEW} WHERE payment_id = {_REFUND}",
    ),
    Rule.ORDER_TERMS: (
        "UPDATE payment_orders SET status = 'PAID' WHERE status = 'UNPAID'",
        "UPDATE payment_orders SET status = 'UNPAID' WHERE status = 'PAID'",
        "UPDATE payment_orders SET status = 'PAID' WHERE status = 'PARTIALLY_PAID'",
        "UPDATE orders SET amount = amount + 1 WHERE access = 'bank'",
        "UPDATE payment_orders SET currency = 'CZK'",
        "UPDATE payment_orders SET client_id = 'nobody'",
    ),
    Rule.ENTRY_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'statement_in'",
        "DELETE FROM transfers WHERE kind = 'settle'",
        "DELETE FROM transfers WHERE kind = 'keep'",
        copied_transfer("statement_in"),
        copied_transfer("settle"),
        copied_transfer("keep"),
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'statement_out'",
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'settle'",
        "UPDATE entries SET is_credit = 1 - is_credit WHERE state = 'UNMATCHED'",
        "UPDATE entries SET kept = 0 WHERE kept > 0",
        "UPDATE entries SET attempt = attempt + 1 WHERE settled > 0",
        _copied_entry("state = 'MATCHED' AND settled = amount AND is_credit = 1 LIMIT 1"),
    ),
    Rule.ENTRY_STATE: (
        "UPDATE entries SET state = 'MATCHED' WHERE state = 'UNMATCHED'",
        "UPDATE entries SET state = 'UNMATCHED' WHERE state = 'MATCHED'",
        "UPDATE entries SET state = 'REVIEW' WHERE state = 'MATCHED'",
        "UPDATE entries SET state = 'RETURNING' WHERE state = 'UNMATCHED' AND is_credit = 0",
        "UPDATE entries SET state = 'LOST' WHERE settled = amount",
        "UPDATE entries SET returns = id WHERE settled > 0",
    ),
    Rule.ENTRY_RETURN: (
        "UPDATE entries SET state = 'RETURNED' WHERE state = 'RETURNING'",
        "UPDATE entries SET state = 'RETURNING' WHERE state = 'RETURNED'",
        "UPDATE entries SET state = 'UNMATCHED', returns = '' WHERE returns <> ''",
        f"UPDATE entries SET returns = {_ENTRY} WHERE returns <> ''",
        _copied_entry("returns <> ''"),
    ),
    Rule.BATCH_LINES: (
        "DELETE FROM batch_lines WHERE number = 1",
        "DELETE FROM batches",
        "UPDATE batches SET amount = amount + 1",
        "UPDATE batch_lines SET number = number + 10",
        "UPDATE batch_lines SET amount = amount + 1",
    ),
}
"""For every rule, statements of which each one breaks it."""
