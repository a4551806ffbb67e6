"""Everything that is asked of a server by HTTP."""
