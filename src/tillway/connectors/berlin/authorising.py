"""Leading a payer through a bank's authorisation without its page, as far as the bank takes that (embedded, decoupled).

Nothing is kept between two calls: the bank tells how far an authorisation is, and what the payer gave says what is to
be told to the bank. What the payer gave is in no log and in no error.
"""

from collections.abc import Mapping
from typing import Final

from tillway.connectors.berlin import reading
from tillway.connectors.berlin.payments import FarPayment
from tillway.connectors.berlin.reading import ScaStatus
from tillway.connectors.berlin.transport import Said
from tillway.connectors.protocol import Asked, Step, StepKind

USER: Final = "psuId"
PASSWORD: Final = "password"  # noqa: S105 - the name of what is asked for
METHOD: Final = "authenticationMethodId"
CODE: Final = "scaAuthenticationData"
"""The names of what is asked for; the standard's own."""

LONGEST_USER: Final = 200

_ENDED: Final = frozenset({ScaStatus.FINALISED, ScaStatus.EXEMPTED, ScaStatus.FAILED})

_NEXT = Step(StepKind.NEXT)


async def lead(far: FarPayment, identity: str, values: Mapping[str, str]) -> Step:
    """Tell the bank what `values` has for it, and say what is asked next."""
    if not identity:
        return _NEXT
    known = await far.authorisations(identity)
    if known is None:
        return _NEXT
    return await _go_on(far, identity, known[-1], values) if known else await _begin(far, identity, values)


async def _begin(far: FarPayment, identity: str, values: Mapping[str, str]) -> Step:
    """Begin an authorisation, once what the bank wants to know for that is there."""
    made = await far.initiate()
    if made is None or not made.is_done:
        return _NEXT
    links = reading.links_of(made.members)
    page = reading.page_in(links, far.bank.pages)
    if page:
        return Step(StepKind.REDIRECT, page)
    user, asked = _user(values), _asked_first(links)
    if asked and not user:
        return Step(StepKind.INPUT, inputs=asked, description=_told(made))
    members = {"psuData": {"password": values[PASSWORD]}} if user and values.get(PASSWORD) else None
    begun = await far.authorise(identity, members, {"PSU-ID": user} if user else None)
    if begun is None:
        return _NEXT
    if begun.is_refused and asked:
        return Step(StepKind.INPUT, inputs=asked, description=_told(begun))
    return _step(far, begun)


def _asked_first(links: Mapping[str, str]) -> tuple[Asked, ...]:
    """What a bank wants to know before an authorisation begins, by the name of its link."""
    if "startAuthorisationWithPsuAuthentication" in links:
        return _ASKS_USER, _ASKS_PASSWORD
    return (_ASKS_USER,) if "startAuthorisationWithPsuIdentification" in links else ()


async def _go_on(far: FarPayment, identity: str, authorisation: str, values: Mapping[str, str]) -> Step:
    said = await far.sca_status(identity, authorisation)
    if said is None or not said.is_done:
        return _NEXT
    status = reading.sca_status_of(said.members)
    members = _for_bank(status, values)
    if members is None:
        return await _waits(far, identity, said, status)
    user = _user(values)
    told = await far.update(identity, authorisation, members, {"PSU-ID": user} if user else {})
    if told is None:
        return _NEXT
    asked = _ASKS.get(status) if status is not None else None
    if told.is_refused and asked is not None:
        return Step(StepKind.INPUT, inputs=asked, description=_told(told))
    return _step(far, told)


async def _waits(far: FarPayment, identity: str, said: Said, status: ScaStatus | None) -> Step:
    """What is to be done next in an authorisation that was given nothing new: at the bank's page, if it has one."""
    if status in _ENDED:
        return _NEXT
    made = await far.initiate()
    page = reading.page_in(reading.links_of(made.members), far.bank.pages) if made is not None else ""
    if page:
        return Step(StepKind.REDIRECT, page)
    asked = _ASKS.get(status) if status is not None else None
    if asked is not None:
        return Step(StepKind.INPUT, inputs=asked, description=_told(said))
    if status is not ScaStatus.STARTED:
        return _NEXT
    begun = await far.authorise(identity)
    return _step(far, begun) if begun is not None and begun.is_done else Step(StepKind.PUSH, description=_told(said))


def _step(far: FarPayment, said: Said) -> Step:
    """The next step that an authorisation's own answer tells, by its links."""
    links, description = reading.links_of(said.members), _told(said)
    page = reading.page_in(links, far.bank.pages)
    if page:
        return Step(StepKind.REDIRECT, page, description=description)
    if "selectAuthenticationMethod" in links:
        asked = Asked(METHOD, "SELECT", "Way of authentication", reading.methods_in(said.members))
        return Step(StepKind.INPUT, inputs=(asked,), description=description)
    if "authoriseTransaction" in links:
        return Step(StepKind.INPUT, inputs=(_ASKS_CODE,), description=description)
    if "updatePsuAuthentication" in links:
        return Step(StepKind.INPUT, inputs=(_ASKS_PASSWORD,), description=description)
    if "updatePsuIdentification" in links:
        return Step(StepKind.INPUT, inputs=(_ASKS_USER, _ASKS_PASSWORD), description=description)
    is_pushed = reading.sca_status_of(said.members) in (ScaStatus.STARTED, ScaStatus.METHOD_SELECTED)
    return Step(StepKind.PUSH if is_pushed else StepKind.NEXT, description=description)


def _for_bank(status: ScaStatus | None, values: Mapping[str, str]) -> Mapping[str, object] | None:
    """What of the payer's values an authorisation that is so far can use; None if there is nothing."""
    match status:
        case ScaStatus.RECEIVED if values.get(PASSWORD) and _user(values):
            return {"psuData": {"password": values[PASSWORD]}}
        case ScaStatus.IDENTIFIED if values.get(PASSWORD):
            return {"psuData": {"password": values[PASSWORD]}}
        case ScaStatus.AUTHENTICATED if values.get(METHOD):
            return {"authenticationMethodId": values[METHOD]}
        case ScaStatus.AUTHENTICATED if values.get(PASSWORD):
            return {"psuData": {"password": values[PASSWORD]}}
        case ScaStatus.METHOD_SELECTED if values.get(CODE):
            return {"scaAuthenticationData": values[CODE]}
        case _:
            return None


def _user(values: Mapping[str, str]) -> str:
    """The name that the payer gave; empty if it could not stand in a header field."""
    user = values.get(USER, "").strip()
    return user if len(user) <= LONGEST_USER and reading.is_plain(user) else ""


def _told(said: Said) -> str:
    """The bank's own word to the payer."""
    challenge = reading.inner_of(said.members, "challengeData")
    return reading.text_in(said.members, "psuMessage") or reading.text_in(challenge, "additionalInformation")


_ASKS_USER = Asked(USER, "TEXT", "User name")
_ASKS_PASSWORD = Asked(PASSWORD, "PASSWORD", "Password")
_ASKS_CODE = Asked(CODE, "TEXT", "Code")

_ASKS = {
    ScaStatus.RECEIVED: (_ASKS_USER, _ASKS_PASSWORD),
    ScaStatus.IDENTIFIED: (_ASKS_PASSWORD,),
    ScaStatus.AUTHENTICATED: (_ASKS_PASSWORD,),
    ScaStatus.METHOD_SELECTED: (_ASKS_CODE,),
}
"""What the payer is asked for in an authorisation that is so far, where the bank's own answer is not at hand.

The ways of authentication stand only in the answer to the password, so that is asked for again.
"""
