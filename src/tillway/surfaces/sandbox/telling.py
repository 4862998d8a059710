"""The sandbox's helper call that plays a bank: it writes a statement that shows a payment, and has it taken in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Annotated, Any, Final
from xml.sax.saxutils import escape

from pydantic import BaseModel, ConfigDict, Field

from tillway.commands.statement_files import FileRefused, StatementTaken, TakesFilesIn
from tillway.commands.tools import Tools
from tillway.domain.clients import Surface
from tillway.domain.end_to_end import payment_name
from tillway.domain.ids import is_outgoing
from tillway.domain.money import LARGEST_MINOR, exponent
from tillway.domain.payment_orders import Instruction
from tillway.domain.refusals import PaymentUnknown
from tillway.queries import payments
from tillway.queries.payment_orders import PaymentOrders
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.fields import PositiveNumber
from tillway.surfaces.sandbox.helpers import PREFIX, HelperRefused

PATH: Final = f"{PREFIX}/statements"
_LONGEST_ID: Final = 36
_EXAMPLE: Final = "01a1f993-28bf-7e78-a3b3-e32d35a8e001"


class StatementRequest(BaseModel):
    """Which payment the bank is to show, and how much of it came."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, use_attribute_docstrings=True)

    paymentId: Annotated[str, Field(max_length=_LONGEST_ID, examples=[_EXAMPLE])]  # noqa: N815
    amount: Annotated[PositiveNumber | None, Field(examples=[10.23])] = None
    """In the major unit; all of the payment unless it is given."""


class StatementTold(BaseModel):
    """How the payment stands after it, in the gateway's own words (docs/states.md), and what became of the entry."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    paymentId: str  # noqa: N815
    state: str
    paid: int
    """In minor units."""
    orderStatus: str  # noqa: N815
    matched: int
    """1, if the entry belongs to the payment or was kept."""
    waiting: int
    """1, if a person has to decide about the entry, or about what is left of it."""


@dataclass(frozen=True, slots=True)
class BankTeller:
    """The handler; `takes_in` reads and books what it writes, as any other file."""

    tools: Tools
    orders: PaymentOrders
    takes_in: TakesFilesIn

    async def tell(self, call: Call[StatementRequest, None]) -> Reply:
        """Have the payment shown by a statement of the account that it is to be paid to."""
        standing = await payments.standing(self.tools.store, call.body.paymentId)
        payment = standing.payment
        if standing.order.surface is not Surface.ORDER or is_outgoing(payment.id):
            raise HelperRefused("Only the payments of payment orders are shown by statements here.")
        told = (await self.orders.standing(standing.order.id)).instruction_of(payment.id)
        amount = payment.amount if call.body.amount is None else _minor(call.body.amount, payment.currency)
        taken: list[StatementTaken] = []
        try:
            file = BytesIO(self._written(told, amount))
            await self.takes_in(self.tools, file, standing.order.merchant_id, "", taken.append)
        except FileRefused as refused:
            raise HelperRefused(str(refused)) from None
        (one,) = taken
        after = await self.orders.standing(standing.order.id)
        (paid,) = (each for each in after.payments if each.id == payment.id)
        return Reply.json(
            200,
            {
                "paymentId": paid.id,
                "state": paid.state,
                "paid": paid.paid,
                "orderStatus": after.terms.status,
                "matched": one.counts.matched,
                "waiting": one.counts.review,
            },
        )

    def _written(self, told: Instruction, amount: int) -> bytes:
        """A statement of one entry, with a reference of the bank's own that no other entry has."""
        stamp = self.tools.stamp()
        day = datetime.fromtimestamp(stamp.now // 1_000_000, UTC).date().isoformat()
        major = f"{Decimal(amount).scaleb(-exponent(told.currency)):f}"
        name = stamp.unique.replace("-", "")
        return _STATEMENT.format(
            name=name,
            account=told.creditor_iban,
            currency=told.currency,
            amount=major,
            day=day,
            end_to_end=payment_name(told.payment_id),
            reference=_reference(told),
        ).encode()


def endpoint(teller: BankTeller) -> Endpoint[Any, Any]:
    """The entry for the table of helper calls."""
    return Endpoint(
        name="tellStatement",
        method="POST",
        path=PATH,
        summary="Have the bank's statement show a payment",
        description="Writes a camt.053 with one entry for a payment of a payment order, as after the payer's transfer, "
        "and takes it in as `tillway statements import` does. Part of the amount, or more than it, is handled as the "
        "merchant's policy says: unless one is set, a person decides. Every call is further money.",
        handler=teller.tell,
        request=StatementRequest,
        answer=StatementTold,
        refusals=(PaymentUnknown, HelperRefused),
        public=True,
    )


def _minor(amount: Decimal, currency: str) -> int:
    scaled = amount.scaleb(exponent(currency)) if amount.adjusted() <= _MOST_DIGITS else Decimal(LARGEST_MINOR + 1)
    if scaled > LARGEST_MINOR:
        raise HelperRefused("The amount is too large.")
    if scaled != scaled.to_integral_value():
        raise HelperRefused(f"The amount has more decimals than {currency}.")
    return int(scaled)


def _reference(told: Instruction) -> str:
    if told.reference:
        return f"<Strd><CdtrRefInf><Ref>{escape(told.reference)}</Ref></CdtrRefInf></Strd>"
    symbols = (("VS", told.variable_symbol), ("SS", told.specific_symbol), ("KS", told.constant_symbol))
    written = "".join(f"/{kind}{digits}" for kind, digits in symbols if digits)
    return f"<Ustrd>{escape(written)}</Ustrd>" if written else ""


_MOST_DIGITS: Final = 12
_STATEMENT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>{name}</Id>'
    "<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>"
    '<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{name}</AcctSvcrRef>"
    "<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RmtInf>{reference}</RmtInf></TxDtls>"
    "</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
)
