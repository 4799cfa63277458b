"""Duplicates among the parts of an extract: the rows' prints wait on disk, and are settled one bucket at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data.duplicates import Duplicates, row_prints, settle_duplicates
from fls_research.data.inclusion import service_sizes
from fls_research.data.prepared import read_frame, write_frame

BUCKETS = 16
"""A row and its duplicates are of one service, and so in one bucket; the larger the number, the less is held."""


@dataclass(frozen=True)
class Settled:
    """What is known when the rows of all parts have been laid side by side.

    Attributes
    ----------
    sizes : rows left by ``service_code`` and ``data_year``, copies and repeated keys taken off.
    """

    sizes: pd.Series
    _found: pd.DataFrame = field(repr=False)

    def of_part(self, number: int, rows: int) -> Duplicates:
        """The duplicates among the ``rows`` rows of one part, counted from 0."""
        found = self._found[self._found["part"] == number]
        whole = np.zeros((3, rows), dtype=bool)
        whole[:, found["position"].to_numpy()] = found[["copies", "superseded", "twins"]].to_numpy(dtype=bool).T
        return Duplicates(*whole)


class PrintsOfParts:
    """The prints of the rows of every part, in a folder that can be thrown away afterwards."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts = 0
        folder.mkdir(parents=True, exist_ok=True)

    def add(
        self,
        frame: pd.DataFrame,
        *,
        service: str,
        key: str | None,
        among: np.ndarray,
        left: np.ndarray,
        data_year: pd.Series,
    ) -> None:
        """Keep the prints of the rows of the next part.

        Parameters
        ----------
        frame, service, key, among : as for :func:`~fls_research.data.duplicates.find_duplicates`.
        left : truth values of shape (rows,): the rows that will be analysed if they are no duplicates and their
            service is large enough.
        data_year : of every row.
        """
        rows = np.flatnonzero(among)
        looked_at = frame.iloc[rows]
        prints = row_prints(looked_at, service=service, key=key)
        texts = looked_at[service].array
        prints = prints.assign(
            part=self._parts,
            position=rows,
            service_code=texts,
            data_year=data_year.array[rows],
            left=left[rows],
        )
        # By the text, because a service has another number in every part.
        hashes = pd.util.hash_array(texts.categories.to_numpy(dtype=object), categorize=False) % np.uint64(BUCKETS)
        bucket_of_row = np.append(hashes, np.uint64(0))[texts.codes]
        for bucket in np.unique(bucket_of_row):
            write_frame(prints[bucket_of_row == bucket], self._folder / f"{bucket:03d}-{self._parts:05d}.parquet")
        self._parts += 1

    def settle(self) -> Settled:
        """Find the duplicates of all parts, and the sizes of the services without them."""
        found, sizes = [_NOTHING], []
        for bucket in range(BUCKETS):
            files = sorted(self._folder.glob(f"{bucket:03d}-*.parquet"))
            if files:
                prints = pd.concat([read_frame(file) for file in files], ignore_index=True)
                settled = settle_duplicates(prints)
                out = settled.copies | settled.superseded
                marked = prints[["part", "position"]].assign(**vars(settled))
                found.append(marked[out | settled.twins])
                sizes.append(service_sizes(prints, prints["left"].to_numpy() & ~out))
        return Settled(pd.concat(sizes) if sizes else _NO_SIZES, pd.concat(found, ignore_index=True))


_NOTHING = pd.DataFrame(
    {"part": [0], "position": [0], "copies": [False], "superseded": [False], "twins": [False]}
).iloc[:0]
_NO_SIZES = pd.Series([], index=pd.MultiIndex.from_arrays([[], []], names=["service_code", "data_year"]), dtype=int)
