"""What `facts/scope.md` says that a client of Scope can meet, in words: the tests of this folder name what they cover.

@covers("0.10 DELETE", "2.3 DELETE")
def test_a_session_that_somebody_deletes_is_replaced_by_itself(...): ...
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])

ITEMS: Final[Mapping[str, str]] = {
    # §0: the traps
    "0.1": "a worker takes one message per chunk; eight wait, and the newest is dropped without a word",
    "0.1 idle": "a worker that is paused or waits for video takes a message every 10 ms",
    "0.2": "a message whose keys are all stripped takes a slot as well; the beat rides in another message",
    "0.3": "the data channel validates nothing: what is wrong sticks, or breaks the chunk; JSON that is none is only logged",
    "0.4": "an offer without `pipeline_ids`, with ids that are not loaded or with a bad graph: 200, and a dead session",
    "0.5": "receive-only video without a graph brings no frame; `sendrecv` does, and so does a graph",
    "0.6": "a receive-only audio line is always offered",
    "0.7": "`prompts` with `transition`: the target beside it, never one step; other `prompts` end a running one",
    "0.7 video": "in video mode a prompt without `transition` is a hard cut",
    "0.8": "`noise_scale` needs `noise_controller: false`, and acts on video only",
    "0.9": "steps, LoRA scales and `reset_cache` cut while `manage_cache` is true; `_modulated_step_list` lets steps pass",
    "0.10 DELETE": "one session at a time: it is deleted when the bridge goes, and what was left is deleted first",
    "0.10 server killed": "a killed server is noticed at once by frames and /health, not after 31 s",
    "0.10 reload": "a load does not re-bind a running session: a new one follows every load",
    "0.11": "a load's error is told once, without a reason, and then nothing is loaded; what ran before is unloaded",
    "0.12": "`POST session/parameters` resets two parameters with every call: never used",
    "0.13": "`height` and `width` never go over the channel",
    # §1: what a show needs of HTTP
    "1.1 health": "/health names the version and the start of the server; a beta names neither",
    "1.1 answers": "500 in plain text, JSON that is broken: nothing of that ends a session that plays",
    "1.1 models": "models are downloaded before the load, with progress; true for unknown ids",
    "1.1 loras": "LoRAs are found by a short name, and loaded by their path",
    "1.1 assets": "images are uploaded as raw bytes and named by their path on the server",
    "1.1 hardware": "what the GPU has, and what Scope can send itself",
    "1.1 recordings": "a running recording is fetched; after `stop` it is gone; node_id must be a record node",
    "1.2 load": "load parameters are unchecked; the same load again takes no time; another one unloads what was there",
    # §2.1: the offer
    "2.1 validation": "initial parameters are validated (422); null is removed, two defaults are added",
    "2.1 candidates": "the answer holds all candidates; an offer without any connects as well",
    "2.1 PATCH": "204; 404 for unknown sessions, bad candidates and the end of candidates",
    "2.1 no renegotiation": "every POST is a new session; the server is the DTLS client",
    "2.1 m-lines": "video, further video, audio, application",
    "2.1 channel": "any label, ordered or not; the last one opened gets the notifications",
    "2.1 message size": "300 kB, and binary messages that hold JSON, are taken",
    "2.1 client audio": "is ignored",
    "2.1 client closes": "the server removes the session at once",
    "2.1 not an offer": "500 with a reason",
    # §2.2: media
    "2.2 codecs": "VP8 first, H.264 too; the client's preference wins",
    "2.2 bit rates": "the bridge raises aiortc's limits for its uplink",
    "2.2 output size": "the pipeline's; passthrough gives the input's",
    "2.2 output pacing": "frames leave at the rate of production",
    "2.2 PTS": "time stamps jump across a pause: nothing is timed by them",
    "2.2 input queue": "30 frames, of which a chunk samples: up to a second late",
    "2.2 round trip": "small on loopback with one-frame chunks",
    "2.2 several sources": "the n-th video line that sends belongs to the n-th source of the graph",
    "2.2 several sinks": "the first sink on the first video line, the others on the further receive-only ones",
    "2.2 no sound": "`a=inactive` in the answer of a pipeline that makes none",
    # §2.3: lifecycle, row by row
    "2.3 client closes": "the session is removed at once",
    "2.3 DELETE": "`stream_stopped`, then the connection closes",
    "2.3 SIGTERM": "the same for all sessions",
    "2.3 client killed": "the server goes on generating for about 30 s",
    "2.3 server killed": "frozen video; aiortc says so after 31 s",
    "2.3 input ends": "without a graph the output stops for good; a graph's other sinks go on",
    "2.3 chunk raises": "it is logged, the next chunk is tried, nothing is sent",
    "2.3 OOM": "the worker ends, the session stays connected and silent",
    # §3.2: what the server says
    "3.2 stream_stopped": "on DELETE and on shutdown",
    "3.2 parameters_updated": "after an update by REST, to all sessions",
    "3.2 tempo_update": "15 times a second while the tempo is enabled",
    "3.2 change_scheduled": "and `change_applied`, of quantised updates",
    "3.2 nothing else": "no acknowledgement, no error, no echo",
    # §3.3
    "3.3 quantised": "a change waits for the bar, less the lookahead",
    "3.3 no client tempo": "without the server's own tempo, beat, modulation and quantising are inert",
    # §3.4
    "3.4 no graph": "a paused session repeats its last frame; only the latest state matters afterwards",
    "3.4 graph": "a paused graph sends nothing",
    "3.4 from the start": "`paused` in the offer: nothing is made until it is false",
    "3.4 video": "what comes in while it is paused makes everything late for good: nothing is sent up meanwhile",
    "3.4 any truthy value": "pauses, also in a quantised message",
    # §4.3
    "4.3": "frames per chunk by pipeline, and the period that follows",
    # §5
    "5 bad type": "422",
    "5 bad graph": "no sink, unknown port, unloaded pipeline, one id twice, fan-in: 200 and a dead session",
    "5 load by node": "a load by node ids, or by pipeline whose instance the offer takes for the node",
    "5 minimal": "one pipeline and a sink work receive-only",
    "5 node_id": "a message for one node reaches that one only; for an unknown one, none",
    "5 tempo_sync": "with one such node, only those follow the beat",
    "5 record nodes": "are recorded by ?node_id=",
    "5 scheduler": "the built-in node that fires triggers",
    # §8
    "8 one instance": "all sessions drive one instance",
    "8 first session": "metrics and parameters show the first session only",
    "8 node_id": "an update by REST for one node does it to every node of later sessions",
    # §10, row by row
    "10 queue": "8 slots, one per chunk, the newest dropped",
    "10 dead session": "200 for a bad start",
    "10 receive-only": "no frame without a graph",
    "10 A/V barrier": "video waits for sound that was sent",
    "10 REST update": "resets defaults",
    "10 node_id": "lost on the second session",
    "10 OSC prompt": "goes to the pipelines under a name that none reads",
    "10 stale prompt": "`reset_cache` returns to it after a transition that did not bring `prompts`",
    "10 num_steps 1": "never reaches its target",
    "10 prompt_interpolation_method": "nothing reads it",
    "10 quantise": "merges across nodes; setting the mode cancels what is pending",
    "10 client beat": "needs the server's tempo",
    "10 load error": "null, and told once",
    "10 gpu metrics": "always {}",
    "10 session/frame": "404 in graph sessions",
    "10 output_sinks": "not fed in graph sessions",
    "10 pause latency": "as 3.4 video",
    "10 recording": "gone after stop",
    "10 TURN": "the server's credentials expire silently",
    "10 cloud/connect": "a 400 that comes as a 500",
    # §11, row by row
    "11 REST": "what a beta lacks",
    "11 offer errors": "500 around a 400",
    "11 initialParameters": "unknown keys are dropped",
    "11 load": "`pipeline_ids`, and `seed` beside `base_seed`",
    "11 Spout": "`spout_sender` for `output_sinks`",
    "11 hardware": "`spout_available` for objects",
    "11 session start": "when the video is first asked for, not with the offer",
    "11 nodes": "no node_id, graph, quantising, modulation, beat",
    "11 same": "receive-only text, queue, no `pipeline_ids`",
    "11 bind address": "0.0.0.0, then 127.0.0.1",
    "11 tolerant": "what a client for both does",
}

NOT_SHOWN: Final[Mapping[str, str]] = {
    "10 A/V barrier": "no pipeline that makes sound runs without a GPU and a plugin; that the line is offered is 0.6",
    "10 TURN": "needs a relay whose credentials expire; that they are asked for anew each time is tests/session",
    "10 cloud/connect": "needs an account in Daydream's cloud; the bridge never connects a server to it",
    "11 bind address": "where a server listens is its owner's doing: a client only sees that nobody answers",
    "5 scheduler": "the rehearsal server lets such a node be, as its log says, and a real one needs a browser's graph",
}
"""What no test shows, and why."""


def covers(*items: str) -> Callable[[Test], Test]:
    """Say which items a test shows. Raise `KeyError` for one that is not in the list."""
    for item in items:
        ITEMS[item]

    def told(test: Test) -> Test:
        test.covers = items  # type: ignore[attr-defined]
        return test

    return told
