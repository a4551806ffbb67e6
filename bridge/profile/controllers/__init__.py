"""Controllers as data: what the controls of a device send, and what its lamps, rings and motors take.

`model` says what there is to know of one; the files beside it, one YAML for each model of controller, are read by
`reading` into that. A user's own file is read the same way.
"""
