"""PURE. The text of a profile: nodes that know their place, what is wrong with it, and the files it is in.

Whatever is about YAML and not about shows belongs here: parsing, repairs after a mistake, problems with their excerpts.
`compose(text, notes)` never raises: what cannot be read becomes `Unreadable`, and the reason goes to `notes`. Imports
nothing else of the profile.
"""
