"""The sandbox's helper call that plays a bank: it writes a statement that shows a payment, and has it taken in."""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from tillway.commands.statement_files import FileRefused, StatementTaken, TakesFilesIn
from tillway.commands.tools import Tools
from tillway.domain.clients import Surface
from tillway.domain.end_to_end import payment_name
from tillway.domain.ids import is_outgoing
from tillway.domain.money import LARGEST_MINOR, Money, exponent
from tillway.domain.payment_orders import Instruction
from tillway.domain.refusals import PaymentUnknown
from tillway.queries import payments
from tillway.queries.payment_orders import PaymentOrders
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.fields import PositiveNumber
from tillway.surfaces.sandbox.helpers import PREFIX, HelperRefused
from tillway.surfaces.sandbox.pretended_statements import PretendedEntry, written

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
        stamp = self.tools.stamp()
        entry = PretendedEntry(
            stamp.unique.replace("-", ""),
            told.creditor_iban,
            Money(amount, told.currency),
            stamp.now,
            payment_name(told.payment_id),
            told.reference,
            (("VS", told.variable_symbol), ("SS", told.specific_symbol), ("KS", told.constant_symbol)),
        )
        return written(entry)


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


_MOST_DIGITS: Final = 12
