"""Credit transfers as the file that a bank takes them from: SEPA's pain.001.001.09, written by sepaxml and checked.

sepaxml gives each file ids of its own and the time of writing; here they are the batch's, so that the same batch is
always the same bytes, and a bank that is given it twice knows it. What sepaxml lets through is checked first: an IBAN
with wrong check digits, an id that is too long, a name with nothing left once it is in Latin letters.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import as_file, files
from itertools import chain
from typing import Final, TypeAlias

from lxml import etree
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from sepaxml import SepaTransfer

SCHEMA: Final = "pain.001.001.09"
MOST_ORDERS = 10_000
LARGEST_AMOUNT = 99_999_999_999
"""999,999,999.99 euro, which no credit transfer may exceed (EPC115-06, AT-T002)."""

_Element: TypeAlias = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - lxml has no other name for it

_NAMESPACE: Final = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"
_ID = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,35}")
_FOREIGN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
"""What is not in the character set that every bank of SEPA takes (EPC217-08)."""

_NO_BIC = "NOTPROVIDED"
_LOOKED_AT = 1_000
"""Of a text, in characters: more of it than can be left of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CreditTransferOrder:
    """One payment to be made: `amount` in minor units of `currency`, which SEPA takes in EUR only.

    The creditor gets the money. The BIC may be empty; the remittance text too, and only its first 140 characters go.
    """

    end_to_end_id: str
    amount: int
    currency: str
    creditor_name: str
    creditor_iban: str
    creditor_bic: str
    remittance: str


@dataclass(frozen=True, slots=True)
class CreditTransferBatch:
    """Payments out of one account on one day. `created` is in microseconds since 1970 UTC.

    `message_id` is how the bank tells a file that it was given already; it must be new for every other batch.
    """

    message_id: str
    debtor_name: str
    debtor_iban: str
    debtor_bic: str
    execution_on: date
    created: int
    orders: tuple[CreditTransferOrder, ...]


class CreditTransferNotPossible(Exception):
    """A batch that no bank could carry out, with the end-to-end id of the order that is to blame, if it is one."""

    def __init__(self, reason: str, end_to_end_id: str = "") -> None:
        super().__init__(f"{end_to_end_id}: {reason}" if end_to_end_id else reason)
        self.reason = reason
        self.end_to_end_id = end_to_end_id


def write_credit_transfers(batch: CreditTransferBatch) -> bytes:
    """The batch as a document of pain.001.001.09 that its XML schema holds for valid; all of it or nothing.

    Texts are put into SEPA's character set, and cut to 70 (names) and 140 characters. Raises CreditTransferNotPossible.
    """
    _check(batch)
    written = _transfer(batch).export(validate=False)
    document = etree.fromstring(written, etree.XMLParser(resolve_entities=False, no_network=True))
    _make_ours(document, batch)
    if not _schema().validate(document):
        raise CreditTransferNotPossible("the document is not valid by its schema")
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def _check(batch: CreditTransferBatch) -> None:
    if not 1 <= len(batch.orders) <= MOST_ORDERS:
        raise CreditTransferNotPossible(f"a batch has 1 to {MOST_ORDERS} orders")
    if (
        not _ID.fullmatch(batch.message_id)
        or batch.message_id.strip("/ ") != batch.message_id
        or "//" in batch.message_id
    ):
        raise CreditTransferNotPossible("the message id is not 1 to 35 characters of SEPA's, without slashes around")
    _check_account(batch.debtor_iban, batch.debtor_bic, "")
    seen: set[str] = set()
    for order in batch.orders:
        told = order.end_to_end_id
        if not _ID.fullmatch(told) or told.strip() != told:
            raise CreditTransferNotPossible("an end-to-end id is not 1 to 35 characters of SEPA's")
        if told in seen:
            raise CreditTransferNotPossible("two orders have this end-to-end id", told)
        seen.add(told)
        if order.currency != "EUR":
            raise CreditTransferNotPossible("SEPA takes credit transfers in EUR only", told)
        if not 1 <= order.amount <= LARGEST_AMOUNT:
            raise CreditTransferNotPossible(f"the amount is not 1 to {LARGEST_AMOUNT} cents", told)
        _check_account(order.creditor_iban, order.creditor_bic, told)


def _check_account(iban: str, bic: str, end_to_end_id: str) -> None:
    try:
        IBAN(iban)
    except SchwiftyException:
        raise CreditTransferNotPossible("the IBAN is not valid", end_to_end_id) from None
    if bic:
        try:
            BIC(bic)
        except SchwiftyException:
            raise CreditTransferNotPossible("the BIC is not valid", end_to_end_id) from None


def _transfer(batch: CreditTransferBatch) -> SepaTransfer:
    debtor = {
        "name": _printable(batch.debtor_name),
        "IBAN": IBAN(batch.debtor_iban).compact,
        "batch": True,
        "currency": "EUR",
    }
    if batch.debtor_bic:
        debtor["BIC"] = BIC(batch.debtor_bic).compact
    transfer = SepaTransfer(debtor, schema=SCHEMA, clean=True)
    for order in batch.orders:
        payment = {
            "name": _printable(order.creditor_name),
            "IBAN": IBAN(order.creditor_iban).compact,
            "amount": order.amount,
            "execution_date": batch.execution_on,
            "description": _printable(order.remittance),
            "endtoend_id": order.end_to_end_id,
        }
        if order.creditor_bic:
            payment["BIC"] = BIC(order.creditor_bic).compact
        transfer.add_payment(payment)
    return transfer


def _make_ours(document: _Element, batch: CreditTransferBatch) -> None:
    """Puts the batch's ids and time in place of sepaxml's, and what SEPA asks for where it leaves an element empty."""
    created = (_EPOCH + timedelta(microseconds=batch.created)).replace(microsecond=0)
    for path, text in (
        ("GrpHdr/MsgId", batch.message_id),
        ("GrpHdr/CreDtTm", created.isoformat().replace("+00:00", "Z")),
        ("PmtInf/PmtInfId", batch.message_id),
    ):
        for element in _all(document, f"CstmrCdtTrfInitn/{path}"):
            element.text = text
    _name_parties(document, batch)
    for booking in _all(document, ".//PmtInf/BtchBookg"):
        booking.text = "false"  # one entry for each, so that a statement tells them apart by their end-to-end ids
    for agent in chain(_all(document, ".//DbtrAgt/FinInstnId"), _all(document, ".//CdtrAgt/FinInstnId")):
        if len(agent) == 0:
            other = etree.SubElement(agent, f"{_NAMESPACE}Othr")
            etree.SubElement(other, f"{_NAMESPACE}Id").text = _NO_BIC
    for text in list(_all(document, ".//RmtInf/Ustrd")):
        text.text = _in_sepa(text.text or "")
        if not text.text:
            _remove(text.getparent())


def _name_parties(document: _Element, batch: CreditTransferBatch) -> None:
    ids = iter(order.end_to_end_id for order in batch.orders)
    for path, is_order in ((".//InitgPty/Nm", False), (".//Dbtr/Nm", False), (".//Cdtr/Nm", True)):
        for name in _all(document, path):
            end_to_end_id = next(ids) if is_order else ""
            name.text = _in_sepa(name.text or "")
            if not name.text:
                raise CreditTransferNotPossible("the name has no letter that SEPA takes", end_to_end_id)


def _printable(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:_LOOKED_AT])


def _in_sepa(text: str) -> str:
    """The text, already in ASCII, in SEPA's character set."""
    return " ".join(_FOREIGN.sub(" ", text.replace("&", "+").replace("_", "-")).split())


def _all(document: _Element, path: str) -> list[_Element]:
    steps = "/".join(step if step in ("", ".") else f"{_NAMESPACE}{step}" for step in path.split("/"))
    return list(document.iterfind(steps))


def _remove(element: _Element | None) -> None:
    above = element.getparent() if element is not None else None
    if element is not None and above is not None:
        above.remove(element)


@cache
def _schema() -> etree.XMLSchema:
    """ISO 20022's own, as it lies in sepaxml."""
    with as_file(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd") as path:
        return etree.XMLSchema(file=str(path))
