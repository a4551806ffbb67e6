// The page: hands every status to the parts that show it, and what a person does to the bridge.

import { send, watchStatus } from "./connection.js";
import { element, fill, isCut, show } from "./dom.js";
import { Outputs, isBlack, isFrozen } from "./outputs.js";
import { watchPicture } from "./picture.js";
import { Prompt } from "./prompt.js";
import { Routes } from "./routes.js";
import { Scopes } from "./scopes.js";
import { Show } from "./show.js";

const $ = (id) => document.getElementById(id);
const HINT = matchMedia("(hover: hover)").matches ? "Enter = go · Shift + Enter = new line · ↑ = the last one" : "";

const prompt = new Prompt({ form: $("prompt-form"), box: $("prompt"), bank: $("bank"), inEffect: $("in-effect") }, ask);
const outputs = new Outputs($("outputs"), $("freeze-all"), $("blackout-all"), ask);
const routes = new Routes($("routes"));
const scopes = new Scopes($("scopes"), ask);
const desk = new Show($("show"), ask);
const inputs = new Map();

/** Send one signal; say so when it was not taken. Resolves to whether it was. */
async function ask(path, value) {
  try {
    await send(path, value);
    notice(HINT, false);
    return true;
  } catch (error) {
    notice(error.message, true);
    return false;
  }
}

function notice(text, wrong) {
  show($("notice"), text);
  $("notice").classList.toggle("wrong", wrong);
}

function onStatus(status) {
  const { scope } = status;
  document.body.classList.remove("is-lost");
  $("lost").hidden = true;
  $("dot").className = `dot ${scope.phase}`;
  show($("phase"), scope.phase);
  const detail = scope.name ? `${scope.name}: ${scope.detail}` : scope.detail;
  show($("detail"), detail);
  $("detail").title = detail;
  show($("fps"), scope.fps.toFixed(1));
  show($("chunk"), scope.chunk_seconds === null ? "–" : scope.chunk_seconds.toFixed(2));
  show($("age"), scope.frame_age === null ? "–" : scope.frame_age.toFixed(scope.frame_age < 10 ? 2 : 0));
  show($("messages"), `${scope.messages} · ${scope.chunks}`);
  show($("reconnects"), String(Math.max(0, scope.sessions - 1)));
  $("waiting").hidden = scope.frames > 0;
  scopes.update(status);
  const cut = isCut($("detail")) ? [detail] : [];
  document.title = `${scope.phase} · Scope Bridge`;
  const complaints = [...cut, ...scopes.cut, ...[...status.complaints].reverse()];
  fill($("complaints"), complaints, (complaint) => element("li", "", complaint));
  fill($("badges"), badges(status.outputs), ([className, text]) => element("li", className, text));
  showInputs(status);
  outputs.update(status);
  prompt.update(status.prompt, status.bank);
  routes.update(status.routes);
  desk.update(status.show);
  showNotes(status.notes);
}

function onLost() {
  document.body.classList.add("is-lost");
  $("lost").hidden = false;
  $("waiting").hidden = true;
  document.title = "lost · Scope Bridge";
}

function badges(all) {
  const say = (held, className, word) => {
    if (!held.length) return [];
    return [[className, held.length === all.length ? word : `${word}: ${held.map((output) => output.name).join(", ")}`]];
  };
  return [...say(all.filter(isFrozen), "frozen", "Frozen"), ...say(all.filter(isBlack), "black", "Blackout")];
}

function showInputs(status) {
  fill($("inputs"), status.inputs.map((input) => input.name), (name) => {
    const item = element("li");
    const rate = element("span");
    item.append(element("b", "", name), " ", rate);
    inputs.set(name, { item, rate, samples: [] });
    return item;
  });
  for (const input of status.inputs) {
    const shown = inputs.get(input.name);
    const samples = shown.samples;
    if (samples.length && status.seconds < samples.at(-1)[0]) samples.length = 0; // another run of the bridge
    samples.push([status.seconds, input.signals]);
    while (samples.length > 2 && samples[0][0] < status.seconds - 2) samples.shift();
    const [[since, before]] = samples;
    const rate = status.seconds > since ? (input.signals - before) / (status.seconds - since) : 0;
    const feeds = input.feeds ? ` · goes to ${input.feeds}` : "";
    const refused = input.refused ? ` · ${input.refused} refused` : "";
    show(shown.rate, `${input.where} · ${rate.toFixed(0)} a second${feeds}${refused}${input.detail && `: ${input.detail}`}`);
    shown.item.classList.toggle("wrong", input.detail !== "");
  }
}

function showNotes(notes) {
  $("notes").hidden = notes.length === 0;
  show($("notes-count"), `${notes.length} note${notes.length === 1 ? "" : "s"} about the profile`);
  fill($("notes-list"), notes, (note) => element("li", "", note));
}

$("undo").addEventListener("click", () => ask("panel/undo", 1));
$("panic").addEventListener("click", () => ask("panel/panic", 1));

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("textarea, input");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "f" || event.key === "F") outputs.toggleFreeze();
  if (event.key === "b" || event.key === "B") outputs.toggleBlackout();
  if (event.key === "g" || event.key === "G") desk.go();
});

notice(HINT, false);
watchStatus(onStatus, onLost);
watchPicture($("picture"), "/preview.mjpg");
