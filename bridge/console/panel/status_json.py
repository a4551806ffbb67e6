"""PURE. `Status` as JSON for the page: what a browser's `JSON.parse` takes, whatever a sender put into a value."""

import dataclasses
import json
import math
from enum import Enum
from typing import Any

from bridge.status import Status


def encode(status: Status) -> str:
    """Return `status` as one JSON object with the names of its fields. Values that JSON lacks become null or text."""
    return json.dumps(_plain(status), separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | str() | int():
            return value
        case Enum():
            return value.value
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple():
            return [_plain(each) for each in value]
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case _ if dataclasses.is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case bytes():
            return f"{len(value)} bytes"
        case _:
            return str(value)
