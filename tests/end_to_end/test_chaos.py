"""A night in which everything fails, again and again: the output never stops, and what the hand has set comes back.

CHAOS_FAULTS=200 uv run pytest tests/end_to_end/test_chaos.py -s        # the long form, some 10 minutes
"""

import asyncio
import gc
import os
import random
import threading
from pathlib import Path

import httpx
import pytest
from pythonosc.udp_client import SimpleUDPClient

from bridge.app import App, Options
from bridge.clock import now
from bridge.strip import prompt_sum
from tests.end_to_end.conftest import PROFILE
from tests.end_to_end.rig import Rehearsal, free_port
from tests.end_to_end.test_show import shows
from tests.outputs.receiver import GAP, Watch, watching

FAULTS = int(os.environ.get("CHAOS_FAULTS", "9"))
"""How many things go wrong."""
KINDS = ("crash", "freeze", "deaf", "lost-ice", "load-error", "errors", "garbage", "slow-load:2", "oom")
BACK = 60.0
"""Seconds until everything must be as it was, whatever went wrong."""
PACE = 2.5
"""Seconds for it to be over before something else fails."""
ROUND = 9
"""After so many faults, everything must come back before the next one."""
OPTIONS = ("--chunk", "0.25", "--load-seconds", "0.3")
PROMPTS = {"reef": "a reef at night", "neon": "neon rain"}


class Hand:
    """Somebody who goes on turning knobs, whatever fails."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self._osc = SimpleUDPClient("127.0.0.1", port)
        self._chance = chance
        self.state: dict[str, float] = {}

    def turn(self) -> None:
        """Set everything to something else."""
        noise, vace = round(self._chance.random(), 3), round(2 * self._chance.random(), 3)
        prompt = self._chance.choice(list(PROMPTS))
        self._osc.send_message("/noise", noise)
        self._osc.send_message("/vace", vace)
        self._osc.send_message("/prompt", prompt)
        self.state = {
            "noise_scale": noise,
            "vace_context_scale": vace,
            "prompt": prompt_sum([PROMPTS[prompt]]),
        }

    def close(self) -> None:
        self._osc.close()


class Night:
    """A show in this process, so that its tasks and sockets can be counted, and a server that is made to fail."""

    def __init__(self, folder: Path, watch_name: str) -> None:
        self.server = Rehearsal(*OPTIONS)
        gc.unfreeze()  # what is frozen in the end, the bridge has frozen
        port = free_port()
        text = PROFILE.format(
            url=self.server.url, pipeline="longlive", ice="loopback", port=port, ndi=watch_name, scope=""
        )
        profile = folder / "night.yaml"
        profile.write_text(text, encoding="utf-8")
        self.app = App(profile, Options(panel_port=0))
        self.chance = random.Random(4)
        self.hand = Hand(port, self.chance)

    async def streams(self) -> None:
        async with asyncio.timeout(BACK):
            while not self.app.scopes.first.playing.ready:
                await asyncio.sleep(0.05)

    def fault(self, name: str) -> None:
        httpx.post(f"{self.server.url}/rehearsal/fault", json={"fault": name}, timeout=5.0).raise_for_status()

    def lose(self) -> None:
        """End the session on the server, as somebody else might."""
        for session in httpx.get(f"{self.server.url}/api/v1/session/metrics", timeout=5.0).json()["sessions"]:
            httpx.delete(f"{self.server.url}/api/v1/webrtc/offer/{session}", timeout=5.0)

    def restart(self) -> None:
        self.server.kill()
        self.server.end()
        self.server = Rehearsal(*OPTIONS, port=self.server.port)

    def goes_wrong(self, kind: str) -> None:
        """Let something fail, and, where it would not by itself, be felt."""
        match kind:
            case "crash":
                self.restart()
            case "load-error" | "slow-load:2":
                self.restart()
                self.fault(kind)
            case "errors" | "garbage":
                self.lose()
                self.fault(kind)
            case _:
                self.fault(kind)

    def heals(self) -> None:
        """What was broken works again; what has ended stays so."""
        self.fault("none")

    def end(self) -> None:
        self.hand.close()
        self.server.end()


def counted() -> tuple[int, int, int]:
    """Return how many tasks, open files and threads this process has."""
    return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd")), threading.active_count()


@pytest.mark.timeout(180 + 15 * FAULTS)
def test_whatever_goes_wrong_the_output_never_stops_and_the_hands_state_comes_back_and_nothing_leaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPE_BRIDGE_STATE", str(tmp_path / "state"))
    name = f"Chaos {os.getpid()}"
    night = Night(tmp_path, name)
    recoveries: dict[str, list[float]] = {}

    async def play() -> None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(night.app.run())
            await night.streams()
            await asyncio.to_thread(watched)
            running.cancel()

    def calm() -> tuple[int, int, int]:
        return asyncio.run_coroutine_threadsafe(count(), loop[0]).result(10.0)

    async def count() -> tuple[int, int, int]:
        await night.streams()
        await asyncio.sleep(2.0)  # what ends takes a moment to be gone
        return counted()

    def is_back(watch: Watch, kind: str, healed: float, seconds: float) -> bool:
        """Return whether the picture shows what the hand has set within some seconds; note how long it took."""
        try:
            back = watch.until(shows(**night.hand.state), seconds=seconds)
        except AssertionError as error:
            if seconds < BACK:
                return False  # the next fault comes before this one is over
            status = night.app.status()
            raise AssertionError(
                f"after {kind}: {night.hand.state} did not come back; {error}; {status.scope}; "
                f"{[(route.target, route.asked, route.sent) for route in status.routes]}"
            ) from None
        recoveries.setdefault(kind, []).append(back.at - healed)
        return True

    def watched() -> None:
        with watching(name, seconds=3600.0) as watch:
            night.hand.turn()
            begin = watch.until(shows(**night.hand.state))
            before = calm()
            kinds = list(KINDS)
            for number in range(FAULTS):
                if number % len(kinds) == 0:
                    night.chance.shuffle(kinds)
                kind = kinds[number % len(kinds)]
                night.goes_wrong(kind)
                night.hand.turn()
                until = watch.seen[-1].at + night.chance.uniform(0.2, 1.5)
                watch.until(lambda frame, until=until: frame.at > until)  # type: ignore[misc]
                night.hand.turn()
                night.heals()
                whole = number % ROUND == ROUND - 1 or number == FAULTS - 1
                is_back(watch, kind, now(), BACK if whole else PACE)
            gap = watch.longest_gap(begin)
            after = calm()
            print(f"{FAULTS} faults; longest gap {1000 * gap:.0f} ms; tasks, files, threads {before} -> {after}")
            for kind, seconds in sorted(recoveries.items()):
                print(f"  {kind}: back {len(seconds)} times before the next fault, after {max(seconds):.1f} s at most")
            assert gc.get_freeze_count()  # a full collection of garbage would halt the outputs, every now and then
            assert gap <= GAP
            assert all(later <= earlier + 3 for earlier, later in zip(before, after, strict=True)), (before, after)

    loop: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loop.append(asyncio.get_running_loop())
        await play()

    try:
        asyncio.run(main())
    finally:
        night.end()
