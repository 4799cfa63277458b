"""The Pandoc path, and the only door to Pandoc: one Markdown text becomes HTML, Word and (through Typst) PDF."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from fls_research.errors import PublishError
from fls_research.params import child_environment
from fls_research.pipeline.publish.manuscript import Manuscript
from fls_research.pipeline.publish.pictures import stand_in, with_pictures
from fls_research.pipeline.publish.project import CONFIG_FILE, Project
from fls_research.pipeline.publish.typeset import typeset
from fls_research.pipeline.publish.word import finish_word

_HOUSE = "fls_research.pipeline.publish"
_FILTERS = ("filters/blocks.lua", "filters/crossref.lua", "filters/typst.lua")
_TYPST_VARIABLES = ("papersize", "margin", "mainfont", "fontsize", "section-numbering", "page-numbering", "toc-depth")

_WORDS = ("title", "subtitle", "author", "lang", "toc-title", "number-sections")
_WARNING = "[WARNING]"

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
    stem: str,
    folder: Path,
    *,
    moment: dt.datetime,
    progress: Callable[..., None],
) -> dict[str, Path]:
    """Write the document in every format, in one process of Pandoc.

    Parameters
    ----------
    manuscript : the text, as :func:`~fls_research.pipeline.publish.manuscript.read_manuscript` gives it.
    project : the project it belongs to.
    stem : the document's name without its ending, for files and messages.
    folder : an empty folder to work in.
    moment : the date the files carry.
    progress : told of each file as it is finished.

    Returns
    -------
    dict : ``html``, ``docx`` and ``pdf``, each the path of a file.

    Raises
    ------
    PublishError : Pandoc or Typst is not installed, or stopped; its first complaint is quoted.
    """
    press = _Press(pandoc_command(), manuscript, project, stem, folder, moment)
    press.lay_out()
    done: dict[str, Path] = {}
    # Typst begins as soon as its source is there, and sets the pages while Pandoc writes the other formats.
    with ThreadPoolExecutor(max_workers=1) as pool:
        (pdf,) = [pool.submit(press.pdf) for written in press.run() if written == "typst"]
        for name, finish in (("html", press.html), ("docx", press.docx), ("pdf", pdf.result)):
            done[name] = finish()
            progress(f"wrote {name.upper()}", len(done), 3)
    return done


@dataclass(frozen=True)
class _Press:
    """One document on its way through Pandoc, in a folder with three parts.

    ``sizes/`` has the Markdown and, for each picture, a stand-in of its size; Pandoc runs there. ``pages/`` has what
    Typst reads: the source that Pandoc writes, and the pictures themselves. ``parts/`` has the templates.
    """

    pandoc: str
    manuscript: Manuscript
    project: Project
    stem: str
    folder: Path
    moment: dt.datetime

    def lay_out(self) -> None:
        """Put everything where Pandoc will look for it."""
        for part in ("sizes", "pages", "parts"):
            (self.folder / part).mkdir()
        for path, picture in self.manuscript.pictures.items():
            for part, shown in (("sizes", stand_in(picture, path)), ("pages", picture)):
                place = self.folder / part / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(shown)
        self._write("sizes/source.md", self.manuscript.markdown)
        for name, default in _TYPST_PARTS.items():
            self._write(f"parts/{name}", _read_resource(default) if default else "")
        for path in map(self.project.file, _listed(self._settings("typst").get("template-partials"))):
            shutil.copy2(path, self.folder / "parts" / path.name)
        writers = [self._typst_job(), self._html_job(), self._docx_job()]
        self._write("sizes/job.json", json.dumps({"source": "source.md", "writers": writers}, ensure_ascii=False))

    def run(self) -> Iterator[str]:
        """Run Pandoc, and give the name of each format when its file is whole."""
        log = self.folder / "log.txt"
        with (
            log.open("wb") as errors,
            subprocess.Popen(
                [self.pandoc, "lua", _resource("press.lua"), "job.json"],
                cwd=self.folder / "sizes",
                env=child_environment(SOURCE_DATE_EPOCH=str(int(self.moment.timestamp()))),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                yield line.strip()
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.returncode != 0 or _WARNING in said:
            raise PublishError(f"{self.stem}.qmd: {_complaint(said)}")

    def html(self) -> Path:
        page = self._output("html")
        text = page.read_text(encoding="utf-8")
        text = with_pictures(text, self.manuscript.pictures, where=f"{self.stem}.qmd")
        page.write_text(text, encoding="utf-8", newline="\n")
        return page

    def docx(self) -> Path:
        path, pictures = self._output("docx"), self.manuscript.pictures
        depth = self._settings("docx").get("toc-depth", 3)
        shown = {stand_in(picture, name): picture for name, picture in pictures.items()}
        finish_word(path, depth=depth, moment=self.moment, pictures=shown)
        return path

    def pdf(self) -> Path:
        fonts = [self.project.file(folder) for folder in _listed(self._settings("typst").get("font-paths"))]
        source = self._output("typ")
        return typeset(source, source.with_suffix(".pdf"), root=source.parent, fonts=fonts, moment=self.moment)

    def _html_job(self) -> dict[str, Any]:
        settings = self._settings("html")
        pagetitle = f"{settings['title']} – {self.project.website.get('title', '')}".removesuffix(" – ")
        return self._job("html5", settings, "html", {
            "template": _resource("templates/page.html"),
            "metadata": {"page-footer": self._footer(), "pagetitle": pagetitle},
            "variables": {"house-css": _text_of(self.project, settings.get("css"))},
            "options": {"html_math_method": "mathml", "section_divs": True},
        })  # fmt: skip

    def _docx_job(self) -> dict[str, Any]:
        settings = self._settings("docx")
        reference = settings.get("reference-doc")
        options = {"reference_doc": str(self.project.file(reference))} if reference else {}
        return self._job("docx", settings, "docx", {"options": options})

    def _typst_job(self) -> dict[str, Any]:
        settings = self._settings("typst")
        language, _, region = settings.get("lang", "en").partition("-")
        variables = {key: settings[key] for key in _TYPST_VARIABLES if key in settings}
        if settings.get("number-sections") is False:
            variables.pop("section-numbering", None)
        house = "\n".join(_text_of(self.project, path) for path in _listed(settings.get("include-in-header")))
        return self._job("typst", settings, "typ", {
            "template": str(self.folder / "parts" / "report.typ"),
            "variables": {**variables, "lang": language, "region": region, "house": house},
        })  # fmt: skip

    def _job(self, writer: str, settings: Mapping[str, Any], suffix: str, extra: Mapping[str, Any]) -> dict[str, Any]:
        words = {key: settings[key] for key in _WORDS if key in settings}
        contents = {"table_of_contents": bool(settings.get("toc")), "toc_depth": settings.get("toc-depth", 3)}
        return {
            "format": writer,
            "output": str(self._output(suffix)),
            "filters": [*map(_resource, _FILTERS), *self._own_filters()],
            "shift": settings.get("shift-heading-level-by", 0),
            "template": extra.get("template", ""),
            "metadata": {key: _as_text(value) for key, value in (words | extra.get("metadata", {})).items()},
            "variables": {key: _as_text(value) for key, value in extra.get("variables", {}).items()},
            "options": {"wrap_text": "none", **contents, **extra.get("options", {})},
        }

    def _output(self, suffix: str) -> Path:
        return self.folder / "pages" / f"{self.stem}.{suffix}"

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8", newline="\n")

    def _settings(self, format_name: str) -> dict[str, Any]:
        return self.project.settings(format_name, self.manuscript.front_matter)

    def _footer(self) -> str:
        footer = self.project.website.get("page-footer") or ""
        return footer if isinstance(footer, str) else " ".join(str(part) for part in footer.values())

    def _own_filters(self) -> list[str]:
        named = [name for name in _listed(self.project.config.get("filters")) if name != "quarto"]
        return [str(self.project.file(name)) for name in named]


def _complaint(said: str) -> str:
    """The first thing Pandoc or a filter says, as a sentence."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("Error running Lua")]
    own = next((line.partition("fls: ")[2] for line in lines if "fls: " in line), None)
    if own:
        return own
    first = lines[0] if lines else "no reason given"
    return f"Pandoc stopped: {first.removeprefix(_WARNING).strip().rstrip('.')}."


def _as_text(value: Any) -> Any:
    """A setting as the templates take it: words and truths, alone or in lists and mappings of them."""
    if isinstance(value, Mapping):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value if isinstance(value, bool) else str(value)


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
