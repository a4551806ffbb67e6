"""The file that a show is played from, and those that it was read from."""

import asyncio
from pathlib import Path

import pytest

from bridge import profile_file
from bridge.profile.inputs import Midi
from bridge.profile.model import Profile
from bridge.profile_file import ProfileFile

SHOW = """\
inputs: {box: {midi: "Box*", controller: %s}}
start: {prompt: a reef at night}
routes: [box/knob/1 -> seed]
"""
BOX = "title: %s\nports: [Box]\ncontrols: {knob/1-2: {cc: 1-2}%s}\n"


@pytest.mark.parametrize(("new", "problem"), [(BOX % ("New", ", pad/1: {notes: 3}"), "new.yaml:3"), (None, "'new'")])
def test_an_edit_is_played_once_the_other_file_that_it_failed_by_is_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str | None, problem: str
) -> None:
    monkeypatch.setattr(profile_file, "WATCH_INTERVAL", 0.01)
    show, controllers = tmp_path / "show.yaml", tmp_path / "controllers"
    controllers.mkdir()
    (controllers / "old.yaml").write_text(BOX % ("Old", ""), encoding="utf-8")
    if new is not None:
        (controllers / "new.yaml").write_text(new, encoding="utf-8")
    show.write_text(SHOW % "old", encoding="utf-8")
    file = ProfileFile(show)

    async def edit() -> Profile:
        taken: asyncio.Queue[Profile] = asyncio.Queue()
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(file.watch(taken.put))
            show.write_text(SHOW % "new", encoding="utf-8")
            while not file.complaint:
                await asyncio.sleep(0.01)
            assert problem in file.complaint
            (controllers / "new.yaml").write_text(BOX % ("New", ", pad/1: {note: 3}"), encoding="utf-8")
            played = await taken.get()
            watching.cancel()
        return played

    played = asyncio.run(edit()).inputs["box"]
    assert isinstance(played, Midi)
    assert played.controller is not None
    assert (played.controller.title, file.complaint) == ("New", "")
