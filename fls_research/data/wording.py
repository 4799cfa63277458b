"""How a cell's text is made comparable: broken encodings repaired, blanks recognised, wording reduced to its core."""

from __future__ import annotations

import re

BLANK_WORDS = frozenset({"null", "na", "n/a", "#n/a", "nan", "nat", "#value!", "#ref!", ".", "-"})
"""What spreadsheets and statistical packages write for an empty cell. Keys are exempt: ``NA`` may be a service."""

# A typographic apostrophe in one encoding, read in another: Windows as Mac (í), Mac as Windows (Õ), UTF-8 as Windows
# (â€™) or as Mac (‚Äô), Windows as Latin-1 (a control character), and the character for what could not be read.
_APOSTROPHE = "’|‘|ʼ|´|`|í|Õ|â€™|â€˜|‚Äô|‚Äò|\x91|\x92|Â´|\ufffd{1,3}|&#0?39;|&rsquo;|&apos;"
_CONTRACTION = re.compile(rf"(?<=[A-Za-z])(?:{_APOSTROPHE})(?=[ts]\b)")
_SEQUENCES = {"â€“": "–", "â€”": "—", "â€œ": "“", "â€\x9d": "”", "Â\xa0": " ", "\xa0": " ", "\u200b": "", "\ufeff": ""}


def repair(text: str) -> str:
    """The text with the traces of a wrongly read encoding undone; plain ASCII comes back as it is.

    Only sequences that no English wording contains are touched: an apostrophe before a final t or s, dashes,
    quotation marks and hard spaces.

    >>> {repair(t) for t in ("Donít know", "Donâ€™t know", "Don’t know", "DonÕt know", "Don't know")}
    {"Don't know"}
    """
    if text.isascii() and "&" not in text:
        return text
    for broken, right in _SEQUENCES.items():
        text = text.replace(broken, right)
    return _CONTRACTION.sub("'", text).strip()


def comparable(text: str) -> str:
    """The letters and digits of a wording in lower case, so that case, spaces and punctuation do not matter.

    >>> comparable("Non-hip / non-spine") == comparable("NON HIP/NON SPINE")
    True
    """
    return "".join(character for character in text.casefold() if character.isalnum())


def is_blank(text: str) -> bool:
    """Whether a cell's text stands for an empty cell.

    >>> [is_blank(t) for t in ("", " ", "NULL", "#N/A", "None", "0")]
    [True, True, True, True, False, False]
    """
    stripped = text.strip()
    return not stripped or stripped.casefold() in BLANK_WORDS
