"""Runs inside Wine, on Windows' Python: our Spout driver on the real SpoutGL, and what another process sees of it.

Its arguments: the folder of our type stubs. It prints a line for each thing that was seen and ends with 1 at the first
that was not.
"""

import ast
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import SpoutGL

from bridge.errors import Unavailable
from bridge.outputs.spout import SpoutDriver
from bridge.profile.outputs import Spout
from bridge.sources.spout import SpoutReader

_LIST = """
import SpoutGL
receiver = SpoutGL.SpoutReceiver()
for name in receiver.getSenderList():
    info = receiver.getSenderInfo(name)
    print(name, info.width, info.height, sep="|")
"""


def elsewhere() -> dict[str, tuple[int, int]]:
    """Return the senders that another process sees: name and size."""
    said = subprocess.run([sys.executable, "-c", _LIST], capture_output=True, text=True, check=True).stdout
    found = (line.split("|") for line in said.splitlines())
    return {name: (int(width), int(height)) for name, width, height in found}


def see(what: str, good: bool, more: object = "") -> None:
    print("ok  " if good else "NOT ", what, more, flush=True)
    if not good:
        sys.exit(1)


def stub_is_the_package(typings: Path) -> None:
    """Compare each function of the stub with what the package's own says of itself."""
    tree = ast.parse((typings / "SpoutGL" / "__init__.pyi").read_text())
    count = 0
    for cls in (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name != "SenderInfo"):
        real = getattr(SpoutGL, cls.name)
        stubbed: dict[str, list[str]] = {}
        for node in cls.body:
            if isinstance(node, ast.FunctionDef):
                plain = [*node.args.posonlyargs, *node.args.args][1:]
                arguments = "".join(f", {one.arg}: {ast.unparse(one.annotation or node)}" for one in plain)
                if node.args.defaults:
                    arguments += f" = {ast.unparse(node.args.defaults[0])}"
                returns = ast.unparse(node.returns or node)
                stubbed.setdefault(node.name, []).append(f"({arguments}) -> {returns}")
        said = {
            name: [
                re.sub(r"Optional\[(\w+)\]", r"\1 | None", line.partition(name)[2])
                .replace(f"self: SpoutGL._spoutgl.{cls.name}", "")
                .replace("SpoutGL._spoutgl.", "")
                for line in (getattr(real, name).__doc__ or "").splitlines()
                if re.match(rf"(\d+\. )?{name}\(self", line)
            ]
            for name in dir(real)
            if callable(getattr(real, name)) and (not name.startswith("_") or name in stubbed)
        }
        for name in sorted({*stubbed, *said}):
            see(f"{cls.name}.{name}", stubbed.get(name) == said.get(name), (stubbed.get(name), said.get(name)))
            count += 1
    print(f"the stub is the package: {count} functions")


def main() -> None:
    stub_is_the_package(Path(sys.argv[1]))
    driver, second = SpoutDriver(Spout("Scope Bridge")), SpoutDriver(Spout("Scope Bridge"))
    where = driver.open(Fraction(30))
    see("the driver opens", where == "Spout sender Scope Bridge", where)
    see("another process sees it before the first picture", elsewhere() == {"Scope Bridge": (640, 360)}, elsewhere())
    for width, height in ((1280, 720), (576, 320), (1920, 1080), (333, 77)):
        driver.send(np.full((height, width, 4), 200, np.uint8), 0.0)
        see("a picture is taken", driver._refused is None, f"{width}x{height}")
        see("another process sees its size", elsewhere() == {"Scope Bridge": (width, height)}, elsewhere())
    where = second.open(Fraction(30))
    see("a name that is taken gets a number, and we know it", where == "Spout sender Scope Bridge_1", where)
    see("and says so", second.detail == "the name Scope Bridge is taken: it is called Scope Bridge_1", second.detail)
    see("another process sees both", set(elsewhere()) == {"Scope Bridge", "Scope Bridge_1"}, elsewhere())
    second.close()
    see("a closed one is gone", set(elsewhere()) == {"Scope Bridge"}, elsewhere())
    reader = SpoutReader("Nobody")
    reader.open()
    see(
        "a sender that is not there is awaited",
        reader.read(0.3) is None and "waits for" in reader.detail,
        reader.detail,
    )
    reader.close()
    driver.close()
    driver.close()
    see("and the other", elsewhere() == {}, elsewhere())
    try:
        SpoutDriver(Spout("n" * 300)).open(Fraction(30))
    except Unavailable as error:
        see("a name that is too long is refused", "at most 250 bytes" in str(error), error)
    print("all of it")


main()
