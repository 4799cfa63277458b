"""The command as a user types it: answers, one-line errors, exit codes, and quiet where asked."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fls_research
from fls_research.cli.main import run

ROOT = Path(__file__).parents[1]
COMMANDS = ("demo", "check", "build", "run", "publish", "doctor")


@pytest.fixture
def fls(capsys, monkeypatch):
    """Type a command in a project; gives exit code, answer and complaint."""

    def type_in(root, *arguments):
        monkeypatch.setenv("FLS_ROOT", str(root))
        monkeypatch.chdir(root)
        code = run([str(a) for a in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_in


def in_a_shell(root, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "fls_research.cli", *map(str, arguments)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def test_help_lists_every_command_and_loads_nothing_heavy():
    code = (
        "import sys; from fls_research.cli.main import run; run(['--help']); "
        "print([m for m in ('pandas', 'papermill', 'matplotlib', 'scipy', 'pyarrow') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout
    assert all(re.search(rf"^  {name} ", told, re.MULTILINE) for name in COMMANDS)
    assert told.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example(fls, project, command):
    code, out, err = fls(project, command, "--help")
    assert (code, err) == (0, "")
    assert f"Example: fls {command}" in out


def test_no_command_at_all_shows_the_help(fls, project):
    assert fls(project)[1] == fls(project, "--help")[1]


def test_the_version(fls, project):
    assert fls(project, "--version") == (0, f"fls {fls_research.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["biuld"], 2, r"No such command 'biuld'.* Did you mean 'build'\? See: fls --help"),
        (["build"], 2, r"Missing argument 'YEAR'"),
        (["build", "soon"], 2, r"'YEAR' must be a year such as 2024"),
        (["build", "2024", "--fast"], 2, r"No such option: --fast"),
        (["build", "2024", "--engine", "word"], 2, r"Invalid value for '--engine'"),
        (["build", "2024", "--jobs", "0"], 2, r"Invalid value for '--jobs'"),
        (["build", "1999"], 3, r"No settings for 1999: params/1999.yml does not exist \(there are: 2024\)"),
        (["build", "2024", "--extract", "nowhere.csv"], 4, r"nowhere.csv"),
        (["check", "--extract", "."], 4, r"folder|directory"),
        (["run", "god"], 7, r"god.ipynb: there is no such notebook; did you mean 'good'\?"),
        (["run", "good", "-p", "yaer=2023"], 7, r"good.ipynb: unknown parameter 'yaer'; did you mean 'year'\?"),
        (["run", "good", "-p", "year=5E1"], 7, r"'year' must be int; '5E1' is not"),
        (["run", "good", "-p", "year"], 2, r"'year': write a parameter as name=value"),
        (["run", "good", "-p", "code=A", "-p", "code=B"], 2, r"parameter 'code' is given twice"),
        (["run", "../good"], 7, r"only notebooks of the folder notebooks/|outside the project"),
        (["run", "https://example.org/a.ipynb"], 7, r"not an address|no file name"),
        (["publish", "2024"], 8, r"There is no edition of 2024 to publish; run: fls build 2024"),
    ],
)
def test_what_a_user_gets_wrong_is_one_line_and_its_own_code(fls, edition, arguments, code, complaint):
    got, out, err = fls(edition, *arguments, *([] if code == 2 else ["--quiet"]))
    assert (got, out) == (code, "")
    assert re.match(rf"fls: .*(?:{complaint})", err) and err.count("\n") == 1
    assert "Traceback" not in err


def test_outside_a_project_the_command_says_where_to_go(tmp_path, fls):
    code, _, err = fls(tmp_path, "doctor")
    assert code == 3 and "FLS_ROOT" in err


def test_check_prints_the_account_of_rows_and_where_the_log_is(fls, edition):
    code, out, err = fls(edition, "check")
    assert code == 0
    assert "6 rows read = 4 analysed + 1 left out + 1 set aside" in out
    log = re.search(r"Issue log: (data/checks/\S+/issues.csv)", out)[1]
    assert (edition / log).is_file()
    assert "Reading the extract" in err


def test_check_refuses_identifiers_by_column_and_shows_none(fls, edition):
    path = edition / "data" / "mine.csv"
    lines = (edition / "data" / "x.csv").read_text(encoding="utf-8").splitlines()
    values = ["NHS number", *["943 476 5919"] * (len(lines) - 1)]
    path.write_text("\n".join(f"{line},{v}" for line, v in zip(lines, values, strict=True)), encoding="utf-8")
    code, out, err = fls(edition, "check", "-q", "--extract", path)
    assert (code, out) == (5, "")
    assert "NHS number" in err and "943" not in err


def test_quiet_is_quiet_on_either_side_of_the_command(fls, edition):
    assert fls(edition, "--quiet", "check") == (0, "", "")
    assert fls(edition, "check", "--quiet") == (0, "", "")


def test_an_error_nobody_foresaw_leaves_a_log_without_values_and_no_traceback(fls, edition, monkeypatch):
    from fls_research.pipeline import check

    number = "9" + "43 476 5919"

    def breaks(*_, **__):
        raise RuntimeError(number)

    monkeypatch.setattr(check, "check_extract", breaks)
    code, out, err = fls(edition, "check", "--quiet")
    assert (code, out) == (70, "")
    assert err.count("\n") == 1 and "943" not in err and "Traceback" not in err
    log = Path(err.rsplit("details: ", 1)[1].strip())
    text = log.read_text(encoding="utf-8")
    assert log.is_relative_to(edition / "data")
    assert "RuntimeError" in text and "test_cli.py" in text and "943" not in text


def test_a_file_in_the_way_is_named(fls, edition):
    (edition / "data" / "checks").write_text("", encoding="utf-8")
    code, _, err = fls(edition, "check", "-q")
    assert code == 1
    assert re.fullmatch(r"fls: '(2024-\w+|checks)': .*; see that the disk has room and the file is free.\n", err)


def test_ctrl_c_is_told_in_one_line(fls, edition, monkeypatch):
    from fls_research.pipeline import check

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "check_extract", interrupted)
    assert fls(edition, "check", "-q") == (130, "", "fls: stopped; what was there before is as it was.\n")


def test_doctor_is_well_here_and_ill_where_settings_are_broken(fls, edition, monkeypatch):
    from fls_research.pipeline import doctor

    monkeypatch.setattr(doctor, "CHECKS", {name: doctor.CHECKS[name] for name in ("Python", "settings", "disk")})
    code, out, _ = fls(edition, "doctor")
    assert code == 0 and out.splitlines()[-1] == "Everything the kit needs is here."
    (edition / "params" / "2024.yml").write_text("yaer: 2024\n", encoding="utf-8")
    code, out, err = fls(edition, "doctor")
    assert code == 1
    assert re.search(r"^WRONG +settings +2024.yml", out, re.MULTILINE)
    assert err == "fls: 1 thing needs attention; see the lines marked WRONG.\n"


@pytest.mark.slow
def test_run_keeps_one_folder_for_each_choice_of_parameters(fls, edition):
    code, out, _ = fls(edition, "run", "good", "-p", "code=5E1", "--year", "2023")
    assert code == 0
    place = edition / out.removeprefix("Written to ").strip()
    assert place.parent == edition / "reports" / "_output" / "runs" / "good"
    copy = json.loads((place / "notebooks" / "good.ipynb").read_text(encoding="utf-8"))
    assert copy["metadata"]["papermill"]["parameters"] == {"year": 2023, "code": "5E1"}
    assert sorted(p.name for p in place.iterdir()) == ["log.jsonl", "notebooks", "run.json"]
    again = fls(edition, "run", "notebooks/good.ipynb", "-p", "code=5E1", "-p", "year=2023")[1]
    other = fls(edition, "run", "good", "-p", "code=010")[1]
    assert again == out.replace("Written to", "Up to date in") and place.name not in other


@pytest.mark.slow
def test_run_prepares_the_cohort_where_the_notebook_asks_for_it(fls, edition):
    code, out, _ = fls(edition, "run", "10_count")
    place = edition / out.removeprefix("Written to ").strip()
    assert code == 0
    about = json.loads((place / "results" / "tbl-count.json").read_text(encoding="utf-8"))
    assert about["synthetic"] is True
    assert "SYNTHETIC,2024,3,shown" in (place / "results" / "tbl-count.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_failing_notebook_shows_its_card_and_no_patient(fls, edition):
    code, _, err = fls(edition, "run", "raises", "-q")
    assert code == 7
    assert err.startswith("fls: raises.ipynb failed in cell 3 (tbl-kpi), under 'The KPIs': ValueError")
    assert "likely cause" in err and "JONES" not in err and "9434765919" not in err
    log = re.search(r"log  (\S+)", err)[1]
    assert "run failed" in (edition / log).read_text(encoding="utf-8")


@pytest.mark.slow
def test_build_and_publish_from_a_shell(edition):
    built = in_a_shell(edition, "build", "2024", "--engine", "pandoc")
    assert (built.returncode, built.stdout.splitlines()[0]) == (
        0,
        "Edition in reports/_output/2024: 1 results, 2 facts, stitched by pandoc",
    )
    assert "reports/_output/2024/annual-report.pdf" in built.stdout
    assert "10_count" in built.stderr.splitlines()
    assert "\x1b" not in built.stdout + built.stderr
    again = in_a_shell(edition, "publish", "2024", "--engine", "pandoc", "--quiet")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_paths_are_told_as_they_open_from_where_the_user_stands(edition, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = in_a_shell(elsewhere, "check", FLS_ROOT=str(edition)).stdout
    log = re.search(r"Issue log: (\S+issues.csv)", told)[1]
    assert Path(log).is_absolute() and Path(log).is_file()


def test_the_shell_sees_exit_code_and_one_line(edition):
    told = in_a_shell(edition, "build", "1999")
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.startswith("fls: No settings for 1999") and told.stderr.count("\n") == 1


def test_a_console_that_cannot_draw_a_character_gets_another(edition):
    path = edition / "data" / "x.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Gender,", "Gender,Łódź ✓,").replace("male,", "male,1,"))
    told = in_a_shell(edition, "check", PYTHONIOENCODING="ascii")
    assert told.returncode == 0, told.stderr


def test_demo_writes_every_row_marked_and_the_same_twice(fls, edition, monkeypatch):
    from fls_research.pipeline import demo

    small = demo.write_demo
    monkeypatch.setattr(demo, "write_demo", lambda folder, **options: small(folder, scale=0.02, **options))
    for name in ("calibration.csv", "services.csv", "geography.csv"):
        (edition / "params" / name).write_bytes((ROOT / "params" / name).read_bytes())
    code, out, _ = fls(edition, "demo")
    extract = edition / "data" / "demo" / "fls-db-extract.csv"
    assert code == 0 and out.startswith("Written to data/demo/fls-db-extract.csv")
    first = extract.read_bytes()
    rows = [line for line in first.decode("utf-8-sig").splitlines()[1:] if line.strip(",")]
    assert rows and all("SYNTHETIC" in line for line in rows)
    fls(edition, "demo")
    assert extract.read_bytes() == first
