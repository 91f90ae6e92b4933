"""The parameters of a request, whichever way they came: query, form, multipart or JSON."""

from dataclasses import dataclass
from typing import Any

from bot.sandbox import texts
from bot.sandbox.errors import bad
from bot.sandbox.model import Json


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    name: str
    data: bytes
    mime: str | None = None

    @property
    def filename(self) -> str:
        """The name, as whoever checks requests looks for it."""
        return self.name


class Params:
    """One request's parameters, read by type; what doesn't fit is refused as Telegram refuses it."""

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def has(self, name: str) -> bool:
        """Whether the parameter was given and is not empty."""
        return name in self.files or self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def optional(self, name: str) -> str | None:
        """Return a string, or None where there is none."""
        return self.text(name) or None

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number; like Telegram, take what isn't one for nothing."""
        try:
            return int(self.values[name])
        except (KeyError, TypeError, ValueError):
            return default

    def number(self, name: str) -> int | None:
        """Return a number, or None where there is none."""
        return self.integer(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """Return a Boolean."""
        return self.text(name).lower() in ("true", "1", "yes")

    def nested(self, name: str) -> Any:
        """Return an object or array, which forms carry as JSON."""
        return texts.loads(self.values[name]) if self.has(name) else None

    def mapping(self, name: str) -> Json:
        """Return an object, empty where there is none."""
        value = self.nested(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad(f"can't parse {name}: expected an Object")
        return value

    def upload(self, name: str) -> Upload | str | None:
        """Return a file that came along, the string (id or address) given instead, or nothing."""
        if name in self.files:
            return self.files[name]
        value = self.optional(name)
        if value is not None and value.startswith("attach://"):
            return self.attached(value)
        return value

    def attached(self, reference: str) -> Upload:
        """Return the file behind attach://name."""
        file = self.files.get(reference.removeprefix("attach://"))
        if file is None:
            raise bad("wrong file identifier/HTTP URL specified")
        return file
