"""Texts of a profile that the environment fills: the addresses of servers, and secrets."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bridge.profile.language.scope import ENVIRONMENT
from bridge.profile.shapes.shape import shorten
from bridge.profile.shapes.structures import Given
from bridge.profile.source.problems import Notes


def address(given: Given[str], environment: Mapping[str, str], notes: Notes) -> str | None:
    """Return the server's address without a slash at the end, the environment filled in; None if it is none."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found[1], found[2]
        if not environment.get(name) and default is None:
            missing = True
            notes.error(
                given.place,
                f"the environment has no {name}",
                f"set it, or give a value for when it is missing: ${{{name}:-http://127.0.0.1:8000}}",
            )
        return environment.get(name) or default or ""

    written = given.value
    text = ENVIRONMENT.sub(value, written)
    if missing:
        return None
    came = f" (from {written})" if text != written else ""
    if not re.match(r"https?://", text):
        rest = re.sub(r"^\w*:?/*", "", text) if "://" in text else text
        host = rest if re.fullmatch(r"[\w.\-\[\]:]+(/.*)?", rest) else "127.0.0.1:8000"
        if glued := re.fullmatch(r"([a-z]+):(https?://.*)", text):
            notes.error(given.place, "a space is missing after the colon", f"write {glued[1]}: {glued[2]}")
        else:
            notes.error(
                given.place,
                f"an address begins with http:// or https://, and '{shorten(text)}'{came} does not",
                f"write http://{host}",
            )
        return None
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and (parts.port is None or parts.port > 0) and not re.search(r"\s", text)
    except ValueError:
        good = False
    if not good or "${" in text:
        notes.error(given.place, f"'{shorten(text)}'{came} is no address", "for example: http://127.0.0.1:8000")
        return None
    if parts.query or parts.fragment:
        notes.error(
            given.place,
            f"the address of a server ends before ? and #, and '{shorten(text)}'{came} does not",
            f"write {parts.scheme}://{parts.netloc}",
        )
        return None
    return text.rstrip("/")


def secret(given: Given[str], environment: Mapping[str, str], notes: Notes, so: str) -> str | None:
    """Return a text with the environment filled in; None, and a warning that ends with `so`, if a variable is missing.

    Not an error, as of an address: a secret is at the show, and the profile is checked anywhere.
    """
    missing = [
        found[1] for found in ENVIRONMENT.finditer(given.value) if not environment.get(found[1]) and found[2] is None
    ]
    if missing:
        notes.warning(
            given.place,
            f"the environment has no {missing[0]}, so {so}",
            f"set it before the show: {missing[0]}=...",
        )
        return None
    return ENVIRONMENT.sub(lambda found: environment.get(found[1]) or found[2] or "", given.value)
