"""The files that a show needs on the machine of Scope: LoRAs, found by their names, and images, brought there once.

resolve("arcane-jinx", remote_files)     # the RemoteFile whose path the server wants to hear
await carry(rest, {"neon": "images/neon.png"})     # {"neon": "/…/assets/scope-bridge/neon-5f1e0c2a9b3d.png"}
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bridge.errors import Refused
from bridge.profile.source.problems import did_you_mean
from bridge.session.contract.troubles import said
from bridge.session.http.rest import RemoteFile, Rest

FOLDER: Final = "scope-bridge"
"""Where images are put, among the server's assets."""
DIGITS: Final = 12
"""Hexadecimal digits of an image's SHA-256 that its name on the server ends with: by them it is known again."""
TYPES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""The images that Scope takes."""
LARGEST: Final = 100_000_000
"""Bytes of an image that are brought to a server; more is a mistake."""

_BEGINNINGS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM")
_ROOTED: Final = re.compile(r"[/\\~]|[A-Za-z]:[/\\]")


def resolve(name: str, files: Sequence[RemoteFile]) -> RemoteFile | None:
    """Return the LoRA that `name` means: by its path, its name in a folder, its file name, or that without its ending.

    Case does not matter. None: it is not there, but `name` is a path, and a server may have it without listing it.
    Raise `Refused` if there is none like it, or if there are several.
    """
    wanted = _plain(name)
    for names in (_paths, _in_folders, _file_names, _stems):
        found = {file.path: file for file in files if wanted in names(file)}
        if len(found) > 1:
            raise Refused(said("two-loras", name=repr(name), known=", ".join(sorted(found))))
        if found:
            return next(iter(found.values()))
    if is_rooted(name):
        return None
    raise Refused(said("no-lora", name=repr(name), hint=_how_to_get(name, files)))


def is_rooted(name: str) -> bool:
    """Return whether `name` is a whole path, on any system."""
    return _ROOTED.match(name) is not None


def _how_to_get(name: str, files: Sequence[RemoteFile]) -> str:
    put = (
        "put the file into the folder models/lora on its machine, or install it on Scope's own page (Settings, LoRAs), "
        "and reload"
    )
    known = {_last(file.path) for file in files} | {_stem(_last(file.path)) for file in files}
    near = did_you_mean(name, sorted(known))
    if near:
        return f"{near} Else {put}"
    if not files:
        return f"it has none yet: {put}"
    return put


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()


def _last(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _stem(file_name: str) -> str:
    stem, dot, ending = file_name.rpartition(".")
    return stem if dot and stem and ending.casefold() in ("safetensors", "bin", "pt", "ckpt", "pth") else file_name


def _paths(file: RemoteFile) -> Iterable[str]:
    return (_plain(file.path),)


def _in_folders(file: RemoteFile) -> Iterable[str]:
    """Return a file's names with the folders above it: the nearest one, the two nearest, and so on."""
    parts = _plain(file.path).strip("/").split("/")
    places = {"/".join(parts[start:]) for start in range(len(parts) - 1)}
    if file.folder:
        places.add(_plain(f"{file.folder}/{parts[-1]}"))
    return {*places, *(place.rpartition("/")[0] + "/" + _stem(parts[-1]) for place in places)}


def _file_names(file: RemoteFile) -> Iterable[str]:
    return (_plain(_last(file.path)),)


def _stems(file: RemoteFile) -> Iterable[str]:
    return (_plain(_stem(_last(file.path))), _plain(file.name))


async def carry(
    rest: Rest, images: Mapping[str, str], say: Callable[[str, float | None], None] = lambda text, done: None
) -> dict[str, str]:
    """Bring the images (the file of each, by what values call it) to the server, and return their paths there.

    An image that the server has already, from this profile or another, is not sent again. Raise `Refused` if one is
    missing, or is none.
    """
    if not images:
        return {}
    pictures = {name: await asyncio.to_thread(_read, name, Path(path)) for name, path in images.items()}
    there = {digest: file.path for file in await rest.assets("image") if (digest := _digest_in(file.path))}
    paths: dict[str, str] = {}
    for done, (name, (digest, data)) in enumerate(pictures.items()):
        if digest not in there:
            say(f"bringing the image {name} to Scope", done / len(pictures))
            there[digest] = await rest.upload(_name_there(images[name], digest), data)
        paths[name] = there[digest]
    return paths


def _read(name: str, path: Path) -> tuple[str, bytes]:
    """Return the digest and the bytes of an image of this machine."""
    if path.suffix.casefold() not in TYPES:
        raise Refused(said("no-image", name=name, why=f"{path} is no {', '.join(one[1:] for one in TYPES)} file"))
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise Refused(said("no-image", name=name, why=f"{path} has {size // 1_000_000} MB, 100 are allowed"))
        data = path.read_bytes()
    except OSError as error:
        reason = "there is no file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))
        raise Refused(said("no-image", name=name, why=f"{reason}: {path}")) from error
    if not data.startswith(_BEGINNINGS) and not (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        raise Refused(said("no-image", name=name, why=f"{path} does not hold an image, whatever its name says"))
    return hashlib.sha256(data).hexdigest()[:DIGITS], data


def _name_there(path: str, digest: str) -> str:
    """Return what an image is called on the server: its own name for people, the digest for us."""
    file = Path(path)
    own = re.sub(r"[^A-Za-z0-9_.-]+", "-", file.stem).strip("-.")[:40] or "image"
    return f"{FOLDER}/{own}-{digest}{file.suffix.lower()}"


def _digest_in(path: str) -> str | None:
    """Return the digest in the name of an image that a bridge has brought; None if it was another's doing."""
    parts = path.replace("\\", "/").split("/")
    found = re.fullmatch(rf".+-([0-9a-f]{{{DIGITS}}})\.\w+", parts[-1])
    return found[1] if found and FOLDER in parts else None
