"""`scope-bridge schema`: the profile's JSON Schema, for editors; `--write` puts it, and that of controllers, beside profiles."""

import argparse
import sys
from pathlib import Path

from bridge.profile import export


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--write",
        metavar="FOLDER",
        type=Path,
        help=f"write {export.SCHEMA_FILE}, {export.CONTROLLER_SCHEMA_FILE} and the reference, {export.REFERENCE_FILE}, into this "
        "folder instead",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema, or write it and the reference into a folder. Return 0, or 1 if that cannot be written."""
    folder: Path | None = arguments.write
    if folder is None:
        print(export.schema_text(), end="")
        return 0
    for name, text in (
        (export.SCHEMA_FILE, export.schema_text()),
        (export.CONTROLLER_SCHEMA_FILE, export.controller_schema_text()),
        (export.REFERENCE_FILE, export.reference_text()),
    ):
        try:
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            print(f"scope-bridge schema: cannot write {folder / name}: {error.strerror}", file=sys.stderr)
            return 1
        print(f"wrote {folder / name}")
    return 0
