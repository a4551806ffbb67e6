"""What `scope-bridge learn` knows: which control was moved, what it can drive, how that is written, how it is taken back.

| where | what |
|---|---|
| `recognise` | PURE: which control was moved, out of all that arrived |
| `targets` | PURE: the targets of a profile, found by a part of their names |
| `writing` | PURE: the route from a control to a target |
| `learned` | which routes were learned, on disk, so that they can be taken back |
"""
