"""PURE. From sections as they are written to the model: one module for each section that needs more than its own keys.

What a module has in hand are the fields that `language` read, and the names that other sections give; it makes objects of
`model` and notes what only shows between keys: a port taken twice, a scene that is not there. `extending` and `sections`
are about the file as a whole. Imports `language`, `targets` and what is below them, never `checks`.
"""
