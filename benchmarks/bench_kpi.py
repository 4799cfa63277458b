"""How long the KPI engine takes on 330,000 records, beside a plain groupby of the same counts in the same run.

Run it by hand: ``python benchmarks/bench_kpi.py``. The records are random: only their number and shape matter.
The target is under two seconds for all KPIs by year, place, service and six patient groupings, on two cores.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd

from fls_research.kpi.definitions import records_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.records import Patients, Status
from fls_research.kpi.statuses import statuses

RECORDS = 330_000
SERVICES = 77
YEARS = (2021, 2022, 2023, 2024)
PATIENT_GROUPS = ("age_band", "sex", "care_home", "imd_quintile", "ethnicity", "site_group")
MARGINS = ("national", "nation", "region", "area", "service", *PATIENT_GROUPS)
CROSSED = tuple(("service", each) for each in PATIENT_GROUPS)
COLUMN_OF = {"region": "region_code", "area": "area_code", "service": "service_code"}

CODES = {
    "sex": ("female", "male", "not known"),
    "care_home": ("yes", "no", "not known"),
    "fracture_site": ("hip", "spine", "humerus", "wrist", "pelvis", "other", "not known"),
    "fracture_type": ("inpatient", "outpatient", "spine", "not known"),
    "prior_fracture": ("yes", "no", "not known"),
    "dxa": ("ordered", "recommended", "not ordered", "not known"),
    "risk": ("high", "intermediate", "low", "not known"),
    "therapy": ("drug", "gp to decide", "further opinion", "declined", "inappropriate", "not known"),
    "falls_assessment": ("yes", "no", "not known"),
    "falls_referral": ("referred", "recommended", "none", "not known"),
    "follow_up_16": ("yes", "no", "not known"),
    "therapy_16": ("drug", "not started", "declined", "no longer appropriate", "not known"),
    "strength_balance_16": ("yes", "no", "not known"),
    "follow_up_52": ("yes", "no", "not known"),
    "therapy_52": ("drug", "not started", "declined", "no longer appropriate", "not known"),
    "age_band": ("50–64", "65–74", "75–84", "85 and over"),
    "ethnicity": ("white", "mixed", "asian", "black", "other", "not known"),
    "site_group": ("hip", "spine", "other", "not known"),
}


def random_fractures(generator: np.random.Generator) -> pd.DataFrame:
    """A frame of the cohort's shape and types, filled at random."""
    index_date = np.datetime64("2021-01-01") + generator.integers(0, 1461, RECORDS).astype("timedelta64[D]")
    service = generator.integers(0, SERVICES, RECORDS)
    columns: dict[str, object] = {
        "index_date": index_date.astype("datetime64[ns]"),
        "data_year": pd.DatetimeIndex(index_date).year.to_numpy(dtype=np.int16),
        "service_code": np.array([f"S{n:02d}" for n in range(SERVICES)], dtype=object)[service],
        "area_code": np.array([f"A{n:02d}" for n in range(49)], dtype=object)[service % 49],
        "region_code": np.array([f"Y{n}" for n in range(8)], dtype=object)[service % 49 % 8],
        "nation": np.array(["England", "Wales"], dtype=object)[(service % 49 % 8 == 7).astype(int)],
        "age": pd.array(generator.integers(50, 100, RECORDS), dtype="Int16"),
        "t_score": np.where(generator.random(RECORDS) < 0.4, np.nan, generator.normal(-2, 1, RECORDS)),
        "imd_quintile": _with_gaps(generator),
    }
    for column, codes in CODES.items():
        chosen = generator.integers(0, len(codes), RECORDS).astype(np.int8)
        columns[column] = pd.Categorical.from_codes(chosen, categories=codes)
    for column in ("assessment_date", "dxa_date", "follow_up_16_date", "follow_up_52_date", "death_date"):
        dates = index_date + generator.integers(0, 200, RECORDS).astype("timedelta64[D]")
        dates[generator.random(RECORDS) < 0.3] = np.datetime64("NaT")
        columns[column] = dates.astype("datetime64[ns]")
    return pd.DataFrame(columns)


def _with_gaps(generator: np.random.Generator) -> pd.arrays.IntegerArray:
    quintile = pd.array(generator.integers(1, 6, RECORDS), dtype="Int16")
    quintile[generator.random(RECORDS) < 0.05] = pd.NA
    return quintile


def random_caseload(fractures: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    places = fractures[["service_code", "nation", "area_code", "region_code"]].drop_duplicates("service_code")
    services = places.assign(hip_fractures=generator.integers(250, 780, len(places)))
    return pd.concat([services.assign(data_year=year) for year in YEARS], ignore_index=True)


def naive(fractures: pd.DataFrame) -> pd.DataFrame:
    """The margins of the patients' KPIs as one would first write them: a status column, then groupby for each."""
    parts = []
    for year in YEARS:
        for record in records_for(year):
            if not isinstance(record.measure, Patients):
                continue
            rows = fractures[fractures["data_year"] == year - record.measure.years_before]
            status = statuses(rows, record)
            rows = rows.assign(national="all", met=status == Status.MET, counted=status != Status.NOT_ELIGIBLE)
            for dimension in MARGINS:
                keys = rows[COLUMN_OF.get(dimension, dimension)].astype(object).fillna("not known").astype(str)
                sums = rows.groupby(keys)[["met", "counted"]].sum()
                sums = sums.rename(columns={"met": "numerator", "counted": "denominator"})
                parts.append(sums.assign(data_year=year, kpi=record.id, dimension=dimension))
    return pd.concat(parts).rename_axis("group").reset_index()


def seconds(call) -> tuple[float, pd.DataFrame]:
    begun = time.perf_counter()
    result = call()
    return time.perf_counter() - begun, result


def main() -> None:
    generator = np.random.default_rng(2024)
    fractures = random_fractures(generator)
    caseload = random_caseload(fractures, generator)
    patients = [record.id for record in records_for(2024) if isinstance(record.measure, Patients)]
    margins, counts = seconds(lambda: evaluate(fractures, caseload, years=YEARS, by=MARGINS))
    crossed, _ = seconds(lambda: evaluate(fractures, caseload, years=YEARS, by=[*MARGINS, *CROSSED]))
    alone, of_patients = seconds(lambda: evaluate(fractures, None, years=YEARS, by=MARGINS, kpis=patients))
    plain, by_hand = seconds(lambda: naive(fractures))
    keys = ["data_year", "kpi", "dimension", "group"]
    both = of_patients.merge(by_hand, on=keys, suffixes=("", "_plain"), validate="one_to_one")
    same = len(both) == len(of_patients) and (both["numerator"] == both["numerator_plain"]).all()
    same = same and (both["denominator"] == both["denominator_plain"]).all()
    print(f"{RECORDS:,} records, {len(YEARS)} years, {counts['kpi'].nunique()} KPIs and variants")
    print(f"{margins:6.2f} s  all KPIs, {len(MARGINS)} dimensions ({len(counts):,} counts)")
    print(f"{crossed:6.2f} s  the same, and service × each of {len(CROSSED)} patient groupings")
    print(f"{alone:6.2f} s  patients' KPIs, {len(MARGINS)} dimensions")
    print(f"{plain:6.2f} s  the same by plain groupby: ratio {plain / alone:.1f}, same counts: {same}")


if __name__ == "__main__":
    main()
