"""Messages arrive whole, in their order, whatever the pieces they travel in."""

import socket
import threading

import pytest

pytest.importorskip("jupyter_client")
from fls_research.pipeline.engine.wire import Wire


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    with left, right:
        yield Wire(left), Wire(right)


def received(wire, count):
    messages = []
    while len(messages) < count:
        messages += wire.arrived()
    return messages


def test_messages_arrive_in_order_with_their_buffers(ends):
    here, there = ends
    here.send("shell", {"n": 1}, [b"\x00\xff"])
    here.send("iopub", {"n": 2})
    assert received(there, 2) == [("shell", {"n": 1, "buffers": [b"\x00\xff"]}), ("iopub", {"n": 2, "buffers": []})]


def test_a_message_longer_than_the_socket_holds_arrives_whole(ends):
    here, there = ends
    text = "ä" * 3_000_000
    sender = threading.Thread(target=here.send, args=("iopub", {"text": text}))
    sender.start()
    assert received(there, 1)[0][1]["text"] == text
    sender.join()


def test_nothing_there_is_nothing_read(ends):
    assert list(ends[1].arrived()) == []


def test_an_end_that_is_closed_is_noticed(ends):
    here, there = ends
    here.socket.close()
    with pytest.raises(EOFError):
        list(there.arrived())
