"""PURE. How a profile may be written: one module for each section, in which every key is declared once.

From these declarations come the reading, the JSON Schema and the reference; `profile` puts them together. A shape here
sees its own node and nothing else of the file: what only shows between keys or sections is in `building` and `checks`.
Imports `targets`, `shapes`, `source` and the options.
"""
