"""The same counts, to the last bit, from one frame and from any number of parts, in pandas, in Parquet and in Dask."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.partitions import FrameParts, PartsWriter, cut_by_rows, cut_by_service
from fls_research.errors import FieldError, UsageError
from fls_research.kpi.counted import Counted
from fls_research.kpi.counting import Question, count
from fls_research.kpi.definitions import RECORDS, record_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.groups import dimensions
from fls_research.kpi.partitioned import count_all

YEARS = (2023, 2024)
BY = (
    *("national", "nation", "region", "area", "service", "sex", "age_band", "imd_quintile", "ethnicity", "month"),
    ("service", "sex"),
    ("nation", "age_75", "month"),
)
SERVICES = ("A", "B", "C", "W")
PLACES = {"W": {"nation": "Wales", "area_code": "7A5", "region_code": "Wales"}}
CODES = ("sex", "fracture_site", "dxa", "therapy", "falls_assessment", "follow_up_16", "therapy_16", "therapy_52")


def random_rows(number, *, seed, services=SERVICES):
    chance = np.random.default_rng(seed)
    answers = {
        "sex": ("female", "male", None),
        "fracture_site": ("hip", "spine", "wrist", None),
        "dxa": ("ordered", "not ordered", None),
        "therapy": ("drug", "declined", "inappropriate", None),
        "falls_assessment": ("yes", "no", None),
        "follow_up_16": ("yes", "no", None),
        "therapy_16": ("drug", "not started", None),
        "therapy_52": ("drug", "not started", None),
        "ethnicity": ("white", "asian", None),
        "imd_quintile": (1, 3, 5, None),
        "age": (52, 74, 75, 90),
    }
    rows = []
    for _ in range(number):
        day = np.datetime64("2022-12-01") + int(chance.integers(0, 700))
        service = services[chance.integers(len(services))]
        chosen = {column: values[chance.integers(len(values))] for column, values in answers.items()}
        dates = {"assessment_date": str(day + 30), "dxa_date": str(day + 90) if chance.random() < 0.5 else None}
        rows.append({"service_code": service, "index_date": str(day), **PLACES.get(service, {}), **chosen, **dates})
    return rows


@pytest.fixture(scope="module")
def fractures(fractures_of):
    frame = fractures_of(*random_rows(150, seed=5))
    return frame.astype({"service_code": "category", "nation": "category", "area_code": "category"})


@pytest.fixture(scope="module")
def caseload(caseload_of):
    return caseload_of(
        *(
            {"service_code": code, "data_year": year, "hip_fractures": hips, **PLACES.get(code, {})}
            for year in YEARS
            for code, hips in zip(SERVICES, (100, 250, None, 90), strict=True)
        )
    )


@pytest.fixture(scope="module")
def whole(fractures, caseload):
    return evaluate(fractures, caseload, years=YEARS, by=BY)


def in_parquet(parts, folder) -> FrameParts:
    writer = PartsWriter(folder)
    for part in parts:
        writer.add(part)
    return writer.close()


def same(counts, whole):
    pd.testing.assert_frame_equal(counts, whole, check_exact=True)


def test_all_kinds_of_kpi_are_counted(whole):
    assert {"kpi1", "kpi2", "kpi3", "kpi11"} <= set(whole["kpi"])


@pytest.mark.parametrize("rows", [7, 60, 1000])
def test_pandas_parts(rows, fractures, caseload, whole):
    same(evaluate(cut_by_rows(fractures, rows), caseload, years=YEARS, by=BY), whole)


def test_parts_in_any_order_even_one_year_in_each(fractures, caseload, whole):
    years = [part for _, part in fractures.groupby("data_year")]
    same(evaluate(years[::-1], caseload, years=YEARS, by=BY), whole)


@pytest.mark.parametrize("cut", [cut_by_rows, cut_by_service])
def test_a_folder_of_parquet(cut, fractures, caseload, whole, tmp_path):
    same(evaluate(in_parquet(cut(fractures, 40), tmp_path / "f"), caseload, years=YEARS, by=BY), whole)


@pytest.mark.parametrize("partitions", [1, 3, 20])
def test_dask(partitions, fractures, caseload, whole):
    same(evaluate(dd.from_pandas(fractures, npartitions=partitions), caseload, years=YEARS, by=BY), whole)


def test_dask_from_a_folder_of_parquet(fractures, caseload, whole, tmp_path):
    parts = in_parquet(cut_by_rows(fractures, 40), tmp_path / "f")
    same(evaluate(parts.dask(), caseload, years=YEARS, by=BY), whole)


@pytest.mark.slow
def test_dask_on_a_cluster_of_two_processes(fractures, caseload, whole, tmp_path):
    from distributed import Client

    parts = in_parquet(cut_by_rows(fractures, 10), tmp_path / "f")
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path):
        same(evaluate(parts.dask(), caseload, years=YEARS, by=BY), whole)


def test_strings_of_dask_are_answers_like_any_other(fractures, caseload):
    # Dask makes Arrow strings of objects, and "not known" among them is no answer.
    asked = {"years": YEARS, "by": ["national", "service"]}
    texts = fractures.astype(dict.fromkeys(CODES, object))
    from_dask = evaluate(dd.from_pandas(texts, npartitions=3), caseload, **asked)
    same(from_dask, evaluate(fractures, caseload, **asked))


def test_an_empty_part_changes_nothing(fractures, caseload, whole):
    parts = [fractures.iloc[:0], fractures.iloc[:80], fractures.iloc[:0], fractures.iloc[80:]]
    same(evaluate(parts, caseload, years=YEARS, by=BY), whole)


def test_only_empty_parts_give_no_rows(fractures, caseload):
    asked = {"years": YEARS, "by": BY}
    same(evaluate([fractures.iloc[:0]] * 2, caseload, **asked), evaluate(fractures.iloc[:0], caseload, **asked))
    same(evaluate([], caseload, **asked), evaluate(fractures.iloc[:0], caseload, **asked))


def test_parts_that_lack_categories(fractures, caseload, whole):
    coded = fractures.select_dtypes("category").columns.drop(["age_band"])
    parts = [
        part.assign(**{column: part[column].cat.remove_unused_categories() for column in coded})
        for part in cut_by_service(fractures, 1)
    ]
    assert len({tuple(part["service_code"].cat.categories) for part in parts}) == len(SERVICES)
    counts = evaluate(parts, caseload, years=YEARS, by=BY)
    keys = ["data_year", "kpi", "version", "dimension", "group"]
    same(counts.sort_values(keys, ignore_index=True), whole.sort_values(keys, ignore_index=True))
    # Where parts disagree about the categories, they are in the order in which pandas puts them.
    same(counts, evaluate(pd.concat(parts, ignore_index=True), caseload, years=YEARS, by=BY))


def test_one_service_alone(fractures, caseload):
    alone = fractures[fractures["service_code"] == "W"]
    asked = {"years": YEARS, "by": BY}
    same(evaluate(cut_by_rows(alone, 5), caseload, **asked), evaluate(alone, caseload, **asked))


def test_the_threshold_of_kpi_1_is_of_the_whole_and_not_of_its_parts(fractures_of, caseload_of):
    complete = {
        **{"dxa": "not ordered", "therapy": "drug", "fracture_site": "wrist", "assessment_date": "2024-04-01"},
        **{"falls_assessment": "yes", "strength_balance_16": "no", "follow_up_16": "no", "therapy_16": "drug"},
    }
    fractures = fractures_of(*[complete] * 9, {})
    asked = {"caseload": caseload_of({"service_code": "OLD"}), "years": [2024], "by": ["national"], "kpis": ["kpi1"]}
    assert evaluate([fractures[9:]], **asked)["numerator"].tolist() == [0]
    assert evaluate([fractures[9:], fractures[:9]], **asked)["numerator"].tolist() == [1]


@given(cuts=st.lists(st.integers(0, 150), max_size=5), seed=st.integers(0, 3), tree=st.booleans())
@settings(max_examples=25, deadline=None)
def test_cutting_anywhere_and_adding_in_any_order_leaves_the_counts_equal(cuts, seed, tree, fractures):
    edges = [0, *sorted(cuts), len(fractures)]
    parts = [fractures.iloc[first:last] for first, last in pairwise(edges)]
    np.random.default_rng(seed).shuffle(parts)
    question = Question(RECORDS, YEARS, dimensions(BY))
    counted = [count(part, question) for part in parts]
    while len(counted) > 1:
        pair = counted[:2] if tree else [counted[-1], counted[0]]
        rest = counted[2:] if tree else counted[1:-1]
        counted = [*rest, pair[0] + pair[1]]
    expected = count(fractures, question)
    assert counted[0].tables.keys() == expected.tables.keys()
    for key, by_dimension in expected.tables.items():
        for dimension, table in by_dimension.items():
            found = counted[0].groups[dimension].names(), counted[0].tables[key][dimension]
            known = {name: row for name, row in zip(found[0], found[1].tolist(), strict=True) if any(row)}
            names = expected.groups[dimension].names()
            assert known == {name: row for name, row in zip(names, table.tolist(), strict=True) if any(row)}


def test_only_the_columns_in_question_are_asked_for(fractures):
    class Watched:
        def parts(self, columns):
            self.columns = list(columns)
            yield fractures[self.columns]

    watched = Watched()
    evaluate(watched, None, years=[2024], by=["national", "sex"], kpis=["kpi7"])
    assert sorted(watched.columns) == ["data_year", "sex", "therapy"]


def test_nothing_is_counted_of_no_part():
    assert count_all([], Question((record_for("kpi7", 2024),), (2024,), dimensions(["sex"]))) == Counted()


def test_mistakes_are_named(fractures, tmp_path):
    asked = {"caseload": None, "years": [2024], "by": ["national"], "kpis": ["kpi4"]}
    lacking = fractures.drop(columns="assessment_date")
    for parts in ([lacking], dd.from_pandas(lacking, npartitions=2), in_parquet([lacking], tmp_path / "f")):
        with pytest.raises(FieldError, match="'assessment_date'"):
            evaluate(parts, **asked)
    for wrong, kind in ((7, "int"), ("fractures.csv", "str of str")):
        with pytest.raises(UsageError, match=f"this is a {kind}"):
            evaluate(wrong, **asked)


def test_neither_room_needs_dask():
    code = (
        "import sys; sys.modules['dask'] = None;"
        "import fls_research.kpi.evaluate, fls_research.data.cohort, fls_research.data.prepare_parts"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
