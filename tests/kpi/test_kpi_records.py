"""What a record may be: cut points that rise, exact caseload factors, one way of asking for completeness."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from fls_research.kpi.definitions import record_for
from fls_research.kpi.records import (
    Caseload,
    Colour,
    Conventions,
    Cut,
    CutPoints,
    KpisComplete,
    LeftOut,
    Patients,
    Reason,
    Status,
)
from fls_research.kpi.rules import EVERY_RECORD, OneOf


@pytest.mark.parametrize("edges", [(0.1, 0.5), (0, 0.5, 0.5), (0, 0.8, 0.5), ()])
def test_cut_points_begin_at_nought_and_rise(edges):
    with pytest.raises(ValueError, match="rise"):
        CutPoints(tuple(Colour("Red", edge) for edge in edges))


def test_the_caseload_factor_is_exact():
    caseload = Caseload(identified=EVERY_RECORD, multiplier=5, share=0.2, opt_out=0.06)
    assert caseload.per_hip_fracture == Fraction(94, 100)


def test_completeness_asks_for_one_thing():
    with pytest.raises(ValueError, match="one of the two"):
        KpisComplete(each=Cut(0.8))
    with pytest.raises(ValueError, match="one of the two"):
        KpisComplete(each=Cut(0.8), share=Cut(0.8), at_least=8)


def test_a_share_of_kpis_is_not_decided_by_rounding():
    rule = KpisComplete(each=Cut(0.8), share=Cut(0.8))
    judged = np.arange(1, 200)
    complete = np.ceil(judged * 4 / 5).astype(int)
    assert rule.good(complete, judged).all()
    assert not rule.good(complete - 1, judged).any()


def test_a_service_without_any_kpi_to_judge_is_not_good():
    assert not KpisComplete(each=Cut(0.8), share=Cut(0.8)).good(np.array([0]), np.array([0])).any()


def test_a_cut_is_reached_or_passed():
    at_the_cut = np.array([0.8])
    assert Cut(0.8).reached(at_the_cut).all() and not Cut(0.8, included=False).reached(at_the_cut).any()
    assert (Cut(0.8).words(), Cut(0.8, included=False).words()) == ("at least 80%", "more than 80%")


def test_what_is_left_out_is_not_eligible_by_convention():
    kpi4 = record_for("kpi4", 2024)
    left_out = (LeftOut(Reason.DECLINED, OneOf("therapy", ("declined",))),)
    with pytest.raises(ValueError, match="declined"):
        replace(kpi4, measure=replace(kpi4.measure, left_out=left_out))
    agreed = Conventions(declined=Status.NOT_ELIGIBLE)
    assert replace(kpi4, measure=replace(kpi4.measure, left_out=left_out), conventions=agreed)


def test_unknown_enters_the_counts_as_something_else_than_unknown():
    with pytest.raises(ValueError, match="unknown record"):
        Patients(eligible=EVERY_RECORD, met=EVERY_RECORD, unknown=Status.UNKNOWN)


def test_counting_unknown_otherwise_is_another_record():
    kpi7 = record_for("kpi7", 2024)
    best_case = kpi7.counting_unknown_as(Status.MET)
    assert (best_case.measure.unknown, kpi7.measure.unknown) == (Status.MET, Status.NOT_MET)
    with pytest.raises(TypeError, match="kpi2"):
        record_for("kpi2", 2024).counting_unknown_as(Status.MET)
