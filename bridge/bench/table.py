"""Figures as text for a person: one line each, what was measured, its peer, the ratio and the target."""

from collections.abc import Sequence

from bridge.bench.measuring import Figure

_HEAD = ("figure", "bridge", "peer", "", "ratio", "target", "")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned lines, with a head."""
    rows = [_HEAD, *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join(_line(row, widths) for row in rows)


def amount(value: float, unit: str) -> str:
    """Return a quantity with its unit: `0.416 µs`."""
    return f"{value:.3g} {unit}".rstrip() if value < 1000 else f"{value:,.0f} {unit}".rstrip()


def ratio(value: float) -> str:
    """Return a ratio as people say it: `1/26`, `1.07×`, `0`."""
    if value == 0:
        return "0"
    return f"1/{1 / value:,.0f}" if 0 < value < 0.2 else f"{value:.2f}×"


def _row(figure: Figure) -> tuple[str, ...]:
    target = ""
    if figure.target is not None:
        target = f"≤ {amount(figure.target, figure.unit) if figure.ratio is None else ratio(figure.target)}"
    return (
        figure.name,
        amount(figure.value, figure.unit),
        figure.peer,
        "" if figure.peer_value is None else amount(figure.peer_value, figure.unit),
        "" if figure.ratio is None else ratio(figure.ratio),
        target,
        {None: "", True: "met", False: "missed"}[figure.met],
    )


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    """Return one line: names to the left, numbers to the right."""
    cells = [
        cell.ljust(width) if number in (0, 2, 6) else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
