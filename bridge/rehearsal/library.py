"""The files of the rehearsal server: LoRAs and assets, in folders of their own, as Scope keeps them.

Nothing outside these folders can be read or written through it.
"""

import json
import logging
import os
import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

logger = logging.getLogger(__name__)

LORA_SITES = ("civitai.com", "hf.co", "huggingface.co")
"""Where LoRAs may be installed from."""
SEEDS = ("arcane-jinx.safetensors", "styles/ghibli.safetensors")
"""The LoRAs that a rehearsal begins with where it has no folder of its own."""

_LORAS = frozenset({".bin", ".pt", ".safetensors"})
_INSTALLED = frozenset({".safetensors"})
_TYPES = {
    "image": frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"}),
    "video": frozenset({".avi", ".mkv", ".mov", ".mp4", ".webm"}),
    "audio": frozenset({".flac", ".mp3", ".ogg", ".wav"}),
}
_ASSETS = frozenset[str]().union(*_TYPES.values())
_MEGABYTE = 1024 * 1024


class Rejected(Exception):
    """What a request asks for is not done. It carries the answer's status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Folder:
    """Files of some kinds in a folder and those below it."""

    def __init__(self, root: Path, suffixes: Collection[str]) -> None:
        self.root = root.resolve()
        self._suffixes = suffixes

    def files(self) -> Iterator[Path]:
        """Yield all files of the right kind."""
        yield from (path for path in sorted(self.root.rglob("*")) if self._is_one(path))

    def has(self, name: str) -> bool:
        """Return whether there is such a file, by its absolute path or by that in the folder. It may be a link elsewhere."""
        path = Path(os.path.normpath(self.root / name))
        try:
            return path.is_relative_to(self.root) and self._is_one(path)
        except (OSError, ValueError):  # a name that no file can have
            return False

    def _is_one(self, path: Path) -> bool:
        return path.suffix.lower() in self._suffixes and path.is_file()

    def inside(self, name: str) -> Path | None:
        """Return where a file of that name, relative to the folder, lies; None if that is outside."""
        try:
            path = (self.root / name).resolve()
        except (OSError, ValueError):  # a name that no file can have
            return None
        return path if path != self.root and path.is_relative_to(self.root) else None

    def told(self, path: Path) -> dict[str, Any]:
        """Return what the API tells about every file."""
        folder = path.relative_to(self.root).parent
        return {
            "name": path.stem,
            "path": str(path),
            "size_mb": round(path.stat().st_size / _MEGABYTE, 2),
            "folder": None if folder == Path() else folder.as_posix(),
        }


class Loras:
    """The LoRA files."""

    def __init__(self, root: Path) -> None:
        self._folder = Folder(root, _LORAS)

    def seed(self) -> None:
        """Put two small LoRAs there: real files of that format, with a single number in each."""
        for name in SEEDS:
            path = self._folder.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_safetensors())

    def listed(self) -> list[dict[str, Any]]:
        """Return all LoRAs as the API tells them."""
        told = [{**self._folder.told(path), **_UNKNOWN} for path in self._folder.files()]
        return sorted(told, key=lambda one: (one["folder"] or "", one["name"]))

    def has(self, path: str) -> bool:
        """Return whether `path` is a LoRA: absolute, or relative to the folder."""
        return self._folder.has(path)

    def destination(self, url: str, filename: str | None) -> Path:
        """Return where what comes from `url` is to lie. Raise `Rejected` if it may not come, or is there."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if any(_is_at(host, site) for site in ("hf.co", "huggingface.co")) and "/blob/" in parts.path:
            raise Rejected(400, "This is a Hugging Face file preview page, not a download link.")
        if not any(_is_at(host, site) for site in LORA_SITES):
            raise Rejected(400, f"URL must be from {' or '.join(LORA_SITES)}")
        name = filename or unquote(parts.path.rpartition("/")[2])
        if "." not in name:
            raise Rejected(400, "Could not determine filename from URL. Please provide a filename.")
        suffix = Path(name).suffix.lower()
        if suffix not in _INSTALLED:
            raise Rejected(400, f"Invalid file extension '{suffix}'. Allowed: {', '.join(_INSTALLED)}")
        path = self._folder.inside(name)
        if path is None:
            raise Rejected(400, "Invalid filename")
        if path.exists():
            raise Rejected(409, f"File '{name}' already exists.")
        return path

    def install(self, path: Path, content: bytes) -> dict[str, Any]:
        """Write a LoRA to where `destination` said, and return what the API answers."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        told = {**self._folder.told(path), **_UNKNOWN}
        return {"message": f"Successfully installed '{path.name}'", "file": told}

    def delete(self, name: str) -> dict[str, Any]:
        """Delete the LoRA of that name, without its suffix, and return what the API answers. Raise `Rejected` without one."""
        for path in self._folder.files():
            if path.stem == name:
                path.unlink()
                logger.info("Deleted LoRA file: %s", path)
                return {"success": True, "message": f"Successfully deleted '{name}'"}
        raise Rejected(404, f"LoRA file '{name}' not found")


class Assets:
    """The images, videos and sounds that were uploaded."""

    def __init__(self, root: Path) -> None:
        self._folder = Folder(root, _ASSETS)

    def listed(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return all assets, or those of one kind, as the API tells them: the newest first. An unknown kind is none."""
        told = [self._told(path) for path in self._folder.files()]
        if kind in _TYPES:
            told = [one for one in told if one["type"] == kind]
        return sorted(told, key=lambda one: (-one["created_at"], one["folder"] or "", one["name"]))

    def put(self, name: str, content: bytes) -> dict[str, Any]:
        """Write an asset, over one of that name too, and return what the API answers. Raise `Rejected` if it cannot be."""
        if Path(name).suffix.lower() not in _ASSETS:
            raise Rejected(400, f"Invalid file type. Allowed types: {', '.join(sorted(_ASSETS))}")
        path = self._folder.inside(name)
        if path is None:
            raise Rejected(400, "Invalid filename")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        logger.info("upload_asset: Uploaded file: %s", path)
        return self._told(path)

    def find(self, name: str) -> Path:
        """Return where an asset is. Of an absolute path only the name counts. Raise `Rejected` without one."""
        path = self._folder.inside(Path(name).name if name.startswith("/") else name)
        if path is None:
            raise Rejected(403, "Access denied")
        if not path.is_file():
            raise Rejected(404, "Asset not found")
        return path

    def _told(self, path: Path) -> dict[str, Any]:
        kind = next(kind for kind, suffixes in _TYPES.items() if path.suffix.lower() in suffixes)
        return {**self._folder.told(path), "type": kind, "created_at": path.stat().st_ctime}


_UNKNOWN = {"sha256": None, "provenance": None, "read_only": False}


def _is_at(host: str, site: str) -> bool:
    return host == site or host.endswith(f".{site}")


def _safetensors() -> bytes:
    """Return the smallest file of that format that holds a number: the length of a header, the header, the number."""
    tensor = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = json.dumps({"__metadata__": {"for": "rehearsal"}, "lora_up.weight": tensor}).encode()
    return struct.pack("<Q", len(header)) + header + struct.pack("<f", 1.0)
