"""The pretend banks and what their customers, gateways and time do to a payment there."""

from dataclasses import replace

import pytest
from schwifty import BIC, IBAN

from tillway.domain.banks import BankKind, Directory
from tillway.domain.pretended_banks import BANKS, BY_ID, USERS, PretendBank, Proof, accounts_of, directory_of
from tillway.domain.pretended_transfers import (
    APP_TAKES,
    LATE_AFTER,
    LOGIN_LASTS,
    BankTransfer,
    Stage,
    TransferStatus,
    TransferTerms,
    cancel,
    choose_account,
    code_of,
    create,
    first_account,
    log_in,
    pass_time,
    promise,
    prove,
    settle,
    turn_back,
)
from tillway.domain.schedules import DAY, SECOND

T = TransferStatus
NOW = 1_767_225_600_000_000
TERMS = TransferTerms("sepa-credit-transfers", 250_00, "EUR", "SK3112000000198742637541", "Shop", "", "", "", "", "")


def fresh(bank: str = "karpatska") -> BankTransfer:
    """A payment that waits for its payer."""
    return create("a" * 32, bank, TERMS, NOW)


def authorised(user: str, bank: str = "karpatska") -> BankTransfer:
    """One whose customer has done everything."""
    known = log_in(fresh(bank), user, NOW)
    return prove(choose_account(known, first_account(known), NOW), NOW)


@pytest.mark.parametrize("one", BANKS, ids=[one.bank.id for one in BANKS])
def test_accounts_and_bics_are_such_as_the_country_gives(one: PretendBank) -> None:
    assert BIC(one.bank.bic).country_code == one.bank.country
    for account in accounts_of(one.bank.id):
        assert IBAN(account.iban, validate_bban=True).country_code == one.bank.country
    assert len({account.iban for account in accounts_of(one.bank.id)}) == 3


def test_the_directory_has_every_country_and_every_level() -> None:
    directory = Directory(directory_of("berlin"))
    assert directory.countries == ("SK", "CZ", "PL", "DE", "AT")
    assert all(len(directory.within("", country)) >= 2 for country in directory.countries)
    (main,) = (one for one in directory.within("") if one.kind is BankKind.MAIN_GROUP)
    (inner,) = (one for one in directory.within(main.id) if one.kind is BankKind.PRODUCT_GROUP)
    assert [one.kind for one in directory.within(inner.id)] == [BankKind.BANK, BankKind.BANK]
    assert all(one.connector == ("berlin" if one.kind is BankKind.BANK else "") for one in directory.banks)
    assert {one.proof for one in BANKS} == set(Proof)


def test_the_first_customer_stays() -> None:
    known = log_in(fresh(), "books", NOW)
    assert log_in(known, "nomoney", NOW) == known
    assert log_in(fresh(), "jan.novak", NOW) == fresh()


def test_only_the_customers_own_accounts_pay() -> None:
    known = log_in(fresh(), "books", NOW)
    for iban in ("", "SK3112000000198742637541", accounts_of("donau")[0].iban):
        assert choose_account(known, iban, NOW) == known


def test_nothing_is_skipped() -> None:
    assert prove(fresh(), NOW) == fresh()
    known = log_in(fresh(), "books", NOW)
    assert prove(known, NOW) == known
    assert settle(known, "", NOW) == known
    assert promise(known) == known


@pytest.mark.parametrize("user", [user.name for user in USERS])
def test_what_is_decided_stays_so(user: str) -> None:
    ended = settle(authorised(user), "", NOW)
    for later in (
        settle(ended, "AM04", NOW),
        cancel(ended, NOW),
        turn_back(ended),
        pass_time(ended, NOW + 30 * DAY),
        prove(ended, NOW),
    ):
        assert later == ended


@pytest.mark.parametrize("stage", [Stage.LOGIN, Stage.ACCOUNT, Stage.PROOF])
def test_a_payment_can_be_cancelled_until_it_is_authorised(stage: Stage) -> None:
    known = fresh()
    if stage is not Stage.LOGIN:
        known = log_in(known, "books", NOW)
    if stage is Stage.PROOF:
        known = choose_account(known, first_account(known), NOW)
    assert cancel(known, NOW).status is T.CANCELLED
    assert turn_back(known).reason == "CUST"
    gone = pass_time(known, NOW + LOGIN_LASTS)
    assert (gone.status, gone.reason, gone.stage) == (T.REJECTED, "", Stage.FAILED)
    assert cancel(authorised("pending"), NOW).status is T.PENDING


def test_the_app_agrees_by_itself_after_a_while() -> None:
    known = log_in(fresh("alpen"), "books", NOW)
    known = choose_account(known, first_account(known), NOW)
    assert pass_time(known, NOW + APP_TAKES - 1).status is T.RECEIVED
    assert pass_time(known, NOW + APP_TAKES).status is T.COMPLETED


def test_late_money_comes_after_somebody_wanted_it_cancelled() -> None:
    waiting = authorised("late")
    assert pass_time(waiting, NOW + 30 * DAY).status is T.PENDING
    refused = cancel(waiting, NOW)
    assert refused.status is T.PENDING
    assert pass_time(refused, NOW + LATE_AFTER).status is T.COMPLETED


def test_old_news_are_told_for_a_while_only() -> None:
    booked = authorised("wavers")
    shown = [booked.shown_status(NOW + seconds * SECOND) for seconds in (0, 4, 5, 64, 65, 9_999)]
    assert shown == [T.COMPLETED, T.COMPLETED, T.IN_PROCESS, T.IN_PROCESS, T.COMPLETED, T.COMPLETED]


def test_a_bank_confirms_what_it_works_on_once_it_is_told_to() -> None:
    assert promise(authorised("pending")).status is T.IN_PROCESS
    assert promise(authorised("books")).status is T.COMPLETED


def test_more_than_is_on_the_account_is_rejected() -> None:
    known = log_in(replace(fresh(), terms=replace(TERMS, amount=10**10)), "books", NOW)
    assert prove(choose_account(known, first_account(known), NOW), NOW).reason == "AM04"


def test_codes_have_six_digits_and_differ() -> None:
    codes = {code_of(create(f"{number:032x}", "dunajska", TERMS, NOW)) for number in range(200)}
    assert len(codes) > 150
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert set(BY_ID) == {one.bank.id for one in BANKS}
