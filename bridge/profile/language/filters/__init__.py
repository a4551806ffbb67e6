"""PURE. How filters may be written: those that shape a value, those that move it, those that let some of it pass.

Each filter is one `Field` whose `Form` makes the options in `bridge.profile.filters`; `chain` has all of them, in the
order of the reference. `forms` are the shapes that only filters have.
"""
