"""Whatever a bank can say in camt.053 and MT940 comes back out of it as it was."""

from dataclasses import replace
from datetime import date
from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.statements.samples import GERMAN, SLOVAK, camt, ends, entries, items, mt940
from tillway.connectors.statements.entries import StatementEntry
from tillway.domain.money import LARGEST_MINOR

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=35)
ID = st.text("BCDFG0123456789-+.", max_size=35)
SYMBOL = st.from_regex(r"[0-9]{0,9}[1-9]", fullmatch=True) | st.just("")

ENTRY = st.builds(
    StatementEntry,
    account_iban=st.just(SLOVAK),
    currency=st.just("EUR"),
    amount=st.integers(1, LARGEST_MINOR),
    is_credit=st.booleans(),
    booked_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    value_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    bank_reference=ID,
    variable_symbol=SYMBOL,
    specific_symbol=SYMBOL,
    remittance=TEXT.filter(lambda text: not any(kind in text for kind in ("VS", "SS", "KS"))),
    reference=st.just(""),
    counterparty_name=TEXT,
    counterparty_iban=st.sampled_from(["", GERMAN]),
    counterparty_bic=st.sampled_from(["", "COBADEFFXXX"]),
    is_reversal=st.booleans(),
)


def written(entry: StatementEntry, *, is_old: bool) -> str:
    """The entry as a Ntry of .001.02 or of .001.08."""
    party = "Dbtr" if entry.is_credit != entry.is_reversal else "Cdtr"
    name = f"<Nm>{escape(entry.counterparty_name)}</Nm>"
    amount = f'<Amt Ccy="EUR">{entry.amount // 100}.{entry.amount % 100:02}</Amt>'
    bic = f"<BIC>{entry.counterparty_bic}</BIC>" if is_old else f"<BICFI>{entry.counterparty_bic}</BICFI>"
    return (
        f"<Ntry>{amount}<CdtDbtInd>{'CRDT' if entry.is_credit else 'DBIT'}</CdtDbtInd>"
        f"<RvslInd>{'true' if entry.is_reversal else 'false'}</RvslInd>"
        f"{'<Sts>BOOK</Sts>' if is_old else '<Sts><Cd>BOOK</Cd></Sts>'}"
        f"<BookgDt><Dt>{entry.booked_on}</Dt></BookgDt><ValDt><DtTm>{entry.value_on}T01:00:00</DtTm></ValDt>"
        f"<AcctSvcrRef>{entry.bank_reference}</AcctSvcrRef><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{escape(entry.end_to_end_id)}</EndToEndId></Refs>"
        f"<RltdPties><{party}>{name if is_old else f'<Pty>{name}</Pty>'}</{party}>"
        f"<{party}Acct><Id><IBAN>{entry.counterparty_iban}</IBAN></Id></{party}Acct></RltdPties>"
        f"<RltdAgts><{party}Agt><FinInstnId>{bic}</FinInstnId></{party}Agt></RltdAgts>"
        f"<RmtInf><Ustrd>{escape(entry.remittance)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def as_slovak(entry: StatementEntry) -> StatementEntry:
    """The entry with its symbols where Slovak banks write them."""
    return replace(entry, end_to_end_id=f"/VS{entry.variable_symbol}/SS{entry.specific_symbol}/KS")


@given(st.lists(ENTRY, max_size=5), st.booleans())
def test_entries_written_in_camt_are_read_as_they_were(told: list[StatementEntry], is_old: bool) -> None:
    said = [as_slovak(entry) for entry in told]
    document = camt(*(written(entry, is_old=is_old) for entry in said), message=f"camt.053.001.0{2 if is_old else 8}")
    assert entries(items(document)) == said
    assert ends(items(document))[0].entries == len(said)


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans(), ID.filter(bool)), max_size=20))
def test_entries_written_in_mt940_are_read_and_add_up(told: list[tuple[int, bool, str]]) -> None:
    lines = [
        f":61:261127{'C' if gets else 'D'}{amount // 100},{amount % 100:02}NTRFNONREF//{reference[:16]}"
        for amount, gets, reference in told
    ]
    total = sum(amount if gets else -amount for amount, gets, _ in told)
    closing = f"{abs(total) // 100},{abs(total) % 100:02}"
    document = mt940(*lines, closing=closing).replace(b":62F:C", b":62F:C" if total >= 0 else b":62F:D")
    read = [(one.amount, one.is_credit, one.bank_reference) for one in entries(items(document))]
    assert read == [(amount, gets, reference[:16]) for amount, gets, reference in told]
    assert ends(items(document))[0].adds_up
