// The prompt: what is in effect, a box where Enter means go, and the buttons of the bank.

import { element, fill, show } from "./dom.js";

/** The prompt box. `send(path, value)` resolves when the bridge took it; only then is what was typed let go. */
export class Prompt {
  #box;
  #bank;
  #inEffect;
  #send;
  #last = "";

  constructor({ form, box, bank, inEffect }, send) {
    this.#box = box;
    this.#bank = bank;
    this.#inEffect = inEffect;
    this.#send = send;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.#go();
      } else if (event.key === "Escape") {
        box.blur();
      } else if (event.key === "ArrowUp" && box.value === "") {
        event.preventDefault();
        box.value = this.#last;
      }
    });
  }

  update(prompt, names) {
    show(this.#inEffect, prompt || "–");
    fill(this.#bank, names, (name) => {
      const button = element("button", "", name);
      button.type = "button";
      button.addEventListener("click", () => this.#send("panel/prompt", name));
      return button;
    });
  }

  async #go() {
    const typed = this.#box.value;
    if (!typed.trim()) return;
    if (!(await this.#send("panel/prompt", typed.trim()))) return;
    this.#last = typed;
    if (this.#box.value === typed) this.#box.value = "";
  }
}
