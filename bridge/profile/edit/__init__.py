"""PURE. Writing into a profile that belongs to a person: what is not edited stays as it is, to the byte.

`saving` has what the bridge writes (a scene, a cue, a route), and `undoing` takes a route back. A `Draft` makes the new
text out of the `outline` of the old one, and reads it back before anybody gets it. These import `source` and `shapes`,
and know no section by its meaning. `scenes` does: it writes what is live, and has the whole profile read before anybody
gets it.
"""
