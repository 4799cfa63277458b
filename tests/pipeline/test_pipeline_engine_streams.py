"""What is printed past Python stands where it was printed."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="descriptors lead into memory on Linux only")

CODE = """
import os, sys
from fls_research.pipeline.engine.streams import Printed
seen = []
real = os.dup(1)
out = Printed("stdout", 1, lambda name, text: seen.append((name, text)))
{cell}
out.flush()
os.write(real, repr(seen).encode())
"""


def published(cell):
    code = CODE.format(cell=cell)
    return eval(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


def test_words_come_out_in_their_order_whoever_wrote_them():
    cell = "out.write('a'); os.write(1, b'b'); os.system('echo c'); out.write('d')"
    assert published(cell) == [("stdout", "abc\nd")]


def test_nothing_is_published_twice_and_nothing_is_published_for_nothing():
    assert published("out.write('a'); out.flush(); out.flush()") == [("stdout", "a")]


def test_a_character_cut_in_two_is_whole_again():
    assert published("os.write(1, b'\\xc3'); out.write(''); os.write(1, b'\\xa4')") == [("stdout", "ä")]


def test_bytes_that_are_no_text_are_marked():
    assert published("os.write(1, b'\\xff!')") == [("stdout", "\ufffd!")]


def test_more_than_a_pipe_would_hold_does_not_block():
    assert published("os.write(1, b'x' * 500_000)") == [("stdout", "x" * 500_000)]


def test_a_forked_process_prints_through_its_parent():
    cell = "pid = os.fork()\nif pid == 0:\n    out.write('child'); out.flush(); os._exit(0)\nos.waitpid(pid, 0)"
    assert published(cell) == [("stdout", "child")]


def test_only_text_is_printed():
    cell = "try:\n    out.write(b'a')\nexcept TypeError as error:\n    out.write(str(error))"
    assert "must be str" in published(cell)[0][1]
