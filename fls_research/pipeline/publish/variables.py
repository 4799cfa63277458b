"""Facts and metadata looked up by dotted key, as the shortcodes ``var`` and ``meta`` do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fls_research.errors import ParamsError, PublishError, did_you_mean
from fls_research.params import read_yaml

VARIABLES_FILE = "_variables.yml"


def read_variables(path: Path) -> dict[str, Any]:
    """The nested facts of a ``_variables.yml``.

    Raises
    ------
    PublishError : no such file, or no mapping in it.
    """
    if not path.is_file():
        raise PublishError(f"{path.parent.name}: there is no {path.name} in the run's folder; build the edition again.")
    try:
        content = read_yaml(path)
    except ParamsError as error:
        raise PublishError(str(error)) from None
    if not isinstance(content, dict):
        raise PublishError(f"{path.name}: expected 'key: value' lines.")
    return content


def text_of(values: Mapping[str, Any], key: str, *, what: str, where: str) -> str:
    """The value at a dotted key, written as Quarto writes it.

    Parameters
    ----------
    values : nested mappings; keys may be text or whole numbers.
    key : such as ``kpi4.national.now.percent``.
    what : how the message calls the place looked in.
    where : file and line of the shortcode, for the message.

    Raises
    ------
    PublishError : no such key (the nearest one is named), or a key that holds further keys instead of a value.

    >>> text_of({"year": {"now": 2024}}, "year.now", what="_variables.yml", where="a.qmd, line 1")
    '2024'
    >>> text_of({"year": {"now": 2024}}, "year.nwo", what="_variables.yml", where="a.qmd, line 7")
    Traceback (most recent call last):
    fls_research.errors.PublishError: a.qmd, line 7: _variables.yml has no 'year.nwo'; did you mean 'year.now'?
    """
    found = values
    for part in key.split("."):
        found = _step(found, part)
        if found is _MISSING:
            raise PublishError(f"{where}: {what} has no '{key}'; {_hint(values, key)}")
    if isinstance(found, Mapping | list) or found is None:
        raise PublishError(f"{where}: '{key}' of {what} holds no single value; name one below it.")
    return _written(found)


_MISSING = object()


def _step(values: Any, part: str) -> Any:
    if not isinstance(values, Mapping):
        return _MISSING
    for key, value in values.items():
        if str(key) == part:
            return value
    return _MISSING


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _dotted(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _hint(values: Mapping[str, Any], key: str) -> str:
    """The nearest key of all; where none is near, the words that keys begin with, for there are thousands of keys."""
    near = get_close_matches(key, list(_dotted(values)), n=1, cutoff=0.7)
    return f"did you mean '{near[0]}'?" if near else did_you_mean(key.split(".")[0], map(str, values))
