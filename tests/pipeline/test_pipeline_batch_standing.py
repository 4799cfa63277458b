"""The line that says how far a batch has come."""

import pytest

from fls_research.pipeline.batch.standing import Standing


@pytest.mark.parametrize(("standing", "words"), [
    (Standing(10, 3), "0 of 10 done, 0 running, 0 failed"),
    (Standing(10, 0, 4, 1, 2, 9.4), "4 of 10 done, 2 running, 1 failed, 9 s left"),
    (Standing(10, 0, 4, 1, 2, 60), "4 of 10 done, 2 running, 1 failed, 1 min 0 s left"),
])  # fmt: skip
def test_the_standing_in_words(standing, words):
    assert str(standing) == words
