"""What a transaction does, as values: a program yields steps and is sent what they found.

A program is written once and run by each database's own driver, in its own thread or event loop.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Executable

from tillway.store.statements import Bound


@dataclass(frozen=True, slots=True)
class Load:
    """Find the rows of a kind whose `columns` have one of the `keys`; `lock` keeps other writers away from them.

    With one column the keys are values, with more they are tuples; both in ascending order, so that writers that lock
    the same rows never wait for each other in a circle. `given` is a column that is not empty in any of the rows: an
    index of those alone is used only where that is said.
    """

    kind: type[Any]
    columns: tuple[str, ...]
    keys: Sequence[Any]
    lock: bool = False
    given: str = ""


@dataclass(frozen=True, slots=True)
class LoadAll:
    """Find every row of a kind, in order of keys: for the small tables of records only; `lock` as in Load."""

    kind: type[Any]
    lock: bool = False


@dataclass(frozen=True, slots=True)
class Insert:
    """Write new rows of one kind."""

    kind: type[Any]
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Update:
    """Write the changeable columns of rows of one kind."""

    kind: type[Any]
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Write:
    """Write rows of several kinds at once, each kind in at most one Insert and one Update."""

    changes: Sequence[Insert | Update]


@dataclass(frozen=True, slots=True)
class Execute:
    """Run one SQLAlchemy Core statement and find its rows; it is given up after `seconds` (0: as long as any other)."""

    statement: Executable | Bound
    seconds: int = 0


Step = Load | LoadAll | Write | Execute

Result = TypeVar("Result")
Program = Generator[Step, list[Any], Result]
