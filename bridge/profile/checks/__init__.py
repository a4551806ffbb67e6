"""PURE. What only shows once all sections are there: nothing is built here, only noted.

`effects` is what Scope makes of a target with this pipeline, `crossing` what one section needs of another, `words` what
prompts and words have to do with each other, `music` what counts in beats without a tempo, `writing` what YAML makes of a
text without a word. Imports anything but the orchestrator, `reading`.
"""
