"""JSON Schema: what is read and written is what SPEC.md says it is."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[1] / "schema"
WIDTH = 200  # of a message


class SchemaError(ValueError):
    """JSON that is not what the specification asks for; the text says where and why."""


@cache
def registry() -> Registry[Any]:
    """All schemas, so that one may refer to another."""
    contents = [json.loads(path.read_text("ascii")) for path in FOLDER.glob("*.json")]
    return Registry().with_resources((c["$id"], Resource.from_contents(c)) for c in contents)


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of a schema, as "case.json", or of a part, as "message.json#/$defs/answer"."""
    return Draft202012Validator({"$ref": name}, registry=registry())


def check(name: str, instance: Any) -> None:
    """Nothing where the instance is valid.  Raises SchemaError, one sentence, where it is not."""
    error = best_match(validator(name).iter_errors(instance))
    if error is not None:
        text = " ".join(explained(error).split())
        where = "/".join(str(part) for part in error.absolute_path)
        cut = text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
        raise SchemaError(f"{where}: {cut}" if where else cut)


def explained(error: Any) -> str:
    """The message of an error; where none of several schemas fits, what their parent says."""
    several = error.validator in ("oneOf", "anyOf") and isinstance(error.schema, dict)
    return error.schema.get("description", error.message) if several else error.message
