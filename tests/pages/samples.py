"""Pages filled with made-up payments and cards: one for each state a person can meet."""

from dataclasses import replace
from datetime import date

from tests.bank_account import told
from tillway.commands.statement_files import Counts, StatementTaken
from tillway.domain.ids import MerchantId
from tillway.domain.money import Money
from tillway.domain.statements import EntryId, Statement, StatementId, fresh_entry
from tillway.surfaces.checkout.views import (
    CancelPage,
    CheckingPage,
    EndedPage,
    Ending,
    EnteredCard,
    EntryFault,
    LinkFault,
    NoPaymentPage,
    OpenPage,
    Page,
    ReceiptPage,
    Setback,
    SpentCard,
    Summary,
)
from tillway.surfaces.sandbox.first_payment import commands
from tillway.surfaces.sandbox.views import (
    Behaviour,
    CardFault,
    CardForm,
    CardGeneratorPage,
    FileFault,
    FileRefusal,
    HomePage,
    StatementsPage,
    TestCard,
)
from tillway.surfaces.sandbox.views import Page as SandboxPage

OSLO = "Europe/Oslo"
NOON = 1_795_170_600_000_000


def nok(minor: int) -> Money:
    """Norwegian øre."""
    return Money(minor, "NOK")


def card(place: int, last5: str, balance: int, covers: int) -> EnteredCard:
    """A card on the tray, in øre."""
    return EnteredCard(place, "*" * 14 + last5, nok(balance), nok(covers), date(2027, 11, 20))


SHOP = Summary("Fjellheim Bok & Papir", "Kasse 3, salg 20418", nok(64_900), nok(0))
HALF_PAID = Summary("Fjellheim Bok & Papir", "Kasse 3, salg 20418", nok(64_900), nok(20_000))
KEY = "sample-key"
FIRST = card(1, "40217", 30_000, 30_000)
SECOND = card(2, "88103", 50_000, 34_900)
SPENT = SpentCard("*" * 14 + "55120", nok(20_000))

PAGES: dict[str, Page] = {
    "open": OpenPage(SHOP, (), (), KEY),
    "one-card": OpenPage(SHOP, (), (FIRST,), KEY, just_added=True),
    "covered": OpenPage(SHOP, (), (FIRST, SECOND), KEY, just_added=True),
    "part-paid": OpenPage(HALF_PAID, (SPENT,), (), KEY),
    "refused": OpenPage(SHOP, (), (), KEY, number="9578 1012 3456 7890 123", fault=EntryFault.REFUSED),
    "cvc-missing": OpenPage(SHOP, (), (FIRST,), KEY, number="9578101234567890123", fault=EntryFault.CVC_MISSING),
    "disagreed": OpenPage(SHOP, (), (FIRST,), KEY, setback=Setback.DISAGREED),
    "too-many": OpenPage(SHOP, (), (FIRST,), KEY, fault=EntryFault.TOO_MANY),
    "cancel": CancelPage(SHOP),
    "cancel-part-paid": CancelPage(HALF_PAID),
    "checking": CheckingPage(SHOP),
    "receipt": ReceiptPage(
        Summary(SHOP.merchant, SHOP.reference, SHOP.total, SHOP.total),
        (SpentCard(FIRST.number, nok(30_000), nok(0)), SpentCard(SECOND.number, nok(34_900), nok(15_100))),
        nok(0),
        "https://shop.example/done?order=7&paymentId=0190",
        NOON,
        OSLO,
    ),
    "receipt-part": ReceiptPage(
        HALF_PAID, (SPENT,), nok(0), "https://shop.example/done?order=7&paymentId=0190", NOON, OSLO
    ),
    "receipt-refunded": ReceiptPage(
        Summary(SHOP.merchant, "", SHOP.total, SHOP.total), (SPENT,), nok(20_000), "", NOON, OSLO
    ),
    "aborted": EndedPage(HALF_PAID, Ending.ABORTED, nok(20_000), "https://shop.example/done"),
    "expired": EndedPage(SHOP, Ending.EXPIRED, nok(0), ""),
    "link-expired": NoPaymentPage(LinkFault.EXPIRED),
    "link-broken": NoPaymentPage(LinkFault.BROKEN),
}

TEST_CARDS = (
    TestCard("9578101234567890125", "042", nok(50_000), date(2027, 11, 20)),
    TestCard("9578109876543210987", "917", nok(1_000_000), date(2027, 11, 20)),
    TestCard("9578100000000000017", "305", nok(0), date(2027, 11, 20)),
)
FORM = CardForm("sandbox-till", "500", "3", "fjellkort", "2027-11-20", Behaviour.NORMAL.value)
VENDORS = (("fjellkort", "Fjellkort"), ("havkort", "Havkort"))
URL = "http://127.0.0.1:8080"
SECRET = "sample-secret-of-forty-three-characters-xxxx"

STATEMENT = Statement(
    StatementId("0" * 32),
    MerchantId("merchant"),
    "SK3112000000198742637541",
    "EUR",
    "2026-11-20/0012",
    20_776,
    20_777,
    "digest",
    1,
    0,
    0,
    1,
    7,
    1,
    NOON,
)
UNFINISHED = replace(STATEMENT, id=StatementId("1" * 32), name="", is_read=0, entry_count=0)
WAITING = tuple(
    replace(
        fresh_entry(
            EntryId(f"05128{number:027x}"),
            MerchantId("merchant"),
            STATEMENT.id,
            told(amount, remittance=text, booked_on=20_776),
            NOON,
        ),
        cause=cause,
    )
    for number, (amount, cause, text) in enumerate(
        ((10_00, "", "Faktúra 1042, ďakujeme za rýchle dodanie tovaru"), (1_250_00, "over", ""), (5, "near", "VS 1042"))
    )
)

SANDBOX: dict[str, SandboxPage] = {
    "home": HomePage(
        URL,
        "sandbox-till",
        SECRET,
        TEST_CARDS[:2],
        commands(
            URL,
            "sandbox-till",
            SECRET,
            ("9578101234567890125", "9578109876543210987"),
        ),
        "http://127.0.0.1:8082",
        "QrCDN6CcXkGOnRiNcZMrpw==",
        "sampletenantkey1234567==",
        "http://127.0.0.1:8083",
        "sandbox-orders",
        SECRET,
    ),
    "card-gen": CardGeneratorPage(FORM, {}, VENDORS, ()),
    "card-gen-made": CardGeneratorPage(FORM, {}, VENDORS, TEST_CARDS),
    "card-gen-faults": CardGeneratorPage(
        CardForm("nobody", "10001", "0", "fjellkort", "soon", "normal"),
        {
            "client_id": CardFault.CLIENT_UNKNOWN,
            "amount": CardFault.AMOUNT_OUT_OF_RANGE,
            "count": CardFault.COUNT_OUT_OF_RANGE,
            "last_day": CardFault.DAY_UNREADABLE,
        },
        VENDORS,
        (),
    ),
    "statements": StatementsPage("", None, (), (), (), b"<Document/>"),
    "statements-taken": StatementsPage(
        "", None, (StatementTaken(STATEMENT, Counts(7, 6, 3, 1, 2, 1)),), (STATEMENT, UNFINISHED), WAITING
    ),
    "statements-refused": StatementsPage(
        "SK3112000000198742637541",
        FileRefusal(FileFault.REFUSED, "line 12: :61: of a day that is none: 991332"),
        (),
        (STATEMENT,),
        (),
    ),
    "statements-too-large": StatementsPage("", FileRefusal(FileFault.TOO_LARGE), (), (), ()),
}
