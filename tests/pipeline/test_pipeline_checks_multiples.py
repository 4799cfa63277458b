"""Multiples and changes in per cent are recomputed from the two values beside them."""

from decimal import Decimal

import pytest

from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.multiples import is_multiple, wrong_multiples


def found(text):
    document = Document("a.txt", (Passage(text, ((0, "line 1"),)),))
    return [one for sentence in document.sentences() for one in wrong_multiples(sentence, "a.txt")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It halved from 65% to 69%.", "a word for 1.06 times"),
        ("The share doubled from 5% in 2023 to 6% in 2024.", "a word for 1.20 times"),
        ("Records doubled to 83,500 from 77,268.", "a word for 1.08 times"),
        ("It more than doubled from 5% to 8%.", "a word for 1.60 times"),
        ("Records rose by 12% from 77,268 to 83,500.", "8% (77,268 to 83,500), give or take 1"),
        ("There was a rise of 12% from 77,268 to 83,500.", "8% (77,268 to 83,500), give or take 1"),
    ],
)
def test_a_multiple_that_its_values_do_not_give_is_found(text, expected):
    (one,) = found(text)
    assert one.rule == "direction" and one.expected.startswith(expected) and one.stands and one.mend


@pytest.mark.parametrize(
    "text",
    [
        "It halved, from 12% to 6%.",
        "It doubled from 5% to 11%.",  # 5.4% and 10.8% are printed so
        "It almost doubled from 5% to 9%.",
        "It more than doubled from 5% to 12%.",
        "Doubled entries fell from 12% to 6%.",
        "Records rose by 8% from 77,268 to 83,500.",
        "It rose by 12% from 50% to 56%.",  # in per cent of a percentage, or by a slip: not judged
        "The number of services doubled.",
    ],
)
def test_a_multiple_that_fits_or_cannot_be_judged_is_no_finding(text):
    assert found(text) == []


def test_nothing_is_no_multiple_of_anything():
    assert not is_multiple("doubled", Decimal(0), Decimal(7), half_unit=Decimal(0))
