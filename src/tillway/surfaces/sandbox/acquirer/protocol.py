"""The pretend acquirer's side of the acquirer protocol (docs/connectors.md), as endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tillway.commands import pretending
from tillway.commands.tools import Tools
from tillway.domain.pretended import Pretended, PretendRefused, Terms
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.common.dialect import About
from tillway.surfaces.sandbox.helpers import SandboxDialect, told

PREFIX: Final = "/v1"
PAGE: Final = "/pay/"

Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,80}$")]
Amount = Annotated[int, Field(ge=1, le=10**15)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Url = Annotated[str, Field(pattern=r"^(https?://[!-~]{1,2000})?$")]
Text = Annotated[str, Field(max_length=500)]


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class PaymentAsked(_Wire):
    """A payment to be created."""

    id: Identity
    method: Literal["card", "bancontact", "ideal", "bank"]
    amount: Amount
    currency: Currency
    return_url: Url = ""
    callback_url: Url
    language: Text = ""
    country: Text = ""
    email: Text = ""
    description: Text = ""


class CancellationAsked(_Wire):
    """A payment to be undone, or barred."""

    id: Identity


class RefundAsked(_Wire):
    """Money to be given back, under an id of its own."""

    id: Identity
    amount: Amount
    currency: Currency


class AcquirerDialect(SandboxDialect):
    """As the sandbox's helpers speak."""

    name = "acquirer"
    about = About(
        title="Acquirer protocol",
        version="1.0",
        introduction="What the gateway asks of an acquirer that shows payers a page of its own.",
        security_schemes={},
        credentials=(),
        error_schema=SandboxDialect.about.error_schema,
    )


@dataclass(frozen=True, slots=True)
class AcquirerCalls:
    """The handlers; `pages` is the web origin of the payment pages."""

    tools: Tools
    pages: str

    async def create(self, call: Call[PaymentAsked, None]) -> Reply:
        """Create a payment, once for each id."""
        asked = call.body
        if not _names(call, "begin", asked.id):
            return _MISNAMED
        terms = Terms(
            asked.method,
            asked.amount,
            asked.currency,
            asked.return_url,
            asked.callback_url,
            asked.language,
            asked.country,
            asked.email,
            asked.description,
        )
        try:
            return self._told(await pretending.create(self.tools, asked.id, terms))
        except PretendRefused:
            return told(409, "This id was used for another payment.")

    async def look_up(self, call: Call[None, None]) -> Reply:
        """How a payment stands."""
        identity = call.path["id"]
        if not _names(call, "look-up", identity):
            return _MISNAMED
        known = await pretending.look_up(self.tools, identity)
        return _UNKNOWN if known is None else self._told(known)

    async def cancel(self, call: Call[CancellationAsked, None]) -> Reply:
        """Undo a payment, or bar one that never arrived."""
        identity = call.body.id
        if call.path["id"] != identity or not _names(call, "cancel", identity):
            return _MISNAMED
        return self._told(await pretending.cancel(self.tools, identity))

    async def refund(self, call: Call[RefundAsked, None]) -> Reply:
        """Give money back, once for each refund's id."""
        asked = call.body
        if not _names(call, "refund", asked.id):
            return _MISNAMED
        try:
            payment = await pretending.refund(self.tools, call.path["id"], asked.id, asked.amount)
        except PretendRefused:
            return told(409, "This id was used for another refund.")
        given = None if payment is None else payment.refund_of(asked.id)
        if payment is None or given is None:
            return _UNKNOWN
        state = {"id": given.id, "payment": payment.id, "state": given.state, "reason": given.reason}
        return Reply.json(200, state)

    def _told(self, payment: Pretended) -> Reply:
        page = f"{self.pages}{PAGE}{pretending.page_token(self.tools, payment)}"
        said: Mapping[str, str] = {
            "id": payment.id,
            "reference": payment.reference,
            "state": payment.state,
            "page_url": page,
            "scheme": payment.scheme,
            "mask": payment.mask,
            "reason": payment.reason,
        }
        return Reply.json(200, {name: text for name, text in said.items() if text})


def endpoints(calls: AcquirerCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table of calls; whoever signs may make them."""
    payments = f"{PREFIX}/payments"
    return (
        Endpoint(
            name="createPayment",
            method="POST",
            path=payments,
            summary="Create a payment",
            handler=calls.create,
            request=PaymentAsked,
            public=True,
        ),
        Endpoint(
            name="getPayment",
            method="GET",
            path=f"{payments}/{{id}}",
            summary="Look a payment up",
            handler=calls.look_up,
            public=True,
        ),
        Endpoint(
            name="cancelPayment",
            method="POST",
            path=f"{payments}/{{id}}/cancellation",
            summary="Cancel a payment",
            handler=calls.cancel,
            request=CancellationAsked,
            public=True,
        ),
        Endpoint(
            name="refundPayment",
            method="POST",
            path=f"{payments}/{{id}}/refunds",
            summary="Give money back",
            handler=calls.refund,
            request=RefundAsked,
            public=True,
        ),
    )


def _names(call: Call[Any, None], act: str, identity: str) -> bool:
    """Whether the signed name of the request is that of this act and operation, so that it fits no other."""
    return call.header(b"webhook-id") == f"{act}-{identity}"


_UNKNOWN = told(404, "There is no payment with this id.")
_MISNAMED = told(400, "The webhook-id does not name what is asked.")
