"""The one writer of PNG: another reader sees the same pixels and the size on paper, and nothing else is in the file."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from fls_research.outputs.picture import png


def noise(height: int, width: int, channels: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, channels), dtype=np.uint8)


def test_pillow_reads_back_the_pixels_that_were_written() -> None:
    pixels = noise(37, 53, 3)
    with Image.open(io.BytesIO(png(pixels, dpi=200))) as read:
        assert read.mode == "RGB"
        assert (np.asarray(read) == pixels).all()


def test_what_stands_after_the_colours_is_left_out() -> None:
    pixels = noise(9, 8, 4)
    with Image.open(io.BytesIO(png(pixels, dpi=200))) as read:
        assert (np.asarray(read) == pixels[..., :3]).all()


def test_the_size_on_paper_is_in_the_file_and_no_text_or_date() -> None:
    made = png(noise(4, 5, 3), dpi=200)
    with Image.open(io.BytesIO(made)) as read:
        assert [round(dots) for dots in read.info["dpi"]] == [200, 200]
        assert set(read.info) == {"dpi"}
    assert made == png(noise(4, 5, 3), dpi=200)
