"""What a customer does on a pretend bank's pages: log in, choose an account, agree to the payment, or turn back."""

from collections.abc import Sequence
from dataclasses import dataclass

from tillway.commands import pretend_banking
from tillway.commands.tools import Tools
from tillway.domain.money import Money
from tillway.domain.pretended_banks import BANKS, USERS, USERS_BY_NAME, Proof, accounts_of
from tillway.domain.pretended_transfers import BankTransfer, Stage, TransferStatus, code_of
from tillway.surfaces.common.serving import Pages
from tillway.surfaces.common.site import PageRoute
from tillway.surfaces.common.visits import PageReply, Visit, see_elsewhere, see_other
from tillway.surfaces.sandbox.banks.answers import PAGE
from tillway.surfaces.sandbox.banks.drawing import draw
from tillway.surfaces.sandbox.banks.views import (
    AccountPage,
    Ending,
    EndPage,
    Fault,
    FrontPage,
    LoginPage,
    Page,
    ProofPage,
    Summary,
)

_LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class Counter:
    """The handlers of the pages."""

    tools: Tools
    pages: Pages

    def routes(self) -> Sequence[PageRoute]:
        """Every page and form target."""
        page = PAGE + "{token}"
        return (
            PageRoute("GET", "/", self.publish),
            PageRoute("GET", page, self.show),
            PageRoute("GET", f"{page}/login", self.show),
            PageRoute("POST", f"{page}/login", self.take_user),
            PageRoute("GET", f"{page}/account", self.show),
            PageRoute("POST", f"{page}/account", self.take_account),
            PageRoute("GET", f"{page}/proof", self.show),
            PageRoute("POST", f"{page}/proof", self.take_proof),
            PageRoute("POST", f"{page}/refusal", self.turn_back),
        )

    async def publish(self, visit: Visit) -> PageReply:
        """Every bank and every user name, and what they do."""
        return PageReply(200, draw(self.pages, FrontPage(BANKS, USERS), visit.language(), ""))

    async def show(self, visit: Visit) -> PageReply:
        """Whatever the customer has to do next."""
        return self._page(visit, await self._transfer(visit), None)

    async def take_user(self, visit: Visit) -> PageReply:
        """The customer gives a user name. One that is not published is not taken, not kept and not shown again."""
        typed = visit.form.get("chosen") or visit.form.get("user", "")
        user = typed[:_LONGEST_TYPED].strip().lower()
        transfer = await self._transfer(visit)
        if transfer is None or user not in USERS_BY_NAME:
            return self._page(visit, transfer, Fault.NOBODY)
        return self._next(visit, await pretend_banking.log_in(self.tools, transfer.id, user))

    async def take_account(self, visit: Visit) -> PageReply:
        """The customer chooses an account."""
        iban = visit.form.get("account", "")
        transfer = await self._transfer(visit)
        if transfer is None or iban not in {account.iban for account in accounts_of(transfer.bank)}:
            return self._page(visit, transfer, Fault.NO_ACCOUNT)
        return self._next(visit, await pretend_banking.choose_account(self.tools, transfer.id, iban))

    async def take_proof(self, visit: Visit) -> PageReply:
        """The customer agrees."""
        transfer = await self._transfer(visit)
        if transfer is None:
            return self._page(visit, None, None)
        typed = "".join(visit.form.get("code", "")[:_LONGEST_TYPED].split())
        is_asked = transfer.stage is Stage.PROOF and transfer.at.proof is Proof.SMS
        if is_asked and typed != code_of(transfer):
            return self._page(visit, transfer, Fault.WRONG_CODE)
        return self._next(visit, await pretend_banking.prove(self.tools, transfer.id))

    async def turn_back(self, visit: Visit) -> PageReply:
        """The customer says no."""
        transfer = await self._transfer(visit)
        if transfer is None:
            return self._page(visit, None, None)
        return self._next(visit, await pretend_banking.turn_back(self.tools, transfer.id))

    async def _transfer(self, visit: Visit) -> BankTransfer | None:
        identity = pretend_banking.transfer_of_page(self.tools, visit.path["token"])
        return None if identity is None else await pretend_banking.look_up(self.tools, identity)

    def _next(self, visit: Visit, transfer: BankTransfer | None) -> PageReply:
        """Back to the gateway once there is nothing more to do here."""
        back = "" if transfer is None or transfer.is_waiting else _back(transfer)
        return see_elsewhere(back) if back else see_other(PAGE + visit.path["token"])

    def _page(self, visit: Visit, transfer: BankTransfer | None, fault: Fault | None) -> PageReply:
        if transfer is None:
            view = FrontPage(BANKS, USERS)
            return PageReply(404, draw(self.pages, view, visit.language(), ""))
        view = _view(transfer, fault)
        is_faulty = getattr(view, "fault", None) is not None
        return PageReply(
            422 if is_faulty else 200, draw(self.pages, view, visit.language(), PAGE + visit.path["token"])
        )


def _back(transfer: BankTransfer) -> str:
    return transfer.terms.nok_url if transfer.stage is Stage.FAILED else transfer.terms.return_url


def _view(transfer: BankTransfer, fault: Fault | None) -> Page:
    """What the customer sees; a fault is told only where it was made."""
    terms, bank = transfer.terms, transfer.at.bank
    money = Money(terms.amount, terms.currency)
    summary = Summary(bank.name, money, terms.creditor_name, terms.creditor_iban, terms.remittance, _back(transfer))
    if not transfer.is_waiting:
        return EndPage(summary, _ENDINGS[transfer.status], transfer.reason)
    match transfer.stage:
        case Stage.LOGIN:
            return LoginPage(summary, USERS, fault if fault is Fault.NOBODY else None)
        case Stage.ACCOUNT:
            accounts = accounts_of(transfer.bank)
            return AccountPage(summary, accounts, fault if fault is Fault.NO_ACCOUNT else None)
        case _:
            wrong = fault if fault is Fault.WRONG_CODE else None
            return ProofPage(summary, transfer.at.proof, transfer.debtor_iban, code_of(transfer), wrong)


_ENDINGS = {
    TransferStatus.RECEIVED: Ending.PROCESSING,
    TransferStatus.PENDING: Ending.PROCESSING,
    TransferStatus.IN_PROCESS: Ending.PROCESSING,
    TransferStatus.COMPLETED: Ending.BOOKED,
    TransferStatus.REJECTED: Ending.REJECTED,
    TransferStatus.CANCELLED: Ending.CANCELLED,
}
