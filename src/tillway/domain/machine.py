"""A state machine is a table of allowed moves, and `advance` is the only way through it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from tillway.domain.values import value

State = TypeVar("State", bound=StrEnum)


class MoveNotAllowed(Exception):
    """Our own mistake: a command asked for a move that the table does not have."""

    def __init__(self, machine: str, source: StrEnum, target: StrEnum) -> None:
        super().__init__(f"{machine} cannot go from {source} to {target}")


@value
class Machine(Generic[State]):
    """The moves that things called `name` may make; a state without moves is final."""

    name: str
    moves: Mapping[State, frozenset[State]]

    def may(self, source: State, target: State) -> bool:
        """Whether the table has the move."""
        return target in self.moves[source]

    def is_final(self, state: State) -> bool:
        """Whether nothing leads away from `state`."""
        return not self.moves[state]

    def advance(self, source: State, target: State) -> State:
        """`target`, if the table has the move; raises MoveNotAllowed otherwise."""
        if target not in self.moves[source]:
            raise MoveNotAllowed(self.name, source, target)
        return target
