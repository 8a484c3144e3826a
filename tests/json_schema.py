"""A small reader of JSON Schema: the keywords that the schemas in tests/fixtures/schemas use, and no others."""
import re

TYPES = {"object": dict, "array": list, "string": str, "integer": int}
KNOWN = {"title", "definitions", "$ref", "type", "enum", "pattern", "minimum", "required", "additionalProperties", "properties",
         "items"}


def problems(value, schema, root=None, at="it"):
    """Yields what is wrong with a value."""
    root = schema if root is None else root
    unknown = schema.keys() - KNOWN
    if unknown:
        raise ValueError(f"the schema uses {', '.join(sorted(unknown))}")
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from problems(value, target, root, at)
        return
    if "type" in schema and (not isinstance(value, TYPES[schema["type"]]) or isinstance(value, bool)):
        yield f"{at} is no {schema['type']}: {str(value)[:100]!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}"
    if "pattern" in schema and not re.search(schema["pattern"], value, re.DOTALL):
        yield f"{at} is {value!r}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at} is {value}"
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"{at} has no {key}"
        for key, inner in value.items():
            if key in schema.get("properties", {}):
                yield from problems(inner, schema["properties"][key], root, f"{at}.{key}")
            elif schema.get("additionalProperties") is False:
                yield f"{at} has the unknown property {key}"
    elif isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            yield from problems(inner, schema["items"], root, f"{at}[{index}]")
