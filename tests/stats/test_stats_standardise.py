"""Direct and indirect standardisation against PHEindicatormethods, and joins by key."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import case, frame, same

from fls_research.stats.results import COLUMNS, StatsError
from fls_research.stats.standardise import (
    Strata,
    direct_rates,
    direct_rates_of_repeated_events,
    indirect_rates,
    indirect_ratios,
)

NAMES = Strata(group="area", stratum="ageband", events="count", population="pop")
LIMITS = {0.95: ("lower95_0cl", "upper95_0cl"), 0.998: ("lower99_8cl", "upper99_8cl")}


def dsr_strata():
    # The case leaves blank where there were no events; a band named 55-69 is its own misprint and stays.
    return frame(case("P04_dsr")["input"]["multiarea"]).fillna({"count": 0})


def esp2013(strata):
    bands = strata.loc[strata["area"] == strata["area"].iloc[0], "ageband"]
    return pd.Series(case("P04_dsr")["input"]["esp2013"], index=bands)


@pytest.mark.parametrize("confidence", LIMITS)
def test_direct_rates_equal_phe_calculate_dsr(confidence):
    strata = dsr_strata()
    expected = frame(case("P04_dsr")["expected"]).query("per == 100000").set_index("area")
    found = direct_rates(strata, columns=NAMES, standard=esp2013(strata), confidence=confidence, fewest_events=10)
    found = found.set_index("area")
    areas = ["testdata_big", "testdata_small"]
    for ours, theirs in zip(("estimate", "lower", "upper"), ("value", *LIMITS[confidence]), strict=True):
        same(found.loc[areas, ours] * 100_000, expected.loc[areas, theirs])


def test_a_rate_of_fewer_than_ten_events_is_left_out_and_says_so():
    strata = dsr_strata()
    found = direct_rates(strata, columns=NAMES, standard=esp2013(strata), confidence=0.95, fewest_events=10)
    tiny = found.set_index("area").loc["testdata_tiny"]
    assert tiny[["estimate", "lower", "upper", "se"]].isna().all()
    assert tiny["events"] == 9 and tiny["reason"] == "fewer than 10 events"
    kept = direct_rates(strata, columns=NAMES, standard=esp2013(strata), confidence=0.95, fewest_events=9)
    assert kept.set_index("area").loc["testdata_tiny", "estimate"] > 0


def test_direct_rates_with_the_standard_of_1976():
    given_rows = frame(case("P04_dsr")["input"]["data_1976"])
    strata = pd.DataFrame({"area": "all", "ageband": given_rows["Age Band"], **given_rows[["count", "pop"]]})
    standard = pd.Series(given_rows["esp1976"].to_numpy(), index=given_rows["Age Band"])
    found = direct_rates(strata, columns=NAMES, standard=standard, confidence=0.95, fewest_events=10)
    expected = frame(case("P04_dsr")["expected"]).query("area == 'testdata_1976' and per == 10000")
    same(found[["estimate", "lower", "upper"]] * 10_000, expected[["value", "lower95_0cl", "upper95_0cl"]])


@pytest.mark.parametrize("confidence", LIMITS)
def test_repeated_events_equal_phe_calculate_dsr_with_event_frequencies(confidence):
    reference = case("P05_dsr_nonindependent")
    rows = frame(reference["input"]["rows"])
    persons = (
        rows.drop(columns="count")
        .melt(["area", "ageband", "pop"], ["f1", "f2", "f3", "f4"], "times", "count")
        .fillna({"count": 0})
    )
    persons["times"] = persons["times"].str[1:].astype(int)
    bands = rows["ageband"].drop_duplicates()
    found = direct_rates_of_repeated_events(
        persons,
        columns=NAMES,
        events_each="times",
        standard=pd.Series(reference["input"]["esp2013"], index=bands),
        confidence=confidence,
        fewest_events=10,
    ).set_index("area")
    expected = frame(reference["expected"]).set_index("area")
    for ours, theirs in zip(("estimate", "lower", "upper"), ("value", *LIMITS[confidence]), strict=True):
        same(found[ours] * 100_000, expected[theirs].reindex(found.index))
    assert found["events"].to_dict() == expected["total_count"].to_dict()


@pytest.mark.parametrize("confidence", LIMITS)
@pytest.mark.parametrize(
    ("method", "statistic", "per"),
    [
        (indirect_ratios, "indirectly standardised ratio x 1", 1),
        (indirect_rates, "indirectly standardised rate per 100000", 100_000),
    ],
)
def test_indirect_standardisation_equals_phe(confidence, method, statistic, per):
    reference = case("P06_indirect_std")
    strata = frame(reference["input"]["multiarea"]).fillna({"count": 0})
    table = frame(reference["input"]["refdata"]).set_axis(["ageband", "count", "pop"], axis=1)
    # The areas misprint one band, which the reference package, joining by position, does not notice.
    strata["ageband"] = strata["ageband"].replace("55-69", "55-59")
    table["ageband"] = table["ageband"].replace("55-69", "55-59")
    found = method(strata, columns=NAMES, reference=table, confidence=confidence, exact_below=10).set_index("area")
    expected = frame(reference["expected"]).query("statistic == @statistic").set_index("area")
    for ours, theirs in zip(("estimate", "lower", "upper"), ("value", *LIMITS[confidence]), strict=True):
        same(found[ours] * per, expected[theirs].reindex(found.index))
    same(found["expected"], expected["expected"])


@given(st.randoms())
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_of_either_table_does_not_matter(random):
    strata = dsr_strata()
    standard = esp2013(strata)
    shuffled = strata.iloc[random.sample(range(len(strata)), len(strata))]
    turned = standard.iloc[random.sample(range(len(standard)), len(standard))]
    settings_ = dict(columns=NAMES, confidence=0.95, fewest_events=10)
    first = direct_rates(strata, standard=standard, **settings_)
    second = direct_rates(shuffled, standard=turned, **settings_)
    pd.testing.assert_frame_equal(first, second)


def test_results_are_tidy_and_the_inputs_untouched():
    strata = dsr_strata().assign(ageband=lambda table: pd.Categorical(table["ageband"]))
    before = strata.copy(deep=True)
    found = direct_rates(strata, columns=NAMES, standard=esp2013(dsr_strata()), confidence=0.95, fewest_events=10)
    assert list(found.columns) == ["area", *COLUMNS, "reason"]
    pd.testing.assert_frame_equal(strata, before)


def small():
    strata = pd.DataFrame(
        {"area": ["A", "A", "B", "B"], "ageband": ["50", "65", "65", "50"], "count": [20, 60, 30, 40], "pop": [90] * 4}
    )
    return strata, pd.Series({"50": 1.0, "65": 2.0})


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda s, w: (s.drop(columns="pop"), w), "'pop'"),
        (lambda s, w: (s.assign(count=[1, np.nan, 1, 1]), w), "'count' has missing"),
        (lambda s, w: (s.assign(count=[1, -1, 1, 1]), w), "'count' must not be negative"),
        (lambda s, w: (s.assign(pop=[1, 0, 1, 1]), w), "'pop' must be above zero"),
        (lambda s, w: (s.assign(ageband=["50", "66", "65", "50"]), w), "standard does not know '66'"),
        (lambda s, w: (s.assign(ageband=["50", "50", "65", "50"]), w), "twice"),
        (lambda s, w: (s.assign(ageband=["50", None, "65", "50"]), w), "without"),
        (lambda s, w: (s.iloc[:3], w), "'ageband'.*'B'.*lack"),
        (lambda s, w: (s, pd.Series([1.0, 2.0, 3.0], index=["50", "65", "65"])), "standard has a stratum twice"),
        (lambda s, w: (s, pd.Series({"50": 1.0, "65": 0.0})), "standard must be above zero"),
        (lambda s, w: (s, pd.Series({"50": 1.0, "65": np.nan})), "standard has missing"),
    ],
)
def test_what_cannot_be_standardised_is_refused_by_name(spoil, named):
    strata, standard = spoil(*small())
    with pytest.raises(StatsError, match=named):
        direct_rates(strata, columns=NAMES, standard=standard, confidence=0.95, fewest_events=10)


def test_a_reference_without_a_stratum_or_without_events_is_refused():
    strata, _ = small()
    reference = pd.DataFrame({"ageband": ["50", "65"], "count": [0, 0], "pop": [10, 10]})
    settings_ = dict(columns=NAMES, confidence=0.95, exact_below=10)
    with pytest.raises(StatsError, match="expects no events"):
        indirect_ratios(strata, reference=reference, **settings_)
    with pytest.raises(StatsError, match="reference does not know '65'"):
        indirect_ratios(strata, reference=reference.iloc[:1], **settings_)


def test_an_area_without_events_has_a_rate_of_zero_when_that_is_asked_for():
    strata, standard = small()
    found = direct_rates(
        strata.assign(count=[0, 0, 5, 5]), columns=NAMES, standard=standard, confidence=0.95, fewest_events=0
    )
    assert found.loc[0, "estimate"] == 0 and np.isnan(found.loc[0, "upper"])


def test_populations_that_differ_within_a_stratum_are_refused():
    persons = pd.DataFrame({"area": "A", "ageband": ["50", "50"], "times": [1, 2], "count": [3, 1], "pop": [100, 101]})
    with pytest.raises(StatsError, match="'pop' differs"):
        direct_rates_of_repeated_events(
            persons,
            columns=NAMES,
            events_each="times",
            standard=pd.Series({"50": 1.0}),
            confidence=0.95,
            fewest_events=0,
        )
