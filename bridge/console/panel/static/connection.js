// The talk with the bridge: statuses come over a WebSocket, signals go by POST. A lost connection comes back by itself.

const SILENT_MS = 2500; // ten statuses a second are due: this long without one and the line is dead, whatever TCP says
const RETRY_MS = 1000;
const SEND_MS = 3000;

/** Call `onStatus(status)` with every status and `onLost()` whenever they stop; never ends. */
export function watchStatus(onStatus, onLost) {
  let socket;
  let silence;
  let retry;

  function open() {
    socket = new WebSocket(new URL("/api/events", location.href.replace(/^http/, "ws")));
    const mine = socket;
    expect(mine);
    mine.onmessage = (message) => {
      expect(mine);
      onStatus(JSON.parse(message.data));
    };
    mine.onclose = () => lose(mine);
  }

  function expect(mine) {
    clearTimeout(silence);
    silence = setTimeout(() => lose(mine), SILENT_MS);
  }

  function lose(lost) {
    if (lost !== socket) return;
    clearTimeout(silence);
    socket = undefined;
    lost.onmessage = lost.onclose = null;
    lost.close();
    onLost();
    clearTimeout(retry);
    retry = setTimeout(open, RETRY_MS);
  }

  open();
}

/** Send one signal to the bridge. Throws an `Error` with a sentence for a person when it was not taken. */
export async function send(path, ...values) {
  let answer;
  try {
    answer = await fetch("/api/signal", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path, values }),
      signal: AbortSignal.timeout(SEND_MS),
    });
  } catch {
    throw new Error("The bridge does not answer; nothing was sent.");
  }
  if (!answer.ok) {
    const { error } = await answer.json().catch(() => ({ error: answer.statusText }));
    throw new Error(`Not taken: ${error}`);
  }
}
