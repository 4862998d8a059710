"""The embedded flow of payment orders: a payer is led through a bank's authorisation in the client's own program."""

import ipaddress
from typing import Final

from tillway.commands import banking
from tillway.commands.tools import Tools
from tillway.connectors.protocol import Asked, Journey, Step, StepKind
from tillway.domain.banks import Bank
from tillway.domain.clients import Client
from tillway.domain.payment_orders import OrderStanding
from tillway.domain.payments import WAITING, Payment, PaymentState
from tillway.domain.refusals import BankRefused, BankUnknown, NotInThatState
from tillway.queries.payment_orders import PaymentOrders
from tillway.surfaces.common.call import Call
from tillway.surfaces.common.faults import bad_value
from tillway.surfaces.common.reading import Headers
from tillway.surfaces.order_api.banks import bank_options
from tillway.surfaces.order_api.rendering import success
from tillway.surfaces.order_api.wire import ProcessRequest

SENDER_IP: Final = b"x-ef-sender-ip"
SENDER_AGENT: Final = b"x-ef-sender-user-agent"

MOST_VALUES: Final = 30
LONGEST_VALUE: Final = 500
LONGEST_AGENT: Final = 500

BANK: Final = "senderBankId"
ACCOUNT: Final = "senderIban"
"""What is asked for by us, before a bank asks for anything."""


class Leading:
    """Leads payers, one call after another, until the payment is final; a refund is led as a payment is."""

    def __init__(self, tools: Tools, orders: PaymentOrders) -> None:
        self._tools = tools
        self._orders = orders

    async def lead(
        self, call: Call[ProcessRequest, Client], standing: OrderStanding, payment: Payment, page: str
    ) -> dict[str, object]:
        """The next step of a payment, or of a refund, whose page is at `page`.

        Refuses: BankUnknown, DebtorMissing, BankRefused, NotInThatState.
        """
        values, journey = _values(call.body), _journey(call.headers, standing, payment, page)
        if payment.state in WAITING:
            asked = await self._ask(call.body, standing, payment)
            if asked is not None:
                return _step(payment, Step(StepKind.INPUT, inputs=(asked,)))
            payment, standing = await self._begin(call.body, standing, payment, journey)
        if payment.state is PaymentState.PROCESSING:
            step = await banking.authorise(self._tools, payment.id, values, journey)
            if step is not None:
                return _step(payment, step)
            payment, standing = await self._again(standing, payment)
        if payment.state is PaymentState.FAILED:
            raise BankRefused(standing.instruction_of(payment.id).reason)
        return _step(payment, Step(StepKind.NEXT))

    async def _ask(self, body: ProcessRequest, standing: OrderStanding, payment: Payment) -> Asked | None:
        """What has to be known before the bank is asked."""
        tools, told = self._tools, standing.instruction_of(payment.id)
        bank_id = body.sender_bank_id or told.bank_id
        if not bank_id:
            return Asked(BANK, "SELECT", "Bank", tuple(bank_options(tools.banks, standing.order.country)))
        bank = self._bank(bank_id)
        if not bank.needs_iban or body.sender_iban is not None or told.debtor_iban:
            return None
        await banking.choose(tools, payment.id, bank.id, "")
        return Asked(ACCOUNT, "TEXT", "IBAN")

    async def _begin(
        self, body: ProcessRequest, standing: OrderStanding, payment: Payment, journey: Journey
    ) -> tuple[Payment, OrderStanding]:
        """Have the bank asked; answers how the payment stands then, whoever began it."""
        told = standing.instruction_of(payment.id)
        bank = self._bank(body.sender_bank_id or told.bank_id)
        iban = body.sender_iban or told.debtor_iban
        try:
            await banking.begin(self._tools, payment.id, bank, iban, _key(bank), journey)
        except NotInThatState:
            payment, standing = await self._again(standing, payment)
            if payment.state in WAITING:
                raise
            return payment, standing
        return await self._again(standing, payment)

    def _bank(self, bank_id: str) -> Bank:
        bank = self._tools.banks.find(bank_id)
        if bank is None:
            raise BankUnknown
        return bank

    async def _again(self, standing: OrderStanding, payment: Payment) -> tuple[Payment, OrderStanding]:
        found = await self._orders.standing(standing.order.id)
        return next(one for one in (*found.payments, *found.refunds) if one.id == payment.id), found


def _key(bank: Bank) -> str:
    """The same choice twice, at the same moment even, is one."""
    return f"embedded {bank.id}"


def _values(body: ProcessRequest) -> dict[str, str]:
    """What a bank asked for: whatever else the body has, as far as it is text."""
    extra: dict[str, object] = body.model_extra or {}
    values = {name: value for name, value in extra.items() if isinstance(value, str)}
    if len(values) > MOST_VALUES:
        raise bad_value("", f"should have at most {MOST_VALUES} members")
    for name, value in values.items():
        if len(name) > LONGEST_VALUE or len(value) > LONGEST_VALUE:
            raise bad_value(name[:64], f"should have at most {LONGEST_VALUE} characters")
    return values


def _journey(headers: Headers, standing: OrderStanding, payment: Payment, page: str) -> Journey:
    order, told = standing.order, standing.instruction_of(payment.id)
    return Journey(
        f"{page}/return",
        page,
        told.language,
        order.country,
        order.email,
        told.message,
        _address(headers),
        _agent(headers),
    )


def _address(headers: Headers) -> str:
    text = headers.get(SENDER_IP, b"").decode("latin-1").strip()
    if not text:
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise bad_value(SENDER_IP.decode(), "should be an IP address") from None


def _agent(headers: Headers) -> str:
    """What the payer's browser calls itself, as far as it can stand in a header of ours."""
    text = headers.get(SENDER_AGENT, b"")[:LONGEST_AGENT].decode("ascii", "ignore")
    return text if text.isprintable() else ""


def _step(payment: Payment, step: Step) -> dict[str, object]:
    body: dict[str, object] = {"id": payment.id, "status": payment.state, "type": step.kind}
    if step.url:
        body["redirectUrl"] = step.url
    if step.inputs:
        body["inputSet"] = [_input(asked) for asked in step.inputs]
    if step.description:
        body["description"] = step.description
    return success(body)


def _input(asked: Asked) -> dict[str, object]:
    body: dict[str, object] = {"name": asked.name, "type": asked.kind, "label": asked.label}
    if asked.options:
        body["selectOptions"] = [{"value": value, "label": label} for value, label in asked.options]
    return body
