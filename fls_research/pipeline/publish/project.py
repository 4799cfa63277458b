"""The project as ``_quarto.yml`` describes it: what both paths read their settings from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fls_research.errors import ParamsError, PublishError
from fls_research.params import read_yaml

CONFIG_FILE = "_quarto.yml"
FORMATS = ("html", "docx", "typst")
"""The formats as Quarto names them; ``typst`` makes the PDF."""

_NOT_METADATA = frozenset({"project", "website", "format", "filters", "execute"})


@dataclass(frozen=True)
class Project:
    """A project folder and its configuration. Every path in the configuration is relative to ``root``."""

    root: Path
    config: Mapping[str, Any]

    @property
    def metadata(self) -> dict[str, Any]:
        """What the configuration says of every document, formats aside."""
        return {key: value for key, value in self.config.items() if key not in _NOT_METADATA}

    @property
    def website(self) -> Mapping[str, Any]:
        return self.config.get("website") or {}

    @property
    def output_folder(self) -> Path:
        """Where Quarto puts what it renders."""
        return self.root / self.config["project"].get("output-dir", "_site")

    def settings(self, format_name: str, front_matter: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of one format: the project's, then the document's, the narrower over the wider.

        >>> project = Project(Path(), {"toc": True, "format": {"html": {"toc-depth": 3}}})
        >>> project.settings("html", {"toc": False})
        {'toc': False, 'toc-depth': 3}
        """
        shared = {key: value for key, value in front_matter.items() if key != "format"}
        return {
            **self.metadata,
            **_of_format(self.config, format_name),
            **shared,
            **_of_format(front_matter, format_name),
        }

    def file(self, value: str) -> Path:
        """The file a setting names.

        Raises
        ------
        PublishError : there is no such file.
        """
        path = self.root / value.lstrip("/")
        if not path.exists():
            raise PublishError(f"{CONFIG_FILE}: '{value}' does not exist.")
        return path


def _of_format(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What ``format`` says of one format; ``html: default`` says nothing."""
    formats = settings.get("format")
    of_one = formats.get(name) if isinstance(formats, Mapping) else None
    return of_one if isinstance(of_one, Mapping) else {}


def read_project(root: Path) -> Project:
    """The project in a folder.

    Raises
    ------
    PublishError : no ``_quarto.yml``, no valid YAML, or a format missing that the report is made in.
    """
    try:
        config = read_yaml(root / CONFIG_FILE)
    except ParamsError as error:
        raise PublishError(str(error)) from None
    if not isinstance(config, dict) or not isinstance(config.get("project"), dict):
        raise PublishError(f"{CONFIG_FILE}: has no 'project' block.")
    missing = [name for name in FORMATS if name not in (config.get("format") or {})]
    if missing:
        raise PublishError(f"{CONFIG_FILE}: 'format' does not name {', '.join(missing)}.")
    return Project(root, config)
