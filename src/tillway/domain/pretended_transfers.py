"""A payment at one of the pretend banks: its states, and what payers, gateways and time do to it."""

from dataclasses import replace
from enum import StrEnum
from typing import Final

from tillway.domain.pretended_banks import BY_ID, PASSWORD, USERS_BY_NAME, PretendBank, Proof, User, accounts_of
from tillway.domain.schedules import MINUTE, SECOND
from tillway.domain.values import value


class TransferStatus(StrEnum):
    """The status of a transaction, in the words of ISO 20022 as far as these banks use them."""

    RECEIVED = "RCVD"
    PENDING = "PDNG"
    IN_PROCESS = "ACSP"
    COMPLETED = "ACSC"
    REJECTED = "RJCT"
    CANCELLED = "CANC"


class Stage(StrEnum):
    """How far the payer is: to log in, to choose an account, to prove it, or done, or turned away."""

    LOGIN = "login"
    ACCOUNT = "account"
    PROOF = "proof"
    DONE = "done"
    FAILED = "failed"


LOGIN_LASTS: Final = 30 * MINUTE
"""How long the payer may take from one step to the next; then the bank rejects the payment."""

APP_TAKES: Final = 10 * SECOND
"""How long the pretend customer's app takes to agree by itself."""

LATE_AFTER: Final = 2 * SECOND
WAVERS_AFTER: Final = 5 * SECOND
WAVERS_FOR: Final = 60 * SECOND

_OPEN = frozenset({TransferStatus.RECEIVED, TransferStatus.PENDING, TransferStatus.IN_PROCESS})


@value
class TransferTerms:
    """What the bank was told to pay; `amount` in minor units, texts may be empty."""

    product: str
    amount: int
    currency: str
    creditor_iban: str
    creditor_name: str
    debtor_iban: str
    remittance: str
    end_to_end_id: str
    return_url: str
    nok_url: str


@value
class BankTransfer:
    """A payment at the pretend bank `bank`, under the id that the bank has given it.

    `reason` is why it was rejected (ISO 20022), `user` the customer who came; `begun` (0 or 1) says whether somebody
    did. It is decided at `settles_at` (0: not by itself), with `settles_for` as the reason of a rejection or, if that
    is empty, as booked. Times are microseconds UTC.
    """

    id: str
    bank: str
    terms: TransferTerms
    created_at: int
    status: TransferStatus = TransferStatus.RECEIVED
    stage: Stage = Stage.LOGIN
    begun: int = 0
    reason: str = ""
    user: str = ""
    debtor_iban: str = ""
    approves_at: int = 0
    settles_at: int = 0
    settles_for: str = ""
    booked_at: int = 0

    @property
    def next_at(self) -> int:
        """Nothing happens by itself: whoever asks sees what the time has brought."""
        return 0

    @property
    def is_waiting(self) -> bool:
        """Whether the payer still has something to do."""
        return self.status in _OPEN and self.stage in (Stage.LOGIN, Stage.ACCOUNT, Stage.PROOF)

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.status in _OPEN

    @property
    def customer(self) -> User | None:
        """Who came."""
        return USERS_BY_NAME.get(self.user)

    @property
    def at(self) -> PretendBank:
        """The bank that it is at."""
        return BY_ID[self.bank]

    def shown_status(self, now: int) -> TransferStatus:
        """The status that the bank tells."""
        wavers = self.customer is not None and self.customer.wavers and self.status is TransferStatus.COMPLETED
        since = now - self.booked_at
        if wavers and WAVERS_AFTER <= since < WAVERS_AFTER + WAVERS_FOR:
            return TransferStatus.IN_PROCESS
        return self.status

    @property
    def is_silent(self) -> bool:
        """Whether the bank tells nobody how it stands."""
        return self.stage is Stage.DONE and self.customer is not None and self.customer.is_silent


def create(identity: str, bank: str, terms: TransferTerms, now: int) -> BankTransfer:
    """A payment that waits for its payer."""
    return BankTransfer(identity, bank, terms, now, debtor_iban=terms.debtor_iban, settles_at=now + LOGIN_LASTS)


def pass_time(transfer: BankTransfer, now: int) -> BankTransfer:
    """The payment after everything that happens by itself up to `now`."""
    if 0 < transfer.approves_at <= now and transfer.stage is Stage.PROOF:
        transfer = _authorised(transfer, transfer.approves_at)
    if 0 < transfer.settles_at <= now and transfer.status in _OPEN:
        if transfer.is_waiting:
            return _turned_away(transfer, "")
        return settle(transfer, transfer.settles_for, transfer.settles_at)
    return transfer


def log_in(transfer: BankTransfer, name: str, now: int) -> BankTransfer:
    """A customer comes; the first who does stays. A name that is not published lets nobody in."""
    if not transfer.is_waiting or transfer.stage is not Stage.LOGIN or name not in USERS_BY_NAME:
        return transfer
    known = replace(transfer, user=name, begun=1, stage=Stage.ACCOUNT, settles_at=now + LOGIN_LASTS)
    return choose_account(known, known.debtor_iban, now) if known.debtor_iban else known


def is_password(text: str) -> bool:
    """Whether this is the password that all customers have."""
    return text == PASSWORD


def choose_account(transfer: BankTransfer, iban: str, now: int) -> BankTransfer:
    """The customer chooses the account that pays: one of the published, or the one that the gateway named."""
    if not transfer.is_waiting or transfer.stage is not Stage.ACCOUNT:
        return transfer
    if iban not in {transfer.debtor_iban, *(account.iban for account in accounts_of(transfer.bank))} - {""}:
        return transfer
    approves = now + APP_TAKES if transfer.at.proof is Proof.PUSH else 0
    known = replace(transfer, debtor_iban=iban, stage=Stage.PROOF, approves_at=approves)
    return replace(known, settles_at=now + LOGIN_LASTS)


def first_account(transfer: BankTransfer) -> str:
    """The account that customers use who do not care: the one that the gateway named, or the bank's first."""
    return transfer.debtor_iban or first_account_of(transfer.bank)


def first_account_of(bank_id: str) -> str:
    """The IBAN of the first account that a bank's customers have."""
    return accounts_of(bank_id)[0].iban


def code_of(transfer: BankTransfer) -> str:
    """The six digits of the text message that the customer gets."""
    return f"{sum((place + 7) * ord(letter) ** 3 for place, letter in enumerate(transfer.id)) % 1_000_000:06d}"


def prove(transfer: BankTransfer, now: int) -> BankTransfer:
    """The customer agrees, by whatever the bank asks for."""
    return _authorised(transfer, now) if transfer.is_waiting and transfer.stage is Stage.PROOF else transfer


def turn_back(transfer: BankTransfer) -> BankTransfer:
    """The customer says no."""
    return _turned_away(transfer, "CUST") if transfer.is_waiting else transfer


def promise(transfer: BankTransfer) -> BankTransfer:
    """The bank confirms an authorised payment that it still works on."""
    is_pending = transfer.status is TransferStatus.PENDING and transfer.stage is Stage.DONE
    return replace(transfer, status=TransferStatus.IN_PROCESS) if is_pending else transfer


def settle(transfer: BankTransfer, reason: str, now: int) -> BankTransfer:
    """Decide an authorised payment: rejected for a reason, or with none booked. One that is decided stays as it is."""
    if transfer.status not in _OPEN or transfer.stage is not Stage.DONE:
        return transfer
    if reason:
        return replace(transfer, status=TransferStatus.REJECTED, reason=reason, settles_at=0)
    return replace(transfer, status=TransferStatus.COMPLETED, booked_at=now, settles_at=0)


def cancel(transfer: BankTransfer, now: int) -> BankTransfer:
    """Whoever initiated it wants it cancelled: possible until the payer has authorised it.

    One that is late is booked a moment later.
    """
    if transfer.status not in _OPEN:
        return transfer
    if transfer.stage is not Stage.DONE:
        return replace(transfer, status=TransferStatus.CANCELLED, stage=Stage.FAILED, settles_at=0, approves_at=0)
    is_late = transfer.customer is not None and transfer.customer.is_late
    if is_late and not transfer.settles_at:
        return replace(transfer, settles_at=now + LATE_AFTER, settles_for="")
    return transfer


def _authorised(transfer: BankTransfer, now: int) -> BankTransfer:
    user = transfer.customer
    assert user is not None
    known = replace(transfer, stage=Stage.DONE, approves_at=0, settles_at=0, settles_for=user.reason)
    status = TransferStatus.IN_PROCESS if user.promised else TransferStatus.PENDING
    known = replace(known, status=status)
    account = next((one for one in accounts_of(known.bank) if one.iban == known.debtor_iban), None)
    if account is not None and account.balance < known.terms.amount:
        return settle(known, "AM04", now)
    if user.waits < 0 or user.is_silent:
        return known
    return replace(known, settles_at=now + user.waits) if user.waits else settle(known, user.reason, now)


def _turned_away(transfer: BankTransfer, reason: str) -> BankTransfer:
    return replace(
        transfer, status=TransferStatus.REJECTED, reason=reason, stage=Stage.FAILED, settles_at=0, approves_at=0
    )
