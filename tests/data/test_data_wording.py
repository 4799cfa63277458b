"""Broken encodings are undone, blanks are known, and wordings compare without case and punctuation."""

import pytest

from fls_research.data.wording import comparable, is_blank, repair


@pytest.mark.parametrize(
    "broken",
    ["Donít know", "DonÕt know", "Donâ€™t know", "Don‚Äôt know", "Don’t know", "Don\x92t know", "Don\ufffdt know",
     "Don&#39;t know", "Don´t know", "Don’t know\xa0"],
)  # fmt: skip
def test_every_broken_apostrophe_is_mended(broken):
    assert repair(broken) == "Don't know"


@pytest.mark.parametrize("text", ["Señora", "íntegro", "Ynys Môn", "Alendronate;Denosumab", "50–64"])
def test_other_letters_are_left_alone(text):
    assert repair(text) == text


def test_wordings_compare_by_their_letters():
    assert comparable("Non hip/non spine") == comparable(" non-hip NON-SPINE ") == "nonhipnonspine"


@pytest.mark.parametrize("text", ["", "  ", "NULL", "n/a", "#N/A", "NaN", ".", "-"])
def test_words_for_nothing_are_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["NO", "0", "None", "Don't know", "N"])
def test_answers_are_not_blank(text):
    assert not is_blank(text)
