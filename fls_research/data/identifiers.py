"""Refuse an extract that holds direct identifiers, by the heading of a column and by what stands in it.

Refused are NHS numbers, full postcodes, full dates of birth, names, e-mail addresses, and columns headed as a
telephone number, an address or a hospital number. Let through are pseudonymous keys, service codes, dates of care,
small-area codes (LSOA, MSOA), year of birth and the outward half of a postcode (``BS8``), which thousands of
households share, provided that its heading does not promise a full one: under ``Post Code`` any value is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import nhs_number
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fls_research.data.dates import parse_date, parse_dates
from fls_research.data.extract import RawExtract
from fls_research.data.mapping import shown_headings
from fls_research.data.parse import read_numbers
from fls_research.data.personal_names import A_FORENAME, TITLED, are_names, name_somebody
from fls_research.data.schema import BY_HEADING, Kind, heading_key
from fls_research.errors import IdentifierFound
from fls_research.params import FIRST_YEAR

_HEADING_WORDS = {
    "an NHS number": re.compile(r"nhsn(?:o|um|umber|r)|^nhs$|newnhs|chinumber|^chi$|^hcn$|healthandcarenumber"),
    "a date of birth": re.compile(
        r"dateofbirth|birthda?te?|datebirth|birthday|^born$|^(?:pt|patient|client)?dob(?:d+m+y+)?$"
    ),
    "a postcode": re.compile(r"post(?:al)?code(?!district|area|outward|sector)|^pcode$|^zip(?:code)?$"),
    "a name": re.compile(
        r"^(?:patient|pt|client|person|full|first|middle|last|family|given|birth|maiden)*names?\d?$"
        r"|forename|surname|^initials$|^[fl]name$|^nextofkin|^nok$"
    ),
    "an e-mail address": re.compile(r"e?mail(?:address)?$"),
    "a telephone number": re.compile(r"telephone|phone|^(?:mobile|contact)(?:no|num|number)$|^mobile$|^tel(?:no)?$"),
    "an address": re.compile(
        r"^(?:patient|home|postal|street)?address(?:line)?\d?$|^street(?:name)?$|^house(?:no|num|number|name)$"
    ),
    "a hospital number": re.compile(r"hosp(?:ital)?(?:no|num|number)|^mrn$|^patientno$|casenotenumber|localpatientid"),
}

_EMAIL = r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}"
_GAP = "[ ./-]{0,2}"
_TEN_DIGITS = rf"(?:^|\D)\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}(?:\D|$)"
_NHS_SHAPED = re.compile(rf"(?<!\d)(\d{{3}})({_GAP})(\d{{3}})\2(\d{{4}})(?!\d)")
_AFTER_THE_WORD = rf"(?i)\bnhs\D{{0,20}}(\d{{3}}){_GAP}(\d{{3}}){_GAP}(\d{{4}})(?:\D|$)"
_PLACE_HEADING = re.compile(r"^(?:unit|hospital|trust|nhs|site|service|fls|organisation|provider|board)+(?:name)?$")
_AREAS = (
    "AB|AL|B|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|EH|EN|"
    "EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|"
    "N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|"
    "TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE"
)
_OUTWARD = rf"(?:{_AREAS})\d[\dA-Z]?"
_INWARD = r"\d[ABD-HJLNP-UW-Z]{2}"
_SPACED_POSTCODE = rf"(?i)\b{_OUTWARD}\s{{1,2}}{_INWARD}\b"
_JOINED_POSTCODE = rf"(?i)\b{_OUTWARD}{_INWARD}\b"
_DATE_SHAPED = (
    r"^\s*(?:\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ](?:\d{4}|\d{2})|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|(?:19|20)\d{6})(?:\D|$)"
)
_TWO_FIGURES = re.compile(r"\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2}")
_BORN_IN_WORDS = r"(?i)\b(?:d\.?o\.?b|born|birth)\b\D{0,12}\d{1,4}[-/. ](?:\d{1,2}|[a-z]{3,9})[-/. ]\d{2}"
_SERIAL = r"^\d{4,5}(?:\.0+)?$"
_RUN_TOGETHER = re.compile(r"(\d{1,2})(\d{2})(\d{4})")

_SAMPLE = 5_000
_JOINED_SHARE = 0.01
_FEW_CELLS = 2
_BORN_SHARE = 0.5
_AUDIT_BEGAN = np.datetime64(f"{FIRST_YEAR}-01-01", "ns")
_YOUNGEST = np.timedelta64(int(50 * 365.25) - 1, "D")
_CENTURY = np.timedelta64(36525, "D")
_LONGEST_CARE = np.timedelta64(730, "D")
_SERIALS_BEGIN = np.datetime64("1899-12-30", "ns")
_FEWEST_BIRTHS = 5


@dataclass(frozen=True)
class Finding:
    """A column and the identifier that it seems to hold."""

    column: str
    what: str
    by_heading: bool


def refuse_identifiers(raw: RawExtract) -> None:
    """Stop when any column of the extract is, or looks like, a direct identifier.

    A column without a single filled cell is let through whatever its heading. By value a column is an identifier
    when

    - *NHS number*: a text in the form 123 456 7890, or after the word NHS, has a right check digit; or among the
      column's ten-digit numbers more have one than chance explains (one in eleven does by chance; four standard
      deviations above it); or ten-digit numbers are the exception among the column's texts or the extract's rows, and
      half of them or more have one; or one or two cells of a column that is no key hold such numbers, and all have one;
    - *postcode*: any text holds a full postcode with its space, or one in a hundred distinct texts is one without;
    - *date of birth*: half of the column's dates or more lie 50 years or more before the fracture of the same row,
      and before the audit began (a year of two figures that would lie after the patient's care is one of the century
      before); half of its numbers or more, read as a spreadsheet's dates or as day, month and year run together, agree
      with the age of the same row; or any text says *born* or *DOB* before a date;
    - *name*: any text holds a title and a name; or a quarter of the distinct texts, five at least, a common forename;
      or, under a heading that promises no hospital or service, a text says something about a forename with a surname,
      or a quarter of the texts are such;
    - *e-mail address*: any text holds one.

    Parameters
    ----------
    raw : the extract as text.

    Raises
    ------
    IdentifierFound : names the columns and the kind of identifier, never a value.
    """
    findings = list(_findings(raw))
    if not findings:
        return
    named = "; ".join(f"column '{found.column}' {_verb(found)} {found.what}" for found in findings[:5])
    more = f" (and {len(findings) - 5} more)" if len(findings) > 5 else ""
    raise IdentifierFound(
        f"{raw.facts.name}: {named}{more}. Direct identifiers must not enter the kit: take"
        f" {'these columns' if len(findings) > 1 else 'this column'} out of the extract; nothing was read further."
    )


def _verb(found: Finding) -> str:
    return "is headed as" if found.by_heading else "holds what looks like"


def _findings(raw: RawExtract) -> Iterator[Finding]:
    index_days, ages = _index_days(raw), _ages(raw)
    names = shown_headings(raw.headings)
    for label, heading, shown in zip(raw.frame.columns, raw.headings, names, strict=True):
        column = raw.frame[label].array
        present, cells = np.unique(column.codes[column.codes >= 0], return_counts=True)
        if not present.size:
            continue
        by_heading = identifier_of_heading(heading)
        if by_heading:
            yield Finding(shown, by_heading, by_heading=True)
            continue
        texts = pa.array(column.categories, pa.string()).take(pa.array(present))
        what = _identifier_of_texts(texts, heading_key(heading))
        if what is None and _are_nhs_numbers(texts, cells, len(column), key=_is_key(heading)):
            what = "NHS numbers"
        if what is None and (_is_birth(column, texts, index_days) or _fits_age(column, texts, index_days, ages)):
            what = "dates of birth"
        if what:
            yield Finding(shown, what, by_heading=False)


def _is_key(heading: str) -> bool:
    field = BY_HEADING.get(heading_key(heading))
    return field is not None and field.kind is Kind.KEY


def identifier_of_heading(heading: str) -> str | None:
    """The identifier that a heading promises, or None.

    >>> identifier_of_heading("1.04 Post Code"), identifier_of_heading("Postcode district")
    ('a postcode', None)
    >>> [identifier_of_heading(h) for h in ("Record ID", "Unit code", "LSOA 2021", "FLS name", "5.05 PreFracMob")]
    [None, None, None, None, None]
    """
    key = heading_key(heading)
    for what, words in _HEADING_WORDS.items():
        if words.search(key):
            return what
    field = BY_HEADING.get(key)
    return f"the field {field.name}" if field is not None and field.kind is Kind.IDENTIFIER else None


def _identifier_of_texts(texts: pa.Array, heading: str) -> str | None:
    if _any(texts, _EMAIL):
        return "e-mail addresses"
    if _any(texts, _SPACED_POSTCODE) or _count(texts, _JOINED_POSTCODE) > _JOINED_SHARE * len(texts):
        return "full postcodes"
    if _any(texts, _BORN_IN_WORDS):
        return "dates of birth"
    if _any(texts, TITLED) or are_names(_sample(texts)):
        return "names of people"
    forenames = texts.filter(pc.match_substring_regex(texts, A_FORENAME))
    if not _PLACE_HEADING.search(heading) and name_somebody(_sample(forenames), of=len(texts)):
        return "names of people"
    return None


def _any(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _count(texts: pa.Array, pattern: str) -> int:
    return int(pc.sum(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _are_nhs_numbers(texts: pa.Array, cells: np.ndarray, rows: int, *, key: bool) -> bool:
    shaped = pc.match_substring_regex(texts, _TEN_DIGITS)
    candidates = texts.filter(shaped)
    total = len(candidates)
    if not total:
        return False
    said = candidates.filter(pc.match_substring_regex(candidates, _AFTER_THE_WORD))
    numbers = [digits for text in _sample(said) for digits in re.findall(_AFTER_THE_WORD, text)]
    if any(nhs_number.is_valid("".join(digits)) for digits in numbers):
        return True
    tried = right = 0
    for text in _sample(candidates):
        for first, gap, second, third in _NHS_SHAPED.findall(text):
            valid = nhs_number.is_valid(first + second + third)
            if valid and gap:
                return True
            tried += 1
            right += valid
    if not right:
        return False
    by_chance, spread = tried / 11, np.sqrt(tried * 10) / 11
    filled = int(cells[shaped.to_numpy(zero_copy_only=False)].sum())
    exceptional = total <= 0.5 * len(texts) or filled <= 0.5 * rows
    few = filled <= _FEW_CELLS and not key
    return right > by_chance + 4 * spread or (exceptional and right >= 0.5 * tried) or (few and right == tried)


def _sample(texts: pa.Array) -> list[str]:
    """Some of the texts, evenly spaced, so that the answer is the same every time."""
    places = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _SAMPLE)).astype(np.int64))
    return texts.take(pa.array(places)).to_pylist()


def _column_of(raw: RawExtract, name: str) -> pd.Categorical | None:
    for label, heading in zip(raw.frame.columns, raw.headings, strict=True):
        field = BY_HEADING.get(heading_key(heading))
        if field is not None and field.name == name:
            return raw.frame[label].array
    return None


def _index_days(raw: RawExtract) -> np.ndarray | None:
    column = _column_of(raw, "index_date")
    return None if column is None else _days(column)


def _ages(raw: RawExtract) -> np.ndarray | None:
    column = _column_of(raw, "age")
    return None if column is None else read_numbers(column).values


def _days(column: pd.Categorical) -> np.ndarray:
    texts = column.categories.to_numpy()
    days = np.append(parse_dates(texts), np.datetime64("NaT", "ns"))
    return days[column.codes]


def _is_birth(column: pd.Categorical, texts: pa.Array, index_days: np.ndarray | None) -> bool:
    """Whether the column's dates are as old as the birth of people who are 50 and over."""
    if index_days is None or _count(texts, _DATE_SHAPED) < 1:
        return False
    days = _days(column)
    two_figures = np.array([bool(_TWO_FIGURES.fullmatch(text)) for text in column.categories] + [False])[column.codes]
    days = np.where(two_figures & (days > index_days + _LONGEST_CARE), days - _CENTURY, days)
    both = ~np.isnat(days) & ~np.isnat(index_days)
    # The second condition keeps a slip in the date of the fracture from making births of the dates of care.
    old = (index_days[both] - days[both] >= _YOUNGEST) & (days[both] < _AUDIT_BEGAN)
    return bool(old.size) and float(np.mean(old)) >= _BORN_SHARE


def _fits_age(column: pd.Categorical, texts: pa.Array, index_days: np.ndarray | None, ages: np.ndarray | None) -> bool:
    """Whether the column's numbers are dates of birth for a spreadsheet, or run together: they agree with the ages."""
    if index_days is None or ages is None:
        return False
    serial, joined = _count(texts, _SERIAL), _count(texts, r"^\d{7,8}$")
    if max(serial, joined) < _BORN_SHARE * len(texts):
        return False
    read = _serial_day if serial >= joined else _joined_day
    born = np.array([read(text) for text in column.categories] + [None], dtype="datetime64[ns]")[column.codes]
    years = (index_days - born) / np.timedelta64(1, "D") / 365.25
    known = ~np.isnan(years) & ~np.isnan(ages)
    fits = np.abs(np.floor(years[known]) - ages[known]) <= 1
    return int(fits.sum()) >= _FEWEST_BIRTHS and float(np.mean(fits)) >= _BORN_SHARE


def _serial_day(text: str) -> np.datetime64 | None:
    whole = text.partition(".")[0]
    plausible = whole.isdecimal() and len(whole) <= 5
    return _SERIALS_BEGIN + np.timedelta64(int(whole), "D") if plausible else None


def _joined_day(text: str) -> np.datetime64 | None:
    found = _RUN_TOGETHER.fullmatch(text)
    day = parse_date("/".join(found.groups())) if found else None
    return None if day is None else np.datetime64(day, "ns")
