"""The rules on what banks have told in statements and what became of it, each as a search through all of it."""

from sqlalchemy import ColumnElement, SelectBase, and_, case, func, not_, or_, select, union_all

from tillway.domain.ledger import OF_ENTRIES, TransferKind
from tillway.domain.proof import Rule
from tillway.domain.statements import EntryState
from tillway.store import schema
from tillway.store.expressions import amount_if, finding, number, said, total, word

_TRANSFERS, _ENTRIES = schema.transfers.c, schema.entries.c


def transfers_and_their_entries() -> SelectBase:
    """A transfer of an entry has its entry, and touches only its account and its merchant."""
    row, entry = _TRANSFERS, _ENTRIES
    owned = schema.transfers.outerjoin(schema.entries, entry.id == row.payment_id)
    own = tuple(
        word(kind).concat(owner).concat(word(":")).concat(entry.currency)
        for kind, owner in (
            ("account:", entry.account),
            ("unmatched:", entry.merchant_id),
            ("payable:", entry.merchant_id),
        )
    )
    foreign = or_(row.source.not_in(own), row.target.not_in(own))
    rule = case((entry.id.is_(None), word(Rule.TRANSFER_ORPHAN)), else_=word(Rule.TRANSFER_OWNER))
    detail = said(
        "{} of {} {} from {} to {}, entry {}", row.kind, row.amount, row.currency, row.source, row.target, entry.id
    )
    return (
        select(rule.label("rule"), row.id.label("subject"), detail.label("detail"))
        .select_from(owned)
        .where(row.kind.in_(sorted(OF_ENTRIES)), or_(entry.id.is_(None), foreign))
    )


def entries_and_their_transfers() -> SelectBase:
    """An entry is booked once in its direction, and as much is kept of it as it says."""
    row, entry = _TRANSFERS, _ENTRIES
    rows = union_all(
        select(
            row.payment_id.label("subject"),
            amount_if(row.kind == TransferKind.STATEMENT_IN, row.amount).label("came"),
            amount_if(row.kind == TransferKind.STATEMENT_OUT, row.amount).label("went"),
            amount_if(and_(row.kind == TransferKind.KEEP, _from_unmatched()), row.amount).label("kept"),
            amount_if(and_(row.kind == TransferKind.KEEP, not_(_from_unmatched())), row.amount).label("borne"),
            *(number(0).label(name) for name in ("credit", "debit", "kept_credit", "kept_debit")),
        ).where(row.kind.in_(sorted(OF_ENTRIES))),
        select(
            entry.id,
            *(number(0) for _ in range(4)),
            *(amount_if(entry.is_credit == value, amount) for amount in (entry.amount, entry.kept) for value in (1, 0)),
        ),
    ).subquery()
    names = ("came", "went", "kept", "borne")
    stated = ("credit", "debit", "kept_credit", "kept_debit")
    of = (
        select(rows.c.subject, *(total(rows.c[name]).label(name) for name in (*names, *stated)))
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    pairs = tuple(zip(names, stated, strict=True))
    detail = said(
        "came {} of {}, went {} of {}, kept {} of {}, borne {} of {}", *(of[name] for pair in pairs for name in pair)
    )
    return select(*finding(Rule.ENTRY_TRANSFERS, of.subject, detail)).where(
        or_(*(of[moved] != of[said_] for moved, said_ in pairs))
    )


def _from_unmatched() -> ColumnElement[bool]:
    return func.substr(_TRANSFERS.source, number(1), number(10)) == word("unmatched:")


def attempts_and_their_entries() -> SelectBase:
    """What was settled of an attempt is what one entry says it settled, in the entry's direction."""
    row, entry = _TRANSFERS, _ENTRIES
    rows = union_all(
        select(
            row.payment_id.label("payment_id"),
            row.attempt.label("attempt"),
            case((_from_unmatched(), row.amount), else_=-row.amount).label("moved"),
            number(0).label("stated"),
            number(1).label("transfers"),
            number(0).label("entries"),
        ).where(row.kind == TransferKind.SETTLE),
        select(
            entry.payment_id,
            entry.attempt,
            number(0),
            case((entry.is_credit == 1, entry.settled), else_=-entry.settled),
            number(0),
            number(1),
        ).where(or_(entry.attempt != 0, entry.settled != 0)),
    ).subquery()
    of = (
        select(
            rows.c.payment_id,
            rows.c.attempt,
            *(total(rows.c[name]).label(name) for name in ("moved", "stated", "transfers", "entries")),
        )
        .group_by(rows.c.payment_id, rows.c.attempt)
        .subquery()
        .c
    )
    subject = said("{} attempt {}", of.payment_id, of.attempt)
    detail = said("{} entries say {}, {} transfers say {}", of.entries, of.stated, of.transfers, of.moved)
    return select(*finding(Rule.ENTRY_TRANSFERS, subject, detail)).where(
        or_(of.moved != of.stated, of.transfers != 1, of.entries != 1)
    )


def entries_alone() -> SelectBase:
    """What is left of an entry fits its state; money that goes back had come, and a return is a debit."""
    entry = _ENTRIES
    left = entry.amount - entry.settled - entry.kept
    returning = and_(left > 0, entry.is_credit == 1)
    fits = case(
        (
            entry.returns != word(""),
            and_(entry.state == EntryState.MATCHED, left == entry.amount, entry.is_credit == 0),
        ),
        (entry.state == EntryState.MATCHED, left == 0),
        (entry.state == EntryState.UNMATCHED, left == entry.amount),
        (entry.state.in_((EntryState.RETURNING, EntryState.RETURNED)), returning),
        else_=left > 0,
    )
    sound = and_(fits, (entry.settled > 0) == (entry.attempt > 0))
    detail = said("{} with {} left of {}, returns {}", entry.state, left, entry.amount, entry.returns)
    return select(*finding(Rule.ENTRY_STATE, entry.id, detail)).where(not_(sound))


def returns_and_their_entries() -> SelectBase:
    """Each returned entry, and no other, has one debit that gave back what was left of it."""
    entry = _ENTRIES
    rows = union_all(
        select(
            entry.returns.label("subject"),
            number(1).label("debits"),
            number(0).label("returned"),
            entry.amount.label("went"),
            number(0).label("due"),
        ).where(entry.returns != word("")),
        select(entry.id, number(0), number(1), number(0), entry.amount - entry.settled - entry.kept).where(
            entry.state == EntryState.RETURNED
        ),
    ).subquery()
    names = ("debits", "returned", "went", "due")
    of = (
        select(rows.c.subject, *(total(rows.c[name]).label(name) for name in names))
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    detail = said("{} debits of {} for {} entries with {} due", of.debits, of.went, of.returned, of.due)
    return select(*finding(Rule.ENTRY_RETURN, of.subject, detail)).where(
        or_(of.debits != 1, of.returned != 1, of.went != of.due)
    )


def batches_and_their_lines() -> SelectBase:
    """Every batch has its lines, numbered from 1, and they add up to its amount."""
    batches, lines = schema.batches.c, schema.batch_lines.c
    rows = union_all(
        select(
            batches.id.label("subject"),
            number(1).label("batches"),
            batches.line_count.label("expected"),
            batches.amount.label("stated"),
            *(number(0).label(name) for name in ("lines", "amount", "last")),
        ),
        select(lines.batch_id, number(0), number(0), number(0), number(1), lines.amount, lines.number),
    ).subquery()
    names = ("batches", "expected", "stated", "lines", "amount")
    of = (
        select(
            rows.c.subject,
            *(total(rows.c[name]).label(name) for name in names),
            func.max(rows.c.last).label("last"),
        )
        .group_by(rows.c.subject)
        .subquery()
        .c
    )
    detail = said("{} of {} lines up to number {}, {} of {}", of.lines, of.expected, of.last, of.amount, of.stated)
    return select(*finding(Rule.BATCH_LINES, of.subject, detail)).where(
        or_(of.batches != 1, of.lines != of.expected, of.last != of.lines, of.amount != of.stated)
    )


RULES = (
    transfers_and_their_entries,
    entries_and_their_transfers,
    attempts_and_their_entries,
    entries_alone,
    returns_and_their_entries,
    batches_and_their_lines,
)
