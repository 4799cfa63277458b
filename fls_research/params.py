"""One year's settings as frozen typed objects, and the only reader of environment variables.

A settings file is ``params/<year>.yml``. It is read strictly: an unknown key, a value of the wrong type or a code
that YAML would have read as a number or a truth value ends in one sentence that names the file and the key.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fls_research.errors import ParamsError, did_you_mean

FIRST_YEAR = 2016
"""The first year of FLS-DB patient data."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class PolicyName(StrEnum):
    """The disclosure policies that ``disclosure`` knows. There is no default: a year's file names one."""

    HES = "hes"
    OPENSAFELY = "opensafely"
    MIDPOINT6 = "midpoint6"
    THRESHOLD10 = "threshold10"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Provenance(_Strict):
    """What the reader is told of the data."""

    opt_out_date: dt.date | None = Field(default=None, description="when opted-out patients were last removed")
    deprivation: dict[str, str] = Field(description="nation to the version of its deprivation index")
    geography: str = Field(description="which geography is used, for the caption of a map or table")


class YearParams(_Strict):
    """The settings of one edition. ``year`` is the data year: fractures diagnosed from 1 January to 31 December."""

    year: int = Field(ge=FIRST_YEAR, le=2100)
    title: str
    subtitle: str
    published: str = Field(description="month and year of publication, as printed on the cover")
    data_lock: dt.date = Field(description="administrative censoring: nothing after this date is known")
    extract: str = Field(description="path of the extract, relative to the project, unless --extract is given")
    register_file: str = Field(alias="register", description="path of the service register")
    policy: PolicyName = Field(strict=False)
    min_records: int = Field(ge=0, description="a service with fewer records in the year is left out of the report")
    comparison_years: tuple[int, ...] = Field(strict=False, description="earlier data years shown in trends")
    provenance: Provenance
    seed: int = Field(ge=0, description="seed of every generator of random numbers in this edition")

    @property
    def first_day(self) -> dt.date:
        return dt.date(self.year, 1, 1)

    @property
    def last_day(self) -> dt.date:
        return dt.date(self.year, 12, 31)

    @property
    def years(self) -> tuple[int, ...]:
        """The comparison years and the year itself, in order."""
        return (*sorted(self.comparison_years), self.year)


class PackParams(_Strict):
    """The settings of the packs of services and regions: the shares of the missed-opportunity model (80/50/80)."""

    identified: float = Field(default=0.8, ge=0, le=1, description="share of the expected fractures that is found")
    recommended: float = Field(default=0.5, ge=0, le=1, description="share of those that is recommended treatment")
    continued: float = Field(default=0.8, ge=0, le=1, description="share of those that is on treatment at 16 weeks")

    @property
    def shares(self) -> tuple[float, float, float]:
        """The three shares, in the order of the steps."""
        return (self.identified, self.recommended, self.continued)


# The reader written in C, where it is there, is several times as quick, and says the same.
class _StringsStayStrings(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.1 reads NO as false, 010 as eight and 12:30 as a number of minutes. Here they stay what was typed."""


# Only the plain forms are kept: true/false, decimal integers and decimals, ISO dates, null.
_StringsStayStrings.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:int", r"^(?:0|-?[1-9][0-9]*)$", "-0123456789"),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789"),
    ("tag:yaml.org,2002:merge", r"^(?:<<)$", "<"),
):
    _StringsStayStrings.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


def read_yaml(path: Path) -> Any:
    """The content of a settings file, with codes such as NO, 010 and 5E1 left as text.

    Raises :class:`ParamsError` when the file is missing, is no YAML, or names a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ParamsError(f"{path.name}: there is no such settings file in {path.parent.name}/.") from None
    except (OSError, UnicodeDecodeError):
        raise ParamsError(f"{path.name}: cannot be read as a text file in UTF-8.") from None
    loader = _StringsStayStrings(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            _refuse_repeated_keys(node, path)
        return loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ParamsError(f"{path.name}{where}: not valid YAML; check indentation and quotes.") from None
    finally:
        loader.dispose()


def _refuse_repeated_keys(node: yaml.Node, path: Path) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ParamsError(f"{path.name}, line {key.start_mark.line + 1}: key '{key.value}' stands there twice.")
            seen.add(key.value)
            _refuse_repeated_keys(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, path)


def project_root(start: Path | None = None) -> Path:
    """The folder of the project: the nearest one upwards that holds ``_quarto.yml`` and ``params/``.

    The environment variable ``FLS_ROOT`` overrides the search. Raises :class:`ParamsError` when none is found.
    """
    named = os.environ.get("FLS_ROOT")
    if named:
        root = Path(named).expanduser().resolve()
        if not _is_project(root):
            raise ParamsError("FLS_ROOT does not name a project folder (one with _quarto.yml and params/ in it).")
        return root
    here = (start or Path.cwd()).resolve()
    package_parent = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, package_parent):
        if _is_project(folder):
            return folder
    raise ParamsError("No project here: run the command inside the project's folder, or set FLS_ROOT to it.")


def _is_project(folder: Path) -> bool:
    return (folder / "_quarto.yml").is_file() and (folder / "params").is_dir()


def years_with_settings(root: Path) -> list[int]:
    """The data years that a project has settings for, in order; none where there are none."""
    return sorted(int(path.stem) for path in (root / "params").glob("[0-9][0-9][0-9][0-9].yml"))


def load_year(year: int, root: Path | None = None) -> YearParams:
    """The settings of one edition.

    Parameters
    ----------
    year : data year, such as 2024; ``params/<year>.yml`` must exist.
    root : the project folder; found from the working directory when not given.

    Raises
    ------
    ParamsError : no such file, an unknown key, a missing key, or a value of the wrong type, each by name.

    >>> load_year(2024).policy.value
    'hes'
    """
    folder = (root or project_root()) / "params"
    path = folder / f"{year}.yml"
    if not path.is_file():
        have = map(str, years_with_settings(folder.parent))
        raise ParamsError(f"No settings for {year}: params/{year}.yml does not exist (there are: {', '.join(have)}).")
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ParamsError(f"{path.name}: expected 'key: value' lines.")
    try:
        params = YearParams.model_validate(content)
    except ValidationError as error:
        raise ParamsError(_first_problem(path, error)) from None
    if params.year != year:
        raise ParamsError(f"{path.name}: 'year' says {params.year}; the file's name says {year}.")
    return params


def load_packs(root: Path | None = None) -> PackParams:
    """The settings of packs, from ``params/packs.yml``; the usual ones where there is no such file.

    Raises :class:`ParamsError` for an unknown key or a value of the wrong type.

    >>> load_packs().shares
    (0.8, 0.5, 0.8)
    """
    path = (root or project_root()) / "params" / "packs.yml"
    content = read_yaml(path) if path.is_file() else {}
    if not isinstance(content, dict):
        raise ParamsError(f"{path.name}: expected 'key: value' lines.")
    try:
        return PackParams.model_validate(content)
    except ValidationError as error:
        raise ParamsError(_first_problem(path, error, PackParams)) from None


def _first_problem(path: Path, error: ValidationError, settings: type[_Strict] = YearParams) -> str:
    problems = error.errors(include_url=False)
    # A misspelt key shows as one unknown and one missing key: the unknown one says more.
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        model = {"provenance": Provenance}.get(str(first["loc"][0]), settings)
        fields = [field.alias or name for name, field in model.model_fields.items()]
        return f"{path.name}: unknown key '{key}'; {did_you_mean(str(first['loc'][-1]), fields)}"
    if first["type"] == "missing":
        return f"{path.name}: key '{key}' is missing."
    return f"{path.name}: '{key}': {first['msg'][0].lower()}{first['msg'][1:]}."


def day_words(day: dt.date) -> str:
    """A date as a reader sees it, in English whatever the computer's language.

    >>> day_words(dt.date(2025, 6, 30))
    '30 June 2025'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def source_date_epoch() -> int | None:
    """``SOURCE_DATE_EPOCH`` where it is set: the moment that dated outputs are to carry."""
    value = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(value) if value.isdigit() else None


def child_environment(**extra: str) -> dict[str, str]:
    """A copy of the environment for a child process, with ``extra`` set.

    It exists so that no other module has to read the environment.
    """
    return {**os.environ, **extra}


def colour_forbidden() -> bool:
    """Whether the user asked for output without colour (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))
