"""PURE. What a route, a scene or a pad can move: `noise_scale`, `lora/arcane`, `route/kick/amount`.

`table` is the catalogue of all targets, and `names` knows what the names in them mean; `lookup` finds the one that a text
names, `traits` says what one is like once it is found, `settable` what its parameter can be set to. Imports the model,
`shapes` and `source`.
"""
