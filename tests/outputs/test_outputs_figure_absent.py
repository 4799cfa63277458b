"""What stands in the place of a chart that an extract holds nothing for."""

import pandas as pd
import pytest

from fls_research.disclosure import release_reference
from fls_research.errors import DisclosureError
from fls_research.outputs import figures


def test_the_sentence_is_the_figure_and_longer_ones_take_more_lines():
    nothing = release_reference(pd.DataFrame({"stage": ["start"]}))
    short, long = (figures.absent(nothing, "No patient of 2023 is in this extract." * times) for times in (1, 6))
    assert short.png.startswith(b"\x89PNG")
    assert "No patient of 2023" in str(short)
    assert long.height_mm > short.height_mm


def test_it_is_drawn_for_released_tables_only():
    with pytest.raises(DisclosureError, match="not released"):
        figures.absent(pd.DataFrame(), "Nothing.")
