"""PURE. The prompt as an instrument: a bank of texts, words that fill them, and the way from one to the next."""

import re
from typing import Any

from bridge.profile.model import Prompts
from bridge.profile.prompts import PLACES

REMEMBERED = 64
"""How many prompts are remembered with their words, to tell which words the picture shows."""


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
    """Knows the prompt in force, and turns what happens to it into the message that Scope needs."""

    def __init__(self, options: Prompts) -> None:
        self._options = options
        self.text = ""
        """The prompt in force, its words not yet filled in; empty: none was set."""
        self.chosen = False
        """Whether somebody has chosen it since the start."""
        self.words = {name: choices[0] for name, choices in options.words.items()}
        """The words in force."""
        self._spoken: dict[str, dict[str, str]] = {}
        """The words that were in force when a prompt was sent, by its text; the newest `REMEMBERED`."""

    def choose(self, wanted: str) -> None:
        """Make a prompt of the bank the one in force, by its name, or any other text."""
        self.text = self._options.bank.get(wanted, wanted)

    def say(self, word: str, wanted: str | float) -> str:
        """Set a word: to any text, or to one of its choices by 0..1 over them. Return what it is now.

        A word without choices takes a number as its text.
        """
        if isinstance(wanted, str):
            said = wanted
        elif choices := self._options.words.get(word):
            said = choices[min(len(choices) - 1, max(0, int(wanted * len(choices))))]
        else:
            said = f"{wanted:.3g}"
        self.words[word] = said
        return said

    @property
    def prompt(self) -> str:
        """The prompt in force, its words filled in."""
        return fill(self.text, self.words).strip()

    def words_of(self, prompt: str) -> dict[str, str]:
        """Return the words in a prompt that was in force lately, by its text with the words filled in."""
        return self._spoken.get(prompt, {})

    def lasting(self) -> dict[str, Any]:
        """Return the keys that make Scope dream the prompt in force, at once."""
        prompt = self.prompt
        self._spoken.pop(prompt, None)
        self._spoken[prompt] = dict(self.words)
        if len(self._spoken) > REMEMBERED:
            del self._spoken[next(iter(self._spoken))]
        return {"prompts": [{"text": prompt, "weight": 1.0}]}

    def change(self) -> dict[str, Any]:
        """Return the keys that bring Scope to the prompt in force, in the way that the profile asks for."""
        keys = self.lasting()
        if self._options.fade_chunks > 1:
            keys["transition"] = {
                "target_prompts": keys["prompts"],
                "num_steps": self._options.fade_chunks,
                "temporal_interpolation_method": "linear",
            }
        return keys

    def adopt(self, old: "Prompter") -> None:
        """Go on with the words and the prompt that `old` had in force: a name of the bank stands for its new text.

        A prompt that nobody has chosen since the start is the start's, and gives way to the new start's.
        """
        self.words.update({word: said for word, said in old.words.items() if word in self.words})
        self._spoken = dict(old._spoken)
        if old.text and (old.chosen or not self.text):
            named = {text: name for name, text in old._options.bank.items()}
            self.text = self._options.bank.get(named.get(old.text, ""), old.text)
            self.chosen = old.chosen
