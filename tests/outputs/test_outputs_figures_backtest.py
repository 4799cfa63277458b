"""The chart of the back-test shows what was released, and only that."""

import pandas as pd
import pytest

from fls_research.disclosure import release_reference
from fls_research.errors import DisclosureError
from fls_research.outputs.figure_backtest import published_against_computed


def values(**changed):
    rows = {
        "dimension": ["national", "services", "sex"],
        "unit": ["percent", "percent", "percent"],
        "published": [0.69, 0.25, 0.46],
        "computed": [0.69, 0.25, 0.18],
        "verdict": ["within rounding", "within rounding", "differs"],
        "title": ["Assessed", "Assessed", "Followed up"],
        "who": ["England and Wales", "below half", "men"],
    }
    return release_reference(pd.DataFrame(rows | changed), numbers=["published", "computed"])


def test_every_percentage_that_is_computed_has_a_point():
    assert published_against_computed(values()).summary.startswith("3 published percentages")
    counts = values(unit=["percent", "count", "percent"], computed=[0.69, 0.25, None])
    assert published_against_computed(counts).summary.startswith("1 published")


def test_a_moved_value_and_a_far_one_change_the_picture():
    first = published_against_computed(values()).png
    assert first == published_against_computed(values()).png
    assert first != published_against_computed(values(computed=[0.60, 0.25, 0.18])).png
    assert first != published_against_computed(values(verdict=["within rounding"] * 3)).png


def test_an_unreleased_table_and_a_missing_column_are_refused():
    with pytest.raises(DisclosureError):
        published_against_computed(values().frame)
    with pytest.raises(DisclosureError, match="no column 'verdict'"):
        published_against_computed(
            release_reference(values().frame.drop(columns="verdict"), numbers=["published", "computed"])
        )
