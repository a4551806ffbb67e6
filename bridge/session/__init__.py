"""The talk with Scope: keeps a session alive, sends parameters when they can be used, and receives frames.

`station` is one Scope of the show and its standby; `service` one session; `sending` its messages. What they stand on,
each folder knowing only those before it:

- `contract` PURE: what Scope says and understands, in each of its versions; what its failures mean.
- `pacing` PURE: what goes to Scope, and when.
- `life` PURE: the life of a session, events in and commands out.
- `http`: everything that is asked of a server besides the session itself.
- `latency`: the time from the hand to the picture, measured.
"""
