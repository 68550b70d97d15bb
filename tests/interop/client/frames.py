"""Frames on a byte stream, from docs/protocol/wire.md."""
from formats import Refused

MAX_FRAME = 1024 * 1024
DATA = 1 << 31


def json_frame(text):
    data = text.encode()
    return len(data).to_bytes(4, 'big') + data


def data_frame(transfer, payload):
    return (DATA | len(payload) + 4).to_bytes(4, 'big') + transfer.to_bytes(4, 'big') + payload


KEEP_ALIVE = bytes(4)


class Frames:
    """Takes bytes as they come, gives (kind, transfer, bytes)."""

    def __init__(self):
        self._buffer = bytearray()

    def push(self, data):
        self._buffer += data
        while len(self._buffer) >= 4:
            word = int.from_bytes(self._buffer[:4], 'big')
            length = word & ~DATA
            if length > MAX_FRAME or (word & DATA and length < 4):
                raise Refused('a frame that cannot be')
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            if word & DATA:
                yield ('data', int.from_bytes(body[:4], 'big'), body[4:])
            elif length == 0:
                yield ('keep-alive', None, None)
            else:
                yield ('message', None, body)
