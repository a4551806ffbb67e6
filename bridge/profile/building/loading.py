"""What the pipelines of a Scope are loaded with: what `load:` says, and what `loras:` and `vace` mean for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bridge.catalogue import Catalogue
from bridge.parameters import PipelineInfo
from bridge.profile.language.libraries import Loras
from bridge.profile.language.pipelines import Load, Nested
from bridge.profile.model import Node
from bridge.profile.shapes.shape import Subject, shorten
from bridge.profile.shapes.structures import Fields, Given, value_of
from bridge.profile.shapes.values import Absent, Anything
from bridge.profile.source.problems import Notes, did_you_mean, nearest
from bridge.profile.targets.settable import LOAD

LORA_SCALE: Final = 0.0
"""The strength that LoRAs are loaded with: they come up when something raises them, and a changed start loads nothing."""


@dataclass(frozen=True, slots=True)
class Loading:
    """What the pipelines of one Scope are loaded with."""

    given: Fields
    loras: Loras
    info: PipelineInfo | None
    """What is known of the main pipeline."""
    notes: Notes
    catalogue: Catalogue

    def nodes(self, chain: Sequence[Node], main: Node, *, known: bool) -> tuple[Node, ...]:
        """Return the nodes with their load parameters."""
        load: Load = value_of(self.given, "load", Load())
        own = dict(load.fields)
        by_node: dict[str, Fields] = {}
        ids = list(dict.fromkeys(name for node in chain for name in (node.id, node.pipeline)))
        for key, nested in load.nested.items():
            if key not in ids:
                self._add_other(own, key, nested, ids, known=known)
                continue
            read = LOAD.read(nested.value, self.notes, Subject(key, "{width: 576, height: 320}")) or {}
            for node in chain:
                if node.id == key:
                    by_node[node.id] = {**by_node.get(node.id, {}), **read}
                elif node.pipeline == key:  # what is said of the node itself wins
                    by_node[node.id] = {**read, **by_node.get(node.id, {})}
        for key, one in by_node.get(main.id, {}).items():
            if key in own:
                self.notes.error(
                    one.key,
                    f"'{key}' is given twice: {main.id} is the pipeline that a plain {key} is for",
                    "delete one",
                    elsewhere=own[key].key,
                )
            own[key] = one
        return tuple(
            replace(node, load=self._main(own) if node.id == main.id else self._other(node, by_node.get(node.id, {})))
            for node in chain
        )

    def _add_other(
        self, own: dict[str, Given[Any]], key: str, nested: Nested, ids: Sequence[str], *, known: bool
    ) -> None:
        """Pass a mapping on that names no node, unless it was probably meant to."""
        if known and (key in self.catalogue.pipelines or nearest(key, ids) is not None):
            self.notes.error(
                nested.key.place,
                f"this Scope runs no '{shorten(key)}' that could be loaded with this",
                did_you_mean(key, ids) or f"it runs {shorten(', '.join(ids), 80)}",
            )
        value = Anything().read(nested.value, self.notes, Subject(key, ""))
        if value is not Absent:
            own[key] = Given(value, nested.value.place, nested.key.place)

    def _main(self, fields: Fields) -> dict[str, Any]:
        """Return what the main pipeline is loaded with: also what `loras` and `vace` mean for that."""
        notes, given = self.notes, self.given
        _check_size(fields, self.info, notes)
        load = {name: one.value for name, one in fields.items()}
        if self.loras.files:
            for key, good in (("loras", None), ("lora_merge_mode", "runtime_peft")):
                if key in fields and fields[key].value != good:
                    notes.error(
                        fields[key].key,
                        f"'{key}' follows from the LoRAs that the profile names, and cannot be set beside them",
                        "take it out",
                    )
            files = (one.value for one in self.loras.files.values())
            load["loras"] = [{"path": file, "scale": LORA_SCALE} for file in files]
            load["lora_merge_mode"] = "runtime_peft"
        if "vace" in given:
            wanted = given["vace"].value != "off"
            if "vace_enabled" in fields and fields["vace_enabled"].value != wanted:
                notes.error(
                    fields["vace_enabled"].place,
                    f"vace: {given['vace'].value} {'needs VACE' if wanted else 'is without VACE'}, and this says otherwise",
                    "take vace_enabled out: it follows from vace",
                    elsewhere=given["vace"].place,
                )
            load["vace_enabled"] = wanted
        return load

    def _other(self, node: Node, fields: Fields) -> dict[str, Any]:
        _check_size(fields, self.catalogue.pipelines.get(node.pipeline), self.notes)
        return {name: one.value for name, one in fields.items()}


def _check_size(fields: Fields, info: PipelineInfo | None, notes: Notes) -> None:
    for side in ("width", "height") if info is not None and info.needs_prompt else ():
        size = fields.get(side)
        if info is not None and size is not None and size.value % 16:
            notes.error(
                size.place,
                f"{info.name} takes a {side} that is a multiple of 16, and {size.value} is none",
                f"the nearest is {max(16, round(size.value / 16) * 16)}",
            )
