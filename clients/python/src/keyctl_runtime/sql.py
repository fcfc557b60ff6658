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
    "owner",
    "scopes",
    "networks",
    "state",
    "expires_at",
    "quota",
)
STORE_COLUMNS: Final = ("store_uuid", "view_version", "foreign_salt", "foreign_params")
SECRET_COLUMNS: Final = ("secret_id", "provider", "version", "state", "expires_at", "envelope")

_SQLITE_NOW: Final = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
_POSTGRES_NOW: Final = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


def _token_statement(schema: str, now: str, parameter: str, more: str = "", joins: str = "") -> str:
    store = ", ".join(f"s.{column}" for column in STORE_COLUMNS)
    token = ", ".join(f"t.{column}" for column in TOKEN_COLUMNS)
    return (
        f"SELECT c.mark, {store}, {now}, {token}{more}"
        f" FROM (SELECT mark FROM {schema}keyctl_changes_v1 LIMIT 1) AS c"
        f" CROSS JOIN {schema}keyctl_store_v1 AS s"
        f" LEFT JOIN {schema}keyctl_tokens_v1 AS t ON t.token_hash = {parameter}{joins}"
    )


def _secret_statement(schema: str, now: str, parameter: str) -> str:
    bindings, bound = f"{schema}keyctl_bindings_v1", "COALESCE(k.secret_id, o.secret_id, d.secret_id)"
    columns = ", ".join(f"x.{column}" for column in SECRET_COLUMNS)
    joins = (
        f" LEFT JOIN {bindings} AS k ON k.subject_kind = 'key' AND k.subject_id = t.key_id"
        f" AND k.provider = {parameter}"
        f" LEFT JOIN {bindings} AS o ON o.subject_kind = 'owner' AND o.subject_id = t.owner"
        f" AND o.provider = {parameter}"
        f" LEFT JOIN {bindings} AS d ON d.subject_kind = 'store' AND d.subject_id = ''"
        f" AND d.provider = {parameter}"
        f" LEFT JOIN {schema}keyctl_secrets_v1 AS x ON x.secret_id = {bound}"
    )
    return _token_statement(schema, now, parameter, f", {bound}, {columns}", joins)


def _row_statement(now: str) -> str:
    token = ", ".join(f"t.{column}" for column in TOKEN_COLUMNS)
    mark = "(SELECT mark FROM keyctl_changes_v1 LIMIT 1)"
    return f"SELECT {mark}, {now}, {token} FROM keyctl_tokens_v1 AS t WHERE t.token_hash = ? LIMIT 1"


class Statements:
    """Of one database. `token` takes a hash; `secret` a hash and three times the provider."""

    def __init__(self, schema: str, now: str, parameter: str) -> None:
        self.mark = (
            f"SELECT c.mark, s.store_uuid, s.view_version, {now}"
            f" FROM (SELECT mark FROM {schema}keyctl_changes_v1 LIMIT 1) AS c"
            f" CROSS JOIN {schema}keyctl_store_v1 AS s"
        )
        self.token = _token_statement(schema, now, parameter)
        self.secret = _secret_statement(schema, now, parameter)


SQLITE: Final = Statements("", _SQLITE_NOW, "?")
SQLITE_ROW: Final = _row_statement(_SQLITE_NOW)
"""As `SQLITE.token` without the store, which takes as long to read as the row: for where the store was
read a moment ago, under the same change mark."""
POSTGRES: Final = Statements("public.", _POSTGRES_NOW, "%s")
