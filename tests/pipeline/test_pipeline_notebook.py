"""The schema of a notebook comes from its tagged cell; what is given to a run must fit it, name by name."""

from pathlib import Path

import pytest

from fls_research.errors import NotebookError
from fls_research.pipeline.notebook import parameters_of

NOTEBOOKS = Path(__file__).parent / "notebooks"
TYPES = parameters_of(NOTEBOOKS / "types.ipynb")
GOOD = parameters_of(NOTEBOOKS / "good.ipynb")


def test_every_type_is_read_with_default_and_help():
    found = {p.name: (p.shape, p.default, p.required, p.help) for p in TYPES.parameters}
    assert found == {
        "count": ("int", 1, False, "how many"),
        "share": ("float", 0.5, False, ""),
        "name": ("str", "x", False, ""),
        "deep": ("bool", False, False, ""),
        "years": ("list of int", [2023, 2024], False, ""),
        "names": ("list of str", [], False, ""),
        "level": ("one of 'service', 'region'", "service", False, ""),
        "region": ("str", None, True, "must be given"),
    }


def test_a_comment_beside_a_parameter_is_its_help():
    assert GOOD["code"].help == "code of a service"


def test_a_notebook_without_a_tagged_cell_takes_nothing():
    schema = parameters_of(NOTEBOOKS / "no_parameters.ipynb")
    assert schema.checked({}) == {}
    with pytest.raises(NotebookError, match=r"no_parameters.ipynb: unknown parameter 'year'; it takes none"):
        schema.checked({"year": 2024})


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("untyped", r"line 1: only lines such as 'year: int = 2024' may stand here"),
        ("computed_default", r"default of 'year' must be a plain value"),
        ("wrong_default", r"'year' must be int, not str"),
        ("unknown_type", r"'table': type must be int, float, str, bool"),
        ("two_parameter_cells", r"2 cells are tagged 'parameters'; keep one"),
        ("other_language", r"is written in r; only Python"),
        ("not_a_notebook", r"cannot be read as a notebook"),
        ("raise", r"there is no such notebook; did you mean 'raises'\?"),
    ],
)
def test_a_notebook_that_breaks_the_rules_is_refused_by_name(project, name, message):
    with pytest.raises(NotebookError, match=rf"^{name}.ipynb.*{message}"):
        parameters_of(project / "notebooks" / f"{name}.ipynb")


def test_defaults_are_filled_in_and_given_values_keep_their_type():
    run = TYPES.checked({"region": "5E1", "share": 1, "years": [2021]})
    assert run["region"] == "5E1"
    assert (run["share"], type(run["share"])) == (1.0, float)
    assert (run["years"], run["count"]) == ([2021], 1)
    assert list(run) == list(TYPES.names)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"regoin": "A"}, "unknown parameter 'regoin'; did you mean 'region'"),
        ({"import os; x": "A"}, "unknown parameter"),
        ({}, r"parameter 'region' \(str\) is missing"),
        ({"region": 5}, "'region' must be str, not int"),
        ({"region": "A", "count": True}, "'count' must be int, not bool"),
        ({"region": "A", "count": "1"}, "'count' must be int, not str"),
        ({"region": "A", "count": 1.0}, "'count' must be int, not float"),
        ({"region": "A", "deep": 1}, "'deep' must be bool, not int"),
        ({"region": "A", "share": float("nan")}, "'share' must be float"),
        ({"region": "A", "years": (2021,)}, "'years' must be list of int, not tuple"),
        ({"region": "A", "years": ["2021"]}, "'years' must be list of int"),
        ({"region": "A", "level": "ward"}, "'level' must be one of 'service', 'region'"),
        ({"region": None}, "'region' must be str, not NoneType"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(values, message):
    with pytest.raises(NotebookError, match=message):
        TYPES.checked(values)


def test_text_from_the_command_line_is_read_by_the_schema():
    texts = {"region": "010", "count": "3", "share": "1e-2", "deep": "true", "years": "2021, 2022", "names": ""}
    expected = {"region": "010", "count": 3, "share": 0.01, "deep": True, "years": [2021, 2022], "names": []}
    assert TYPES.from_text(texts) == expected


@pytest.mark.parametrize(
    ("name", "text"), [("count", "5E1"), ("count", "two"), ("deep", "yes"), ("years", "2021;2022")]
)
def test_text_of_another_type_is_refused(name, text):
    with pytest.raises(NotebookError, match=f"'{name}' must be"):
        TYPES.from_text({name: text})


def test_parameters_that_are_paths_must_lie_in_the_project(tmp_path):
    notebook = tmp_path / "a.ipynb"
    source = (NOTEBOOKS / "good.ipynb").read_text(encoding="utf-8")
    notebook.write_text(source.replace("code: str", "run_dir: str"), encoding="utf-8")
    schema = parameters_of(notebook)
    assert schema.checked({"run_dir": "reports/_output/2024"}, root=tmp_path)["run_dir"] == "reports/_output/2024"
    for bad in ("../elsewhere", "s3://bucket/key", "/etc", "reports/CON"):
        with pytest.raises(NotebookError, match="parameter 'run_dir'"):
            schema.checked({"run_dir": bad}, root=tmp_path)
