"""The names of a body's members, for dialects that match them without regard to upper and lower case."""

from pydantic import BaseModel

from tillway.surfaces.common.faults import not_json
from tillway.surfaces.common.json_text import JsonValue


class MemberNames:
    """The names that a model gives its members, in whatever case they are sent."""

    def __init__(self, model: type[BaseModel]) -> None:
        names = [field.alias or name for name, field in model.model_fields.items()]
        self._names = frozenset(names)
        self._by_folded = {name.casefold(): name for name in names}

    def of(self, value: JsonValue) -> JsonValue:
        """The body with its members named as in the model. Raises Invalid for one that is there in two cases."""
        if not isinstance(value, dict) or self._names.issuperset(value):
            return value
        named: dict[str, JsonValue] = {}
        for name, member in value.items():
            meant = self._by_folded.get(name.casefold(), name)
            if meant in named:
                raise not_json("a name is given twice in one object")
            named[meant] = member
        return named
