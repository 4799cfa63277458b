"""The Pandoc path, and the only door to Pandoc: one Markdown text becomes HTML, Word and (through Typst) PDF."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from fls_research.errors import PublishError
from fls_research.params import child_environment
from fls_research.pipeline.publish.manuscript import Manuscript
from fls_research.pipeline.publish.project import CONFIG_FILE, Project
from fls_research.pipeline.publish.typeset import typeset

_HOUSE = "fls_research.pipeline.publish"
_WRITERS = {"html": "html5", "docx": "docx", "typst": "typst"}
_FILTERS = ("filters/blocks.lua", "filters/crossref.lua", "filters/typst.lua")
_TYPST_VARIABLES = ("papersize", "margin", "mainfont", "fontsize", "section-numbering", "page-numbering", "toc-depth")

_TYPST_PARTS = {
    "report.typ": "templates/report.typ",
    "typst-template.typ": "",
    "typst-show.typ": "templates/opening.typ",
}
"""The template of the PDF and its partials, and what stands in for a partial that the project does not bring."""


def pandoc_command() -> str:
    """The path of Pandoc.

    Raises
    ------
    PublishError : it is not installed.
    """
    try:
        import pypandoc

        return pypandoc.get_pandoc_path()
    except (ImportError, OSError):
        raise PublishError("The report needs Pandoc, which is not installed; install the extra 'publish'.") from None


def render_with_pandoc(
    manuscript: Manuscript,
    project: Project,
    document: Path,
    *,
    moment: dt.datetime,
    progress: Callable[..., None],
) -> dict[str, Path]:
    """Write the document in every format, beside its source.

    Parameters
    ----------
    manuscript : the text, as :func:`~fls_research.pipeline.publish.manuscript.read_manuscript` gives it.
    project : the scratch project it lies in.
    document : the ``.qmd`` file.
    moment : the date the files carry.
    progress : told of each file as it is finished.

    Returns
    -------
    dict : ``html``, ``docx`` and ``pdf``, each the path of a file.

    Raises
    ------
    PublishError : Pandoc or Typst is not installed, or stopped; its first complaint is quoted.
    """
    press = _Press(pandoc_command(), manuscript, project, document, moment)
    press.parse()
    done: dict[str, Path] = {}
    with ThreadPoolExecutor(max_workers=len(_WRITERS)) as pool:
        works = {name: pool.submit(getattr(press, name)) for name in ("pdf", "docx", "html")}
        for number, (name, work) in enumerate(works.items(), start=1):
            done[name] = work.result()
            progress(f"wrote {name.upper()}", number, len(works))
    return done


@dataclass(frozen=True)
class _Press:
    """One document on its way through Pandoc. It is parsed once, and each writer starts from the parsed form."""

    pandoc: str
    manuscript: Manuscript
    project: Project
    document: Path
    moment: dt.datetime

    def parse(self) -> None:
        for path, picture in self.manuscript.pictures.items():
            place = self._folder / path
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(picture)
        source = self._beside(".md")
        source.write_text(self.manuscript.markdown, encoding="utf-8", newline="\n")
        self._pandoc({"from": "markdown", "to": "json", "input-files": [source.name]}, self._beside(".json"))

    def html(self) -> Path:
        settings = self._settings("html")
        made = self._written("html", self._beside(".html"), {
            "template": _resource("templates/page.html"),
            "embed-resources": True,
            "html-math-method": {"method": "mathml"},
            "section-divs": True,
            "variables": {"house-css": _text_of(self.project, settings.get("css"))},
            "metadata": {
                "page-footer": self._footer(),
                "pagetitle": f"{settings['title']} – {self.project.website.get('title', '')}".removesuffix(" – "),
            },
        })  # fmt: skip
        return made

    def docx(self) -> Path:
        reference = self._settings("docx").get("reference-doc")
        extra = {"reference-doc": str(self.project.file(reference))} if reference else {}
        return self._written("docx", self._beside(".docx"), extra)

    def pdf(self) -> Path:
        settings = self._settings("typst")
        language, _, region = settings.get("lang", "en").partition("-")
        variables = {key: settings[key] for key in _TYPST_VARIABLES if key in settings}
        header = "\n".join(_text_of(self.project, path) for path in _listed(settings.get("include-in-header")))
        source = self._written("typst", self._beside(".typ"), {
            "template": str(self._typst_template(_listed(settings.get("template-partials")))),
            "variables": {**variables, "lang": language, "region": region, "house": header},
        })  # fmt: skip
        fonts = [self.project.file(folder) for folder in _listed(settings.get("font-paths"))]
        pdf = self._beside(".pdf")
        return typeset(source, pdf, root=self.project.root, fonts=fonts, moment=self.moment)

    def _typst_template(self, partials: list[str]) -> Path:
        """The kit's template in a folder with the project's partials: Pandoc looks for them there, by their names."""
        folder = self._folder / "_template"
        folder.mkdir(exist_ok=True)
        for name, default in _TYPST_PARTS.items():
            (folder / name).write_text(_read_resource(default) if default else "", encoding="utf-8")
        for path in map(self.project.file, partials):
            shutil.copy2(path, folder / path.name)
        return folder / "report.typ"

    @property
    def _folder(self) -> Path:
        return self.document.parent

    def _beside(self, suffix: str) -> Path:
        return self.document.with_suffix(suffix)

    def _settings(self, format_name: str) -> dict[str, Any]:
        return self.project.settings(format_name, self.manuscript.front_matter)

    def _footer(self) -> str:
        footer = self.project.website.get("page-footer") or ""
        return footer if isinstance(footer, str) else " ".join(str(part) for part in footer.values())

    def _written(self, format_name: str, output: Path, extra: Mapping[str, Any]) -> Path:
        settings = self._settings(format_name)
        words = {key: settings[key] for key in ("title", "subtitle", "author", "lang", "toc-title") if key in settings}
        defaults = {
            "from": "json",
            "to": _WRITERS[format_name],
            "input-files": [self._beside(".json").name],
            "standalone": True,
            "wrap": "none",
            "filters": [*map(_resource, _FILTERS), *self._own_filters()],
            "toc": bool(settings.get("toc")),
            "toc-depth": settings.get("toc-depth", 3),
            "shift-heading-level-by": settings.get("shift-heading-level-by", 0),
            **extra,
            "metadata": {**words, **extra.get("metadata", {})},
        }
        return self._pandoc(defaults, output)

    def _own_filters(self) -> list[str]:
        named = [name for name in _listed(self.project.config.get("filters")) if name != "quarto"]
        return [str(self.project.file(name)) for name in named]

    def _pandoc(self, defaults: Mapping[str, Any], output: Path) -> Path:
        # A defaults file is YAML, of which JSON is a part.
        settings = output.with_name(f"{output.name}.defaults.yaml")
        whole = {**defaults, "output-file": output.name, "fail-if-warnings": True}
        settings.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        done = subprocess.run(
            [self.pandoc, "--defaults", settings.name],
            cwd=self._folder,
            env=child_environment(SOURCE_DATE_EPOCH=str(int(self.moment.timestamp()))),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise PublishError(f"{self.document.name}: {_complaint(done.stderr)}")
        return output


def _complaint(stderr: str) -> str:
    """The first thing Pandoc or a filter says, as a sentence."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    own = next((line.partition("fls: ")[2] for line in lines if "fls: " in line), None)
    if own:
        return own
    first = lines[0] if lines else "no reason given"
    return f"Pandoc stopped: {first.removeprefix('[WARNING] ').rstrip('.')}."


def _text_of(project: Project, setting: str | list[str] | None) -> str:
    return "\n".join(project.file(path).read_text(encoding="utf-8") for path in _listed(setting))


def _listed(setting: Any) -> list[str]:
    if not setting:
        return []
    if isinstance(setting, list):
        return [text for item in setting for text in _listed(item)]
    if isinstance(setting, Mapping):
        # Quarto's longer forms: {file: …} of an include, {path: …, at: …} of a filter.
        return _listed(setting.get("file") or setting.get("path"))
    if not isinstance(setting, str):
        raise PublishError(f"{CONFIG_FILE}: '{setting}' is not the name of a file.")
    return [setting]


def _resource(path: str) -> str:
    return str(resources.files(_HOUSE).joinpath(path))


def _read_resource(path: str) -> str:
    return resources.files(_HOUSE).joinpath(path).read_text(encoding="utf-8")
