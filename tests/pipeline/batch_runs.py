"""Runs of fixture notebooks, as the tests of who carries them out need them."""

from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.work import Work


def works(root, *names):
    """One run of each notebook named, without parameters, each to a place of its own under ``out/``."""
    surroundings = Surroundings.of(root)
    return [
        Work(
            name=f"{name} {number}",
            notebook=f"notebooks/{name}.ipynb",
            parameters={},
            place=f"out/{number}-{name}",
            fingerprint=surroundings.fingerprint(root / "notebooks" / f"{name}.ipynb", {}),
            asks_for_folder=False,
        )
        for number, name in enumerate(names)
    ]
