"""A picture goes through a writer as its size alone, and stands in the file whole."""

import datetime as dt
import io
import subprocess
import zipfile

import numpy as np
import pytest
from PIL import Image

from fls_research.errors import PublishError
from fls_research.outputs.picture import png
from fls_research.pipeline.publish.pictures import stand_in, with_pictures
from fls_research.pipeline.publish.with_pandoc import pandoc_command
from fls_research.pipeline.publish.word import finish_word

DRAWN = png(np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8), dpi=200)


def test_a_stand_in_has_the_size_and_resolution_and_no_pixels():
    small = stand_in(DRAWN, "fig-a.png")
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (90, 60) and image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert len(small) < 200 < len(DRAWN)


def test_no_two_stand_ins_are_alike():
    assert stand_in(DRAWN, "fig-a.png") != stand_in(DRAWN, "fig-b.png")


@pytest.mark.parametrize("other", [b"", b"<svg/>", b"\x89PNG", b"\xff\xd8\xff"])
def test_what_is_no_whole_png_stands_for_itself(other):
    assert stand_in(other, "a") == other


def word_parts(folder, shown, pictures=None):
    """The parts of a Word file in which Pandoc has put a picture."""
    (folder / "a.png").write_bytes(shown)
    subprocess.run([pandoc_command(), "-f", "markdown", "-o", "a.docx"], input=b"![](a.png)", cwd=folder, check=True)
    finish_word(folder / "a.docx", depth=2, moment=dt.datetime(2026, 1, 15, tzinfo=dt.UTC), pictures=pictures)
    with zipfile.ZipFile(folder / "a.docx") as file:
        return {name: file.read(name) for name in file.namelist()}


def test_a_word_file_made_with_the_stand_in_is_the_one_made_with_the_picture(tmp_path):
    small = stand_in(DRAWN, "a.png")
    with_stand_in, whole = word_parts(tmp_path, small, {small: DRAWN}), word_parts(tmp_path, DRAWN)
    assert DRAWN in whole.values()
    assert [name for name in whole if whole[name] != with_stand_in.get(name)] == []


def test_a_page_shows_each_picture_under_the_address_pandoc_gives_it():
    page = '<p><img src="my%20files/a&amp;b.svg" alt="A" /><img src="data:x" /><a href="b.png">b</a></p>'
    assert with_pictures(page, {"my files/a&b.svg": b"<svg/>"}, where="a.qmd") == (
        '<p><img src="data:image/svg+xml;base64,PHN2Zy8+" alt="A" /><img src="data:x" /><a href="b.png">b</a></p>'
    )


def test_a_picture_that_no_one_brought_is_refused():
    with pytest.raises(PublishError, match=r"^a\.qmd: the picture 'none\.png' is no local file that the text shows"):
        with_pictures('<img class="x" src="none.png">', {}, where="a.qmd")
