"""Statements as a pretended bank writes them: camt.053 with one entry."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from tillway.domain.money import Money, exponent


@dataclass(frozen=True, slots=True)
class PretendedEntry:
    """Money that came to an account: `name` is the bank's own reference, which no other entry has.

    `end_to_end` and `reference` are what the payer's bank passed on; symbols are written into the text.
    """

    name: str
    account: str
    money: Money
    at: int
    end_to_end: str = ""
    reference: str = ""
    symbols: tuple[tuple[str, str], ...] = ()


def written(entry: PretendedEntry) -> bytes:
    """The statement that shows it."""
    currency = entry.money.currency
    return _STATEMENT.format(
        name=escape(entry.name),
        account=escape(entry.account),
        currency=escape(currency),
        amount=f"{Decimal(entry.money.minor).scaleb(-exponent(currency)):f}",
        day=datetime.fromtimestamp(entry.at // 1_000_000, UTC).date().isoformat(),
        end_to_end=escape(entry.end_to_end or "NOTPROVIDED"),
        remittance=_remittance(entry),
    ).encode()


def _remittance(entry: PretendedEntry) -> str:
    if entry.reference:
        return f"<Strd><CdtrRefInf><Ref>{escape(entry.reference)}</Ref></CdtrRefInf></Strd>"
    text = "".join(f"/{kind}{digits}" for kind, digits in entry.symbols if digits)
    return f"<Ustrd>{escape(text)}</Ustrd>" if text else ""


_STATEMENT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>{name}</Id>'
    "<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
    '<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{name}</AcctSvcrRef>"
    "<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RmtInf>{remittance}</RmtInf></TxDtls>"
    "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
)
