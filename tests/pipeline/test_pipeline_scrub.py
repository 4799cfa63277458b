"""An executed copy names no machine, no person and no moment; what it shows stays as it was."""

import sys
from pathlib import Path

from fls_research.pipeline.scrub import scrubbed

ROOT = Path("/home/jane.doe/work/audit")


def notebook(text, **metadata):
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {"tags": [], "papermill": {"duration": 1.5}, "execution": {"iopub.status.busy": "2026"}},
        "source": "1",
        "outputs": [
            {"output_type": "stream", "name": "stderr", "text": text},
            {"output_type": "display_data", "data": {"image/png": str(ROOT), "text/plain": text}, "metadata": {}},
        ],
    }
    about = {"papermill": {"input_path": "/x", "start_time": "2026", "parameters": {"run_dir": "out/.b-1"}}, **metadata}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": about, "cells": [cell]}


def shown(text, **options):
    return scrubbed(notebook(text), root=ROOT, **options)["cells"][0]["outputs"]


def test_places_of_the_machine_are_replaced():
    for place in (f"{ROOT}/notebooks/a.py", str(Path(sys.prefix) / "lib"), str(Path.home() / "x")):
        assert not any(part in shown(f"see {place}")[0]["text"] for part in (str(ROOT), sys.prefix, str(Path.home())))
    assert shown(f"{ROOT}/a.py:1")[0]["text"] == "./a.py:1"


def test_every_spelling_of_a_windows_path_is_replaced():
    out = scrubbed(
        notebook("C:\\\\Users\\\\jane\\\\a and C:/Users/jane/a"), root=ROOT, renamed={"C:\\Users\\jane": "~"}
    )
    assert out["cells"][0]["outputs"][0]["text"] == "~\\\\a and ~/a"


def test_what_differs_from_run_to_run_is_replaced():
    text = "/tmp/ipykernel_4711/123.py:2: UserWarning\n<A object at 0x7f3a2b1c9d00>"
    assert shown(text)[0]["text"] == "<cell>:2: UserWarning\n<A object at 0x…>"


def test_pictures_are_left_alone_and_other_outputs_are_kept():
    data = shown("The result is 5 at 0x.")[1]["data"]
    assert data == {"image/png": str(ROOT), "text/plain": "The result is 5 at 0x."}


def test_times_and_paths_of_the_run_are_dropped_and_parameters_kept():
    out = scrubbed(notebook("x"), root=ROOT, renamed={"out/.b-1": "out/2024"})
    assert out["metadata"]["papermill"] == {"parameters": {"run_dir": "out/2024"}}
    assert out["cells"][0]["metadata"] == {"tags": []}
    assert out["metadata"]["kernelspec"]["name"] == "python3"


def test_the_notebook_given_is_untouched():
    given = notebook(str(ROOT))
    scrubbed(given, root=ROOT)
    assert given == notebook(str(ROOT))
