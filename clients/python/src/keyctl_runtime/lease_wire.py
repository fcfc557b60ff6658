"""One request to serve and its answer, as bytes (HTTP/1.1, RFC 9112): as much of it as serve speaks. No I/O.

An answer says how long its body is by one `Content-Length`. Every other form is refused.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_MOST_HEAD: Final = 16 * 1024
_MOST_BODY: Final = 1024 * 1024
_STATUS: Final = re.compile(r"HTTP/1\.1 ([2-5][0-9]{2})(?: [\t -~]*)?").fullmatch
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*)").fullmatch
_NUMBER: Final = re.compile(r"[0-9]{1,15}").fullmatch


class Odd(Exception):
    """What came is no answer of serve: why."""


class Answer(NamedTuple):
    status: int
    retry_after: int | None
    """In seconds."""
    challenge: str
    """Of `WWW-Authenticate`; empty where there is none."""
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, …)"


def request(path: str, key: str | None, body: bytes) -> bytes:
    """`key` is visible ASCII, or None."""
    authorization = f"Authorization: Bearer {key}\r\n" if key is not None else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


class Incoming:
    """What comes of an answer, piece by piece."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._answer: Answer | None = None
        self._ends = 0

    def take(self, piece: bytes) -> Answer | None:
        """The answer, once it is whole. An empty piece says that nothing more comes. `Odd` if it is none."""
        if not piece:
            raise Odd("it is cut off" if self._bytes else "")
        self._bytes += piece
        if self._answer is None:
            end = self._bytes.find(b"\r\n\r\n", 0, _MOST_HEAD)
            if end < 0:
                if len(self._bytes) >= _MOST_HEAD:
                    raise Odd("its head is larger than 16 KiB")
                return None
            self._answer, length = _head(bytes(self._bytes[:end]))
            self._ends = end + 4 + length
        if len(self._bytes) > self._ends:
            raise Odd("it is longer than it says")
        if len(self._bytes) < self._ends:
            return None
        start = self._bytes.find(b"\r\n\r\n") + 4
        return self._answer._replace(body=bytes(self._bytes[start:]))


def _head(raw: bytes) -> tuple[Answer, int]:
    if not raw.isascii():
        raise Odd("its head is no ASCII")
    first, *lines = raw.decode().split("\r\n")
    status = _STATUS(first)
    if status is None:
        raise Odd("it has no status")
    length: int | None = None
    retry_after: int | None = None
    challenge = ""
    for line in lines:
        header = _HEADER(line)
        if header is None:
            raise Odd("a header is none")
        name, value = header[1].lower(), header[2].rstrip(" \t")
        if name == "content-length":
            if length is not None:
                raise Odd("its length stands there twice")
            if not _NUMBER(value):
                raise Odd("its length is no number")
            length = int(value)
        elif name in ("transfer-encoding", "content-encoding"):
            raise Odd("it is encoded")
        elif name == "retry-after":
            retry_after = int(value) if _NUMBER(value) else None
        elif name == "www-authenticate":
            challenge = value
    if length is None:
        raise Odd("it does not say its length")
    if length > _MOST_BODY:
        raise Odd("it is larger than 1 MiB")
    return Answer(int(status[1]), retry_after, challenge, b""), length
