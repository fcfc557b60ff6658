"""What both readers share: the kept answers, which store it is, the keys, the decision. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

from . import names
from .cache import Cache, Entry, Window
from .decide import decide
from .errors import InvalidAsk, StoreUnavailable, TokenDenied
from .find import Found, Identity, Query, Sent
from .history import History, OnRollback, Question, Verdict
from .master_key import MasterKey
from .network import Ip
from .results import Allowed, Denied, Result
from .row import STORE_AT, Raw, TokenRow, read_store
from .secret import SecretValue, open_secret

# These say that nothing of this store can be trusted; the other reasons are of one row, or of the way.
_DISTRUST = frozenset({"view_version", "swapped", "clock", "foreign_params", "rolled_back"})


class Core:
    """One reader's state."""

    def __init__(
        self,
        cache: Cache,
        keys: tuple[MasterKey, ...],
        allow_unmetered: bool,
        on_rollback: OnRollback = "refuse",
    ) -> None:
        self.cache, self.keys, self.allow_unmetered = cache, keys, allow_unmetered
        self.history = History(cache.now, on_rollback)
        self.check = Identity().check
        self.trusted: Raw = ()
        """What was last read of the store, and found good."""

    def answer(self, entry: Entry, window: Window, scope: str | None, owner: str | None, ip: Ip) -> Result:
        """Decides, and remembers it in the window that was open before the entry was got, if the
        entry is of the same epoch: whoever joins a look-up can get what was read before a change."""
        found = entry.found
        result = decide(found, scope, owner, ip, self.allow_unmetered)
        if isinstance(result, Allowed) and not (isinstance(found, TokenRow) and found.networks):
            window.remember(entry, scope, result)
        return result

    def distrust(self, error: StoreUnavailable) -> None:
        """After a look-up that failed: drops what is kept, if the store itself is not to be trusted."""
        if error.reason in _DISTRUST:
            self.cache.drop_all()

    def look(self, raw: Raw | None, hash_alg: str, sent: Sent) -> Verdict | Question:
        """Whether what was read follows what was read before. It comes after the store's own faults, and
        before those of the token's row."""
        if raw is not None and raw[0] == self.history.text:
            return Verdict.KEEP
        return self.history.look(read_store(raw, hash_alg, self.check).mark, sent)

    def settle(self, found: Found, verdicts: Iterable[Verdict]) -> Found:
        found.is_settled = all(verdict is Verdict.KEEP for verdict in verdicts)
        return found

    def keep(self, asked: Query, found: Found) -> Entry:
        self.trusted = tuple(found.raw[:STORE_AT]) if found.raw else ()
        return self.cache.keep(asked.digest, found)

    def secret(
        self, found: Found, provider: str, scope: str | None, owner: str | None, ip: Ip
    ) -> SecretValue:
        """The provider's secret for what was found; `TokenDenied` before anything is said of it."""
        result = decide(found.row, scope, owner, ip, self.allow_unmetered)
        if isinstance(result, Denied):
            raise TokenDenied(result)
        return open_secret(found, provider, self.keys)


def check_provider(provider: str) -> None:
    if not isinstance(provider, str) or not names.is_name(provider):
        raise InvalidAsk("this is not a provider, as in anthropic")
