"""Which texts look like the names of people: by a title before a name, or by the forenames of their generation."""

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

_WORD = re.compile(r"[^\W\d_]+")
_SHARE = 0.25
_FEWEST = 5


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
