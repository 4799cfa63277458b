"""Pictures on their way into a file: Pandoc is given their sizes only, and what they show is put in afterwards.

A picture is large and is already packed. Sent through a writer it would be packed again for nothing, format by format.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import unquote

from fls_research.errors import PublishError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_OF_SIZE = (b"IHDR", b"pHYs")
_SOURCE = re.compile(r'(<img\b[^>]*?\ssrc=")(?!data:)([^"]*)"')


def stand_in(picture: bytes, name: str) -> bytes:
    """A PNG that has the size of another in pixels and on paper, and nothing to see; any other picture as it is.

    ``name`` is written into it, so that no two stand-ins are alike.

    >>> header = b"IHDR" + struct.pack(">IIBBBBB", 30, 20, 8, 2, 0, 0, 0)
    >>> picture = _SIGNATURE + struct.pack(">I", 13) + header + bytes(4) + _chunk(b"IDAT", bytes(1000))
    >>> small = stand_in(picture, "fig-a.png")
    >>> small[:29] == picture[:29], len(small) < 150
    (True, True)
    """
    kept = [chunk for chunk in _chunks(picture) if chunk[4:8] in _OF_SIZE]
    if not kept:
        return picture
    ends = (_chunk(b"tEXt", b"Title\0" + name.encode()), _NOTHING, _chunk(b"IEND", b""))
    return b"".join((_SIGNATURE, *kept, *ends))


def with_pictures(page: str, pictures: Mapping[str, bytes], *, where: str) -> str:
    """A page in which each picture stands itself, in place of its address.

    Parameters
    ----------
    page : HTML as Pandoc writes it.
    pictures : by the address that the text gives them.
    where : the document, for the message.

    Raises
    ------
    PublishError : the page shows a picture that is none of these.

    >>> with_pictures('<img src="a.png" alt="" />', {"a.png": b"PNG"}, where="a.qmd")
    '<img src="data:image/png;base64,UE5H" alt="" />'
    """

    def one(match: re.Match[str]) -> str:
        address = unquote(unescape(match[2]))
        if address not in pictures:
            raise PublishError(f"{where}: the picture '{address}' is no local file that the text shows by '![](…)'.")
        kind = mimetypes.guess_type(address)[0] or "application/octet-stream"
        return f'{match[1]}data:{kind};base64,{base64.b64encode(pictures[address]).decode()}"'

    return _SOURCE.sub(one, page)


def _chunk(kind: bytes, held: bytes) -> bytes:
    return struct.pack(">I", len(held)) + kind + held + struct.pack(">I", zlib.crc32(kind + held))


# Pandoc asks for the size of no picture that has no pixels at all; of how many they are it takes the header's word.
_NOTHING = _chunk(b"IDAT", zlib.compress(b""))


def _chunks(picture: bytes) -> Iterator[bytes]:
    """The parts of a PNG, each with its length, name and checksum; none of what is no PNG."""
    place = len(_SIGNATURE) if picture.startswith(_SIGNATURE) else len(picture)
    while place + 12 <= len(picture):
        end = place + 12 + int.from_bytes(picture[place : place + 4], "big")
        yield picture[place:end]
        place = end
