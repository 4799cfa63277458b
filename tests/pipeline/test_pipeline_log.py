"""Each line of the log is one JSON object with a time, a level and an event."""

import datetime as dt
import json

from fls_research.pipeline.log import Log


def test_lines_are_appended_in_order(tmp_path):
    log = Log(tmp_path / "deep" / "log.jsonl")
    log.info("extract read", rows=3, name="a–b.csv")
    log.warning("slow")
    Log(log.path).error("notebook failed", notebook="a.ipynb")
    lines = [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]
    assert [(x["level"], x["event"]) for x in lines] == [
        ("info", "extract read"),
        ("warning", "slow"),
        ("error", "notebook failed"),
    ]
    assert (lines[0]["rows"], lines[0]["name"]) == (3, "a–b.csv")
    times = [dt.datetime.fromisoformat(x["time"]) for x in lines]
    assert times == sorted(times) and times[0].tzinfo is not None


def test_the_time_is_the_one_that_was_set_for_dated_outputs(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    Log(tmp_path / "log.jsonl").info("x")
    assert json.loads((tmp_path / "log.jsonl").read_text())["time"].startswith("1970-01-01T00:00:00")
