"""Predicted survival against R's survfit of a coxph object."""

import pandas as pd
import pytest
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import at_times, cox, log_log_interval, plain_interval, predicted_survival

R = Reference("survival")
LUNG = R.frame("lung")
X = ["age", "sex", "ph.karno"]
PATIENT = pd.DataFrame({"age": [65], "sex": [1], "ph.karno": [80]})


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_steps_with_errors_and_intervals_equal_survfit(ties):
    fit = cox(LUNG["week"], LUNG["event"], LUNG[X], ties=ties)
    ours = predicted_survival(fit, PATIENT, confidence=0.95, interval=log_log_interval)
    columns = ("time", "estimate", "se", "lower", "upper")
    theirs = pd.DataFrame({part: R.answer(f"predicted_{ties}", part) for part in columns})
    theirs = theirs[theirs["time"].isin(ours["time"])]
    for part in columns:
        same(ours[part], theirs[part])


def test_between_two_steps_the_curve_is_flat():
    fit = cox([10, 20, 30, 40], [1, 1, 1, 1], pd.DataFrame({"x": [0, 1, 0, 1]}), ties="efron")
    curve = predicted_survival(fit, pd.DataFrame({"x": [0.5]}), confidence=0.95, interval=plain_interval)
    read = at_times(curve, [10, 15, 19.9])["estimate"]
    assert read.iloc[0] == read.iloc[1] == read.iloc[2] < 1


def test_stratum_must_be_named_where_there_are_strata():
    fit = cox(LUNG["week"], LUNG["event"], LUNG[X], ties="efron", strata=LUNG["ph.ecog"] > 1)
    with pytest.raises(StatsError, match="stratum must be one of"):
        predicted_survival(fit, PATIENT, confidence=0.95, interval=plain_interval)
    found = predicted_survival(fit, PATIENT, confidence=0.95, interval=plain_interval, stratum=True)
    assert found["n"].iloc[0] <= (LUNG["ph.ecog"] > 1).sum()


def test_other_columns_are_refused():
    fit = cox(LUNG["week"], LUNG["event"], LUNG[X], ties="efron")
    with pytest.raises(StatsError, match="columns of the model, in order: age, sex"):
        predicted_survival(fit, PATIENT[["sex", "age", "ph.karno"]], confidence=0.95, interval=plain_interval)
