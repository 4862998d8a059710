"""What can be wrong with a request's form, as values: all faults of a body are told at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, auto

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST_FAULTS = 50
"""More faults of one body are not told."""

_LONGEST_NAME = 64
_UNKNOWN_TYPES = frozenset({"extra_forbidden"})
_RULE_TYPES = frozenset({"bool_parsing", "int_parsing", "decimal_parsing", "int_from_float"})


class FaultKind(StrEnum):
    """What sort of fault; a dialect chooses the status and code by it."""

    NOT_JSON = auto()
    """The body cannot be read as JSON at all, or not without doubt about what it says."""
    MISSING = auto()
    WRONG_TYPE = auto()
    BAD_VALUE = auto()
    """The right type, but against a rule."""
    UNKNOWN = auto()
    """A member that the call does not have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the path of the member (empty: the whole body), its kind and a text that never repeats the value."""

    location: tuple[str | int, ...]
    kind: FaultKind
    message: str
    rule: str = ""
    """The name of the rule that was broken, for dialects that have a code for it: pydantic's, or a model's own."""

    @property
    def member(self) -> str:
        """The path of the member as people write it: `cards[0].amount`."""
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.location)
        return path.removeprefix(".")


class Invalid(Exception):
    """The request's form is at fault; raised while reading, or by a handler that knows more rules than the model."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("the request is not valid")
        self.faults = tuple(faults)


def bad_value(member: str, message: str) -> Invalid:
    """The one fault that a member's value breaks a rule."""
    return Invalid([Fault((member,), FaultKind.BAD_VALUE, message)])


def not_json(message: str) -> Invalid:
    """The one fault that the body cannot be read."""
    return Invalid([Fault((), FaultKind.NOT_JSON, message)])


def faults_of(error: ValidationError) -> Invalid:
    """What pydantic found, in our words."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return Invalid(_fault(detail) for detail in details[:MOST_FAULTS])


def _fault(detail: ErrorDetails) -> Fault:
    location = tuple(part if isinstance(part, int) else part[:_LONGEST_NAME] for part in detail["loc"])
    kind = _kind(detail["type"])
    return Fault(location, kind, detail["msg"].removeprefix("Value error, "), detail["type"])


def _kind(pydantic_type: str) -> FaultKind:
    if pydantic_type == "missing":
        return FaultKind.MISSING
    if pydantic_type in _UNKNOWN_TYPES:
        return FaultKind.UNKNOWN
    if pydantic_type in _RULE_TYPES or pydantic_type.endswith("_type"):
        return FaultKind.WRONG_TYPE
    return FaultKind.BAD_VALUE
