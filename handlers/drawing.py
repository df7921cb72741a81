"""The kinds of charts, in words and drawn. As a program: one chart as JSON on standard input, a PNG on standard output.

handlers.charts runs it so; it imports little, because each chart pays for it.
"""

import io
import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from handlers.blocks import clipped

ALT_LIMIT = 2000

WIDTH_IN = 6.4
DPI = 200
"""1280 pixels across: sharp on a phone, small as a file."""
ROW_IN, MARGIN_IN = 0.42, 0.9
LABEL_LENGTH = 28
INK, QUIET, FAINT = "#1d1c1d", "#616061", "#e8e8e8"
SIDE_BY_SIDE = "#4a6fa5"
SERIES = ("#4a6fa5", "#c0803c", "#5a8f69", "#8a6fa5")
LOW_TO_HIGH = ("#7aa6c2", "#a9c6d6", "#d5d8d3", "#dcb27d", "#c0803c")
"""From one end of a scale to the other, its middle pale; told apart also by who doesn't see red and green."""


class _Chart(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    title: str
    """What it shows, of when: "Load, Tuesday 2 June"."""


class Bars(_Chart):
    """How many of each: horizontal bars in the given order, each with its count."""

    kind: Literal["bars"] = "bars"
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    ordered: bool = False
    """The labels are the steps of a scale, from its low to its high end; else they are things side by side."""


class OverTime(_Chart):
    """One or several measures by day; None where nothing was measured: a gap, never a zero."""

    kind: Literal["over_time"] = "over_time"
    days: tuple[date, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    """(what is measured, with its unit; its value on each day)."""
    as_bars: bool = False
    """Bars for counts that add up, a line for a level."""
    low: float | None = None
    """Where the axis begins and ends, for a scale whose ends mean something."""
    high: float | None = None
    target: float | None = None
    target_label: str = ""


class Stacked(_Chart):
    """How each row is divided among the steps of a scale: one horizontal bar a row, as long as the whole."""

    kind: Literal["stacked"] = "stacked"
    rows: tuple[str, ...]
    parts: tuple[str, ...]
    """The steps, from the low end to the high one."""
    counts: tuple[tuple[int, ...], ...]
    """For each row, how many at each step."""


Chart = Bars | OverTime | Stacked
_CHARTS: TypeAdapter[Chart] = TypeAdapter(
    Annotated[Chart, Field(discriminator="kind")], config=ConfigDict(defer_build=True)
)


def read_chart(kept: Any) -> Chart:
    """A chart from its JSON object. Raises ValueError."""
    return _CHARTS.validate_python(kept)


def alt_text(chart: Chart) -> str:
    """The chart in words, made of its data: what a screen reader reads in its place."""
    match chart:
        case Bars():
            told = ", ".join(f"{label} {count}" for label, count in zip(chart.labels, chart.counts, strict=True))
        case OverTime():
            told = ". ".join(_series_in_words(name, chart.days, values) for name, values in chart.series)
            told += f". {chart.target_label or 'Target'}: {chart.target:g}" if chart.target is not None else ""
        case Stacked():
            told = ". ".join(
                f"{row}: " + ", ".join(f"{part} {count}" for part, count in zip(chart.parts, counts, strict=True))
                for row, counts in zip(chart.rows, chart.counts, strict=True)
            )
    return clipped(f"{chart.title}: {told}.", ALT_LIMIT)


def _series_in_words(name: str, days: Sequence[date], values: Sequence[float | None]) -> str:
    told = (
        f"{day.day} {day:%b} {f'{value:g}' if value is not None else 'not measured'}"
        for day, value in zip(days, values, strict=True)
    )
    return f"{name}: {', '.join(told)}"


def main() -> None:
    chart = read_chart(json.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(drawn(chart))


def drawn(chart: Chart) -> bytes:
    """The chart as a PNG. Only for a process of its own: it imports matplotlib, which holds some 100 MB."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    calm: Any = {
        "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
        "font.size": 10,
        "text.color": INK,
        "axes.labelcolor": QUIET,
        "axes.edgecolor": FAINT,
        "xtick.color": QUIET,
        "ytick.color": INK,
        "text.parse_math": False,  # what people typed is no formula
    }
    with rc_context(calm):
        figure = Figure(figsize=(WIDTH_IN, _height_in(chart)), dpi=DPI, layout="constrained")
        axes = figure.add_subplot()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_title(clipped(chart.title, 70), loc="left", fontsize=11, fontweight="bold")
        match chart:
            case Bars():
                _bars(axes, chart)
            case OverTime():
                _over_time(axes, chart)
            case Stacked():
                _stacked(axes, chart)
        written = io.BytesIO()
        figure.savefig(written, format="png", metadata={"Software": None})
    return written.getvalue()


def _height_in(chart: Chart) -> float:
    match chart:
        case Bars():
            return MARGIN_IN + ROW_IN * max(len(chart.labels), 2)
        case Stacked():
            return MARGIN_IN + 0.5 + ROW_IN * max(len(chart.rows), 2)
        case OverTime():
            return 3.0


def _bars(axes: Any, chart: Bars) -> None:
    rows = range(len(chart.labels))
    shades = _shades(len(chart.labels)) if chart.ordered else [SIDE_BY_SIDE] * len(chart.labels)
    axes.barh(rows, chart.counts, color=shades, height=0.68)
    longest = max((*chart.counts, 1))
    for row, count in zip(rows, chart.counts, strict=True):
        axes.text(count + longest * 0.015, row, str(count), va="center", color=INK)
    axes.set_xlim(0, longest * 1.1)
    _name_rows(axes, chart.labels)


def _stacked(axes: Any, chart: Stacked) -> None:
    rows = range(len(chart.rows))
    totals = [max(sum(counts), 1) for counts in chart.counts]
    reached = [0.0] * len(chart.rows)
    for part, (name, shade) in enumerate(zip(chart.parts, _shades(len(chart.parts)), strict=True)):
        shares = [counts[part] / total for counts, total in zip(chart.counts, totals, strict=True)]
        axes.barh(rows, shares, left=reached, color=shade, height=0.68, label=clipped(name, LABEL_LENGTH))
        for row, share in zip(rows, shares, strict=True):
            if count := chart.counts[row][part]:
                axes.text(reached[row] + share / 2, row, str(count), ha="center", va="center", color=INK)
        reached = [start + share for start, share in zip(reached, shares, strict=True)]
    axes.set_xlim(0, 1)
    _name_rows(axes, chart.rows)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=len(chart.parts), frameon=False, fontsize=9)


def _name_rows(axes: Any, names: tuple[str, ...]) -> None:
    axes.set_yticks(range(len(names)), [clipped(name, LABEL_LENGTH) for name in names])
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)


def _over_time(axes: Any, chart: OverTime) -> None:
    gap = float("nan")
    places = range(len(chart.days))
    for number, (name, values) in enumerate(chart.series):
        shown = [gap if value is None else value for value in values]
        shade = SERIES[number % len(SERIES)]
        if chart.as_bars:
            width = 0.8 / len(chart.series)
            axes.bar([place - 0.4 + width * (number + 0.5) for place in places], shown, width, color=shade, label=name)
        else:
            axes.plot(places, shown, color=shade, linewidth=2, marker="o", markersize=4, label=name)
    if chart.target is not None:
        axes.axhline(chart.target, color=QUIET, linewidth=1, linestyle="--", label=chart.target_label or None)
    if chart.low is not None or chart.high is not None:
        axes.set_ylim(chart.low, chart.high)
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0)
    step = max(1, -(-len(chart.days) // 8))
    axes.set_xticks(list(places)[::step], [f"{day.day} {day:%b}" for day in chart.days[::step]])
    if len(chart.series) > 1 or chart.target_label:
        # below the dates: among the bars it would hide one
        entries = len(axes.get_legend_handles_labels()[0])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=entries, frameon=False, fontsize=9)
    else:
        axes.set_ylabel(chart.series[0][0] if chart.series else "")


def _shades(steps: int) -> list[str]:
    """A shade for each step of a scale, evenly from its low end to its high one."""
    last = len(LOW_TO_HIGH) - 1
    return [LOW_TO_HIGH[round(step * last / max(steps - 1, 1))] for step in range(steps)]


if __name__ == "__main__":
    main()
