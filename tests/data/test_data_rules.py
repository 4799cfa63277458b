"""Every rule is a full record, and every rule can be broken: the table says how, and what becomes of the row."""

import pytest

from fls_research.data.rules import BY_ID, ROW_RULES, RULES, Action, rule
from fls_research.data.schema import BY_NAME


def test_rules_are_distinct_and_say_what_and_why():
    assert len(BY_ID) == len(RULES)
    for item in RULES:
        assert item.sentence[0].isupper() and not item.sentence.endswith(".") and item.why
        assert not item.field or item.field in BY_NAME


def test_quarantine_is_asked_before_exclusion():
    actions = [item.action for item in ROW_RULES]
    assert actions == sorted(actions, key=[Action.QUARANTINE, Action.EXCLUDE].index)


def test_an_unknown_rule_names_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'dxa-before-fracture'"):
        rule("dxa-before-fractures")
