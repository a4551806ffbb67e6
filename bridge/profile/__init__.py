"""PURE. The file format of profiles, defined here and nowhere else.

    profile, warnings = load("mappings/club.yaml", os.environ)

raises `ProfileError` with the whole report when the profile, or one that it extends, has an error. A profile becomes
what the program works from in steps, each in a folder that knows only those before it:

| where | what |
|---|---|
| `source` | the text: nodes that know their place, and what is wrong |
| `shapes` | what a place can hold: read, JSON Schema and words in one declaration |
| `targets` | what can be moved |
| `language` | what each section may say, key by key |
| `building` | what the sections mean, one by one |
| `checks` | what only shows between them |
| `reading` | all of that in its order |

`model` is what comes of it, with the options in `filters`, `inputs`, `outputs` and `durations`: the only modules that the
show itself needs, besides `targets` and `expressions`. `description` and `overview` say in words what a profile does,
`export` writes the language down, and `edit` writes into a profile that belongs to a person.
"""

from collections.abc import Mapping
from pathlib import Path

from bridge.catalogue import STANDARD, Catalogue
from bridge.errors import ProfileError
from bridge.profile.description import describe
from bridge.profile.model import Profile
from bridge.profile.reading import Reading, read
from bridge.profile.source.files import contents, text_at
from bridge.profile.source.problems import Problem, Severity, report

__all__ = ["Problem", "Profile", "Reading", "Severity", "contents", "describe", "load", "read", "report", "text_at"]


def load(
    path: str | Path, environment: Mapping[str, str] | None = None, catalogue: Catalogue = STANDARD
) -> tuple[Profile, tuple[Problem, ...]]:
    """Return the profile in the file at `path`, and its warnings and notes.

    `environment` fills `${NAME}`, `catalogue` is what the server can be told. Raise `ProfileError`, whose text is the
    whole report, if the file cannot be read or the profile has an error.
    """
    name = str(path)
    named: dict[str, None] = {}

    def text_of(other: str) -> str:
        named[other] = None
        return text_at(other)

    reading = read(contents(path), name, environment, text_of, catalogue)
    if reading.profile is None:
        raise ProfileError(report(reading.problems, name), named)
    return reading.profile, reading.problems
