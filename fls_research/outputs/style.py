"""The one look of every chart: colours, type, sizes in millimetres. Set here and nowhere else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from matplotlib import font_manager

WIDTH_MM = 160.0
"""Width of a figure: the text width of an A4 page."""

DPI = 200
SMALLEST_PT = 9.0
MM_PER_INCH = 25.4

BLUE = "#12436D"
TURQUOISE = "#28A197"
MAROON = "#801650"
ORANGE = "#F46A25"
DARK_GREY = "#3D3D3D"
LILAC = "#A285D1"
LIGHT_GREY = "#BFBFBF"
MID_GREY = "#767676"
GRID = "#DEDEDE"

CATEGORIES = (BLUE, TURQUOISE, MAROON, ORANGE, DARK_GREY, LILAC)
"""Analysis Function colours for categories; at most four at once."""

DUO = (BLUE, ORANGE)
SEQUENCE = (BLUE, "#2073BC", "#6BACE6")
FOCUS = (BLUE, LIGHT_GREY)

LEVELS = {"Green": (BLUE, BLUE, "white"), "Amber": ("#D4E6F7", BLUE, "black"), "Red": (ORANGE, ORANGE, "black")}
"""Fill, edge and lettering of the three levels: told apart by lightness and words, never by red against green."""

_FAMILIES = ("Liberation Sans", "Arial", "DejaVu Sans")
_SHIPPED = Path(__file__).resolve().parents[2] / "reports" / "fonts"


@cache
def font_family() -> str:
    """The sans-serif in use: Liberation Sans where it is shipped or installed, else one that is always there."""
    for path in sorted(_SHIPPED.glob("LiberationSans-*.ttf")):
        font_manager.fontManager.addfont(path)
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next(name for name in _FAMILIES if name in installed)


@cache
def settings() -> dict[str, object]:
    """Matplotlib's settings for every figure, applied around drawing and never left behind."""
    return {
        "font.family": [font_family(), "DejaVu Sans"],  # the second holds the shapes that the first may lack
        "font.size": SMALLEST_PT,
        "axes.titlesize": SMALLEST_PT,
        "axes.labelsize": SMALLEST_PT,
        "xtick.labelsize": SMALLEST_PT,
        "ytick.labelsize": SMALLEST_PT,
        "text.color": DARK_GREY,
        "axes.labelcolor": DARK_GREY,
        "xtick.color": DARK_GREY,
        "ytick.color": DARK_GREY,
        "axes.edgecolor": DARK_GREY,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.spines.bottom": False,
        "axes.axisbelow": True,
        "axes.facecolor": "white",
        "figure.facecolor": "white",
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "lines.linewidth": 2.0,
        "lines.solid_capstyle": "round",
        "text.hinting": "none",
        "text.parse_math": False,
        "path.simplify": False,
        "savefig.dpi": DPI,
    }
