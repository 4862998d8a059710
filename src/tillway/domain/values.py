"""How the values of the domain are made: slotted dataclasses that the type checker keeps from being changed."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Made = TypeVar("Made")


@dataclass_transform(frozen_default=True)
def value(kind: type[Made]) -> type[Made]:
    """A class of values: compared and hashed by their fields, never changed once made.

    That nobody assigns to a field is held by the type checker and not at run time: a frozen dataclass takes five times
    as long to make, and a payment makes some twenty values (docs/decisions/0008-values.md).
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
