"""Whether a store went back: a standby that lacked something was promoted, an old primary is there again, an
older copy of the file was put in its place. Then what was revoked since works again, and is refused here.

A reader remembers the latest mark that it accepted, and when it had come. A read that was sent after that and
shows an earlier one, or one of another history, says that the store went back.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from enum import Enum
from typing import Final, Literal, NamedTuple

from .errors import ConfigurationError, StoreUnavailable
from .find import Sent
from .row import Raw

OnRollback = Literal["refuse", "warn"]
_MARK: Final = re.compile(r"(0|[1-9][0-9]{0,18})-([0-9a-f]{16})")
_LOG: Final = logging.getLogger("keyctl_runtime")


class Mark(NamedTuple):
    """A change mark: how many changes there were, and the last one's nonce."""

    counter: int
    nonce: str


class Question(NamedTuple):
    """Which nonce the change `of.counter` has in the store that shows `shown`."""

    of: Mark
    shown: Mark


class Verdict(Enum):
    """What may be done with an answer."""

    KEEP = "keep"
    GIVE = "give"
    """It may be given, and says nothing of what holds now."""


def parse(mark: str) -> Mark:
    """The parts; a mark of another form is a fault of the row."""
    found = _MARK.fullmatch(mark)
    if found is None:
        raise StoreUnavailable("row", "the store's mark cannot be read")
    return Mark(int(found[1]), found[2])


class History:
    """The latest mark that was accepted, of one reader."""

    def __init__(self, now: Callable[[], Sent], on_rollback: OnRollback) -> None:
        if on_rollback not in ("refuse", "warn"):
            raise ConfigurationError("on_rollback is refuse or warn")
        self._now, self._warns_only = now, on_rollback == "warn"
        self._latest: Mark | None = None
        self._received = 0.0
        self._refused: Mark | None = None
        self.text: str | None = None
        """The latest one as it was read: most answers show it again, and need no other look."""
        self.renew_locks()

    def renew_locks(self) -> None:
        """In a process that was forked: whoever held them is not here."""
        self._lock = threading.Lock()

    def look(self, text: str, sent: Sent) -> Verdict | Question:
        """Judges a mark that was read by what was sent then. A `Question` is to be asked of the same store,
        and its answer given to `judge`."""
        if text == self.text:
            return Verdict.KEEP
        shown = parse(text)
        with self._lock:
            latest = self._latest
            if latest is None:
                return self._accept(shown, text)
            if shown == latest:
                return Verdict.KEEP
            if sent[0] <= self._received:
                return Verdict.GIVE
            if shown.counter <= latest.counter or shown == self._refused:
                return self._went_back(shown, text)
            return Question(latest, shown)

    def judge(self, asked: Question, answer: Raw, text: str) -> Verdict:
        """After a question: `answer` is the mark there, and the nonce, None where it is not known."""
        mark, nonce = answer
        if not isinstance(mark, str):
            raise StoreUnavailable("row", "the store's mark cannot be read")
        is_other = isinstance(nonce, str) and nonce != asked.of.nonce
        with self._lock:
            if self._latest != asked.of:
                # Another caller was quicker.
                return Verdict.KEEP if self._latest == asked.shown else Verdict.GIVE
            if is_other or parse(mark).counter < asked.of.counter:
                return self._went_back(asked.shown, text)
            return self._accept(asked.shown, text)

    def _accept(self, shown: Mark, text: str) -> Verdict:
        self._latest, self._refused, self.text = shown, None, text
        self._received = self._now()[0]
        return Verdict.KEEP

    def _went_back(self, shown: Mark, text: str) -> Verdict:
        assert self._latest is not None
        detail = f"the store showed change {self._latest.counter} before and now shows change {shown.counter}"
        if self._warns_only:
            _LOG.warning("the store went back: %s of another history; it is read all the same", detail)
            return self._accept(shown, text)
        self._refused = shown
        raise StoreUnavailable("rolled_back", f"{detail}, which does not follow it")
