"""PURE. What a place in a profile can hold: shapes that read a node, give its JSON Schema and its words.

The general ones belong here, whatever they are used for: numbers, times, lists, records with known keys, tables with
names. A shape of one section (an address, a rate) is in `language`, beside that section. Imports `source` and durations.
"""
