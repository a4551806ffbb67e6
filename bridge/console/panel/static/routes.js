// The routes: for each one its light, and its value as asked beside the value that the picture shows.

import { element, show } from "./dom.js";

const LIT_SECONDS = 0.25; // longer than two statuses, so that no single signal goes unseen

/** Keeps `list` showing the routes of the newest status. */
export class Routes {
  #list;
  #rows = [];
  #profile = "";

  constructor(list) {
    this.#list = list;
  }

  update(routes) {
    const profile = JSON.stringify(routes.map((route) => [route.signal, route.target]));
    if (profile !== this.#profile) {
      this.#profile = profile;
      this.#rows = routes.map((route) => new Row(route));
      this.#list.replaceChildren(...this.#rows.map((row) => row.item));
      if (!routes.length) this.#list.append(element("li", "none", "The profile has no routes."));
    }
    routes.forEach((route, index) => this.#rows[index].update(route));
  }
}

class Row {
  #light = element("span", "light");
  #asked = element("span", "number asked");
  #shown = element("span", "number");
  #fill = element("span", "fill");
  #mark = element("span", "mark");
  #bar = element("div", "bar");
  #numbers = element("div", "numbers");
  #textAsked = element("span", "text asked");
  #textShown = element("span", "text shown");
  #texts = element("div", "texts");
  #trouble = element("p", "trouble");
  #low = 0;
  #high = 1;
  #decimals = 0;

  constructor(route) {
    const way = element("p", "way");
    const signal = element("span", "signal", route.signal);
    const target = element("span", "target", route.target);
    signal.title = target.title = `${route.signal} → ${route.target}`;
    way.append(this.#light, signal, element("span", "arrow", "→"), target);
    this.#bar.append(this.#fill, this.#mark);
    this.#bar.setAttribute("aria-hidden", "true");
    this.#numbers.append(this.#bar, this.#asked, this.#shown);
    this.#texts.append(this.#textAsked, this.#textShown);
    this.#texts.hidden = true;
    this.#trouble.hidden = true;
    this.item = element("li", "route");
    this.item.append(way, this.#numbers, this.#texts, this.#trouble);
  }

  update({ age, asked, in_picture: shown, detail, clamped, refused }) {
    this.#light.classList.toggle("on", age !== null && age < LIT_SECONDS);
    const wide = [asked, shown].some((value) => typeof value === "string" || (typeof value === "object" && value !== null));
    this.#texts.hidden = !wide;
    this.#numbers.hidden = wide;
    const late = asked !== null && JSON.stringify(asked) !== JSON.stringify(shown);
    this.#shown.classList.toggle("late", late);
    this.#textShown.classList.toggle("late", late);
    this.#learn(asked);
    this.#learn(shown);
    if (wide) {
      show(this.#textAsked, this.#text(asked));
      show(this.#textShown, this.#text(shown));
    } else {
      show(this.#asked, this.#text(asked));
      show(this.#shown, this.#text(shown));
      this.#bar.classList.toggle("idle", this.#decimals === 0); // whole numbers count or name something: no way to show
      this.#fill.style.transform = `scaleX(${this.#part(shown)})`;
      this.#mark.style.transform = `translateX(calc(${this.#part(asked)} * (100% - 3px)))`;
      this.#mark.hidden = asked === null;
    }
    const counts = [clamped && `${clamped} clamped`, refused && `${refused} refused`].filter(Boolean);
    const trouble = [detail, counts.join(", ")].filter(Boolean).join(" · ");
    this.#trouble.hidden = !trouble;
    show(this.#trouble, trouble);
  }

  // The status does not say how far a target goes: the bar spans 0..1, or the next round number around what was seen.
  #learn(value) {
    if (Array.isArray(value)) value.forEach((each) => this.#learn(each));
    if (typeof value !== "number") return;
    if (value > this.#high) this.#high = roundUp(value);
    if (value < this.#low) this.#low = -roundUp(-value);
    if (!Number.isInteger(value)) this.#decimals = Math.max(this.#decimals, Math.abs(value) < 100 ? 3 : 1);
  }

  #part(value) {
    if (value === null) return 0;
    return (Number(value) - this.#low) / (this.#high - this.#low);
  }

  #text(value) {
    switch (typeof value) {
      case "number":
        return value.toFixed(this.#decimals);
      case "boolean":
        return value ? "on" : "off";
      case "string":
        return value;
      default:
        if (value === null) return "–";
        return Array.isArray(value) ? value.map((each) => this.#text(each)).join(" ") : JSON.stringify(value);
    }
  }
}

/** The next of 1, 2, 5, 10, 20, 50, ... */
function roundUp(value) {
  const ten = 10 ** Math.floor(Math.log10(value));
  return ten * ([1, 2, 5].find((step) => value <= step * ten) ?? 10);
}
