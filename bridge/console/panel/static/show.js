// The show: scenes, cues, words, faders, snapshots, pages and tempo, as far as the profile has them.

import { element, show } from "./dom.js";

const SNAPSHOTS = [1, 2, 3, 4];
const FEW = 4; // rows that go below the picture and the state
const SETTLED_MS = 600; // after the hand's last move; by then the bridge has told where it put the fader

/** Keeps `section` showing what there is to call. `ask(path, value)` hands a wish to the bridge; lights follow the status alone. */
export class Show {
  #section;
  #ask;
  #made = "";
  #now = null;
  #update = () => {};

  constructor(section, ask) {
    this.#section = section;
    this.#ask = ask;
  }

  /** Call the next cue, if there are cues. */
  go() {
    if (this.#now?.cues.length) this.#ask("panel/cue/go", 1);
  }

  update(status) {
    this.#now = status;
    const { scenes, cues, pages, words, faders, bpm } = status;
    const made = JSON.stringify([
      scenes, cues, pages, words.map(({ name, choices }) => [name, choices]), faders.map(({ name, target }) => [name, target]), bpm === null,
    ]);
    if (made !== this.#made) {
      this.#made = made;
      this.#build(status);
    }
    this.#update(status);
  }

  #build({ scenes, cues, pages, words, faders, bpm }) {
    const rows = [
      ...(scenes.length ? [this.#choice("Scenes", "scene", scenes, (status, name) => status.scene === name)] : []),
      ...(cues.length ? [this.#cues(cues)] : []),
      ...words.map(({ name, choices }, index) => this.#word(name, choices, index)),
      ...(faders.length ? [this.#faders(faders)] : []),
      ...(pages.length ? [this.#choice("Pages", "page", pages, (status, name) => status.turned.includes(name))] : []),
      ...(bpm === null ? [] : [this.#tempo()]),
    ];
    if (rows.length) rows.push(this.#snapshots());
    this.#section.hidden = rows.length === 0;
    document.body.classList.toggle("has-show", rows.length > 0);
    document.body.classList.toggle("has-much", rows.length > FEW); // then the state goes beside the picture
    document.body.style.setProperty("--rows", rows.length);
    this.#section.replaceChildren(...rows.map((row) => row.item));
    this.#update = (status) => rows.forEach((row) => row.update(status));
  }

  #choice(title, kind, names, isIn) {
    const buttons = names.map((name) => this.#button(name, `panel/${kind}/${name}`, `${title.slice(0, -1)} ${name}`));
    return {
      item: (names.length > 4 ? row : short)(title, ...buttons),
      update: (status) => buttons.forEach((button, index) => press(button, isIn(status, names[index]))),
    };
  }

  #word(word, choices, index) {
    const buttons = choices.map((choice) => this.#button(choice, `panel/word/${word}`, `${word}: ${choice}`, choice));
    const other = element("span", "quiet");
    return {
      item: row(word, ...buttons, other),
      update: ({ words }) => {
        const { said } = words[index];
        buttons.forEach((button, place) => press(button, choices[place] === said));
        show(other, choices.includes(said) ? "" : said);
      },
    };
  }

  #cues(cues) {
    const go = this.#button("Go", "panel/cue/go", "Go to the next cue");
    const back = this.#button("Back", "panel/cue/back", "Back to the cue before");
    go.classList.add("go");
    go.setAttribute("aria-keyshortcuts", "g");
    go.append(" ", element("kbd", "", "G"));
    const names = cues.map(({ name }) => name);
    const buttons = names.map((name) => this.#button(name, `panel/cue/${name}`, `Cue ${name}`));
    const about = element("p", "about");
    about.setAttribute("aria-live", "polite");
    return {
      item: row("Cues", go, back, ...buttons, about),
      update: ({ cue, coming }) => {
        buttons.forEach((button, index) => {
          press(button, names[index] === cue);
          button.classList.toggle("waits", names[index] === coming);
        });
        const at = names.indexOf(coming ?? cue);
        const next = cues[coming === null ? at + 1 : at];
        const what = coming === null ? "next" : "waits";
        show(about, next ? `${what}: ${next.name}${next.note && ` – ${next.note}`}` : "that was the last cue");
        about.title = about.textContent;
      },
    };
  }

  #faders(faders) {
    const made = faders.map((fader) => new Fader(fader, this.#ask));
    const item = row("Levels");
    item.lastChild.classList.add("faders");
    item.lastChild.append(...made.map((fader) => fader.item));
    return { item, update: (status) => made.forEach((fader, index) => fader.update(status.faders[index].value)) };
  }

  #tempo() {
    const bpm = element("span", "bpm");
    const item = short("Tempo", bpm, this.#button("Tap", "panel/tap", "Tap the tempo"));
    item.classList.add("tempo");
    return {
      item,
      update: (status) => show(bpm, `${Number(status.bpm.toFixed(1))} bpm`),
    };
  }

  #snapshots() {
    const keep = element("button", "keep", "Keep");
    keep.type = "button";
    keep.setAttribute("aria-label", "Keep what is live: the next number that is pressed");
    press(keep, false);
    const arm = (armed) => press(keep, armed);
    keep.addEventListener("click", () => arm(keep.getAttribute("aria-pressed") === "false"));
    const buttons = SNAPSHOTS.map((number) => {
      const button = element("button", "", String(number));
      button.type = "button";
      button.addEventListener("click", () => {
        const armed = keep.getAttribute("aria-pressed") === "true";
        arm(false);
        this.#ask(`panel/snapshot/${armed ? "save" : "recall"}/${number}`, 1);
      });
      return button;
    });
    return {
      item: short("Snapshots", ...buttons, keep),
      update: ({ snapshots }) => {
        buttons.forEach((button, index) => {
          const kept = snapshots.includes(SNAPSHOTS[index]);
          button.classList.toggle("empty", !kept);
          button.setAttribute("aria-label", `Snapshot ${SNAPSHOTS[index]}${kept ? "" : ", empty"}`);
        });
      },
    };
  }

  #button(text, path, label, value = 1) {
    const button = element("button", "", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => this.#ask(path, value));
    return button;
  }
}

/** One fader. While a hand is on it, it is where the hand is; what the hand does goes out one at a time, the newest. */
class Fader {
  #range = element("input");
  #shown = element("output");
  #path;
  #ask;
  #wanted = null;
  #sending = false;
  #down = false;
  #movedAt = -Infinity;

  constructor({ name, target, low, high }, ask) {
    this.#path = `panel/${target}`;
    this.#ask = ask;
    Object.assign(this.#range, { type: "range", min: low, max: high, step: 0.01 });
    this.#range.setAttribute("aria-label", target);
    this.#range.addEventListener("input", () => this.#move());
    this.#range.addEventListener("pointerdown", () => (this.#down = true));
    for (const end of ["pointerup", "pointercancel"]) this.#range.addEventListener(end, () => (this.#down = false));
    this.item = element("label", "fader");
    const about = element("span", "name", name);
    about.title = target;
    this.item.append(about, this.#range, this.#shown);
  }

  update(value) {
    if (this.#down || performance.now() - this.#movedAt < SETTLED_MS) return;
    const place = String(value ?? this.#range.min);
    if (this.#range.value !== place) this.#range.value = place;
    show(this.#shown, value === null ? "–" : value.toFixed(2));
  }

  async #move() {
    this.#movedAt = performance.now();
    this.#wanted = this.#range.valueAsNumber;
    show(this.#shown, this.#wanted.toFixed(2));
    if (this.#sending) return;
    this.#sending = true;
    while (this.#wanted !== null) {
      const value = this.#wanted;
      this.#wanted = null;
      await this.#ask(this.#path, value);
    }
    this.#sending = false;
  }
}

/** A row that shares its line with others where there is room. */
function short(title, ...parts) {
  const item = row(title, ...parts);
  item.classList.add("short");
  return item;
}

function row(title, ...parts) {
  const item = element("div", "row");
  const content = element("div", "content");
  content.setAttribute("role", "group");
  content.setAttribute("aria-label", title);
  content.append(...parts);
  item.append(element("h2", "", title), content);
  return item;
}

function press(button, pressed) {
  button.setAttribute("aria-pressed", String(pressed));
}
