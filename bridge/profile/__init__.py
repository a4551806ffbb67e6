"""PURE. The file format of profiles, defined here and nowhere else.

    profile, warnings = load("mappings/club.yaml", os.environ)

raises `ProfileError` with the whole report when the profile, or one that it extends, has an error. What `inputs:`,
`outputs:`, `filters:` and the rest can hold is declared in the module of that name; from those declarations come the
reading, the JSON Schema and the reference (`export`).
"""

from collections.abc import Mapping
from pathlib import Path

from bridge.catalogue import STANDARD, Catalogue
from bridge.errors import ProfileError
from bridge.profile.description import describe
from bridge.profile.file import contents, text_at
from bridge.profile.model import Profile
from bridge.profile.problems import Problem, Severity, report
from bridge.profile.reading import Reading, read

__all__ = ["Problem", "Profile", "Reading", "Severity", "contents", "describe", "load", "read", "report", "text_at"]


def load(
    path: str | Path, environment: Mapping[str, str] | None = None, catalogue: Catalogue = STANDARD
) -> tuple[Profile, tuple[Problem, ...]]:
    """Return the profile in the file at `path`, and its warnings and notes.

    `environment` fills `${NAME}`, `catalogue` is what the server can be told. Raise `ProfileError`, whose text is the
    whole report, if the file cannot be read or the profile has an error.
    """
    name = str(path)
    reading = read(contents(path), name, environment, text_at, catalogue)
    if reading.profile is None:
        raise ProfileError(report(reading.problems, name))
    return reading.profile, reading.problems
