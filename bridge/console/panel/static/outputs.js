// The outputs: freeze and blackout, for all of them and for each.

import { element, fill, show } from "./dom.js";

/** The buttons of all outputs. `press(path, value)` hands a button's wish to the bridge; lights follow the status alone. */
export class Outputs {
  #list;
  #press;
  #freezeAll;
  #blackoutAll;
  #outputs = [];
  #rows = new Map();

  constructor(list, freezeAll, blackoutAll, press) {
    this.#list = list;
    this.#press = press;
    this.#freezeAll = freezeAll;
    this.#blackoutAll = blackoutAll;
    freezeAll.addEventListener("click", () => this.toggleFreeze());
    blackoutAll.addEventListener("click", () => this.toggleBlackout());
  }

  toggleFreeze() {
    this.#press("panel/output/all/freeze", this.#outputs.length && this.#outputs.every(isFrozen) ? 0 : 1);
  }

  toggleBlackout() {
    this.#press("panel/output/all/level", this.#outputs.length && this.#outputs.every(isBlack) ? 1.0 : 0.0);
  }

  update(outputs) {
    this.#outputs = outputs;
    fill(this.#list, outputs.map((output) => output.name), (name) => this.#row(name));
    pressed(this.#freezeAll, outputs.map(isFrozen));
    pressed(this.#blackoutAll, outputs.map(isBlack));
    for (const output of outputs) {
      const row = this.#rows.get(output.name);
      pressed(row.freeze, [isFrozen(output)]);
      pressed(row.blackout, [isBlack(output)]);
      row.where.classList.toggle("wrong", output.detail !== "");
      const watching = output.receivers === null ? "" : ` · ${output.receivers} watching`;
      show(row.where, output.detail || output.where + watching);
      row.where.title = row.where.textContent;
    }
  }

  #row(name) {
    const freeze = button("freeze", "Freeze", `Freeze ${name}`);
    const blackout = button("blackout", "Black", `Blackout ${name}`);
    const find = () => this.#outputs.find((output) => output.name === name);
    freeze.addEventListener("click", () => this.#press(`panel/output/${name}/freeze`, isFrozen(find()) ? 0 : 1));
    blackout.addEventListener("click", () => this.#press(`panel/output/${name}/level`, isBlack(find()) ? 1.0 : 0.0));
    const where = element("span", "where");
    const about = element("div");
    about.append(element("span", "name", name), where);
    const item = element("li");
    item.append(about, freeze, blackout);
    this.#rows.set(name, { freeze, blackout, where });
    return item;
  }
}

/** Whether an output holds its picture by hand. */
export function isFrozen(output) {
  return output.frozen;
}

/** Whether an output is, or fades, to black. */
export function isBlack(output) {
  return output.level === 0;
}

function button(className, text, label) {
  const made = element("button", className, text);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.setAttribute("aria-pressed", "false");
  return made;
}

function pressed(target, states) {
  const all = states.length > 0 && states.every(Boolean);
  target.setAttribute("aria-pressed", all ? "true" : states.some(Boolean) ? "mixed" : "false");
}
