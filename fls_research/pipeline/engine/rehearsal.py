"""A notebook gone through once before any run of it: what its libraries work out once is then there for every run."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path

from fls_research.pipeline.notebook import read_notebook


def rehearse(notebook: str, parameters: str) -> None:
    """Carry out the cells of a notebook as a plain function, and throw away what they make.

    To be given to a preloaded process as a warmer, after those that load data, and for notebooks of the kit only: they
    call functions and change no setting. A run forked afterwards is spared what is worked out once in a process, such
    as widths of words and modules imported late; it sees no name and no file of the rehearsal. One that fails is no
    matter: the runs will say so.

    Parameters
    ----------
    notebook : its path relative to the project, which is the working directory.
    parameters : values by name, as JSON; ``run_dir`` is replaced by a folder that is thrown away.
    """
    cells = [cell for cell in read_notebook(Path(notebook).resolve())["cells"] if cell["cell_type"] == "code"]
    given = json.loads(parameters)
    with tempfile.TemporaryDirectory(prefix="fls") as scratch:
        names = {"__name__": "__main__"}
        given["run_dir"] = scratch
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception, SystemExit):
            for cell in cells:
                exec("".join(cell["source"]), names)
                if "parameters" in cell["metadata"].get("tags", []):
                    names |= given
