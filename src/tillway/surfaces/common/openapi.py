"""An API's OpenAPI 3.1 document, made from the same table that its requests are served by."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from tillway.domain.refusals import CredentialsRefused, KeyReused
from tillway.surfaces.common.api import RETRY_AFTER_SECONDS, Api, Endpoint
from tillway.surfaces.common.call import Reply
from tillway.surfaces.common.dialect import Dialect, RefusalEntry
from tillway.surfaces.common.examples import example_of
from tillway.surfaces.common.idempotency import HEADER, LONGEST_KEY
from tillway.surfaces.common.reading import FORM_MEDIA_TYPE

Json = dict[str, Any]

AnyEndpoint = Endpoint[Any, Any]
AnyApi = Api[Any]

ERROR_SCHEMA = "Error"
MEDIA_TYPE = "application/json"

_EXAMPLE_REQUEST_ID = "6f1c2b9ad6f04f53a4c1f6f0a3c0b1de"
_PARAMETER = re.compile(r"\{(\w+)\}")
_SCHEMA_PATH = "#/components/schemas/{model}"


def document(api: AnyApi) -> Json:
    """The document, ready to be written as JSON."""
    about = api.dialect.about
    models = _models(api.endpoints)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.introduction},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in tags_of(api.endpoints)],
        "security": [{name: list[str]() for name in about.security_schemes}],
        "paths": _paths(api, models),
        "components": {
            "schemas": {**models.schemas, **_error_schemas(api)},
            "securitySchemes": {name: dict(scheme) for name, scheme in about.security_schemes.items()},
            "parameters": {"idempotencyKey": _IDEMPOTENCY_KEY, "requestId": _REQUEST_ID},
            "headers": {"x-request-id": _REQUEST_ID_HEADER},
        },
    }


def tags_of(endpoints: Iterable[AnyEndpoint]) -> Sequence[str]:
    """The tags in the order in which the table brings them up."""
    return tuple(dict.fromkeys(tag for endpoint in endpoints for tag in endpoint.tags))


def entries_of(api: AnyApi, endpoint: AnyEndpoint) -> Sequence[RefusalEntry]:
    """Everything that a call may be answered instead of what was hoped for, in order of precedence."""
    dialect = endpoint.dialect or api.dialect
    entries: list[RefusalEntry] = []
    if not endpoint.public and endpoint.door is None:
        entries.append(dialect.entry_of(CredentialsRefused))
    if "{" in endpoint.path:
        entries.append(_entry(dialect.not_found(), "There is no such path."))
    if endpoint.request is not None:
        entries += [_entry(reply, why) for reply, why in _body_replies(dialect)]
    if endpoint.request is not None or endpoint.idempotent or endpoint.query:
        entries += (*dialect.about.faults, *endpoint.faults)
    if endpoint.idempotent:
        entries.append(dialect.entry_of(KeyReused))
    common = {KeyReused} if endpoint.door is not None else {KeyReused, CredentialsRefused}
    entries += [dialect.entry_of(refusal) for refusal in endpoint.refusals if refusal not in common]
    entries.append(_entry(dialect.overloaded(RETRY_AFTER_SECONDS), "Too much is waiting; come again."))
    entries.append(_entry(dialect.crashed(_EXAMPLE_REQUEST_ID), "We made a mistake; tell us the request id."))
    return _once_each(entries)


def _error_schemas(api: AnyApi) -> Json:
    """The body of a refusal: the API's, and that of each call that speaks otherwise."""
    own = {
        _error_schema(endpoint): dict(endpoint.dialect.about.error_schema)
        for endpoint in api.endpoints
        if endpoint.dialect
    }
    return {ERROR_SCHEMA: dict(api.dialect.about.error_schema), **own}


def _error_schema(endpoint: AnyEndpoint) -> str:
    return ERROR_SCHEMA if endpoint.dialect is None else f"{ERROR_SCHEMA}-{endpoint.dialect.name}"


def body_media_type(api: AnyApi, endpoint: AnyEndpoint) -> str:
    """What a call's body is sent as."""
    rules = (endpoint.dialect or api.dialect).body_rules
    return FORM_MEDIA_TYPE.decode() if rules.form else MEDIA_TYPE


class _Models:
    """The JSON schemas of all models, by what they are used for."""

    def __init__(self, references: Mapping[tuple[type[BaseModel], JsonSchemaMode], Json], schemas: Json) -> None:
        self._references = references
        self.schemas = schemas

    def reference(self, model: type[BaseModel], mode: JsonSchemaMode) -> Json:
        return self._references[model, mode]

    def content(self, model: type[BaseModel], mode: JsonSchemaMode, media_type: str = MEDIA_TYPE) -> Json:
        reference = self.reference(model, mode)
        return {media_type: {"schema": reference, "example": example_of(reference, self.schemas)}}


def _models(endpoints: Iterable[AnyEndpoint]) -> _Models:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for endpoint in endpoints:
        if endpoint.request is not None:
            wanted[cast("type[BaseModel]", endpoint.request), "validation"] = None
        if endpoint.answer is not None:
            wanted[endpoint.answer, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_SCHEMA_PATH)
    schemas: Json = {name: _untitled(schema) for name, schema in definitions.get("$defs", {}).items()}
    return _Models(cast("Mapping[tuple[type[BaseModel], JsonSchemaMode], Json]", references), schemas)


def _untitled(schema: Json) -> Json:
    """Without the titles that pydantic makes up from member names."""
    properties: Json = schema.get("properties", {})
    bare = {name: {key: value[key] for key in value if key != "title"} for name, value in properties.items()}
    return {**schema, "properties": bare} if bare else schema


def _paths(api: AnyApi, models: _Models) -> Json:
    paths: Json = {}
    for endpoint in api.endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(api, endpoint, models)
    return paths


def _operation(api: AnyApi, endpoint: AnyEndpoint, models: _Models) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": list(endpoint.tags),
        "parameters": _parameters(api, endpoint),
        "responses": {str(endpoint.status): _success(endpoint, models)} | _refused(entries_of(api, endpoint), endpoint),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.request is not None:
        model = cast("type[BaseModel]", endpoint.request)
        operation["requestBody"] = {
            "required": not endpoint.body_optional,
            "content": models.content(model, "validation", body_media_type(api, endpoint)),
        }
    if endpoint.public:
        operation["security"] = []
    elif endpoint.door is not None:
        operation["security"] = [{name: list[str]() for name in endpoint.door.schemes}]
    return operation


def _parameters(api: AnyApi, endpoint: AnyEndpoint) -> list[Json]:
    described = api.dialect.about.parameters
    parameters: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": described[name].description,
            "schema": {"type": "string"},
            "example": described[name].example,
        }
        for name in _PARAMETER.findall(endpoint.path)
    ]
    parameters += [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": one.description,
            "schema": {"type": "string"},
            "example": one.example,
        }
        for name, one in endpoint.query.items()
    ]
    if endpoint.idempotent:
        parameters.append({"$ref": "#/components/parameters/idempotencyKey"})
    parameters.append({"$ref": "#/components/parameters/requestId"})
    return parameters


def _success(endpoint: AnyEndpoint, models: _Models) -> Json:
    answer: Json = {"description": "Done.", "headers": _ANSWER_HEADERS}
    if endpoint.answer is not None:
        answer["description"] = (endpoint.answer.__doc__ or "Done.").strip().partition("\n")[0]
        answer["content"] = models.content(endpoint.answer, "serialization")
    return answer


def _refused(entries: Sequence[RefusalEntry], endpoint: AnyEndpoint) -> Json:
    by_status: dict[int, list[RefusalEntry]] = {}
    for entry in entries:
        by_status.setdefault(entry.status, []).append(entry)
    schema = _error_schema(endpoint)
    return {str(status): _refusals_of_one_status(same, schema) for status, same in sorted(by_status.items())}


def _refusals_of_one_status(entries: Sequence[RefusalEntry], schema: str) -> Json:
    lines = [f"{entry.code}: {entry.message}" if entry.code else entry.message for entry in entries]
    examples = {
        (entry.code or f"example{number}"): {"summary": entry.message, "value": entry.body}
        for number, entry in enumerate(entries, 1)
    }
    return {
        "description": lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines),
        "headers": _ANSWER_HEADERS,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": examples}},
    }


def _once_each(entries: Iterable[RefusalEntry]) -> Sequence[RefusalEntry]:
    """Several refusals may share a line of the table."""
    return tuple({(entry.status, entry.code, entry.message): entry for entry in entries}.values())


def _body_replies(dialect: Dialect[Any]) -> Iterable[tuple[Reply, str]]:
    rules = dialect.body_rules
    yield dialect.too_large(), f"The body is larger than {rules.most_bytes // 1024} KiB."
    yield dialect.timed_out(), f"The body was not complete within {rules.within_seconds:g} seconds."
    kind = "a form" if rules.form else "JSON"
    yield dialect.unsupported_media_type(), f"The body is not {kind} by its media type."


def _entry(reply: Reply, why: str) -> RefusalEntry:
    return RefusalEntry(reply.status, "", why, msgspec.json.decode(reply.body))


_ANSWER_HEADERS: Json = {"x-request-id": {"$ref": "#/components/headers/x-request-id"}}
_REQUEST_ID_HEADER: Json = {
    "description": "The id of this request in our logs: your own, or a new one.",
    "schema": {"type": "string"},
}
_REQUEST_ID: Json = {
    "name": "x-request-id",
    "in": "header",
    "required": False,
    "description": "Your own id for this request, 1 to 64 letters, digits and `._-`; it is echoed and logged.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY: Json = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Your own name for this request. Sent again with the same body, it is answered as the first time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]*$"},
    "example": "till-7-receipt-4711",
}
