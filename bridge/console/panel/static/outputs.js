// The outputs: freeze and blackout, for all of them and for each.

import { element, fill, show } from "./dom.js";

/** The buttons of all outputs. `press(path, value)` hands a button's wish to the bridge; lights follow the status alone. */
export class Outputs {
  #list;
  #press;
  #freezeAll;
  #blackoutAll;
  #outputs = [];
  #since = [];
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

  update({ outputs, seconds, scope, others }) {
    this.#outputs = outputs;
    const streaming = [scope, ...others].some((one) => one.phase === "streaming");
    const before = this.#before(outputs, seconds);
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
      show(row.numbers, numbers(output, before.outputs.get(output.name), seconds - before.seconds));
      row.numbers.classList.toggle("wrong", streaming && output.age !== null && output.age >= STALE);
      row.numbers.title = COUNTS.map((count) => `${output[count].toLocaleString("en")} ${count}`).join(" · ");
    }
  }

  /** What the outputs were about two seconds ago, with when that was. */
  #before(outputs, seconds) {
    if (this.#since.length && seconds < this.#since.at(-1).seconds) this.#since.length = 0; // another run of the bridge
    this.#since.push({ seconds, outputs: new Map(outputs.map((output) => [output.name, output])) });
    while (this.#since.length > 2 && this.#since[0].seconds < seconds - 2) this.#since.shift();
    return this.#since[0];
  }

  #row(name) {
    const freeze = button("freeze", "Freeze", `Freeze ${name}`);
    const blackout = button("blackout", "Black", `Blackout ${name}`);
    const find = () => this.#outputs.find((output) => output.name === name);
    freeze.addEventListener("click", () => this.#press(`panel/output/${name}/freeze`, isFrozen(find()) ? 0 : 1));
    blackout.addEventListener("click", () => this.#press(`panel/output/${name}/level`, isBlack(find()) ? 1.0 : 0.0));
    const where = element("span", "where");
    const numbers = element("span", "numbers");
    const about = element("div");
    about.append(element("span", "name", name), where);
    const item = element("li");
    item.append(about, freeze, blackout, numbers);
    this.#rows.set(name, { freeze, blackout, where, numbers });
    return item;
  }
}

/** Seconds without a new picture after which an output is in trouble while Scope sends some. */
const STALE = 1;

const COUNTS = ["sent", "shown", "repeated", "overwritten"];

/** The numbers of an output in a line; `before` is what it was `seconds` ago, undefined if it was not there. */
function numbers(output, before, seconds) {
  const rate = (count) => Math.max(0, output[count] - before[count]) / seconds;
  const said = [];
  if (before && seconds > 0 && output.sent) {
    const shown = output.shown ? `${rate("shown").toFixed(1)} → ` : "";
    said.push(`${shown}${rate("sent").toFixed(1)} fps`);
  }
  if (output.age !== null) said.push(`age ${output.age.toFixed(output.age < 10 ? 2 : 0)} s`);
  if (output.delay) said.push(`late ${output.delay.toFixed(2)} s`);
  if (output.conversion !== null) said.push(`${(output.conversion * 1000).toFixed(1)} ms`);
  if (output.sent && output.overwritten) said.push(`${output.overwritten} overwritten`);
  return said.join(" · ");
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
