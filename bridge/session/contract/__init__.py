"""PURE. Scope's contract: what it says and understands, in each of its versions, and what its failures mean."""
