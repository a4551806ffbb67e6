"""PURE. The prompt as an instrument: a bank of texts, words that fill them, slots that mix, and the way to the next.

Scope's rules are in `message`: a change goes out as the whole list, with its transition beside it where it fades.
"""

import re
from typing import Any, Literal

from bridge.mapping.beat import Times
from bridge.mapping.chance import Chance
from bridge.profile.durations import Duration, Unit
from bridge.profile.model import PLACES, Method, Prompts

REMEMBERED = 64
"""How many prompts are remembered with their words, to tell which words the picture shows."""
FEWEST_STEPS = 2
"""A transition of one step never reaches its target, in Scope 0.2.4."""
_ONLY = ""
"""The name of the one slot, where a profile has no slots."""


def fill(text: str, words: dict[str, str]) -> str:
    """Return `text` with each `{word}` replaced; `{{` and `}}` are braces, and a name that is no word stays as it is."""

    def place(found: re.Match[str]) -> str:
        match found.group():
            case "{{":
                return "{"
            case "}}":
                return "}"
            case whole:
                return words.get(found.group(1).strip(), whole)

    return PLACES.sub(place, text)


class Prompter:
    """Knows what Scope shall dream of, and turns what happens to it into the message that Scope needs."""

    def __init__(self, options: Prompts, times: Times, video: bool = False) -> None:
        self._options = options
        self.times = times
        self._video = video
        """Whether Scope transforms video: then every change without a transition cuts."""
        self._bank = list(options.bank)
        self._slots = options.slots or (_ONLY,)
        self.first = self._slots[0]
        """The slot that `prompt` means."""
        self.texts = dict.fromkeys(self._slots, "")
        """What each slot says: a name of the bank or any text; empty: nothing."""
        self.weights = {slot: 1.0 if slot == self.first else 0.0 for slot in self._slots}
        self.words = {name: choices[0] for name, choices in options.words.items()}
        """The words in force."""
        self.steps: int | None = None
        """Chunks that a fade takes, once a signal has said so."""
        self.method: Method = options.fade_method
        self._fade: Duration | None = None
        """The fade that a scene wants for the change that waits."""
        self.waits: Literal["", "weight", "word", "text"] = ""
        """What sort of change Scope has not been told yet."""
        self._fading_until = 0.0
        self.bag: list[str] = []
        """What `random` has not yet brought."""
        self._spoken: dict[str, dict[str, str]] = {}
        """The words that were in force when a prompt was sent, by its text; the newest `REMEMBERED`."""

    # What happens to it

    def choose(self, wanted: str, slot: str | None = None, fade: Duration | None = None) -> None:
        """Let a slot say a prompt of the bank, by its name, or any other text."""
        self.texts[self.first if slot is None else slot] = wanted
        self._fade = fade
        self.waits = "text"

    def weigh(self, slot: str, weight: float) -> None:
        """Give a slot another weight."""
        if self.weights[slot] != weight:
            self.weights[slot] = weight
            self.waits = self.waits or "weight"

    def say(self, word: str, said: str) -> None:
        """Set a word to a text."""
        before = self.spoken()
        self.words[word] = said
        if self.spoken() != before and self.waits != "text":
            self.waits = "word"

    def choice(self, word: str, way: float) -> str:
        """Return what a number means for a word: one of its choices by 0..1 over them, or else its own digits."""
        choices = self._options.words.get(word)
        if choices:
            return choices[min(len(choices) - 1, int(min(1.0, max(0.0, way)) * len(choices)))]
        return f"{way:.3g}"

    def neighbour(self, step: Literal["next", "previous", "random"], chance: Chance) -> str | None:
        """Return the name of the bank's prompt that comes next; None if the bank is empty.

        `random` goes through all of them before one comes again, and never repeats the one in force.
        """
        if not self._bank:
            return None
        current = self.texts[self.first]
        if step != "random":
            by = 1 if step == "next" else -1
            if current not in self._bank:
                return self._bank[0 if by > 0 else -1]
            return self._bank[(self._bank.index(current) + by) % len(self._bank)]
        self.bag = [name for name in self.bag if name in self._options.bank and name != current]
        if not self.bag:
            self.bag = [name for name in self._bank if name != current] or list(self._bank)
        return self.bag.pop(chance.below(len(self.bag)))

    def by_number(self, number: float) -> str | None:
        """Return the name of the bank's prompt with that number, from 1; None if there is none."""
        index = round(number) - 1
        return self._bank[index] if 0 <= index < len(self._bank) else None

    # What Scope is told

    @property
    def prompt(self) -> str:
        """The prompt in force, its words filled in: of several slots, the first that has a weight."""
        spoken = self.spoken()
        return str(spoken[0]["text"]) if spoken else ""

    def spoken(self) -> list[dict[str, Any]]:
        """Return the prompts in force with their weights, as Scope takes them; none, if there is no prompt yet."""
        spoken = [
            {"text": fill(self._text(slot), self.words).strip(), "weight": round(self.weights[slot], 4)}
            for slot in self._slots
            if self.texts[slot]
        ]
        heard = [entry for entry in spoken if entry["weight"]]
        # All weights at 0 would be no prompt at all: the first one stays.
        return heard or [{**entry, "weight": 1.0} for entry in spoken[:1]]

    def lasting(self) -> dict[str, Any]:
        """Return the keys that make Scope dream what is in force, at once; no keys if there is no prompt yet."""
        prompts = self.spoken()
        for entry in prompts:
            self._remember(str(entry["text"]))
        return {"prompts": prompts} if prompts else {}

    def waiting(self, now: float) -> bool:
        """Return whether Scope is to be told something now. Weights wait for the end of a fade, which they would end."""
        return self.waits in ("text", "word") or (self.waits == "weight" and now >= self._fading_until)

    @property
    def held(self) -> bool:
        """Whether something waits for the end of a fade."""
        return self.waits == "weight"

    def message(self, now: float) -> dict[str, Any]:
        """Return the keys that bring Scope to what is in force, in the way that the profile asks for."""
        gliding = FEWEST_STEPS if self._video else 0
        steps = gliding if self.waits == "weight" else self._steps()
        left = self._fading_until - now
        if self.waits == "word" and not steps and left > 0:
            # A word must not end the fade that runs: it goes along for the rest of it.
            steps = max(FEWEST_STEPS, round(left / self.times.chunk))
        self.waits, self._fade = "", None
        keys = self.lasting()
        if not keys:
            return {}
        if steps:
            keys["transition"] = {
                "target_prompts": keys["prompts"],
                "num_steps": steps,
                "temporal_interpolation_method": self.method,
            }
            self._fading_until = now + steps * self.times.chunk
        else:
            self._fading_until = now
        return keys

    def words_of(self, prompt: str) -> dict[str, str]:
        """Return the words in a prompt that was in force lately, by its text with the words filled in."""
        return self._spoken.get(prompt, {})

    # A reload, a restart

    def adopt(self, old: "Prompter") -> None:
        """Go on with the words, weights and fades that `old` had. Texts are the cells' matter."""
        self.words.update({word: said for word, said in old.words.items() if word in self.words})
        self._spoken = dict(old._spoken)
        self.steps, self._fading_until = old.steps, old._fading_until
        self.bag, self._fade = old.bag, old._fade
        if old._options.fade_method != old.method:
            self.method = old.method

    def told(self) -> None:
        """Scope has been told otherwise: with what a session begins with."""
        self.waits, self._fade = "", None

    def _text(self, slot: str) -> str:
        wanted = self.texts[slot]
        return self._options.bank.get(wanted, wanted)

    def _steps(self) -> int:
        """Return how many chunks the change that waits takes; 0 is a cut."""
        if self._fade is None and self.steps is not None:
            return max(FEWEST_STEPS, self.steps) if self.steps else 0
        fade = self._options.fade if self._fade is None else self._fade
        if not fade.amount:
            return 0
        if fade.unit is Unit.CHUNKS:
            return max(FEWEST_STEPS, round(fade.amount))
        return max(FEWEST_STEPS, round(self.times.seconds(fade) / self.times.chunk))

    def _remember(self, prompt: str) -> None:
        self._spoken.pop(prompt, None)
        self._spoken[prompt] = dict(self.words)
        if len(self._spoken) > REMEMBERED:
            del self._spoken[next(iter(self._spoken))]
