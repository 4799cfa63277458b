"""A drawn sheet as the bytes of a PNG: nothing in them but the picture and its size on paper."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR = 2
_LEVEL = 3
"""A sheet is mostly white: without a filter, at this level, it is smaller than Pillow’s and thrice as quick."""

_INCH_MM = 25.4


def png(pixels: NDArray[np.uint8], *, dpi: float) -> bytes:
    """A picture of opaque pixels as PNG: the same pixels give the same bytes, with no date and no name of a program.

    Parameters
    ----------
    pixels : height by width by at least three (red, green, blue; what comes after them is left out), from the top.
    dpi : dots an inch, from which a reader takes the size on paper.

    W3C (2025), Portable Network Graphics (PNG) Specification, third edition.

    >>> made = png(np.full((2, 3, 4), 255, dtype=np.uint8), dpi=200)
    >>> made[:4], struct.unpack(">II", made[16:24])
    (b'\\x89PNG', (3, 2))
    """
    height, width = pixels.shape[:2]
    lines = np.zeros((height, 1 + width * 3), dtype=np.uint8)  # each line begins with the number of its filter: 0
    for place in range(3):  # by channel: four times as fast as pixel by pixel
        lines[:, 1 + place :: 3] = pixels[..., place]
    dots_a_metre = round(dpi / _INCH_MM * 1000)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _TRUE_COLOUR, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", dots_a_metre, dots_a_metre, 1)),
        (b"IDAT", zlib.compress(lines, _LEVEL)),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_chunk(kind, held) for kind, held in parts)


def _chunk(kind: bytes, held: bytes) -> bytes:
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))
