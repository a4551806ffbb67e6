// The servers: what there is to know about the way to each, the standby behind it, and the further Scopes of the show.

import { element, fill } from "./dom.js";

const FAR = 0.02; // seconds there and back from which a server is worth calling far

/** Keeps `list` showing one line for each thing worth a line. `ask(path, value)` hands a wish to the bridge. */
export class Scopes {
  #list;
  #ask;

  constructor(list, ask) {
    this.#list = list;
    this.#ask = ask;
  }

  update(status) {
    const all = [status.scope, ...status.others];
    const lines = all.flatMap((scope, index) => [...(index ? [other(scope)] : []), ...way(scope), ...standby(scope)]);
    this.#list.hidden = lines.length === 0;
    fill(this.#list, lines, (line) => this.#item(line));
  }

  #item({ phase, text, wish }) {
    const item = element("li");
    if (phase) item.append(element("span", `dot ${phase}`));
    item.append(element("span", "about", text));
    if (wish) {
      const button = element("button", "act", wish.label);
      button.type = "button";
      button.addEventListener("click", () => this.#ask(wish.path, wish.value));
      item.append(button);
    }
    return item;
  }
}

function other({ name, phase, detail, fps }) {
  return { phase, text: `${name}: ${phase === "streaming" ? `${Math.round(fps)} frames / s` : detail || phase}` };
}

function way({ name, round_trip: roundTrip, bandwidth, latency, progress }) {
  const parts = [
    roundTrip !== null && roundTrip >= FAR ? `${Math.round(roundTrip * 1000)} ms away` : "",
    bandwidth !== null && roundTrip !== null && roundTrip >= FAR ? `${(bandwidth / 1e6).toFixed(1)} Mbit/s` : "",
    latency === null ? "" : `hand to picture ${latency.toFixed(2)} s`,
    progress === null ? "" : `${Math.round(progress * 100)} %`,
  ].filter(Boolean);
  return parts.length ? [{ text: (name ? `${name}: ` : "") + parts.join(" · ") }] : [];
}

function standby({ name, standby: behind, on_standby: onStandby }) {
  if (!behind) return [];
  const path = name ? `panel/${name}/standby` : "panel/standby";
  const text = `${name ? `${name}: ` : ""}${onStandby ? "the standby plays; main server" : "standby"} ${behind}`;
  const label = onStandby ? "Back to main" : "To standby";
  return [{ text, wish: behind === "ready" ? { label, path, value: onStandby ? 0 : 1 } : null }];
}
