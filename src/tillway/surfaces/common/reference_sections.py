"""The calls of an API as sections of its reference page: their members as rows, their examples as coloured text."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from tillway.surfaces.common.api import Api
from tillway.surfaces.common.dialect import RefusalEntry
from tillway.surfaces.common.examples import Schema, resolved
from tillway.surfaces.common.openapi import MEDIA_TYPE, AnyEndpoint, Json, body_media_type, entries_of

_DEEPEST_ROW = 4
_TOKEN = re.compile(
    r'(?P<name>"(?:\\.|[^"\\])*")(?=\s*:)|(?P<text>"(?:\\.|[^"\\])*")'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)"
)
_RULES = {
    "exclusiveMinimum": "above {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
}
_SIZES = (("Length", "character", "characters"), ("Items", "entry", "entries"), ("Properties", "member", "members"))
_SEVERAL = {"object": "objects", "text": "texts", "number": "numbers", "whole number": "whole numbers"}
_FORMATS = {"date-time": "moment, ISO 8601", "uri": "URL", "uuid": "UUID"}


@dataclass(frozen=True, slots=True)
class Row:
    """One member of a body, or one parameter."""

    name: str
    type: str
    required: bool
    description: Markup
    rules: str


@dataclass(frozen=True, slots=True)
class Section:
    """One call. `curl` can be pasted into a terminal; the coloured texts are examples of both bodies."""

    anchor: str
    method: str
    path: str
    summary: str
    description: Sequence[Markup]
    public: bool
    idempotent: bool
    parameters: Sequence[Row]
    request: Sequence[Row]
    request_optional: bool
    answer: Sequence[Row]
    refusals: Sequence[RefusalEntry]
    curl: str
    status: int
    answer_example: Markup | None


def section_of(api: Api[Any], endpoint: AnyEndpoint, described: Json, base_url: str) -> Section:
    """The section of one call, from the API's OpenAPI document."""
    operation: Json = described["paths"][endpoint.path][endpoint.method.lower()]
    components: Json = described["components"]["schemas"]
    sent_as = body_media_type(api, endpoint)
    request: Json = operation.get("requestBody", {}).get("content", {}).get(sent_as, {})
    answer: Json = operation["responses"][str(endpoint.status)].get("content", {}).get(MEDIA_TYPE, {})
    parameters: list[Json] = [one for one in operation["parameters"] if one.get("in") in {"path", "query"}]
    path = endpoint.path
    for parameter in parameters:
        path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    return Section(
        anchor=endpoint.name,
        method=endpoint.method,
        path=endpoint.path,
        summary=endpoint.summary,
        description=paragraphs(endpoint.description),
        public=endpoint.public,
        idempotent=endpoint.idempotent,
        parameters=[Row(one["name"], "text", one["required"], prose(one["description"]), "") for one in parameters],
        request=list(_rows(request.get("schema", {}), components)),
        request_optional=endpoint.body_optional,
        answer=list(_rows(answer.get("schema", {}), components)),
        refusals=entries_of(api, endpoint),
        curl=_curl(api, endpoint, base_url + path, request.get("example")),
        status=endpoint.status,
        answer_example=coloured_json(answer["example"]) if answer else None,
    )


def paragraphs(text: str) -> Sequence[Markup]:
    """A text's paragraphs, which blank lines set apart."""
    return [prose(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip()]


def prose(text: str) -> Markup:
    """A text in which backquotes set apart what is code."""
    parts = text.split("`")
    spans = [
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    ]
    return Markup("").join(spans)


def coloured_json(value: object) -> Markup:
    """A value as indented JSON, its tokens marked for colour."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    parts: list[Markup] = []
    done = 0
    for match in _TOKEN.finditer(text):
        token = Markup('<span class="json-{}">{}</span>').format(match.lastgroup, match[0])
        parts += escape(text[done : match.start()]), token
        done = match.end()
    return Markup("").join([*parts, escape(text[done:])])


def _curl(api: Api[Any], endpoint: AnyEndpoint, url: str, example: Any) -> str:
    usual = () if endpoint.public else api.dialect.about.credentials
    credentials = usual if endpoint.door is None else endpoint.door.credentials
    implied = "GET" if example is None else "POST"
    method = "" if endpoint.method == implied else f"-X {endpoint.method} "
    lines = [f"curl {method}{shlex.quote(url)}"]
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in credentials]
    if endpoint.idempotent:
        lines.append("-H 'idempotency-key: till-7-receipt-4711'")
    if example is not None and body_media_type(api, endpoint) != MEDIA_TYPE:
        fields: Json = dict(example)
        lines += [f"-d {shlex.quote(f'{name}={value}')}" for name, value in fields.items()]
    elif example is not None:
        lines.append("-H 'content-type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(example, indent=2, ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _rows(schema: Schema, components: Json, prefix: str = "", depth: int = 1) -> Iterator[Row]:
    """The members of an object, and below each the members of the objects in it."""
    schema = resolved(schema, components)
    for name, member in schema.get("properties", {}).items():
        meant = resolved(member, components)
        required = name in schema.get("required", ())
        description = member.get("description", meant.get("description", ""))
        yield Row(prefix + name, _type(meant, components), required, prose(description), _rules(meant))
        inner = resolved(meant.get("items", {}), components) if meant.get("type") == "array" else meant
        if depth < _DEEPEST_ROW:
            mark = "[]." if meant.get("type") == "array" else "."
            yield from _rows(inner, components, prefix + name + mark, depth + 1)


def _type(schema: Schema, components: Json) -> str:
    if "enum" in schema or "const" in schema:
        return "one of"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(resolved(one, components), components) for one in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            return f"list of {_several(resolved(schema.get('items', {}), components), components)}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"object of {_several(schema['additionalProperties'], components)}"
        case "string":
            return _FORMATS.get(schema.get("format", ""), "text")
        case "integer":
            return "whole number"
        case "null":
            return "null"
        case other:
            return str(other or "anything")


def _several(schema: Schema, components: Json) -> str:
    one = _type(schema, components)
    return _SEVERAL.get(one, one)


def _size(schema: Schema, kind: str, one: str, several: str) -> str:
    least, most = schema.get(f"min{kind}"), schema.get(f"max{kind}")
    if least is not None and most is not None:
        return f"{least} to {most} {several}" if least != most else f"{most} {several if most != 1 else one}"
    if most is not None:
        return f"at most {most} {several if most != 1 else one}"
    return "" if least is None else f"at least {least} {several if least != 1 else one}"


def _rules(schema: Schema) -> str:
    rules = [text.format(schema[name]) for name, text in _RULES.items() if name in schema]
    rules += [size for kind in _SIZES if (size := _size(schema, *kind))]
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        rules.insert(0, ", ".join(json.dumps(value) for value in values))
    default = schema.get("default")
    if isinstance(default, str | int) and default != "":
        rules.append(f"default {json.dumps(default)}")
    return ", ".join(rules)
