"""Runs are forked where that is safe, and nobody is left to wonder why they are not."""

import pytest

from fls_research.errors import UsageError
from fls_research.pipeline.engine.choice import Choice, choose


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_where_forking_is_not_safe_notebooks_get_kernels_and_a_reason(platform):
    chosen = choose("auto", platform=platform)
    assert chosen.name == "kernels"
    assert chosen.reason.startswith("Each notebook gets a kernel of its own")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_asking_for_what_is_not_there_is_refused_in_one_sentence(platform):
    with pytest.raises(UsageError, match=r"^--engine forked: .*; use --engine auto\.$"):
        choose("forked", platform=platform)


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_kernels_are_to_be_had_everywhere(platform):
    assert choose("kernels", platform=platform) == Choice("kernels")


def test_a_misspelt_name_is_refused():
    with pytest.raises(UsageError, match="did you mean 'forked'"):
        choose("fork")
