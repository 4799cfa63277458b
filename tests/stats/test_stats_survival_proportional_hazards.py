"""The proportional-hazards test against R's cox.zph (score test of survival 3)."""

import numpy as np
import pandas as pd
import pytest
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.results import StatsError
from fls_research.stats.survival import cox, proportional_hazards_test

R = Reference("survival")
LUNG = R.frame("lung")
X = ["age", "sex", "ph.karno"]


@pytest.mark.parametrize("transform", ["km", "rank", "identity", "log"])
def test_every_clock_equals_cox_zph(transform):
    found = proportional_hazards_test(cox(LUNG["week"], LUNG["event"], LUNG[X], ties="efron"), transform=transform)
    assert found["term"].tolist() == [*X, "GLOBAL"]
    same(found["statistic"], R.answer(f"zph_{transform}", "chisq"))
    same(found["p_value"], R.answer(f"zph_{transform}", "p"))


def test_breslow_ties():
    found = proportional_hazards_test(cox(LUNG["week"], LUNG["event"], LUNG[X], ties="breslow"), transform="identity")
    same(found["statistic"], R.answer("zph_breslow", "chisq"))


def test_categorical_term_is_tested_as_a_whole():
    columns = design.covariates(LUNG, numeric=["age"], categorical={"ph.ecog": 0})
    found = proportional_hazards_test(cox(LUNG["week"], LUNG["event"], columns, ties="efron"), transform="identity")
    same(found["statistic"], R.answer("zph_factor", "chisq"))
    assert found["df"].tolist() == [1, 3, 4]


def test_strata():
    fit = cox(LUNG["week"], LUNG["event"], LUNG[["age", "sex"]], ties="efron", strata=LUNG["ph.ecog"])
    same(proportional_hazards_test(fit, transform="km")["statistic"], R.answer("zph_strata", "chisq"))


@pytest.mark.parametrize("transform", ["km", "rank"])
def test_weights_count_patients(transform):
    merged = cox(LUNG["week"], LUNG["event"], LUNG[X], ties="efron", weights=LUNG["freq"])
    again = LUNG.loc[LUNG.index.repeat(LUNG["freq"])]
    spread = cox(again["week"], again["event"], again[X], ties="efron")
    ours, theirs = (proportional_hazards_test(fit, transform=transform)["statistic"] for fit in (merged, spread))
    same(ours, theirs, tolerance=1e-7)


def test_refusals():
    fit = cox([0, 1, 2, 3, 4], [1, 1, 1, 1, 0], pd.DataFrame({"x": [1, 0, 1, 0, 1]}), ties="efron")
    with pytest.raises(StatsError, match="'log' has no value at time 0"):
        proportional_hazards_test(fit, transform="log")
    with pytest.raises(StatsError, match="transform must be"):
        proportional_hazards_test(fit, transform="sqrt")
    once = cox([1, 1, 1, 2, 2], [1, 1, 1, 0, 0], pd.DataFrame({"x": [1, 0, 1, 0, 1]}), ties="efron")
    with pytest.raises(StatsError, match="every event happens at one time"):
        proportional_hazards_test(once, transform="identity")
    sampled = cox(LUNG["week"], LUNG["event"], LUNG[X], ties="efron", sampling_weights=np.linspace(0.5, 2, len(LUNG)))
    with pytest.raises(StatsError, match="sampling_weights"):
        proportional_hazards_test(sampled, transform="km")
