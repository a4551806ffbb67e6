"""The server's files: LoRAs and assets on disk, and over HTTP."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from bridge.rehearsal.api import application
from bridge.rehearsal.api.answers import Ailments
from bridge.rehearsal.api.files import Files, fetch
from bridge.rehearsal.dialect import NEWEST
from bridge.rehearsal.library import SEEDS, Assets, Loras, Rejected
from bridge.rehearsal.models import Models
from tests.rehearsal.rig import Rig, play


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running(application: web.Application) -> AsyncIterator[str]:
    """Serve an application, and yield its URL."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def loras(tmp_path: Path) -> Loras:
    """Return a library with the two LoRAs of every rehearsal."""
    library = Loras(tmp_path / "lora")
    library.seed()
    return library


class TestLoras:
    def test_they_are_told_by_name_and_folder(self, loras: Loras, tmp_path: Path) -> None:
        (tmp_path / "lora" / "notes.txt").write_text("no LoRA")
        told = loras.listed()

        assert [(one["name"], one["folder"]) for one in told] == [("arcane-jinx", None), ("ghibli", "styles")]
        assert [one["path"] for one in told] == [str((tmp_path / "lora" / name).resolve()) for name in SEEDS]

    def test_the_seeds_are_files_of_that_format(self, loras: Loras) -> None:
        content = Path(loras.listed()[0]["path"]).read_bytes()
        length = struct.unpack("<Q", content[:8])[0]

        assert content[8 : 8 + length].startswith(b'{"__metadata__"')
        assert len(content) == 8 + length + 4

    def test_what_is_there_is_known_by_its_path(self, loras: Loras, tmp_path: Path) -> None:
        assert loras.has(loras.listed()[1]["path"])
        assert loras.has("styles/ghibli.safetensors")
        (tmp_path / "other.safetensors").write_bytes(b"x")
        for path in (str(tmp_path / "other.safetensors"), "ghibli", "../other.safetensors", "", "\0", "styles"):
            assert not loras.has(path), path

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_a_link_to_a_lora_elsewhere_is_one(self, loras: Loras, tmp_path: Path) -> None:
        (tmp_path / "elsewhere.safetensors").write_bytes(b"x")
        (tmp_path / "lora" / "linked.safetensors").symlink_to(tmp_path / "elsewhere.safetensors")

        assert [loras.has(one["path"]) for one in loras.listed()] == [True, True, True]

    @pytest.mark.parametrize(
        ("url", "filename", "status"),
        [
            ("https://example.com/a.safetensors", None, 400),
            ("https://nothuggingface.co/a.safetensors", None, 400),
            ("nonsense", None, 400),
            ("https://huggingface.co/x/y/blob/main/a.safetensors", None, 400),
            ("https://civitai.com/api/download/models/1", None, 400),
            ("https://hf.co/x/a.zip", None, 400),
            ("https://hf.co/x/a.safetensors", "../a.safetensors", 400),
            ("https://hf.co/x/arcane-jinx.safetensors", None, 409),
        ],
    )
    def test_what_may_not_come_is_rejected(self, loras: Loras, url: str, filename: str | None, status: int) -> None:
        with pytest.raises(Rejected) as rejected:
            loras.destination(url, filename)

        assert rejected.value.status == status

    @pytest.mark.parametrize("host", ["civitai.com", "hf.co", "huggingface.co", "cdn.civitai.com"])
    def test_three_sites_may_send_one(self, loras: Loras, host: str, tmp_path: Path) -> None:
        path = loras.destination(f"https://{host}/x/resolve/main/a%20b.safetensors", None)

        assert path == (tmp_path / "lora" / "a b.safetensors").resolve()
        told = loras.install(path, b"content")
        assert told["file"]["name"] == "a b"
        assert path.read_bytes() == b"content"

    def test_deleting_finds_it_in_folders_too(self, loras: Loras) -> None:
        assert loras.delete("ghibli")["success"]
        assert [one["name"] for one in loras.listed()] == ["arcane-jinx"]
        with pytest.raises(Rejected, match="not found"):
            loras.delete("ghibli")


class TestAssets:
    def test_they_are_told_newest_first_and_by_their_kind(self, tmp_path: Path) -> None:
        assets = Assets(tmp_path)
        for name in ("a.png", "sub/b.MP4", "c.wav"):
            told = assets.put(name, b"x" * 20_000)
            os.utime(told["path"])
        assert {one["name"]: (one["type"], one["folder"]) for one in assets.listed()} == {
            "a": ("image", None),
            "b": ("video", "sub"),
            "c": ("audio", None),
        }
        created = [one["created_at"] for one in assets.listed()]
        assert created == sorted(created, reverse=True)
        assert [one["name"] for one in assets.listed("video")] == ["b"]
        assert len(assets.listed("smell")) == 3
        assert told["size_mb"] == 0.02

    def test_the_newer_of_one_name_stays(self, tmp_path: Path) -> None:
        assets = Assets(tmp_path)
        assets.put("a.png", b"old")
        assets.put("a.png", b"new")

        assert assets.find("a.png").read_bytes() == b"new"

    @pytest.mark.parametrize("name", ["a.exe", "a", "", "../a.png", "/etc/a.png", "sub/../../a.png", "a\0.png"])
    def test_other_kinds_and_ways_out_are_rejected(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(Rejected) as rejected:
            Assets(tmp_path / "assets").put(name, b"x")

        assert rejected.value.status == 400
        assert list(tmp_path.rglob("*.png")) == []

    @pytest.mark.parametrize(("name", "status"), [("../secret.png", 403), ("b.png", 404), ("/elsewhere/b.png", 404)])
    def test_what_is_outside_or_not_there_cannot_be_had(self, name: str, status: int, tmp_path: Path) -> None:
        (tmp_path / "secret.png").write_bytes(b"x")
        with pytest.raises(Rejected) as rejected:
            Assets(tmp_path / "assets").find(name)

        assert rejected.value.status == status

    def test_of_an_absolute_path_only_the_name_counts(self, tmp_path: Path) -> None:
        assets = Assets(tmp_path)
        assets.put("a.png", b"x")

        assert assets.find("/root/elsewhere/a.png").read_bytes() == b"x"


class TestHttp:
    def test_an_upload_can_be_listed_and_fetched(self) -> None:
        async def script(rig: Rig) -> None:
            content = bytes(range(256)) * 100
            told = (await rig.http.post("/api/v1/assets", params={"filename": "sub/x.png"}, content=content)).json()
            assert (told["name"], told["folder"], told["type"]) == ("x", "sub", "image")
            assert (await rig.get("/api/v1/assets?type=image"))["assets"] == [told]
            fetched = await rig.http.get("/api/v1/assets/sub/x.png")
            assert (fetched.content, fetched.headers["content-type"]) == (content, "image/png")

        play(script)

    @pytest.mark.parametrize(
        ("method", "url", "status"),
        [
            ("POST", "/api/v1/assets", 422),
            ("POST", "/api/v1/assets?filename=a.exe", 400),
            ("POST", "/api/v1/assets?filename=..%2Fa.png", 400),
            ("GET", "/api/v1/assets/..%2F..%2Fa.png", 403),
            ("GET", "/api/v1/assets/a.png", 404),
            ("DELETE", "/api/v1/loras/nothing", 404),
        ],
    )
    def test_what_is_refused_says_why(self, method: str, url: str, status: int) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.request(method, url)
            assert response.status_code == status
            assert response.json()["detail"]

        play(script)

    def test_a_rehearsal_has_two_loras_which_can_be_deleted(self) -> None:
        async def script(rig: Rig) -> None:
            files = (await rig.get("/api/v1/loras"))["lora_files"]
            assert [one["name"] for one in files] == ["arcane-jinx", "ghibli"]
            assert (await rig.http.delete("/api/v1/loras/arcane-jinx")).json()["success"] is True
            assert [one["name"] for one in (await rig.get("/api/v1/loras"))["lora_files"]] == ["ghibli"]

        play(script)

    def test_the_files_of_a_rehearsal_go_with_it(self) -> None:
        paths = []

        async def script(rig: Rig) -> None:
            paths.append(Path((await rig.get("/api/v1/loras"))["lora_files"][0]["path"]))
            assert paths[0].is_file()

        play(script)
        assert not paths[0].exists()

    def test_folders_of_ones_own_are_used_as_they_are_and_stay(self, tmp_path: Path) -> None:
        async def script(rig: Rig) -> None:
            assert (await rig.get("/api/v1/loras"))["lora_files"] == []
            await rig.http.post("/api/v1/assets?filename=a.png", content=b"x")

        play(script, loras=tmp_path / "mine", assets=tmp_path / "new")
        assert (tmp_path / "new" / "a.png").read_bytes() == b"x"

    def test_a_lora_from_elsewhere_is_refused(self) -> None:
        async def script(rig: Rig) -> None:
            response = await rig.http.post("/api/v1/loras", json={"url": "https://example.com/a.safetensors"})
            expected = {"detail": "URL must be from civitai.com or hf.co or huggingface.co"}
            assert (response.status_code, response.json()) == (400, expected)

        play(script)

    def test_a_site_that_cannot_be_reached_is_a_500_that_says_so(self) -> None:
        async def script() -> None:
            with pytest.raises(Rejected, match="Cannot connect") as rejected:
                await fetch(f"http://127.0.0.1:{free_port()}/a.safetensors")
            assert rejected.value.status == 500

        asyncio.run(script())

    @pytest.mark.parametrize(
        ("status", "answered"), [(200, None), (401, 401), (403, 403), (404, 404), (418, 418), (503, 503)]
    )
    def test_what_a_site_answers_is_what_the_server_answers(self, status: int, answered: int | None) -> None:
        async def script() -> None:
            async def site(request: web.Request) -> web.Response:
                return web.Response(status=status, body=b"weights")

            application = web.Application()
            application.add_routes([web.get("/a.safetensors", site)])
            async with running(application) as url:
                if answered is None:
                    assert await fetch(f"{url}/a.safetensors") == b"weights"
                    return
                with pytest.raises(Rejected) as rejected:
                    await fetch(f"{url}/a.safetensors")
                assert rejected.value.status == answered

        asyncio.run(script())

    def test_a_lora_that_comes_is_listed(self, loras: Loras, tmp_path: Path) -> None:
        async def script() -> None:
            asked = []

            async def come(url: str) -> bytes:
                asked.append(url)
                return b"weights"

            async with asyncio.TaskGroup() as tasks:
                files = Files(NEWEST, loras, Assets(tmp_path), Models((), 0.0), None, tasks, come)
                async with (
                    running(application(files.routes(), NEWEST, Ailments())) as url,
                    httpx.AsyncClient(base_url=url) as http,
                ):
                    there = "https://huggingface.co/x/y/resolve/main/z.safetensors"
                    answer = (await http.post("/api/v1/loras", json={"url": there})).json()
                    listed = (await http.get("/api/v1/loras")).json()["lora_files"]
                    again = await http.post("/api/v1/loras", json={"url": there})
            assert asked == [there]
            assert answer["file"] in listed
            assert again.status_code == 409

        asyncio.run(script())

    def test_video_files_are_the_only_input_source(self) -> None:
        async def script(rig: Rig) -> None:
            await rig.http.post("/api/v1/assets?filename=clip.mp4", content=b"x")
            await rig.http.post("/api/v1/assets?filename=still.png", content=b"x")
            found = await rig.get("/api/v1/input-sources/video_file/sources")
            assert (found["source_type"], [one["name"] for one in found["sources"]]) == ("video_file", ["clip"])
            assert (await rig.http.get("/api/v1/input-sources/ndi/sources")).status_code == 400
            assert (await rig.http.get("/api/v1/input-sources/smell/sources")).status_code == 404
            wrong = await rig.http.get("/api/v1/input-sources/video_file/sources?timeout_ms=soon")
            assert wrong.status_code == 422

        play(script)
