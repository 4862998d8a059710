"""Statements as banks write them, made up by us, and statements written on the spot."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from tillway.connectors.statements.entries import (
    StatementEnd,
    StatementEntry,
    StatementHead,
    StatementItem,
    StatementUnreadable,
)
from tillway.connectors.statements.reading import open_statement

FOLDER = Path(__file__).parent / "samples"

SLOVAK = "SK3112000000198742637541"
CZECH = "CZ6508000000192000145399"
GERMAN = "DE89370400440532013000"


def items(source: bytes | str, account: str = "") -> list[StatementItem]:
    """Everything a sample, or a document, says."""
    if isinstance(source, str):
        with open_statement(FOLDER / source, account) as statement:
            return list(statement)
    with open_statement(BytesIO(source), account) as statement:
        return list(statement)


def heads(told: Iterable[StatementItem]) -> list[StatementHead]:
    return [one for one in told if isinstance(one, StatementHead)]


def entries(told: Iterable[StatementItem]) -> list[StatementEntry]:
    return [one for one in told if isinstance(one, StatementEntry)]


def ends(told: Iterable[StatementItem]) -> list[StatementEnd]:
    return [one for one in told if isinstance(one, StatementEnd)]


def complaint(source: bytes, account: str = "") -> str:
    """Why a document cannot be read."""
    try:
        items(source, account)
    except StatementUnreadable as refused:
        return str(refused)
    raise AssertionError("the document was read")


def camt(*inside: str, message: str = "camt.053.001.08") -> bytes:
    """A document of one statement in euro."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{message}">'
        f"<BkToCstmrStmt><Stmt><Id>S-1</Id><Acct><Id><IBAN>{SLOVAK}</IBAN></Id><Ccy>EUR</Ccy></Acct>{''.join(inside)}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def balance(kind: str, amount: str, direction: str = "CRDT") -> str:
    """A Bal element."""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-11-27</Dt></Dt></Bal>"
    )


def entry(amount: str = "12.50", details: str = "", currency: str = "EUR", reference: str = "R-1") -> str:
    """A Ntry element that is booked and credited."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-11-27</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def mt940(*lines: str, opening: str = "0,00", closing: str = "12,50") -> bytes:
    """An MT940 statement in euro around some statement lines."""
    head = [":20:S-1", f":25:{SLOVAK}", ":28C:1/1", f":60F:C261126EUR{opening}"]
    return "\r\n".join([*head, *lines, f":62F:C261127EUR{closing}", "-", ""]).encode()
