"""PURE. From routes as they are written to routes as they run.

`signals` says what a route can listen to, `wiring` puts signal, filters and target together, `fit` asks whether they go
together, `bounds` whether values can go so far, and `intervals` calculates how far that is.
"""
