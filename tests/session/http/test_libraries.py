"""LoRAs found by their names, and images brought to the server once."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.errors import Refused
from bridge.session.http.libraries import carry, resolve
from bridge.session.http.rest import RemoteFile, Rest

FILES = (
    RemoteFile("arcane-jinx", "/models/lora/arcane-jinx.safetensors"),
    RemoteFile("neon", "/models/lora/styles/neon.safetensors", "styles"),
    RemoteFile("neon", "/models/lora/old/neon.safetensors", "old"),
    RemoteFile("Film.v2", r"C:\scope\models\lora\Film.v2.safetensors"),
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("/models/lora/arcane-jinx.safetensors", FILES[0].path),
        ("arcane-jinx.safetensors", FILES[0].path),
        ("arcane-jinx", FILES[0].path),
        ("ARCANE-Jinx.SafeTensors", FILES[0].path),
        ("styles/neon", FILES[1].path),
        ("styles/neon.safetensors", FILES[1].path),
        (r"old\neon.safetensors", FILES[2].path),
        ("lora/old/neon", FILES[2].path),
        ("film.v2", FILES[3].path),
        ("film.v2.safetensors", FILES[3].path),
    ],
)
def test_a_lora_is_found_by_path_name_folder_or_stem(name: str, path: str) -> None:
    found = resolve(name, FILES)

    assert found is not None
    assert found.path == path


def test_several_loras_of_a_name_are_listed() -> None:
    with pytest.raises(Refused) as refused:
        resolve("neon", FILES)

    assert str(refused.value) == (
        "this Scope has several LoRAs called 'neon': /models/lora/old/neon.safetensors, "
        "/models/lora/styles/neon.safetensors; name one with its folder"
    )


def test_a_lora_that_is_not_there_is_refused_with_the_nearest_name_and_what_to_do() -> None:
    with pytest.raises(Refused) as refused:
        resolve("arcane-jynx", FILES)
    assert str(refused.value) == (
        "this Scope has no LoRA called 'arcane-jynx'; did you mean 'arcane-jinx'? Else put the file into the folder "
        "models/lora on its machine, or install it on Scope's own page (Settings, LoRAs), and reload"
    )
    with pytest.raises(Refused, match="it has none yet: put the file"):
        resolve("arcane-jinx", ())


@pytest.mark.parametrize("name", ["/elsewhere/x.safetensors", r"D:\loras\x.safetensors", r"\\nas\x.safetensors"])
def test_a_whole_path_that_is_not_listed_may_be_there_all_the_same(name: str) -> None:
    assert resolve(name, FILES) is None


class Assets(Rest):
    """A server that has some images, and takes more."""

    def __init__(self, *paths: str) -> None:
        super().__init__("http://scope:8000")
        self.paths = list(paths)
        self.uploads: list[tuple[str, bytes]] = []

    async def assets(self, kind: str = "image") -> list[RemoteFile]:
        return [RemoteFile(Path(path).stem, path) for path in self.paths]

    async def upload(self, name: str, data: bytes) -> str:
        self.uploads.append((name, data))
        self.paths.append(f"/assets/{name}")
        return self.paths[-1]


def carried(server: Assets, images: Mapping[str, str]) -> dict[str, str]:
    return asyncio.run(carry(server, images))


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
OTHER = b"\xff\xd8\xff" + bytes(20)


def test_images_are_brought_once_by_what_they_hold(tmp_path: Path) -> None:
    for name, data in (("Ünser Neon!.png", PNG), ("copy.PNG", PNG), ("fire.jpg", OTHER)):
        (tmp_path / name).write_bytes(data)
    images = {
        "neon": str(tmp_path / "Ünser Neon!.png"),
        "again": str(tmp_path / "copy.PNG"),
        "fire": str(tmp_path / "fire.jpg"),
    }
    server = Assets("/assets/neon.png")

    first = carried(server, images)

    assert first["neon"] == first["again"] != first["fire"]
    names = [name for name, _ in server.uploads]
    assert names[0].startswith("scope-bridge/nser-Neon-")
    assert names[1].startswith("scope-bridge/fire-")
    assert [data for _, data in server.uploads] == [PNG, OTHER]
    assert carried(server, images) == first
    assert len(server.uploads) == 2


def test_an_image_that_has_changed_is_brought_again(tmp_path: Path) -> None:
    file = tmp_path / "neon.png"
    server = Assets()
    file.write_bytes(PNG)
    before = carried(server, {"neon": str(file)})
    file.write_bytes(PNG + b"more")

    assert carried(server, {"neon": str(file)}) != before
    assert len(server.uploads) == 2


def test_only_what_a_bridge_has_brought_is_known_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "neon.png").write_bytes(PNG)
    server = Assets()
    path = carried(server, {"neon": str(tmp_path / "neon.png")})["neon"]
    elsewhere = Assets(path.replace("scope-bridge", "mine"))

    carried(elsewhere, {"neon": str(tmp_path / "neon.png")})

    assert len(elsewhere.uploads) == 1


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("gone.png", None, "there is no file: "),
        ("neon.gif", b"GIF89a", "is no png, jpg, jpeg, webp, bmp file"),
        ("neon.png", b"ftypheic", "does not hold an image, whatever its name says"),
        ("empty.png", b"", "does not hold an image"),
    ],
)
def test_what_is_no_image_is_refused_with_its_name(tmp_path: Path, name: str, data: bytes | None, reason: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)

    with pytest.raises(Refused, match="cannot bring the image neon to Scope: ") as refused:
        carried(Assets(), {"neon": str(tmp_path / name)})

    assert reason in str(refused.value)
