"""Damage to the books as SQL statements: for every rule of the proof, some that each break it."""

from collections.abc import Mapping

from tillway.domain.proof import Rule

_BOOKED = "(SELECT id FROM payments WHERE state = 'BOOKED' AND refunded = 0 ORDER BY id LIMIT 1)"
_REFUNDED = "(SELECT min(id) FROM payments WHERE refunded > 0)"
_LAST_REFUNDED = "(SELECT max(payment_id) FROM refunds)"
_HELD = "(SELECT payment_id FROM attempts WHERE state = 'HELD')"
_DECLINED = "(SELECT payment_id FROM attempts WHERE state = 'DECLINED' AND method = 'gift_card')"
_LATE = "(SELECT payment_id FROM attempts WHERE state = 'LATE')"
_MIXED = "(SELECT payment_id FROM attempts WHERE method = 'card' AND number = 2)"
_ANY_CARD = "(SELECT id FROM gift_cards ORDER BY id LIMIT 1)"
_NEW = "'01999999-0000-7000-8000-000000000001'"
_ELSEWHERE = "'01999999-0000-7000-8000-000000000000'"


def copied_transfer(kind: str, **changes: str) -> str:
    """A statement that adds a transfer like the first one of a kind, but for the changes."""
    columns = ("kind", "amount", "currency", "source", "target", "payment_id", "attempt", "refund", "at")
    values = ", ".join(changes.get(column, column) for column in columns)
    return (
        f"INSERT INTO transfers (id, {', '.join(columns)}) SELECT {changes.get('id', _NEW)}, {values} "
        f"FROM transfers WHERE kind = '{kind}' ORDER BY id LIMIT 1"
    )


PLANTS: Mapping[Rule, tuple[str, ...]] = {
    Rule.TRANSFER_AMOUNT: (
        "UPDATE transfers SET amount = -amount WHERE kind = 'spend'",
        "UPDATE transfers SET amount = 0 WHERE kind = 'issue'",
    ),
    Rule.TRANSFER_ACCOUNTS: ("UPDATE transfers SET target = source WHERE kind = 'hold'",),
    Rule.TRANSFER_CURRENCY: (
        "UPDATE transfers SET currency = 'SEK' WHERE kind = 'spend'",
        "UPDATE transfers SET source = replace(source, ':NOK', ':SEK') WHERE kind = 'issue'",
        "UPDATE transfers SET source = replace(source, ':NOK', ':SEK') WHERE kind = 'receive'",
    ),
    Rule.TRANSFER_KIND: (
        "UPDATE transfers SET kind = 'hold' WHERE kind = 'spend'",
        "UPDATE transfers SET kind = 'gift' WHERE kind = 'spend'",
        f"UPDATE transfers SET target = 'held:' || {_ANY_CARD} || '2:NOK' WHERE kind = 'hold'",
        "UPDATE transfers SET kind = 'receive' WHERE kind = 'receive_late'",
        "UPDATE transfers SET kind = 'receive_late' WHERE kind = 'receive'",
        "UPDATE transfers SET kind = 'receive_late' WHERE kind = 'return_late'",
        "UPDATE transfers SET kind = 'refund' WHERE kind = 'return_late'",
    ),
    Rule.TRANSFER_ORPHAN: (
        copied_transfer("spend", attempt="999"),
        copied_transfer("spend", payment_id=_ELSEWHERE),
        copied_transfer("spend", payment_id="''", attempt="0"),
        copied_transfer("issue", payment_id=_BOOKED, attempt="1"),
        f"DELETE FROM attempts WHERE payment_id = {_BOOKED}",
        copied_transfer("receive", attempt="999"),
        "DELETE FROM attempts WHERE state = 'LATE'",
    ),
    Rule.TRANSFER_OWNER: (
        "UPDATE transfers SET source = 'receivable:another:NOK' WHERE kind = 'receive'",
        "UPDATE transfers SET target = 'late:another:NOK' WHERE kind = 'receive_late'",
        "UPDATE transfers SET source = 'late:another:NOK' WHERE kind = 'return_late'",
        "UPDATE attempts SET connector = 'issuer' WHERE connector = 'far'",
        (
            "UPDATE transfers SET target = 'receivable:simulator:NOK' "
            "WHERE kind = 'refund' AND source LIKE 'transit:%' AND target LIKE 'card:%'"
        ),
        (
            f"UPDATE transfers SET target = 'card:' || {_ANY_CARD} || ':NOK' "
            "WHERE kind = 'refund' AND target LIKE 'receivable:%'"
        ),
        "UPDATE transfers SET target = 'payable:another:NOK' WHERE kind = 'spend'",
        "UPDATE transfers SET source = 'card:another:NOK' WHERE kind = 'spend'",
        "UPDATE orders SET merchant_id = 'another'",
    ),
    Rule.CARD_BALANCE: (
        f"UPDATE gift_cards SET balance = balance + 1 WHERE id = {_ANY_CARD}",
        "UPDATE gift_cards SET held = held - 1 WHERE held > 0",
        f"DELETE FROM gift_cards WHERE id = {_ANY_CARD}",
        f"UPDATE gift_cards SET currency = 'SEK' WHERE id = {_ANY_CARD}",
        "DELETE FROM transfers WHERE kind = 'issue'",
        copied_transfer("issue"),
    ),
    Rule.CARD_ISSUER: (
        f"UPDATE gift_cards SET issuer_id = 'nobody' WHERE id = {_ANY_CARD}",
        "UPDATE issuers SET currency = 'SEK'",
    ),
    Rule.ATTEMPT_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'spend'",
        "DELETE FROM transfers WHERE kind = 'void'",
        "DELETE FROM transfers WHERE kind = 'hold'",
        copied_transfer("spend"),
        copied_transfer("capture"),
        "UPDATE transfers SET amount = amount - 1 WHERE kind = 'spend'",
        "UPDATE attempts SET amount = amount + 1 WHERE state = 'HELD'",
        "UPDATE attempts SET state = 'PAID' WHERE state = 'HELD'",
        "UPDATE attempts SET state = 'HELD' WHERE state = 'PAID'",
        "UPDATE attempts SET state = 'DECLINED' WHERE state = 'OPEN'",
        "UPDATE attempts SET state = 'OPEN' WHERE state = 'WITHDRAWN'",
        "UPDATE attempts SET state = 'LOST' WHERE state = 'OPEN'",
        "UPDATE transfers SET refund = 0, kind = 'hold' WHERE kind = 'refund'",
        "DELETE FROM transfers WHERE kind = 'receive'",
        "DELETE FROM transfers WHERE kind = 'receive_late'",
        "DELETE FROM transfers WHERE kind = 'return_late'",
        copied_transfer("receive"),
        copied_transfer("receive_late"),
        copied_transfer("return_late"),
        "UPDATE transfers SET amount = amount - 1 WHERE kind = 'receive'",
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'return_late'",
        "UPDATE attempts SET state = 'RETURNED' WHERE state = 'LATE'",
        "UPDATE attempts SET state = 'LATE' WHERE state = 'RETURNED'",
        "UPDATE attempts SET state = 'PAID' WHERE state = 'LATE'",
        "UPDATE attempts SET state = 'DECLINED' WHERE state = 'LATE'",
        "UPDATE attempts SET state = 'PAID' WHERE state = 'OPEN' AND method = 'card'",
        "UPDATE attempts SET state = 'LATE' WHERE state = 'REVERSING' AND method = 'card'",
        "UPDATE attempts SET state = 'HELD' WHERE state = 'PAID' AND method = 'card'",
        "UPDATE attempts SET method = 'gift_card' WHERE state = 'PAID' AND method = 'card'",
        "UPDATE attempts SET method = 'card' WHERE state = 'PAID' AND method = 'gift_card'",
    ),
    Rule.REFUND_TRANSFERS: (
        "DELETE FROM transfers WHERE kind = 'refund'",
        copied_transfer("refund"),
        "UPDATE transfers SET amount = amount + 1 WHERE kind = 'refund'",
        "UPDATE transfers SET refund = refund + 1 WHERE kind = 'refund'",
        "UPDATE refund_parts SET state = 'PROCESSING'",
        "UPDATE refund_parts SET state = 'FAILED'",
        "UPDATE refund_parts SET connector = 'simulator'",
        "DELETE FROM transfers WHERE kind = 'refund_sent'",
        "UPDATE transfers SET refund = 1 WHERE kind = 'spend'",
        "DELETE FROM transfers WHERE kind = 'refund' AND target LIKE 'receivable:%'",
        "DELETE FROM transfers WHERE kind = 'refund_failed'",
        "UPDATE refund_parts SET state = 'BOOKED' WHERE state = 'PROCESSING'",
        "UPDATE refund_parts SET state = 'BOOKED' WHERE state = 'FAILED'",
        "UPDATE transfers SET refund = 1 WHERE kind = 'receive_late'",
    ),
    Rule.REFUND_PARTS: (
        "UPDATE refunds SET amount = amount + 1",
        "UPDATE refunds SET state = 'PROCESSING'",
        "DELETE FROM refund_parts",
        "UPDATE refunds SET state = 'BOOKED' WHERE state = 'FAILED'",
    ),
    Rule.PAYMENT_PAID: (
        f"UPDATE payments SET paid = paid - 1 WHERE id = {_BOOKED}",
        f"UPDATE payments SET paid = 0 WHERE id = {_HELD}",
        "UPDATE payments SET paid = 1 WHERE state = 'CREATED'",
        f"UPDATE payments SET paid = 1 WHERE id = {_LATE}",
    ),
    Rule.PAYMENT_REFUNDED: (
        "UPDATE payments SET refunded = refunded + 1 WHERE state = 'BOOKED'",
        "UPDATE attempts SET refunded = refunded - 1 WHERE refunded > 0",
        "UPDATE refund_parts SET amount = amount + 1",
        f"UPDATE attempts SET refunded = CASE number WHEN 1 THEN 10 ELSE refunded - 10 END WHERE payment_id = {_MIXED}",
        f"UPDATE refund_parts SET attempt = 1 WHERE payment_id = {_MIXED}",
    ),
    Rule.PAYMENT_ENDED: (
        f"UPDATE payments SET state = 'EXPIRED' WHERE id = {_BOOKED}",
        f"UPDATE payments SET state = 'BOOKED' WHERE id = {_HELD}",
    ),
    Rule.PAYMENT_COUNTS: (
        f"UPDATE payments SET attempt_count = attempt_count + 1 WHERE id = {_BOOKED}",
        "UPDATE payments SET refund_count = 0",
        f"UPDATE attempts SET number = number + 1 WHERE payment_id = {_HELD}",
    ),
    Rule.PAYMENT_ORPHAN: (
        f"DELETE FROM payments WHERE id = {_BOOKED}",
        f"DELETE FROM payments WHERE id = {_REFUNDED}",
        f"UPDATE attempts SET payment_id = {_NEW} WHERE payment_id = {_DECLINED}",
        f"UPDATE refunds SET payment_id = {_NEW} WHERE payment_id = {_LAST_REFUNDED}",
        "DELETE FROM refunds",
        f"DELETE FROM attempts WHERE payment_id = {_REFUNDED}",
    ),
    Rule.ORDER_PAYMENTS: (
        "DELETE FROM orders WHERE payment_count = 1",
        "UPDATE orders SET payment_count = 2",
        f"DELETE FROM payments WHERE id = {_BOOKED}",
        f"UPDATE payments SET currency = 'SEK' WHERE id = {_BOOKED}",
    ),
    Rule.ORDER_OWNER: ("UPDATE orders SET client_id = 'nobody'", "UPDATE clients SET merchant_id = 'another'"),
    Rule.PAYMENT_STATE: (
        f"UPDATE payments SET state = 'CONFIRMED' WHERE id = {_BOOKED}",
        "UPDATE payments SET state = 'SEEN' WHERE state = 'CREATED'",
        "DELETE FROM transitions WHERE target = 'BOOKED'",
    ),
    Rule.TRANSITION_CHAIN: (
        "UPDATE transitions SET source = 'CONFIRMED' WHERE target = 'BOOKED'",
        "UPDATE transitions SET source = 'FAILED' WHERE number = 1",
        (
            f"INSERT INTO transitions SELECT subject, number + 100, target, 'SEEN', at FROM transitions "
            f"WHERE subject = {_BOOKED}"
        ),
    ),
    Rule.TRANSITION_ORPHAN: (
        f"UPDATE transitions SET subject = {_NEW} WHERE subject = {_BOOKED}",
        "INSERT INTO transitions SELECT id, 7, 'BOOKED', 'FAILED', 1 FROM refunds",
        f"DELETE FROM payments WHERE id = {_BOOKED}",
    ),
    Rule.SUCCESS_LOGGED: (
        "DELETE FROM events WHERE kind = 'payment.succeeded'",
        (
            f"INSERT INTO events SELECT {_NEW}, kind, client_id, payment_id, sequence, event, at FROM events "
            f"WHERE payment_id = {_BOOKED} AND kind = 'payment.succeeded'"
        ),
        f"UPDATE events SET kind = 'payment.succeeded' WHERE payment_id = {_HELD}",
        "UPDATE events SET kind = 'payment.succeeded' WHERE kind = 'payment.late_money_received'",
    ),
    Rule.NOTICE_EVENT: (
        "DELETE FROM events WHERE kind = 'payment.succeeded'",
        f"UPDATE notices SET event_id = {_NEW}",
    ),
    Rule.DAILY_BALANCE: (
        "UPDATE daily_balances SET balance = balance + 1 WHERE account LIKE 'payable:%'",
        "DELETE FROM daily_balances WHERE account LIKE 'payable:%'",
        "UPDATE daily_balances SET balance = balance + 1 WHERE account LIKE 'receivable:%'",
        "DELETE FROM daily_balances WHERE account LIKE 'late:%'",
        "INSERT INTO daily_balances SELECT 'transit:x:NOK', day, 1 FROM daily_balances WHERE account = ''",
        copied_transfer("spend"),
    ),
}
"""For every rule, statements of which each one breaks it."""
