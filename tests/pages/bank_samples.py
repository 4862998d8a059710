"""Pages of payment orders filled with made-up ones: one for each state that whoever pays or refunds can meet."""

from dataclasses import replace

from tests.pages.samples import NOON
from tillway.connectors.protocol import Asked, Step, StepKind
from tillway.domain.banks import Bank, BankKind, Directory
from tillway.domain.money import Money
from tillway.domain.reasons import Reason
from tillway.surfaces.bank_checkout.accounts import grouped
from tillway.surfaces.bank_checkout.listing import Listing
from tillway.surfaces.bank_checkout.views import (
    AccountPage,
    ChooserPage,
    Choosing,
    EndedPage,
    Ending,
    IbanFault,
    LeavePage,
    Leaving,
    LinkFault,
    NoPaymentPage,
    Page,
    ReceiptPage,
    StepPage,
    Summary,
    TransferPage,
    WaitingPage,
)
from tillway.surfaces.common.transfer_codes import TransferDetails, codes_for

ZONE = "Europe/Bratislava"
BACK = "https://shop.example/done?order=7&id=0190"
LINK = "https://pay.example/bank/019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001.6a1b2c3d.0123456789abcdef0123456789abcdef"
STEP = "https://bank.example/confirm/1"
ORIGIN = "https://pay.example"
KEY = "sample-key"
SLOVAK = "SK3112000000198742637541"
CZECH = "CZ6508000000192000145399"

DIRECTORY = Directory(
    (
        Bank("vub", "Všeobecná úverová banka", "SK", "SUBASKBX", connector="bank"),
        Bank("tatra", "Tatra banka", "SK", "TATRSKBX", connector="bank"),
        Bank("sporitelna", "Slovenská sporiteľňa", "SK", "GIBASKBX", BankKind.MAIN_GROUP),
        Bank("sporitelna-people", "George", "SK", "GIBASKBX", connector="bank", group="sporitelna"),
        Bank("sporitelna-firms", "Firmy", "SK", "", BankKind.PRODUCT_GROUP, group="sporitelna"),
        Bank("sporitelna-business24", "Business24", "SK", "GIBASKBX", connector="bank", group="sporitelna-firms"),
        Bank("sporitelna-multicash", "MultiCash", "SK", "GIBASKBX", connector="bank", group="sporitelna-firms"),
        Bank("fio-sk", "Fio banka", "SK", "FIOZSKBA", connector="bank"),
        Bank("ceska", "Česká spořitelna", "CZ", "GIBACZPX", connector="bank"),
        Bank("fio-cz", "Fio banka", "CZ", "FIOBCZPP", connector="bank", needs_iban=1),
        Bank("deutsche", "Deutsche Kreditbank Aktiengesellschaft", "DE", "BYLADEM1001", connector="bank"),
        Bank("erste", "Erste Bank", "AT", "GIBAATWW", connector="bank"),
    )
)
LISTING = Listing(DIRECTORY)

SHOP = Summary(
    "Horský obchod, s. r. o.",
    "Horský obchod",
    Money(12_990, "EUR"),
    False,
    "0020240418",
    "0308",
    "0007",
    "",
    "Turistické topánky",
)
REFERRED = replace(SHOP, variable_symbol="", constant_symbol="", specific_symbol="", reference="RF18539007547034")
REFUND = Summary("Zuzana Kováčová", "Horský obchod", Money(4_500, "EUR"), True, "0020240418")
NAMELESS = replace(REFUND, payee=grouped(CZECH))


def chooser(choosing: Choosing, about: Summary = SHOP) -> ChooserPage:
    """The list of banks."""
    return ChooserPage(about, choosing, KEY, NOON, ZONE, LINK)


def transfer(about: Summary, iban: str, *, alone: bool = False, bic: str = "") -> TransferPage:
    """The details of a transfer to an account."""
    details = TransferDetails(
        about.amount.minor,
        about.amount.currency,
        iban,
        bic,
        about.payee,
        about.variable_symbol,
        about.constant_symbol,
        about.specific_symbol,
        about.reference,
        about.message,
    )
    return TransferPage(about, grouped(iban), bic, "129.9", codes_for(details), NOON, ZONE, BACK, alone)


ROW = LISTING.row("fio-cz", ORIGIN)
assert ROW is not None

PAGES: dict[str, Page] = {
    "bank-chooser": chooser(LISTING.choosing("SK", "", ORIGIN)),
    "bank-chooser-known": chooser(LISTING.choosing("SK", "", ORIGIN, "tatra", "sporitelna-people")),
    "bank-chooser-found": chooser(LISTING.choosing("SK", "sporitelna", ORIGIN)),
    "bank-chooser-elsewhere": chooser(LISTING.choosing("SK", "ceska", ORIGIN)),
    "bank-chooser-nothing": chooser(LISTING.choosing("SK", "no such bank", ORIGIN)),
    "bank-chooser-cut": chooser(replace(LISTING.choosing("SK", "", ORIGIN), cut=True)),
    "bank-chooser-empty": chooser(Listing(Directory()).choosing("", "", ORIGIN)),
    "bank-chooser-refund": chooser(LISTING.choosing("DE", "", ORIGIN), NAMELESS),
    "bank-account": AccountPage(SHOP, ROW, KEY),
    "bank-account-fault": AccountPage(SHOP, ROW, KEY, "CZ6508000000192000145398", IbanFault.CHECK_DIGITS),
    "bank-transfer-slovak": transfer(SHOP, SLOVAK, bic="TATRSKBX"),
    "bank-transfer-czech": transfer(replace(SHOP, amount=Money(329_900, "CZK")), CZECH),
    "bank-transfer-reference": transfer(REFERRED, "DE89370400440532013000", alone=True),
    "bank-transfer-no-code": transfer(replace(REFERRED, amount=Money(329_900, "NOK")), "NO9386011117947"),
    "bank-leave": LeavePage(SHOP, Leaving.CANCEL, True),
    "bank-leave-no-bank": LeavePage(SHOP, Leaving.NO_BANK, True),
    "bank-leave-refund": LeavePage(REFUND, Leaving.CANCEL, False),
    "bank-leave-refund-no-bank": LeavePage(REFUND, Leaving.NO_BANK, False),
    "bank-waiting": WaitingPage(SHOP, "", BACK),
    "bank-waiting-for-you": WaitingPage(SHOP, STEP, BACK),
    "bank-returning": WaitingPage(SHOP, STEP, BACK, returning=True),
    "bank-returning-nowhere": WaitingPage(REFUND, "", "", returning=True),
    "bank-step-input": StepPage(
        SHOP,
        "Tatra banka",
        Step(
            StepKind.INPUT,
            inputs=(
                Asked("method", "SELECT", "Method", (("sms", "SMS to +421 *** 123"), ("card", "Card reader"))),
                Asked("login", "TEXT", "Login"),
                Asked("code", "PASSWORD", "Code"),
            ),
            description="Choose how you want to confirm, and enter the code that we sent to you.",
        ),
    ),
    "bank-step-refused": StepPage(
        SHOP, "Tatra banka", Step(StepKind.INPUT, inputs=(Asked("scaAuthenticationData", "TEXT", "OTP"),)), refused=True
    ),
    "bank-step-push": StepPage(SHOP, "Tatra banka", Step(StepKind.PUSH)),
    "bank-step-next": StepPage(SHOP, "", Step(StepKind.NEXT)),
    "bank-receipt": ReceiptPage(SHOP, True, NOON, ZONE, BACK),
    "bank-receipt-promised": ReceiptPage(REFERRED, False, NOON, ZONE, BACK),
    "bank-receipt-refund": ReceiptPage(NAMELESS, True, NOON, ZONE, ""),
    "bank-receipt-refund-promised": ReceiptPage(REFUND, False, NOON, ZONE, BACK),
    "bank-failed": EndedPage(SHOP, Ending.FAILED, Reason.INSUFFICIENT_FUNDS, BACK),
    "bank-failed-late": EndedPage(SHOP, Ending.FAILED, Reason.AML_BLOCKED, BACK, Money(12_990, "EUR")),
    "bank-failed-refund": EndedPage(REFUND, Ending.FAILED, Reason.PAYER_CANCELLED, BACK),
    "bank-failed-refund-late": EndedPage(REFUND, Ending.FAILED, Reason.FAILED, "", Money(4_500, "EUR")),
    "bank-withdrawn": EndedPage(SHOP, Ending.WITHDRAWN, "", BACK),
    "bank-withdrawn-refund": EndedPage(REFUND, Ending.WITHDRAWN, "", BACK),
    "bank-expired": EndedPage(SHOP, Ending.EXPIRED, "", BACK),
    "bank-never-heard": EndedPage(SHOP, Ending.NEVER_HEARD, "", BACK),
    "bank-link-expired": NoPaymentPage(LinkFault.EXPIRED),
    "bank-link-broken": NoPaymentPage(LinkFault.BROKEN),
}
