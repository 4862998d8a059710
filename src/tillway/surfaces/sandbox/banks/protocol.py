"""The pretend banks' side of the standard's payment initiation, as endpoints below the id of each bank."""

import re
from dataclasses import dataclass
from typing import Any

from tillway.commands import pretend_banking
from tillway.commands.tools import Tools
from tillway.domain.pretended_banks import BY_ID, USERS_BY_NAME, Approach, PretendBank, Proof
from tillway.domain.pretended_transfers import (
    BankTransfer,
    Stage,
    TransferStatus,
    TransferTerms,
    code_of,
    first_account,
    is_password,
)
from tillway.surfaces.common.api import Endpoint
from tillway.surfaces.common.call import Call, Reply
from tillway.surfaces.sandbox.banks import answers
from tillway.surfaces.sandbox.banks.answers import METHODS, PAGE, PREFIX, UNKNOWN
from tillway.surfaces.sandbox.banks.dialect import told
from tillway.surfaces.sandbox.banks.wire import AuthorisationAsked, PaymentAsked, UpdateAsked

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URL = re.compile(r"https?://[!-~]{1,2000}")
_NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class BankCalls:
    """The handlers; `pages` is the web origin of the banks' pages."""

    tools: Tools
    pages: str

    async def initiate(self, call: Call[PaymentAsked, None]) -> Reply:
        """Make a payment, once for each request id."""
        bank, product, asked = BY_ID.get(call.path["bank"]), call.path["product"], call.body
        if bank is None or product not in bank.products:
            return told(404, "PRODUCT_UNKNOWN", "This bank has no such payment product.")
        request_id = call.header(b"x-request-id") or ""
        refused = _unfit(call, bank, request_id)
        if refused is not None:
            return refused
        amount = asked.instructedAmount
        if not amount.minor or (amount.currency == "EUR") != (product == bank.product):
            return told(400, "FORMAT_ERROR", "The amount does not fit the payment product.")
        if bank.bank.needs_iban and asked.debtorAccount is None:
            return told(400, "FORMAT_ERROR", "This bank wants to be told the account that pays.")
        back = call.header(b"tpp-redirect-uri") or ""
        nok = call.header(b"tpp-nok-redirect-uri") or back
        terms = TransferTerms(
            product,
            amount.minor,
            amount.currency,
            asked.creditorAccount.iban,
            asked.creditorName,
            asked.debtorAccount.iban if asked.debtorAccount else "",
            asked.remittanceInformationUnstructured,
            asked.endToEndIdentification,
            back if _URL.fullmatch(back) else "",
            nok if _URL.fullmatch(nok) else "",
        )
        transfer = await pretend_banking.initiate(self.tools, bank.bank.id, request_id, terms)
        page = f"{self.pages}{PAGE}{pretend_banking.page_token(self.tools, transfer)}"
        return answers.made(transfer, page, self.tools.now())

    async def status(self, call: Call[None, None]) -> Reply:
        """The status of a payment."""
        transfer = await self._transfer(call)
        return UNKNOWN if transfer is None else answers.standing(transfer, self.tools.now())

    async def detail(self, call: Call[None, None]) -> Reply:
        """A payment."""
        transfer = await self._transfer(call)
        return UNKNOWN if transfer is None else answers.whole(transfer, self.tools.now())

    async def cancel(self, call: Call[None, None]) -> Reply:
        """Cancel a payment; one that is cancelled is so again."""
        transfer = await self._transfer(call)
        if transfer is None:
            return UNKNOWN
        if transfer.is_silent:
            return answers.SILENT
        after = await pretend_banking.cancel(self.tools, transfer.id)
        if after is None or after.status is not TransferStatus.CANCELLED:
            return told(405, "CANCELLATION_INVALID", "The payment can no longer be cancelled.")
        return Reply(_NO_CONTENT, b"")

    async def authorisations(self, call: Call[None, None]) -> Reply:
        """The ids of a payment's authorisations."""
        transfer = await self._transfer(call)
        if transfer is None:
            return UNKNOWN
        known = [answers.authorisation_of(transfer)] if answers.has_authorisation(transfer) else []
        return Reply.json(200, {"authorisationIds": known})

    async def authorise(self, call: Call[AuthorisationAsked, None]) -> Reply:
        """Begin an authorisation, or answer the one that was begun."""
        transfer = await self._transfer(call)
        if transfer is None:
            return UNKNOWN
        approach = transfer.at.approach
        if not answers.has_authorisation(transfer):
            user = call.header(b"psu-id") or ""
            knows = approach is Approach.DECOUPLED or is_password(call.body.psuData.password)
            if user not in USERS_BY_NAME or not knows:
                return _WRONG_CREDENTIALS
            transfer = await pretend_banking.log_in(self.tools, transfer.id, user) or transfer
            if approach is Approach.DECOUPLED:
                account = first_account(transfer)
                transfer = await pretend_banking.choose_account(self.tools, transfer.id, account) or transfer
        return answers.authorisation(transfer, 201)

    async def sca_status(self, call: Call[None, None]) -> Reply:
        """How far an authorisation is."""
        transfer = await self._authorised(call)
        return UNKNOWN if transfer is None else Reply.json(200, {"scaStatus": answers.sca_status(transfer)})

    async def update(self, call: Call[UpdateAsked, None]) -> Reply:
        """Take what a customer gives."""
        transfer, asked = await self._authorised(call), call.body
        if transfer is None or transfer.at.approach is not Approach.EMBEDDED:
            return UNKNOWN
        if asked.psuData is not None and not is_password(asked.psuData.password):
            return _WRONG_CREDENTIALS
        after: BankTransfer | None = transfer
        if asked.authenticationMethodId:
            if asked.authenticationMethodId not in {identity for identity, _, _ in METHODS}:
                return told(400, "SCA_METHOD_UNKNOWN", "There is no such way of authentication.")
            after = await pretend_banking.choose_account(self.tools, transfer.id, first_account(transfer))
        elif asked.scaAuthenticationData and transfer.stage is Stage.PROOF and transfer.at.proof is Proof.SMS:
            if asked.scaAuthenticationData != code_of(transfer):
                return told(400, "SCA_INVALID", "The code is wrong.")
            after = await pretend_banking.prove(self.tools, transfer.id)
        return answers.authorisation(after or transfer, 200)

    async def _transfer(self, call: Call[Any, None]) -> BankTransfer | None:
        """The payment that a path names, at the bank and in the product that it names."""
        known = await pretend_banking.look_up(self.tools, call.path["id"])
        named = (call.path["bank"], call.path["product"])
        return known if known is not None and (known.bank, known.terms.product) == named else None

    async def _authorised(self, call: Call[Any, None]) -> BankTransfer | None:
        known = await self._transfer(call)
        if known is None or not answers.has_authorisation(known):
            return None
        return known if call.path["authorisation"] == answers.authorisation_of(known) else None


_WRONG_CREDENTIALS = told(401, "PSU_CREDENTIALS_INVALID", "The user name or the password is wrong.")


def _unfit(call: Call[Any, None], bank: PretendBank, request_id: str) -> Reply | None:
    """The header fields that the standard wants with an initiation."""
    if not _UUID.fullmatch(request_id):
        return told(400, "FORMAT_ERROR", "X-Request-ID is not a UUID.")
    if not call.header(b"psu-ip-address"):
        return told(400, "FORMAT_ERROR", "PSU-IP-Address is missing.")
    if bank.approach is Approach.REDIRECT and not _URL.fullmatch(call.header(b"tpp-redirect-uri") or ""):
        return told(400, "FORMAT_ERROR", "TPP-Redirect-URI is missing.")
    return None


def endpoints(calls: BankCalls) -> tuple[Endpoint[Any, Any], ...]:
    """The table of calls."""
    products = f"{PREFIX}/{{bank}}/v1/payments/{{product}}"
    payment = f"{products}/{{id}}"
    authorisation = f"{payment}/authorisations/{{authorisation}}"
    return (
        Endpoint(
            name="initiatePayment",
            method="POST",
            path=products,
            summary="Initiate a payment",
            handler=calls.initiate,
            request=PaymentAsked,
            public=True,
        ),
        _bodyless("getPayment", "GET", payment, "Get a payment", calls.detail),
        _bodyless("getPaymentStatus", "GET", f"{payment}/status", "Get a payment's status", calls.status),
        _bodyless("cancelPayment", "DELETE", payment, "Cancel a payment", calls.cancel),
        _bodyless("getAuthorisations", "GET", f"{payment}/authorisations", "List authorisations", calls.authorisations),
        Endpoint(
            name="startAuthorisation",
            method="POST",
            path=f"{payment}/authorisations",
            summary="Begin an authorisation",
            handler=calls.authorise,
            request=AuthorisationAsked,
            body_optional=True,
            public=True,
        ),
        _bodyless("getScaStatus", "GET", authorisation, "Get an authorisation's status", calls.sca_status),
        Endpoint(
            name="updateAuthorisation",
            method="PUT",
            path=authorisation,
            summary="Give what a customer gave",
            handler=calls.update,
            request=UpdateAsked,
            public=True,
        ),
    )


def _bodyless(name: str, method: str, path: str, summary: str, handler: Any) -> Endpoint[Any, Any]:
    return Endpoint(name=name, method=method, path=path, summary=summary, handler=handler, public=True)
