"""A folder of outputs is whole or as it was: after an error, an interruption, or a killed process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fls_research.errors import FlsError
from fls_research.pipeline.staging import failed_log, staged

HOLD = """
import sys, time
from pathlib import Path
from fls_research.pipeline.staging import staged
with staged(Path(sys.argv[1])) as folder:
    (folder / "half.txt").write_text("half")
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "2024"
    place.mkdir()
    (place / "report.txt").write_text("first", encoding="utf-8")
    return place


def names(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith(".lock"))


def hold(place):
    """A process in the middle of a build."""
    root = Path(__file__).parents[2]
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, cwd=root)
    assert process.stdout.readline().strip() == b"ready"
    return process


def test_a_whole_block_takes_the_place_of_the_old_folder(place):
    with staged(place) as folder:
        (folder / "new.txt").write_text("second", encoding="utf-8")
        assert (place / "report.txt").read_text(encoding="utf-8") == "first"
    assert names(place) == ["new.txt"]
    assert names(place.parent) == ["2024"]


def test_a_first_folder_needs_no_old_one(tmp_path):
    with staged(tmp_path / "deep" / "2024") as folder:
        (folder / "a").touch()
    assert names(tmp_path / "deep" / "2024") == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_folder_and_keeps_the_log(place, error):
    with pytest.raises(error), staged(place) as folder:
        (folder / "log.jsonl").write_text("{}\n", encoding="utf-8")
        raise error
    assert (place / "report.txt").read_text(encoding="utf-8") == "first"
    assert names(place.parent) == ["2024", "2024-failed.log.jsonl"]
    with staged(place):
        pass
    assert not failed_log(place).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_a_killed_process_leaves_the_old_folder_and_the_next_build_tidies(place):
    process = hold(place)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert names(place) == ["report.txt"]
    assert any(name.startswith(".building-2024-") for name in names(place.parent))
    with staged(place) as folder:
        (folder / "new.txt").touch()
    assert names(place.parent) == ["2024"]


def test_a_process_killed_between_the_two_moves_is_put_right(place):
    place.rename(place.parent / ".old-2024-0123abcd")
    (place.parent / ".building-2024-0123abcd").mkdir()
    with pytest.raises(ValueError), staged(place):
        raise ValueError
    assert (place / "report.txt").read_text(encoding="utf-8") == "first"
    assert names(place.parent) == ["2024"]


def test_an_old_folder_left_behind_by_a_finished_swap_is_dropped(place):
    (place.parent / ".old-2024-0123abcd").mkdir()
    with staged(place) as folder:
        (folder / "new.txt").touch()
    assert (names(place.parent), names(place)) == (["2024"], ["new.txt"])


def test_two_builds_of_one_edition_do_not_meet(place):
    process = hold(place)
    try:
        with pytest.raises(FlsError, match="2024 is being made by another command"), staged(place):
            pass
        with staged(place.with_name("2023")):
            pass
    finally:
        process.kill()
        process.wait()
    assert names(place) == ["report.txt"]
