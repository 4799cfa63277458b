"""How a notebook's process and whoever drives it speak: Jupyter's messages as JSON, one after another on a socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_client.session import json_packer, json_unpacker

_COUNT = struct.Struct("!I")
_LENGTH = struct.Struct("!Q")
_CHUNK = 1 << 18


class Wire:
    """One end of a connection. Messages may be sent from several threads; one reads."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._sending = threading.RLock()
        self._read = bytearray()

    def send(self, channel: str, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Send a Jupyter message for a channel; OSError where the other end is gone."""
        parts = [json_packer([channel, dict(message)]), *(bytes(buffer) for buffer in buffers)]
        head = _COUNT.pack(len(parts)) + b"".join(_LENGTH.pack(len(part)) for part in parts)
        with self._sending:
            self.socket.sendall(b"".join([head, *parts]))

    def arrived(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Read what has come in, without waiting, and give the messages that are whole: channel and message.

        Raises
        ------
        EOFError : the other end is gone.
        """
        try:
            chunk = self.socket.recv(_CHUNK, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            chunk = b""
        if not chunk:
            raise EOFError
        self._read += chunk
        while (parts := self._whole()) is not None:
            channel, message = json_unpacker(parts[0])
            yield channel, {**message, "buffers": parts[1:]}

    def _whole(self) -> list[bytes] | None:
        """The parts of the first message, taken out of what was read; None as long as it is not all there."""
        if len(self._read) < _COUNT.size:
            return None
        (count,) = _COUNT.unpack_from(self._read)
        begin = _COUNT.size + count * _LENGTH.size
        if len(self._read) < begin:
            return None
        lengths = [_LENGTH.unpack_from(self._read, _COUNT.size + n * _LENGTH.size)[0] for n in range(count)]
        if len(self._read) < begin + sum(lengths):
            return None
        parts = []
        for length in lengths:
            parts.append(bytes(self._read[begin : begin + length]))
            begin += length
        del self._read[:begin]
        return parts
