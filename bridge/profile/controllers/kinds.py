"""The kinds of lamps and rings that the file of a controller declares."""

from bridge.profile.controllers.colours import ON
from bridge.profile.controllers.model import Address, Also, LampKind, Manner, Ring
from bridge.profile.shapes.structures import Fields, section_of, value_of
from bridge.profile.source.problems import Notes, did_you_mean

NOWHERE = Address("cc", 1)
"""Where a kind of ring is: each control says where its own is."""


def lamp_kind(name: str, fields: Fields, notes: Notes) -> LampKind:
    """Return the kind of lamp that `fields` (of `language.LAMP`) say; what is wrong goes to `notes`."""
    colours = {colour: one.value for colour, one in fields["colours"].value.items()}
    if ON in colours and len(colours) > 2:
        notes.error(
            fields["colours"].value[ON].key,
            f"'{name}' has colours, and 'on' is what a lamp has that can only be lit",
            "say which colour it is",
        )
    if len(colours) == 1:
        notes.error(fields["colours"].place, f"'{name}' has no colour but 'off'", "for example: {off: 0, on: 127}")
    manners = {
        manner: _manner(name, manner, one.value, colours, notes)
        for manner, one in section_of(fields, "manners").items()
    }
    free = value_of(fields, "free", ())
    if free and not ("number" in free and all({one, f"{one}_high"} & set(free) for one in "rgb")):
        notes.error(
            fields["free"].place,
            f"the SysEx of '{name}' says neither which lamp nor which colour: it needs number, r, g and b",
            "for example: free: F0 00 20 29 02 0C 03 03 number r g b F7",
        )
    return LampKind(name, colours, manners, free, value_of(fields, "unsure", ""))


def ring_kind(fields: Fields, notes: Notes) -> Ring:
    """Return the kind of ring that `fields` (of `language.RING`) say, without its places."""
    blinking = [each.value for each in value_of(fields, "blinking", ())]
    if blinking and len(blinking) != 2:
        notes.error(
            fields["blinking"].place,
            f"'blinking' takes two values, for nothing and for all of the way, not {len(blinking)}",
            "for example: blinking: [14, 26]",
        )
        blinking = []
    return Ring(
        NOWHERE,
        value_of(fields, "low", 0),
        value_of(fields, "high", 127),
        (blinking[0], blinking[1]) if blinking else None,
        value_of(fields, "off"),
        None,
        {style: each.value for style, each in section_of(fields, "styles").items()},
        value_of(fields, "own", True),
    )


def _manner(lamp: str, name: str, fields: Fields, colours: dict[str, int], notes: Notes) -> Manner:
    own = {colour: one.value for colour, one in section_of(fields, "colours").items()}
    ways = [key for key in ("add", "value", "colours") if key in fields]
    if len(ways) > 1:
        first, second = ways[:2]
        notes.error(
            fields[second].key,
            f"'{first}' says which value makes '{lamp}' {name}, and so does '{second}'",
            "keep one of them",
            elsewhere=fields[first].key,
        )
    for colour, one in section_of(fields, "colours").items():
        if colour not in colours:
            notes.error(
                one.key,
                f"'{lamp}' has no {colour} that it could show {name}",
                did_you_mean(colour, colours) or f"it has {', '.join(colours)}",
            )
    add = value_of(fields, "add", 0)
    beyond = [f"{colour} {value}" for colour, value in colours.items() if not 0 <= value + add <= 127]
    lit = [one for one in beyond if not one.startswith("off ")]
    if lit:
        notes.error(
            fields["add"].place,
            f"with {add:+d}, the value of {lit[0]} is outside of 0 to 127",
            "give the values of this manner one by one: colours: {red: 4}",
        )
    also = section_of(fields, "also")
    return Manner(
        value_of(fields, "channel"),
        add,
        value_of(fields, "value"),
        own,
        Also(also["channel"].value, also["value"].value) if also else None,
    )
