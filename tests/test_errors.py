"""The error tree: exit codes are a promise to scripts, and the docstring shows them."""

import re

from fls_research import errors


def _tree():
    return [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.FlsError)]


def test_the_docstring_shows_every_error_with_its_exit_code():
    shown = dict(re.findall(r"(\w+(?:Error|NotFound|Service|Year|Found|Failed))\s+(\d)", errors.__doc__))
    assert {cls.__name__: str(cls.exit_code) for cls in _tree()} == shown


def test_direct_children_have_exit_codes_of_their_own():
    direct = [cls for cls in _tree() if cls.__base__ is errors.FlsError]
    assert len({cls.exit_code for cls in direct}) == len(direct)
    assert all(cls.exit_code not in (0, 1) for cls in direct)


def test_hint_names_the_nearest_word_or_the_permitted_ones():
    assert errors.did_you_mean("polcy", ["policy", "year"]) == "did you mean 'policy'?"
    assert errors.did_you_mean("qqq", ["policy", "year"]) == "known: policy, year"
