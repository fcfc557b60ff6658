"""What both readers share: the kept answers, which store it is, the keys, the decision. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from . import names
from .cache import Cache, Entry
from .decide import decide
from .errors import InvalidAsk, StoreUnavailable, TokenDenied
from .find import Found, Identity, Query
from .master_key import MasterKey
from .network import Ip
from .results import Allowed, Denied, Result
from .row import StoreFacts, TokenRow
from .secret import SecretValue, open_secret

# These say that nothing of this store can be trusted; the other reasons are of one row, or of the way.
_DISTRUST = frozenset({"view_version", "swapped", "clock", "foreign_params"})


class Core:
    """One reader's state."""

    def __init__(self, cache: Cache, keys: tuple[MasterKey, ...], allow_unmetered: bool) -> None:
        self.cache, self.keys, self.allow_unmetered = cache, keys, allow_unmetered
        self._identity = Identity()

    def answer(self, entry: Entry, scope: str | None, owner: str | None, ip: Ip) -> Result:
        found = entry.found
        result = decide(found, scope, owner, ip, self.allow_unmetered)
        # What is allowed from anywhere, to its owner, needs no second decision.
        if isinstance(result, Allowed) and isinstance(found, TokenRow) and not found.networks:
            entry.remember(scope, result)
        return result

    def trust(self, facts: StoreFacts) -> None:
        self._identity.check(facts)

    def distrust(self, error: StoreUnavailable) -> None:
        """After a look-up that failed: drops what is kept, if the store itself is not to be trusted."""
        if error.reason in _DISTRUST:
            self.cache.drop_all()

    def keep(self, asked: Query, found: Found) -> Entry:
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


Kept = Callable[[str, str | None, str | None, Ip], Result | None]


def kept_answers(cache: Cache) -> Kept:
    """The fast way: an answer that was given before, while the mark need not be read. None where it
    takes more. A closure: it is most of what a verification costs, and each attribute counts.

    The clock is looked at before the answer; `Cache` says why.
    """
    monotonic, wall = cache.monotonic, cache.wall
    get, touch = cache.allowed.get, cache.allowed.move_to_end

    def kept(token: str, scope: str | None, owner: str | None, ip: Ip) -> Result | None:
        now = monotonic()
        now_wall = wall()
        if now >= cache.calm_monotonic or now_wall >= cache.calm_wall:
            return None
        try:
            digest = sha256(token.encode()).digest()
            entry = get(digest)
            if entry is None or now >= entry.monotonic_end or now_wall >= entry.wall_end:
                return None
            result = entry.allowed_scopes.get(scope)
            if result is None or (owner is not None and owner != result.principal):
                return None
            if cache.is_crowded:
                touch(digest)
        except (AttributeError, KeyError, TypeError, UnicodeEncodeError):
            return None
        return result

    return kept
