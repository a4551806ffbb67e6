"""The servers on the page: a standby and how to turn to it, further Scopes, and how far away they are."""

from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from bridge.status import FaderStatus, Phase, ScopeStatus, ShowStatus
from tests.console.panel.browser import asked, needs_browser, watch
from tests.console.panel.rig import Show

pytestmark = needs_browser


def far(name: str = "", **more: object) -> ScopeStatus:
    known = ScopeStatus(f"http://{name or 'main'}", Phase.STREAMING, "frames come", name=name, fps=15.6)
    return replace(known, **more)  # type: ignore[arg-type]


def test_one_server_nearby_has_no_list_of_servers() -> None:
    async def scene(show: Show, page: Page) -> None:
        await expect(page.locator("#fps")).to_have_text("15.6")
        await expect(page.locator("#scopes")).to_be_hidden()

    watch(scene)


def test_a_standby_is_turned_to_and_back_with_one_press_once_it_is_ready() -> None:
    async def scene(show: Show, page: Page) -> None:
        lines = page.locator("#scopes li")
        show.status = replace(show.status, scope=far(standby="loading longlive"))
        await expect(lines).to_have_text(["standby: loading longlive"])
        await expect(lines.get_by_role("button")).to_have_count(0)

        show.status = replace(show.status, scope=far(standby="ready"))
        await page.get_by_role("button", name="To standby").click()
        await asked(show, 1)
        assert show.asked() == [("panel/standby", (1,))]

        show.status = replace(show.status, scope=far(standby="ready", on_standby=True))
        await expect(lines.locator(".about")).to_have_text(["the standby plays, main server: ready"])
        await page.get_by_role("button", name="Back to main").click()
        await asked(show, 2)
        assert show.asked()[1:] == [("panel/standby", (0,))]

    watch(scene)


def test_of_several_scopes_each_has_its_line_and_its_own_standby() -> None:
    async def scene(show: Show, page: Page) -> None:
        right = far("right", phase=Phase.LOADING, detail="loading memflow", standby="ready")
        show.status = replace(show.status, scope=far("left"), others=(right, far("back")))

        about = page.locator("#scopes .about")
        await expect(about).to_have_text(["right: loading memflow · standby: ready", "back: 16 frames / s"])
        await expect(page.locator("#detail")).to_have_text("left: frames come")
        await page.get_by_role("button", name="To standby").click()
        await asked(show, 1)
        assert show.asked() == [("panel/right/standby", (1,))]

    watch(scene)


def test_how_far_a_server_is_and_how_late_the_picture_is_told_when_it_is_known() -> None:
    async def scene(show: Show, page: Page) -> None:
        show.status = replace(show.status, scope=far(round_trip=0.084, bandwidth=4.26e6, latency=1.234))

        await expect(page.locator("#scopes .about")).to_have_text(["84 ms away · 4.3 Mbit/s · hand to picture 1.23 s"])

    watch(scene)


def test_a_button_stays_the_same_one_while_the_figures_beside_it_change() -> None:
    async def scene(show: Show, page: Page) -> None:
        about = page.locator("#scopes .about")
        show.status = replace(show.status, scope=far(standby="ready", round_trip=0.084))
        await expect(about).to_have_text(["84 ms away · standby: ready"])
        pressed = await page.get_by_role("button", name="To standby").element_handle()

        show.status = replace(show.status, scope=far(standby="ready", round_trip=0.091))
        await expect(about).to_have_text(["91 ms away · standby: ready"])
        assert pressed is not None
        assert await pressed.evaluate("button => button.isConnected"), "a press is a down and an up on one button"

    watch(scene)


def test_scenes_and_snapshots_stay_in_sight_below_several_servers() -> None:
    async def scene(show: Show, page: Page) -> None:
        left = far("left", standby="ready", round_trip=0.084, bandwidth=4.26e6)
        right = far("right", standby="ready", round_trip=0.03)
        desk = ShowStatus(
            scenes=("calm", "wild"), bpm=120.0, faders=(FaderStatus("kick", "route/kick/amount", 0.5, 0, 1),)
        )
        show.status = replace(show.status, scope=left, others=(right,), show=desk)
        await expect(page.get_by_role("button", name="Keep")).to_be_visible()
        await expect(page.locator("#scopes li")).to_have_count(2)

        cut = await page.locator("#show").evaluate("show => show.scrollHeight - show.clientHeight")
        assert cut <= 0, f"{cut} pixels of what there is to call are cut off"

    watch(scene, width=1280, height=900)


NEEDS = (
    "krea-realtime-video needs 32 GB of GPU memory, and this server has 24; quantization: fp8_e4m3fn needs less, and "
)
NEEDS += "longlive or memflow or reward-forcing would fit; trying again in 4 s"


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_wrong_with_a_scope_is_never_cut_off(width: int) -> None:
    async def scene(show: Show, page: Page) -> None:
        complaints = page.locator("#complaints li")
        main = far("left", phase=Phase.LOADING, detail=NEEDS, standby="ready")
        other = far("right", standby=NEEDS)
        show.status = replace(show.status, scope=main, others=(other,), complaints=("the desk is gone",))
        await expect(complaints).to_have_text([f"left: {NEEDS}", f"right: standby: {NEEDS}", "the desk is gone"])

        show.status = replace(show.status, scope=far("left"), others=(far("right"),))
        await expect(complaints).to_have_text(["the desk is gone"])

    watch(scene, width=width)
