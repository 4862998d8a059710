"""Example values made from JSON schemas, for documents: what a schema gives as its example, else what fits its type."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

_REFERENCE = "#/components/schemas/"
_BY_FORMAT = {
    "date-time": "2026-11-20T14:30:00Z",
    "uri": "https://shop.example/back",
    "uuid": "019aa1b2-5c3d-7e4f-8a6b-7c8d9e0f1a2b",
}


def resolved(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """The schema itself, where another one only refers to it; beside `null` the one that is meant."""
    while True:
        if "$ref" in schema:
            schema = components[schema["$ref"].removeprefix(_REFERENCE)]
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        elif "anyOf" in schema and len(chosen := [one for one in schema["anyOf"] if one.get("type") != "null"]) == 1:
            schema = {**{name: schema[name] for name in schema if name != "anyOf"}, **chosen[0]}
        else:
            return schema


def example_of(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """An example for a schema: its own, else one put together from its members' examples."""
    if schema.get("examples"):
        return schema["examples"][0]
    schema = resolved(schema, components)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for alternatives in ("anyOf", "oneOf"):
        if alternatives in schema:
            return example_of(schema[alternatives][0], components)
    return _by_type(schema, components)


def _by_type(schema: Schema, components: Mapping[str, Schema]) -> Any:
    match schema.get("type"):
        case "object":
            return _object(schema, components)
        case "array":
            return [example_of(schema.get("items", {}), components)]
        case "integer":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return schema.get("default", True)
        case "string":
            return _BY_FORMAT.get(schema.get("format", ""), schema.get("default", "text"))
        case _:
            return None


def _object(schema: Schema, components: Mapping[str, Schema]) -> dict[str, Any]:
    """The required members, and those that say what they look like."""
    required = schema.get("required", ())
    return {
        name: example_of(member, components)
        for name, member in schema.get("properties", {}).items()
        if name in required or member.get("examples")
    }
