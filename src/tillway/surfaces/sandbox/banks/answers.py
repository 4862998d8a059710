"""What the pretend banks write: a payment, its status and its authorisation, with the links to go on by."""

from typing import Final

from tillway.domain.money import exponent
from tillway.domain.pretended_banks import Approach, Proof
from tillway.domain.pretended_transfers import BankTransfer, Stage, TransferStatus, code_of
from tillway.surfaces.common.call import Reply
from tillway.surfaces.sandbox.banks.dialect import told

PREFIX: Final = "/xs2a"
PAGE: Final = "/bank/"

METHODS: Final = (("sms", "SMS_OTP", "Text message"), ("app", "PUSH_OTP", "App"))

UNKNOWN: Final = told(404, "RESOURCE_UNKNOWN", "There is no payment with this id.")
SILENT: Final = told(503, "SERVICE_UNAVAILABLE", "Nobody is told anything of this payment.")

_TEXTS = {
    "AM04": "Not enough money on the account.",
    "RR04": "Stopped by a check that the law asks for.",
    "CUST": "The customer said no.",
    "MS03": "The bank gives no reason.",
}

_SCA = {
    Stage.LOGIN: "received",
    Stage.ACCOUNT: "psuAuthenticated",
    Stage.DONE: "finalised",
    Stage.FAILED: "failed",
}


def path_of(transfer: BankTransfer) -> str:
    """Where a payment is at its bank."""
    return f"{PREFIX}/{transfer.bank}/v1/payments/{transfer.terms.product}/{transfer.id}"


def authorisation_of(transfer: BankTransfer) -> str:
    """The id of its only authorisation."""
    return f"{transfer.id}-sca"


def has_authorisation(transfer: BankTransfer) -> bool:
    """Whether it is begun: with the payment itself, where the bank leads to its page."""
    return transfer.at.approach is Approach.REDIRECT or bool(transfer.begun)


def sca_status(transfer: BankTransfer) -> str:
    """How far the authorisation is."""
    if transfer.status is TransferStatus.CANCELLED:
        return "received"
    if transfer.stage is Stage.PROOF:
        return "scaMethodSelected" if transfer.at.proof is Proof.SMS else "started"
    return _SCA[transfer.stage]


def made(transfer: BankTransfer, page: str, now: int) -> Reply:
    """The answer to an initiation."""
    where = path_of(transfer)
    links = {"self": where, "status": f"{where}/status"}
    match transfer.at.approach:
        case Approach.REDIRECT:
            links |= {"scaRedirect": page, "scaStatus": f"{where}/authorisations/{authorisation_of(transfer)}"}
        case Approach.EMBEDDED:
            links["startAuthorisationWithPsuAuthentication"] = f"{where}/authorisations"
        case Approach.DECOUPLED:
            links["startAuthorisationWithPsuIdentification"] = f"{where}/authorisations"
    body = {**_standing(transfer, now), "paymentId": transfer.id, "_links": _hrefs(links)}
    approach = (b"aspsp-sca-approach", transfer.at.approach.value.encode())
    return Reply.json(201, body, ((b"location", where.encode()), approach))


def standing(transfer: BankTransfer, now: int) -> Reply:
    """The status alone."""
    return SILENT if transfer.is_silent else Reply.json(200, _standing(transfer, now))


def whole(transfer: BankTransfer, now: int) -> Reply:
    """The payment, and the account that pays once that is known."""
    if transfer.is_silent:
        return SILENT
    terms = transfer.terms
    whole_units, part = divmod(terms.amount, 10 ** exponent(terms.currency))
    amount = f"{whole_units}.{part:0{exponent(terms.currency)}d}" if exponent(terms.currency) else str(whole_units)
    body: dict[str, object] = {
        **_standing(transfer, now),
        "instructedAmount": {"currency": terms.currency, "amount": amount},
        "creditorAccount": {"iban": terms.creditor_iban},
        "creditorName": terms.creditor_name,
        "remittanceInformationUnstructured": terms.remittance,
        "endToEndIdentification": terms.end_to_end_id,
    }
    if transfer.debtor_iban:
        body["debtorAccount"] = {"iban": transfer.debtor_iban}
    return Reply.json(200, {name: value for name, value in body.items() if value})


def authorisation(transfer: BankTransfer, status: int) -> Reply:
    """How an authorisation stands, and what its customer has to give next."""
    where = f"{path_of(transfer)}/authorisations/{authorisation_of(transfer)}"
    body: dict[str, object] = {"scaStatus": sca_status(transfer), "authorisationId": authorisation_of(transfer)}
    links = {"scaStatus": where}
    if transfer.stage is Stage.ACCOUNT:
        links["selectAuthenticationMethod"] = where
        body["scaMethods"] = [
            {"authenticationMethodId": identity, "authenticationType": kind, "name": name}
            for identity, kind, name in METHODS
        ]
    elif transfer.stage is Stage.PROOF and transfer.at.proof is Proof.SMS:
        links["authoriseTransaction"] = where
        hint = f"Sandbox: the code of the text message is {code_of(transfer)}."
        body["challengeData"] = {"otpMaxLength": 6, "otpFormat": "integer", "additionalInformation": hint}
    elif transfer.stage is Stage.PROOF:
        body["psuMessage"] = "Agree in your bank's app. In the sandbox it agrees by itself after ten seconds."
    return Reply.json(status, {**body, "_links": _hrefs(links)})


def _standing(transfer: BankTransfer, now: int) -> dict[str, object]:
    body: dict[str, object] = {"transactionStatus": transfer.shown_status(now)}
    if transfer.reason:
        text = _TEXTS.get(transfer.reason, "The payment was rejected.")
        body["tppMessages"] = [{"category": "ERROR", "code": transfer.reason, "text": text}]
    return body


def _hrefs(links: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {"href": href} for name, href in links.items()}
