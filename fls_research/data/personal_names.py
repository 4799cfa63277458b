"""Which texts look like the names of people: by a title before a name, or by the forenames of their generation.

A forename written in small letters, or alone in a note, is not found; nor is a name of which neither part stands in the
list. Reading notes for such names stays with whoever prepares the extract.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

TITLED = r"\b(?:Mrs?|MRS|Ms|Miss|MISS|Mx)\.? [A-Z]"
"""A title and the beginning of a name. (MR and MS in capitals are an examination and an illness.)"""

# Common in England and Wales among people born from 1920 to 1975; words that are also months, flowers, plain words or
# parts of the names of Welsh health boards are left out.
_COMMON = """
agnes aileen albert alfred alice alison amanda amina amy andrea andrew angela anil anita anne ann annie anthony
anwen arthur audrey barbara barry basil bernard beryl betty brenda brian bridget bronwen carol carole caroline
carolyn catherine cecil charles christina christine christopher clare claire clifford clive colin cynthia cyril
daphne david dawn deborah debra dennis derek diana diane donald donna doreen doris dorothy douglas dylan edith edna
edward eileen elaine eleanor elizabeth ellen elsie emlyn emma enid eric ernest ethel eunice evelyn fatima fiona
florence frances francis freda frederick gareth gary gaynor geoffrey george gerald geraldine gillian gladys glenys
gloria glyn gordon graham gwen gwyneth harold harry hazel heather helen henry herbert hilda horace howard hugh ian
ida irene ivor jacqueline james jane janet janice jean jeanette jeffrey jennifer jeremy jessie jill joan joanna
joanne john jonathan josephine joseph joyce judith julia julian julie karen kathleen katherine keith kenneth kevin
kulwinder laura lawrence leonard leslie lesley lilian linda lorraine louise lynda lynn lynne mabel malcolm manjit
margaret margery maria marian marie marilyn marion marjorie martin mary matthew maureen mavis megan michael michelle
mildred millicent miriam moira mohammad mohammed muhammad muriel myra nancy nicholas nicola nigel noel norah noreen
norma norman olga olive olwen pamela patricia patrick paul paula pauline peggy peter philip phillip philippa phyllis
priscilla rachel ralph raymond rebecca reginald rhiannon richard rita robert robin roger roland ronald rosalind
rosemary roy russell ruth samuel sandra sarah sharon sheila shirley sian sidney simon stanley stella stephanie
stephen steven stuart surinder susan sybil sylvia teresa terence thelma theresa thomas timothy tracey trevor ursula
valerie vera vernon victor vincent vivien wendy wilfred william winifred winston yasmin yvonne zainab
"""
FORENAMES = frozenset(_COMMON.split())

A_FORENAME = rf"(?i)\b(?:{'|'.join(sorted(FORENAMES))})\b"
"""A pattern for the texts that hold a forename at all, so that the others need no closer look."""

# Hospitals, hospices and charities that are called after somebody, and said without the word hospital.
_CALLED_AFTER = """
agnes hunt, arthur rank, david lewis, edith cavell, elizabeth garrett, ellen badger, florence nightingale, francis
crick, george eliot, harold wood, henry moore, james cook, james paget, john coupland, john radcliffe, joyce green,
leonard cheshire, marie curie, mary seacole, robert jones, robert peel, samuel johnson, thomas linacre, william
beaumont, william harvey
"""
_PLACES = frozenset(" ".join(place.split()) for place in _CALLED_AFTER.split(","))
_RANKS = frozenset(
    ("duchess", "duke", "king", "lady", "lord", "prince", "princess", "queen", "royal", "saint", "sir", "st")
)
_OF_PLACES = """
care centre clinic college court drive fls gardens general hall home hospice hospital house infirmary lane lodge
medical memorial nhs park place practice road royal school splint street surgery trust unit university ward
"""
_INSTITUTIONS = frozenset(_OF_PLACES.split())
_JOINING = frozenset(("and", "for", "from", "the", "upon", "with"))

_WORD = re.compile(r"[^\W\d_]+")
_CAPITALISED = r"[A-Z](?:['’][A-Z])?[^\W\d_]+(?:-[A-Z][^\W\d_]+)*"
_NEXT = r"(?=((?: +[^\W\d_]+){0,2}))"
_SURNAME_LAST = re.compile(rf"\b(?=({_CAPITALISED})(?: [A-Z]\.?)? +({_CAPITALISED}){_NEXT})")
_SURNAME_FIRST = re.compile(rf"\b{_CAPITALISED}, *({_CAPITALISED}){_NEXT}")
_SHARE = 0.25
_FEWEST = 5
_SHORTEST_IN_CAPITALS = 4
"""Letters from which a word in capitals may be a forename; IDA is an anaemia."""


def are_names(texts: Sequence[str]) -> bool:
    """Whether a column holds the names of people.

    Parameters
    ----------
    texts : the distinct texts of a column, or a sample of them.

    Returns
    -------
    Whether five texts or more, and a quarter of them or more, hold a common forename as a word. A list of hospitals
    holds a few (St Thomas, James Paget), a list of people many more.

    >>> are_names(["Margaret Hale", "THORNTON, John", "Mary", "Higgins, Nicholas", "Edith Shaw", "F. Hale"])
    True
    >>> are_names(["James Paget", "Queen Elizabeth", "Royal Oldham", "Frimley Park"])
    False
    """
    hits = sum(any(word in FORENAMES for word in _WORD.findall(text.casefold())) for text in texts)
    return hits >= max(_FEWEST, _SHARE * len(texts))


def name_somebody(texts: Sequence[str], *, of: int) -> bool:
    """Whether full names stand in a column, however few its texts are.

    Parameters
    ----------
    texts : the distinct texts of a column that hold a forename (`A_FORENAME`), or a sample of them.
    of : how many distinct texts the column has.

    Returns
    -------
    Whether one text says something about a person (`names_person` beside words in small letters), or a quarter of the
    texts or more are a person's name.

    >>> name_somebody(["Margaret Thompson phoned"], of=40), name_somebody(["Thompson, Margaret"], of=2)
    (True, True)
    >>> name_somebody(["Seen at James Paget", "St Thomas", "King George Hospital"], of=3)
    False
    """
    naming = [text for text in texts if names_person(text)]
    return any(_is_prose(text) for text in naming) or len(naming) >= max(1, _SHARE * of)


def names_person(text: str) -> bool:
    """Whether a text holds a forename and a surname beside it, and these are not the name of a hospital or a street.

    >>> [names_person(text) for text in ("Margaret Thompson phoned", "Thompson, Margaret", "JOHN P. HALE")]
    [True, True, True]
    >>> [names_person(text) for text in ("James Paget", "Queen Elizabeth Hospital", "Thomas splint", "IDA CKD")]
    [False, False, False, False]
    """
    return any(
        _is_forename(found[1]) and not _is_place(_word_before(text, found.start()), found[1], found[2], found[3])
        for found in _SURNAME_LAST.finditer(text)
    ) or any(
        _is_forename(found[1]) and not _is_place("", found[1], *found[2].split()[:1])
        for found in _SURNAME_FIRST.finditer(text)
    )


def _word_before(text: str, place: int) -> str:
    words = _WORD.findall(text[:place])
    return words[-1] if words else ""


def _is_forename(word: str) -> bool:
    long_enough = not word.isupper() or len(word) >= _SHORTEST_IN_CAPITALS
    return long_enough and any(part in FORENAMES for part in word.casefold().split("-"))


def _is_place(before: str, forename: str, following: str = "", later: str = "") -> bool:
    """Whether a forename belongs to a rank before it, an institution after it, or a place that is called after both."""
    nearby = {following.casefold(), *later.casefold().split()}
    called = f"{forename} {following}".casefold()
    return (
        not {before.casefold(), following.casefold()}.isdisjoint(_RANKS)
        or bool(nearby & _INSTITUTIONS)
        or called in _PLACES
    )


def _is_prose(text: str) -> bool:
    return any(word.islower() and len(word) > 2 and word not in _JOINING for word in _WORD.findall(text))
