"""The statements: the same in both databases, but for parameters, the clock and the schema."""

from __future__ import annotations

from typing import Final

# What decides nothing is not read: each column costs the driver about a fiftieth of a look-up.
TOKEN_COLUMNS: Final = (
    "token_hash",
    "hash_alg",
    "token_id",
    "key_id",
    "key_name",
    "subject",
    "scopes",
    "networks",
    "state",
    "expires_at",
    "quota",
)
STORE_COLUMNS: Final = ("store_uuid", "view_version", "foreign_salt", "foreign_params")
SECRET_COLUMNS: Final = ("secret_id", "provider", "version", "state", "expires_at", "envelope")


class Dialect:
    """What differs between the two: the views' schema, the clock, how a comparison is written, and where the
    subject of the token `t` stands, with what is joined for it."""

    def __init__(
        self, schema: str, now: str, equals: str, token: str, provider: str, subject: str, beside: str = ""
    ) -> None:
        self.schema, self.now, self._equals = schema, now, equals
        self.token, self.provider = token, provider
        self.subject, self.beside = subject, beside

    def token_columns(self) -> str:
        columns = (self.subject if name == "subject" else f"t.{name}" for name in TOKEN_COLUMNS)
        return ", ".join(columns)

    def same(self, one: str, other: str) -> str:
        return f"{one} {self._equals} {other}"


_SQLITE_NOW: Final = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
_SQLITE: Final = Dialect("", _SQLITE_NOW, "=", "?", "?", "t.subject")
# A view of an older keyctl has no such column: there the owner's name is the subject.
_SQLITE_BEFORE: Final = Dialect("", _SQLITE_NOW, "=", "?", "?", "t.owner")
SQLITE_HAS_SUBJECTS: Final = "SELECT 1 FROM pragma_table_info('keyctl_tokens_v1') WHERE name = 'subject'"
# Names are qualified, operators too: whose session it is, and so what the path is, nobody knows behind a
# pooler. And which server it is may change there: a standby's clock is no clock.
_POSTGRES: Final = Dialect(
    "public.",
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE CAST(EXTRACT(EPOCH FROM"
    " pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000 AS BIGINT) END",
    "OPERATOR(pg_catalog.=)",
    "$1",
    "$2",
    "n.subject",
    # A name that the row has not is one of the next query around it: so a view of an older keyctl, without
    # the column, gives the owner's name, and neither is an error. Planned away in both cases.
    " CROSS JOIN LATERAL (SELECT t.owner AS subject) AS f"
    " CROSS JOIN LATERAL (SELECT subject FROM (SELECT t.*) AS v) AS n",
)


def _columns(alias: str, columns: tuple[str, ...]) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns)


def _token_statement(of: Dialect, more: str = "", joins: str = "") -> str:
    return (
        f"SELECT c.mark, {_columns('s', STORE_COLUMNS)}, {of.now}, {of.token_columns()}{more}"
        f" FROM (SELECT mark FROM {of.schema}keyctl_changes_v1 LIMIT 1) AS c"
        f" CROSS JOIN {of.schema}keyctl_store_v1 AS s"
        f" LEFT JOIN {of.schema}keyctl_tokens_v1 AS t ON {of.same('t.token_hash', of.token)}{of.beside}{joins}"
    )


def _secret_statement(of: Dialect) -> str:
    bindings, bound = f"{of.schema}keyctl_bindings_v1", "COALESCE(k.secret_id, o.secret_id, d.secret_id)"

    def binding(alias: str, kind: str, subject: str) -> str:
        kind_is, subject_is = of.same(f"{alias}.subject_kind", kind), of.same(f"{alias}.subject_id", subject)
        provider_is = of.same(f"{alias}.provider", of.provider)
        return f" LEFT JOIN {bindings} AS {alias} ON {kind_is} AND {subject_is} AND {provider_is}"

    joins = (
        binding("k", "'key'", "t.key_id")
        + binding("o", "'owner'", "t.owner")
        + binding("d", "'store'", "''")
        + f" LEFT JOIN {of.schema}keyctl_secrets_v1 AS x ON {of.same('x.secret_id', bound)}"
    )
    return _token_statement(of, f", {bound}, {_columns('x', SECRET_COLUMNS)}", joins)


def _jwt_statement(of: Dialect) -> str:
    """Behind the store's columns those of a token would begin, and there is none."""
    kid_is, key_is = of.same("g.kid", of.token), of.same("v.key_id", of.provider)
    none = "CAST(NULL AS TEXT)"
    return (
        f"SELECT c.mark, {_columns('s', STORE_COLUMNS)}, {of.now}, {none}, {none},"
        " j.issuer, g.x, g.y, g.valid_until, v.kver"
        f" FROM (SELECT mark FROM {of.schema}keyctl_changes_v1 LIMIT 1) AS c"
        f" CROSS JOIN {of.schema}keyctl_store_v1 AS s CROSS JOIN {of.schema}keyctl_jwt_v1 AS j"
        f" LEFT JOIN {of.schema}keyctl_signing_keys_v1 AS g ON {kid_is}"
        f" LEFT JOIN {of.schema}keyctl_key_versions_v1 AS v ON {key_is}"
    )


class Statements:
    """Of one database. `jwt` takes a signing key's id and a key's. `token` takes a hash; `secret` a hash and the provider, in SQLite three times; `nonce`
    a change's number, and returns the mark of the same snapshot and the nonce of that change."""

    def __init__(self, of: Dialect, row: str, nonce: str, planned: str = "") -> None:
        self.mark = (
            f"SELECT c.mark, s.store_uuid, s.view_version, {of.now}"
            f" FROM (SELECT mark FROM {of.schema}keyctl_changes_v1 LIMIT 1) AS c"
            f" CROSS JOIN {of.schema}keyctl_store_v1 AS s"
        )
        self.token = _token_statement(of)
        self.secret = _secret_statement(of)
        self.jwt = _jwt_statement(of)
        self.row, self.nonce, self.planned = row, nonce, planned
        """`row` is as `token` without the store, which takes as long to read as the row: for where the store
        was read a moment ago, under the same change mark. `planned` is as `token`, by a function whose plan the
        server keeps; a store of a schema before 13 has none."""


def _sqlite(of: Dialect) -> Statements:
    return Statements(
        of,
        f"SELECT (SELECT mark FROM keyctl_changes_v1 LIMIT 1), {of.now}, {of.token_columns()}"
        " FROM keyctl_tokens_v1 AS t WHERE t.token_hash = ? LIMIT 1",
        "SELECT c.mark, n.nonce FROM (SELECT mark FROM keyctl_changes_v1 LIMIT 1) AS c"
        " LEFT JOIN (SELECT nonce FROM keyctl_changes_v1 WHERE seq = ? LIMIT 1) AS n ON 1",
    )


SQLITE: Final = _sqlite(_SQLITE)
SQLITE_BEFORE: Final = _sqlite(_SQLITE_BEFORE)
POSTGRES: Final = Statements(
    _POSTGRES,
    f"SELECT c.mark, {_POSTGRES.now}, {_POSTGRES.token_columns()}"
    " FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c"
    f" LEFT JOIN public.keyctl_tokens_v1 AS t ON {_POSTGRES.same('t.token_hash', '$1')}{_POSTGRES.beside}",
    # As JSON, since a view of an older keyctl has no such column, and that is no error.
    "SELECT c.mark, n.nonce FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c"
    " LEFT JOIN (SELECT pg_catalog.to_jsonb(v) OPERATOR(pg_catalog.->>) 'nonce' AS nonce"
    f" FROM public.keyctl_changes_v1 AS v WHERE {_POSTGRES.same('v.seq', 'CAST($1 AS BIGINT)')} LIMIT 1) AS n"
    " ON TRUE",
    f"SELECT l.mark, {_columns('l', STORE_COLUMNS)}, l.now_ms, {_columns('l', TOKEN_COLUMNS)}"
    " FROM public.keyctl_look_v2(CAST($1 AS pg_catalog.text)) AS l",
)
