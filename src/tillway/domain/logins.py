"""Logging in: failed proofs are counted, and renewed tokens noted."""

from tillway.domain.book import Book
from tillway.domain.decision import Decision
from tillway.domain.guesses import Guesses, is_used_up, one_more, wait_of
from tillway.domain.refusals import LoginRefused, Refusal, TooManyLogins
from tillway.domain.renewals import Renewal


def count_failed(book: Book, scope: str, now: int) -> Decision[Refusal]:
    """The refusal of a proof that was wrong, which is counted; the same refusal whatever was wrong with it."""
    before = book.find(Guesses, scope)
    if is_used_up(scope, before, now):
        return Decision(TooManyLogins(wait_of(before, now)))
    counted = one_more(scope, before, now)
    return Decision(LoginRefused(), *(((counted,), ()) if before is None else ((), (counted,))))


def note_renewal(book: Book, renewal: Renewal) -> Decision[Renewal]:
    """The renewal, or the one that there is already: a token that is renewed again lasts no longer for it."""
    known = book.find(Renewal, renewal.token_id)
    return Decision(renewal, (renewal,)) if known is None else Decision(known)
