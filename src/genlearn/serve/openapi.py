"""The description of a service that programs read: OpenAPI 3.1, of what this model can be asked."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from ..core.options import OptionType
from ..core.registry import name_of
from .formats import JSON, NPY, PNG
from .questions import Questions

_TYPES = {str: "string", int: "integer", float: "number"}
_SUMMARIES = {
    "sample": "New examples.",
    "encode": "Codes of examples.",
    "decode": "Examples of codes.",
    "score": "log p(x) of examples, in nats.",
}
_ERRORS = {
    "400": "What was asked is not possible; detail says why.",
    "401": "A token is asked for: Authorization: Bearer TOKEN.",
    "413": "The body is too long.",
    "429": "Too many are waiting; Retry-After says for how many seconds.",
    "503": "There was no answer in time.",
}


def document(questions: Questions, has_token: bool) -> dict[str, Any]:
    """The description."""
    name = name_of(type(questions.model))
    paths: dict[str, Any] = {f"/{one}": {"post": _path(one, questions)} for one in questions.names}
    for path, summary in {"/health": "Whether it answers.", "/metrics": "For Prometheus."}.items():
        paths[path] = {"get": {"summary": summary, "responses": {"200": {"description": "Yes."}}}}
    secured = {
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"genlearn {name}", "version": version("genlearn")},
        "paths": paths,
        **(secured if has_token else {}),
    }


def _path(name: str, questions: Questions) -> dict[str, Any]:
    answer = {"type": "object", "properties": {"examples": {"type": "array"}}}
    kinds = (JSON, NPY, PNG) if name == "sample" else (JSON, NPY)
    content = {kind: {"schema": answer if kind == JSON else {}} for kind in kinds}
    errors = {status: {"description": text} for status, text in _ERRORS.items()}
    return {
        "summary": _SUMMARIES[name],
        "operationId": name,
        "requestBody": {"content": _asked(name, questions)},
        "responses": {"200": {"description": "The answer.", "content": content}, **errors},
    }


def _asked(name: str, questions: Questions) -> dict[str, Any]:
    if name != "sample":
        given = {"type": "object", "required": ["examples"]}
        rows = given | {"properties": {"examples": {"type": "array", "items": {}}}}
        return {JSON: {"schema": rows}, NPY: {"schema": {}}}
    own = {
        "n": {"type": "integer", "minimum": 1, "maximum": questions.most, "default": 1},
        "seed": {"type": "integer", "minimum": 0, "description": "default: the next of a stream"},
        "start": {"type": "integer", "minimum": 0, "description": "number of the first, by seed"},
    }
    options = {key: _schema(option) for key, option in questions.options.items()}
    if "steps" in options:
        options["steps"]["maximum"] = questions.steps
    return {JSON: {"schema": {"type": "object", "properties": own | options}}}


def _schema(option: OptionType) -> dict[str, Any]:
    found: dict[str, Any] = {"description": option.about.help}
    if option.kind in _TYPES:
        found["type"] = _TYPES[option.kind]
    if option.choices:
        found["enum"] = list(option.choices)
    bounds = {"minimum": option.about.low, "maximum": option.about.high}
    return found | {key: value for key, value in bounds.items() if value is not None}
