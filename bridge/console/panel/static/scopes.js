// The servers: how each is reached, the standby behind it, and the further Scopes of the show.

import { element, fill, isCut, show } from "./dom.js";

const FAR = 0.02; // seconds there and back from which a server is worth calling far

/** Keeps `list` showing one line for each Scope worth a line. `ask(path, value)` hands a wish to the bridge. */
export class Scopes {
  /** What is wrong with a Scope, and too long for its line. */
  cut = [];
  #list;
  #ask;

  constructor(list, ask) {
    this.#list = list;
    this.#ask = ask;
  }

  update(status) {
    const all = [status.scope, ...status.others];
    const lines = all.map((scope, index) => line(scope, index > 0)).filter((one) => one.text);
    this.#list.hidden = lines.length === 0;
    document.body.style.setProperty("--servers", lines.length); // the picture leaves room for them
    // What a line says changes all the time; its button stays, or it would go from under the finger.
    fill(this.#list, lines.map(({ phase, wish }) => ({ phase, wish })), (one) => this.#item(one));
    this.cut = [];
    this.#list.querySelectorAll(".about").forEach((about, index) => {
      const { text, trouble } = lines[index];
      show(about, text);
      about.title = text;
      if (trouble && isCut(about)) this.cut.push(trouble);
    });
  }

  #item({ phase, wish }) {
    const item = element("li");
    if (phase) item.append(element("span", `dot ${phase}`));
    item.append(element("span", "about"));
    if (wish) {
      const button = element("button", "act", wish.label);
      button.type = "button";
      button.addEventListener("click", () => this.#ask(wish.path, wish.value));
      item.append(button);
    }
    return item;
  }
}

function line(scope, further) {
  const parts = [...(further ? [state(scope)] : []), ...way(scope), ...standby(scope)];
  const text = parts.length && scope.name ? `${scope.name}: ${parts.join(" · ")}` : parts.join(" · ");
  const troubles = [...(further && scope.phase !== "streaming" ? [state(scope)] : []), ...standby(scope)];
  const trouble = troubles.length && scope.name ? `${scope.name}: ${troubles.join(" · ")}` : troubles.join(" · ");
  return { text, trouble, phase: further ? scope.phase : null, wish: wish(scope) };
}

function state({ phase, detail, fps }) {
  return phase === "streaming" ? `${Math.round(fps)} frames / s` : detail || phase;
}

function way({ round_trip: roundTrip, bandwidth, latency, progress }) {
  const far = roundTrip !== null && roundTrip >= FAR;
  return [
    far ? `${Math.round(roundTrip * 1000)} ms away` : "",
    far && bandwidth !== null ? `${(bandwidth / 1e6).toFixed(1)} Mbit/s` : "",
    latency === null ? "" : `hand to picture ${latency.toFixed(2)} s`,
    progress === null ? "" : `${Math.round(progress * 100)} %`,
  ].filter(Boolean);
}

function standby({ standby: behind, on_standby: onStandby }) {
  if (!behind) return [];
  return [onStandby ? `the standby plays, main server: ${behind}` : `standby: ${behind}`];
}

function wish({ name, standby: behind, on_standby: onStandby }) {
  if (behind !== "ready") return null;
  const path = name ? `panel/${name}/standby` : "panel/standby";
  return onStandby ? { label: "Back to main", path, value: 0 } : { label: "To standby", path, value: 1 };
}
