"""What pages under `docs/` list of the payment orders API, as the code has it."""

from collections.abc import Sequence
from typing import Any, cast

from tests.checks.tables import table
from tests.order_rules import STATES, Rules
from tillway.domain.payments import PAYMENT, WAITING, PaymentState
from tillway.domain.reasons import Reason
from tillway.domain.refusals import CredentialsRefused
from tillway.surfaces.common.api import Api, Endpoint
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.limits import Addresses
from tillway.surfaces.common.openapi import entries_of
from tillway.surfaces.order_api.auth import Credentials
from tillway.surfaces.order_api.calls import OrderCalls
from tillway.surfaces.order_api.codes import Code
from tillway.surfaces.order_api.dialect import OrderDialect
from tillway.surfaces.order_api.errors import TABLE
from tillway.surfaces.order_api.lists import Lists
from tillway.surfaces.order_api.oauth import TokenDesk
from tillway.surfaces.order_api.rendering import REASON_CODES, ReasonCode
from tillway.surfaces.order_api.routes import PREFIXES, endpoints


def order_calls() -> Sequence[Endpoint[Any, Any]]:
    """The endpoint table, to be read."""
    calls = OrderCalls.__new__(OrderCalls)
    calls.lists = Lists.__new__(Lists)
    calls.credentials = Credentials.__new__(Credentials)
    calls.desk = TokenDesk.__new__(TokenDesk)
    return endpoints(calls)


def order_codes() -> str:
    """Every code with its status, its meaning and the calls that may answer it."""
    every, api = [call for call in order_calls() if call.dialect is None], _api()
    found: dict[tuple[Code, int, str], list[str]] = {}
    for call in every:
        for entry in entries_of(api, call):
            found.setdefault((_code(entry), entry.status, entry.message), []).append(call.name)
    status, refused = TABLE[CredentialsRefused]
    order = list(Code)
    rows: list[Sequence[str]] = []
    for (code, answered, message), names in sorted(found.items(), key=lambda row: (order.index(row[0][0]), row[0][1:])):
        is_usual = len(names) == len(every) or (code, answered) == (refused, status)
        rows.append((f"`{code}`", str(answered), message, "every call" if is_usual else ", ".join(names)))
    return table(("code", "status", "meaning", "answered by"), rows)


def token_errors() -> str:
    """Every error of the token endpoint."""
    (token,) = [call for call in order_calls() if call.dialect is not None]
    entries = sorted(entries_of(_api(), token), key=lambda entry: (entry.status, entry.code))
    rows = ((f"`{entry.code or entry.body['error']}`", str(entry.status), entry.message) for entry in entries)
    return table(("error", "status", "meaning"), rows)


def order_reasons() -> str:
    """Every reason code with the words of connectors that it stands for."""
    words: dict[str, list[str]] = {code: [] for code in ReasonCode}
    for reason in Reason:
        words[REASON_CODES.get(reason, ReasonCode.OTHER)].append(f"`{reason}`")
    return table(("`reasonCode`", "words"), ((f"`{code}`", ", ".join(found)) for code, found in words.items()))


def order_states() -> str:
    """What each status of a payment allows."""
    rows: list[Sequence[str]] = []
    for state in PaymentState:
        marks = (PAYMENT.is_final(state), state in WAITING, state is PaymentState.CREATED)
        rows.append((f"`{state}`", *("yes" if mark else "" for mark in marks)))
    return table(("status", "final", "can be withdrawn", "amount can change"), rows)


def order_rules(rules: Rules) -> str:
    """What every act does in each status, and where it is refused."""
    rows: list[Sequence[str]] = []
    for act, cells in rules.items():
        rows.append((act, *(_cell(cells[state]) for state in STATES)))
    return table(("act", *(f"`{state}`" for state in STATES)), rows)


def _cell(cell: str) -> str:
    """A cell with everything that stands for a word of the API as one; what is refused is said to be."""
    if cell.startswith("!"):
        return f"no: `{cell[1:]}`"
    words = cell.replace("paid out", "paid-out").split(" ")
    return " ".join(f"`{word}`" if word.isupper() else word.replace("-", " ") for word in words)


def _code(entry: RefusalEntry) -> Code:
    """The code of an entry; of those that HTTP itself says it stands in the example only."""
    if entry.code:
        return Code(entry.code)
    errors = cast("list[dict[str, str]]", entry.body["errors"])
    return Code(errors[0]["code"])


def _api() -> Api[Any]:
    """The API to be read, not served."""
    dialect = OrderDialect.__new__(OrderDialect)
    return Api(dialect, order_calls(), prefixes=PREFIXES, telemetry=Any, addresses=Addresses())  # pyright: ignore[reportArgumentType]
