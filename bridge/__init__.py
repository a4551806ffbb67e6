"""Scope Bridge: the daemon between a VJ's rig and Daydream Scope.

The whole program is one sentence, and the folders say it in order: **inputs** make **signals**; the **mapping** turns
signals into **parameters**; the **session** sends parameters to Scope and receives **frames**; **outputs** show frames.
A **supervisor** keeps all of that alive, and the **console** shows it to a person.
"""

__version__ = "0.1.0"
