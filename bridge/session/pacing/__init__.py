"""PURE. What goes to one Scope, and when: `delivery` decides it, the others each know one part."""
