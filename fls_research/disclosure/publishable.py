"""The sealed table that may leave: made only in this room, and proved untouched whenever it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

import pandas as pd

from fls_research.disclosure.policies import Lane, Level
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.params import PolicyName

STATUS = "status"
SHOWN = "shown"
SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True)
class Release:
    """How a table was released.

    ``kind`` is ``counts`` (numerators and denominators), ``plain counts`` or ``reference`` (no person in it);
    ``suppressed`` how many rows are; ``labels`` the columns that say what a row is; ``withheld`` the columns of which
    single numbers were kept back in rows that are shown; ``checks`` what a person should look at before it leaves.
    """

    kind: str
    policy: PolicyName | None
    lane: Lane | None
    level: Level | None
    labels: tuple[str, ...]
    rows: int = 0
    suppressed: int = 0
    withheld: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    synthetic: bool = False


class Publishable:
    """A released table. Only :mod:`fls_research.disclosure` makes one; ``frame`` gives a copy each time.

    It cannot be changed, copied into another, pickled or made by hand: :func:`verify`, which everything in
    ``outputs`` calls, refuses whatever was not issued here or no longer reads as it was issued.
    """

    __slots__ = ("__weakref__", "_frame", "_release")
    _frame: pd.DataFrame
    _release: Release

    def __init__(self, *_: object, **__: object) -> None:
        raise DisclosureError("A Publishable is made by disclosure.release, release_counts or release_reference only.")

    @property
    def frame(self) -> pd.DataFrame:
        """A fresh copy of the released table."""
        return self._frame.copy(deep=True)

    @property
    def release(self) -> Release:
        """How it was released."""
        return self._release

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns, in order."""
        return tuple(str(name) for name in self._frame.columns)

    def where(self, **labels: object) -> Publishable:
        """The rows whose labels have these values; a list, tuple or set means any of them.

        Raises :class:`DisclosureError` for a column that is no label of the table, or when no row is left.

        >>> import pandas as pd
        >>> from fls_research.disclosure import release_reference
        >>> table = release_reference(pd.DataFrame({"kpi": ["kpi4", "kpi5"], "title": ["Assessed", "Scanned"]}))
        >>> table.where(kpi="kpi5").frame["title"].tolist()
        ['Scanned']
        """
        kept = self._chosen(labels)
        if kept.empty:
            raise DisclosureError(f"No row of the released table has these labels: {', '.join(sorted(labels))}.")
        return issue(kept.reset_index(drop=True), self._release)

    def holds(self, **labels: object) -> bool:
        """Whether any row has these labels: asked where an extract may lack what a table or figure would show.

        Raises :class:`DisclosureError` for a column that is no label of the table.

        >>> import pandas as pd
        >>> from fls_research.disclosure import release_reference
        >>> table = release_reference(pd.DataFrame({"kpi": ["kpi4", "kpi5"], "title": ["Assessed", "Scanned"]}))
        >>> table.holds(kpi="kpi5"), table.holds(kpi=["kpi10", "kpi11"])
        (True, False)
        """
        return not self._chosen(labels).empty

    def _chosen(self, labels: Mapping[str, object]) -> pd.DataFrame:
        verify(self)
        keep = pd.Series(True, index=self._frame.index)
        for name, wanted in labels.items():
            if name not in self._release.labels:
                raise DisclosureError(
                    f"'{name}' is no label of this table; {did_you_mean(name, self._release.labels)}."
                )
            values = wanted if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
            keep &= self._frame[name].isin(list(values))
        return self._frame.loc[keep]

    def __repr__(self) -> str:
        told = self._release
        how = f"policy {told.policy}, {told.level}" if told.policy else "no person counts"
        return f"<Publishable: {told.rows} rows, {told.suppressed} suppressed, {how}>"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise DisclosureError("A Publishable cannot be changed; change the counts and release them again.")

    def __delattr__(self, name: str) -> NoReturn:
        raise DisclosureError("A Publishable cannot be changed; change the counts and release them again.")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise DisclosureError("A Publishable cannot be pickled or copied; save it with Results.save.")

    def __init_subclass__(cls, **_: object) -> NoReturn:
        raise DisclosureError("Publishable cannot be subclassed.")


_ISSUED: WeakKeyDictionary[Publishable, str] = WeakKeyDictionary()
"""Every Publishable alive and the digest it had when it was issued. What is not in here is a forgery."""


def issue(frame: pd.DataFrame, release: Release) -> Publishable:
    """Seal a table: for this room only (``tests/disclosure`` proves that the package's other rooms do not call it)."""
    kept = frame.copy(deep=True).reset_index(drop=True)
    suppressed = int((kept[STATUS] == SUPPRESSED).sum()) if STATUS in kept else 0
    sealed = object.__new__(Publishable)
    object.__setattr__(sealed, "_frame", kept)
    object.__setattr__(sealed, "_release", replace(release, rows=len(kept), suppressed=suppressed))
    _ISSUED[sealed] = _digest(sealed)
    return sealed


def verify(candidate: object) -> Publishable:
    """The candidate itself when it is a :class:`Publishable` that nobody has touched since it was issued.

    Raises :class:`DisclosureError` for anything else: a bare frame, a forged object, or a table that was altered.

    >>> import pandas as pd
    >>> verify(pd.DataFrame())
    Traceback (most recent call last):
    fls_research.errors.DisclosureError: A DataFrame is not released: pass it through disclosure.release first.
    """
    if not isinstance(candidate, Publishable):
        kind = type(candidate).__name__
        raise DisclosureError(f"A {kind} is not released: pass it through disclosure.release first.")
    digest = _ISSUED.get(candidate)
    if digest is None:
        raise DisclosureError("This Publishable was not issued by disclosure.release: release the counts again.")
    if digest != _digest(candidate):
        raise DisclosureError("This Publishable was altered after its release: release the counts again.")
    return candidate


def _digest(sealed: Publishable) -> str:
    frame = sealed._frame
    described = f"{sealed._release!r}\n{[str(kind) for kind in frame.dtypes]!r}\n"
    return hashlib.sha256((described + frame.to_csv(lineterminator="\n")).encode("utf-8")).hexdigest()
