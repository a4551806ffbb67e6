"""PURE. The life of a session: events in, commands out, and the watch over whether it is alive."""
