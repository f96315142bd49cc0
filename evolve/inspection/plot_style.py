"""How figures look, and text in them that stays text: no formulas, no control characters, no fonts to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evolve.errors import UserError
from evolve.report import figures
from evolve.report.text import one_line
from evolve.store import RunRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCENT, INK, MUTED, PALE, LINE = "#0072b2", "#1a1a1a", "#767676", "#c4c4c4", "#d9d9d9"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d31")
"""Colours the colour-blind tell apart: Okabe and Ito, Color Universal Design (2008), yellow replaced by brown."""
RAMP = "viridis"
MOST_LABEL = 48
"""Characters of a name in a figure."""
_LOOK: dict[Any, Any] = {  # keys are a literal of several hundred names in matplotlib's types
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.dpi": 150,
    "figure.facecolor": "white",
    "font.size": 9,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "savefig.dpi": 150,
    # The same run gives the same file.
    "svg.hashsalt": "evolve",
    # What models and people wrote is never a formula.
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": MUTED,
    "xtick.labelsize": 8,
    "ytick.color": MUTED,
    "ytick.labelsize": 8,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib in our look, whatever a person's own settings are, without a window. Raises UserError without it."""
    try:
        import matplotlib
    except ImportError as error:
        raise missing(error) from error
    matplotlib.use("agg")
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_LOOK)
        yield


def missing(error: ImportError) -> UserError:
    """What to install when a package that draws is not there."""
    return UserError(f"figures need {error.name or 'matplotlib'}, which is not installed: pip install 'evolve[plot]'")


def label(text: str, limit: int = MOST_LABEL) -> str:
    """Text from people and models as one short, clean line."""
    return one_line(text, limit)


@dataclass(frozen=True, slots=True)
class Measure:
    """The objective of a run, for axes and labels. `unit` is "" where none is known."""

    name: str
    unit: str
    more_is_better: bool

    @classmethod
    def of(cls, run: RunRow) -> Measure:
        """The objective of this run; runs older than their `spec` have no unit."""
        objective = run.spec.get("objective", {})
        summary = run.summary
        return cls(label(summary.objective, 30), label(objective.get("unit", ""), 12), summary.direction.sign > 0)

    @property
    def axis(self) -> str:
        """`excess (%), less is better`."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.name}{unit}, {'more' if self.more_is_better else 'less'} is better"

    def written(self, value: float) -> str:
        """A value with its unit."""
        return figures.objective(value, self.unit)


def plain_numbers(axes: Axes, *, x: bool = True, y: bool = True) -> None:
    """Write ticks as figures are written everywhere else: no offsets, no powers as formulas."""
    from matplotlib.ticker import FuncFormatter

    for axis, wanted in ((axes.xaxis, x), (axes.yaxis, y)):
        if wanted:
            axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))


def _tick(value: float) -> str:
    return figures.count(round(value)) if value == round(value) and abs(value) < 1e9 else figures.number(value)


def note(axes: Axes, text: str) -> None:
    """A sentence in the middle of axes that have nothing to show."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, ha="center", va="center", color=MUTED, wrap=True, transform=axes.transAxes)


def spread(values: Sequence[float], *, above: float, below: float) -> tuple[float, float]:
    """Limits of an axis: those of the values, and room on both sides in shares of their range."""
    low, high = min(values), max(values)
    width = high - low or abs(high) * 0.1 or 1.0
    return low - below * width, high + above * width
