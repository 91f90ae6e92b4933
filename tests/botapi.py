"""What Telegram's own description says about a request or an object: `check_request`, `check_object`.

Both return what is wrong, in words; nothing means it is right. A newer Bot API: a newer file in `tests/data`.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "bot-api-10.3.json"
ARRAY = "Array of "


def check_request(method: str, params: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a call: `params` as decoded values, or as the strings of a form."""
    known = {name.lower(): name for name in _api()["methods"]}
    if method.lower() not in known:
        return [f"{method}: no such method"]
    description = _api()["methods"][known[method.lower()]]
    return _fields(description["name"], description["fields"], params, form=True)


def check_result(method: str, value: Any) -> list[str]:
    """Return what is wrong with the result of a call."""
    description = _api()["methods"].get(method)
    if description is None:
        return [f"{method}: no such method"]
    return _any_of(description["returns"], value, f"{method}()", form=False)


def check_object(type_name: str, value: Any) -> list[str]:
    """Return what is wrong with an object that the server gave out: `check_object("Update", {...})`."""
    if not type_name.startswith(ARRAY) and type_name not in _api()["types"]:
        return [f"{type_name}: no such type"]
    return _value(type_name, value, type_name, form=False)


@cache
def _api() -> dict[str, Any]:
    api: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return api


def _fields(where: str, fields: Iterable[Any], value: Mapping[str, Any], *, form: bool) -> list[str]:
    known = {field["name"]: field for field in fields}
    wrong = [f"{where}.{name}: unknown field" for name in value if name not in known]
    for name, field in known.items():
        place = f"{where}.{name}"
        if name not in value:
            wrong += [f"{place}: missing"] if field["required"] else []
        else:
            wrong += _any_of(field["types"], value[name], place, form=form) or _allowed(
                field, value[name], place
            )
    return wrong


def _allowed(field: Mapping[str, Any], value: Any, where: str) -> list[str]:
    """Return what is wrong with a value that only a few words or numbers may be."""
    allowed = [str(word) for word in field.get("enum", [])]
    if allowed and isinstance(value, str | int) and str(value) not in allowed:
        return [f"{where}: {value!r} is none of {', '.join(allowed)}"]
    return []


def _any_of(types: Iterable[str], value: Any, where: str, *, form: bool) -> list[str]:
    """Return nothing if one of the types fits; else what is wrong with the one that comes nearest."""
    attempts = [_value(name, value, where, form=form) for name in types]
    return min(attempts, key=_distance)


def _distance(wrong: list[str]) -> tuple[int, int]:
    """How far a value is from a type: a wrong fixed word (`type`, `status`, `source`) is the wrong type."""
    return sum("is none of" in line for line in wrong), len(wrong)


def _value(type_name: str, value: Any, where: str, *, form: bool) -> list[str]:
    if type_name in _PLAIN:
        return [] if _PLAIN[type_name](value, form) else [f"{where}: {value!r:.60} is not {type_name}"]
    if form and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [f"{where}: {value!r:.60} is not JSON for {type_name}"]
    if type_name.startswith(ARRAY):
        if not isinstance(value, list | tuple):
            return [f"{where}: {value!r:.60} is not {type_name}"]
        inner = type_name.removeprefix(ARRAY)
        parts = [_value(inner, item, f"{where}[{index}]", form=form) for index, item in enumerate(value)]
        return [line for part in parts for line in part]
    description = _api()["types"][type_name]
    if "subtypes" in description:
        return _any_of(description["subtypes"], value, where, form=form)
    if not isinstance(value, Mapping):
        return [f"{where}: {value!r:.60} is not {type_name}"]
    return _fields(where, description["fields"], value, form=form)


def _is_integer(value: Any, form: bool) -> bool:
    if form and isinstance(value, str):
        return value.removeprefix("-").isdecimal()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: Any, form: bool) -> bool:
    if form and isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_boolean(value: Any, form: bool) -> bool:
    return isinstance(value, bool) or (form and value in ("true", "false", "True", "False", "0", "1"))


def _is_file(value: Any, form: bool) -> bool:
    """Whether this is an upload: bytes, or a part of a form that has a name."""
    return form and (isinstance(value, bytes) or hasattr(value, "filename") or hasattr(value, "read"))


_PLAIN = {
    "Integer": _is_integer,
    "Float": _is_float,
    "Boolean": _is_boolean,
    "String": lambda value, form: isinstance(value, str),
    "InputFile": _is_file,
    "Blob": _is_file,
}
