"""Dates are read day first or as ISO, and never month first."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.dates import parse_date, parse_dates

FIRST_FEBRUARY = dt.date(2024, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-01",
        "2024/02/01",
        "2024.02.01",
        "2024-2-1",
        "20240201",
        "01/02/2024",
        "1/2/2024",
        "01-02-2024",
        "01.02.2024",
        "01/02/24",
        "01-Feb-2024",
        "1-feb-24",
        "01 FEB 2024",
        "1 February 2024",
        "1st February, 2024",
        "01Feb2024",
        "01/02/2024 00:00",
        "01/02/2024 00:00:00",
        "01/02/2024  9:30",
        "01/02/2024 12:00:00 AM",
        "2024-02-01T00:00:00",
        "2024-02-01 00:00:00.000",
        "2024-02-01T00:00:00Z",
        " 01/02/2024 ",
    ],
)
def test_every_accepted_form_is_read_day_first(text):
    assert parse_date(text) == FIRST_FEBRUARY


@pytest.mark.parametrize(
    "text",
    [
        "12/25/2024",  # month first
        "12-25-2024",
        "Dec-25-2024",
        "December 25, 2024",
        "2024-25-12",  # year, day, month
        "31/11/2024",
        "29/02/2023",
        "2023-02-29",
        "00/01/2024",
        "01/00/2024",
        "2024-13-01",
        "01/02-2024",  # two separators
        "45323",  # a spreadsheet's number
        "45323.0",
        "01/2024",
        "2024",
        "2024-02",
        "01/02/1899",
        "01/02/2200",
        "01/02/0024",
        "01/02/024",
        "01/02/2024 24:00",
        "01/02/2024 10:60",
        "01/02/2024 13:00 PM",
        "01/02/2024 and later",
        "32 January 2024",
        "1 Febtember 2024",
        "unknown",
        "",
        "٠١/٠٢/٢٠٢٤",  # digits of another script
    ],
)
def test_what_is_no_date_is_not_repaired(text):
    assert parse_date(text) is None


def test_a_leap_day_is_a_date_in_a_leap_year():
    assert parse_date("29/02/2024") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(("text", "year"), [("01/02/00", 2000), ("01/02/99", 2099), ("01-Feb-16", 2016)])
def test_two_figures_are_a_year_of_this_century(text, year):
    assert parse_date(text).year == year


FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y", "%Y%m%d", "%d/%m/%Y 00:00")


@settings(deadline=None)
@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.sampled_from(FORMS))
def test_every_day_survives_every_form(day, form):
    assert parse_date(day.strftime(form)) == day


@settings(deadline=None)
@given(st.dates(dt.date(2000, 1, 13), dt.date(2099, 12, 31)).filter(lambda day: day.day > 12))
def test_no_day_past_the_twelfth_is_read_month_first(day):
    assert parse_date(day.strftime("%m/%d/%Y")) is None


@settings(deadline=None)
@given(st.text(max_size=20))
def test_no_text_breaks_the_reader(text):
    day = parse_date(text)
    assert day is None or 1900 <= day.year <= 2199


def test_a_column_keeps_its_length_and_order():
    days = parse_dates(["31/12/2199", "x", "01/01/1900"])
    assert days.dtype == np.dtype("datetime64[ns]")
    assert np.isnat(days).tolist() == [False, True, False]
    assert days[0] == np.datetime64("2199-12-31") and days[2] == np.datetime64("1900-01-01")


def test_no_texts_are_no_dates():
    assert parse_dates([]).size == 0
