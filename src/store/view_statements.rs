//! The statements that see a store through its views, in both dialects, and which of them a store has columns for.

/// What is read of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// What decides for a reader.
    Deciding,
    /// What else a server counts and tells, too.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "a server alone needs it"))]
    All,
}

/// What the views have that not every schema has, or not every role may read.
#[derive(PartialEq, Eq)]
pub(super) enum Shape {
    /// Nobody has looked.
    Unasked,
    There,
    /// The view of quotas could not be read when the mark was this one. Then no key with a quota can be counted,
    /// and a change of one moves the mark.
    Uncounted(String),
    /// The view of tokens had no column `subject` when the mark was this one. Then every subject is the owner's name,
    /// and stays that until a change, which moves the mark.
    Lacking(String),
}

impl Shape {
    /// What a probe found: no row, or its number.
    pub(super) fn of(found: Option<i64>, columns: Columns) -> Self {
        match (found, columns) {
            (None, _) => Self::Lacking(String::new()),
            (Some(COUNTED), _) | (_, Columns::Deciding) => Self::There,
            (Some(_), Columns::All) => Self::Uncounted(String::new()),
        }
    }

    /// Whether it may have got what it lacked, since the mark is another one now.
    pub(super) fn may_have_grown(&self, mark: &str) -> bool {
        matches!(self, Self::Uncounted(then) | Self::Lacking(then) if then != mark)
    }

    /// The same, seen when the mark was this one.
    #[must_use]
    pub(super) fn at(self, mark: &str) -> Self {
        match self {
            Self::Uncounted(_) => Self::Uncounted(mark.to_owned()),
            Self::Lacking(_) => Self::Lacking(mark.to_owned()),
            other => other,
        }
    }

    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What a probe says where quotas can be read, too.
const COUNTED: i64 = 2;

/// One database's statements, each with its way to tell the time.
pub(super) struct Dialect {
    pub(super) jwt: &'static str,
    /// What a key and its owner are bound to.
    #[cfg(feature = "serve")]
    pub(super) bound: &'static str,
    whole: Statements,
    /// Where the view of quotas cannot be read.
    uncounted: Statements,
    /// For a store of a schema before there were subjects.
    without: Statements,
    /// One row, if there are subjects; its number says whether quotas can be read, too.
    pub(super) probe: &'static str,
}

impl Dialect {
    pub(super) fn statements(&self, shape: &Shape) -> &Statements {
        match shape {
            Shape::Lacking(_) => &self.without,
            Shape::Uncounted(_) => &self.uncounted,
            Shape::There | Shape::Unasked => &self.whole,
        }
    }
}

pub(super) struct Statements {
    deciding: OfToken,
    all: OfToken,
    pub(super) secret: &'static str,
}

impl Statements {
    pub(super) fn of_token(&self, columns: Columns) -> &OfToken {
        match columns {
            Columns::Deciding => &self.deciding,
            Columns::All => &self.all,
        }
    }
}

pub(super) struct OfToken {
    /// A token that is there, and the mark.
    pub(super) known: &'static str,
    /// The same with the store, and also where there is no such token.
    pub(super) token: &'static str,
}

/// Where the columns begin that [`Columns::All`] adds, in the one and the other.
pub(super) const MORE_OF_KNOWN: usize = 14;
pub(super) const MORE_OF_TOKEN: usize = 18;

macro_rules! token {
    ($subject:literal) => {
        concat!(
            "t.token_hash, t.hash_alg, t.token_id, t.key_id, t.key_name, t.owner, t.scopes, t.networks, t.state, \
             t.expires_at, t.quota, ",
            $subject
        )
    };
}

macro_rules! look_up {
    ($now:literal, $subject:literal, $columns:expr, $joins:expr) => {
        concat!(
            "SELECT c.mark, ",
            $now,
            " AS now_ms, ",
            token!($subject),
            ", s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params",
            $columns,
            " FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c CROSS JOIN public.keyctl_store_v1 AS s
             LEFT JOIN public.keyctl_tokens_v1 AS t ON t.token_hash = $1",
            $joins
        )
    };
}

macro_rules! of_token {
    ($now:literal, $subject:literal, $more:literal) => {
        OfToken {
            known: concat!(
                "SELECT (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS mark, ",
                $now,
                " AS now_ms, ",
                token!($subject),
                $more,
                " FROM public.keyctl_tokens_v1 AS t WHERE t.token_hash = $1"
            ),
            token: look_up!($now, $subject, $more, ""),
        }
    };
}

/// The nearest of three bindings, and the secret that it leads to: the columns, and where they come from.
macro_rules! nearest {
    () => {
        "COALESCE(k.secret_id, o.secret_id, d.secret_id) AS bound, x.secret_id, x.provider, x.version, \
         x.state, x.envelope, x.expires_at"
    };
    ($key:literal, $owner:literal, $provider:literal) => {
        concat!(
            " LEFT JOIN public.keyctl_bindings_v1 AS k ON k.subject_kind = 'key' AND k.subject_id = ",
            $key,
            " AND k.provider = ",
            $provider,
            " LEFT JOIN public.keyctl_bindings_v1 AS o ON o.subject_kind = 'owner' AND o.subject_id = ",
            $owner,
            " AND o.provider = ",
            $provider,
            " LEFT JOIN public.keyctl_bindings_v1 AS d ON d.subject_kind = 'store' AND d.subject_id = '' AND d.provider = ",
            $provider,
            " LEFT JOIN public.keyctl_secrets_v1 AS x ON x.secret_id = COALESCE(k.secret_id, o.secret_id, d.secret_id)"
        )
    };
}

macro_rules! statements {
    ($now:literal, $subject:literal, $quotas:literal) => {
        Statements {
            deciding: of_token!($now, $subject, ""),
            all: of_token!($now, $subject, $quotas),
            secret: look_up!(
                $now,
                $subject,
                concat!(", ", nearest!()),
                nearest!("t.key_id", "t.owner", "$2")
            ),
        }
    };
}

/// A key without a quota, as most are, costs no look at the other view.
macro_rules! dialect {
    ($now:literal, $probe:literal) => {
        Dialect {
            #[cfg(feature = "serve")]
            bound: concat!(
                "SELECT c.mark, ",
                $now,
                " AS now_ms, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params, ",
                nearest!(),
                " FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c CROSS JOIN public.keyctl_store_v1 AS s",
                nearest!("$1", "$2", "$3")
            ),
            jwt: concat!(
                "SELECT c.mark, ",
                $now,
                " AS now_ms, s.store_uuid, s.view_version, s.foreign_salt, s.foreign_params, j.issuer,
                  g.x, g.y, g.valid_until, v.kver
                 FROM (SELECT mark FROM public.keyctl_changes_v1 LIMIT 1) AS c
                 CROSS JOIN public.keyctl_store_v1 AS s CROSS JOIN public.keyctl_jwt_v1 AS j
                 LEFT JOIN public.keyctl_signing_keys_v1 AS g ON g.kid = $1
                 LEFT JOIN public.keyctl_key_versions_v1 AS v ON v.key_id = $2"
            ),
            whole: statements!(
                $now,
                "t.subject",
                ", t.rate, t.labels, t.not_before, CASE WHEN t.quota IS NOT NULL THEN
                    (SELECT v.key_quota FROM public.keyctl_serve_v1 AS v WHERE v.token_hash = t.token_hash) END,
                  CASE WHEN t.quota IS NOT NULL THEN
                    (SELECT v.owner_quota FROM public.keyctl_serve_v1 AS v WHERE v.token_hash = t.token_hash) END"
            ),
            uncounted: statements!(
                $now,
                "t.subject",
                ", t.rate, t.labels, t.not_before, CAST(NULL AS TEXT), CAST(NULL AS TEXT)"
            ),
            without: statements!(
                $now,
                "t.owner AS subject",
                ", t.rate, t.labels, t.not_before, CAST(NULL AS TEXT), CAST(NULL AS TEXT)"
            ),
            probe: $probe,
        }
    };
}

pub(super) static SQLITE: Dialect = dialect!(
    "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "SELECT 1 + EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'keyctl_serve_v1')
     FROM pragma_table_info('keyctl_tokens_v1') WHERE name = 'subject'"
);

pub(super) static POSTGRES: Dialect = dialect!(
    "CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) * 1000 AS BIGINT)",
    "SELECT CAST(CASE WHEN pg_catalog.has_table_privilege(
        CAST(pg_catalog.to_regclass('public.keyctl_serve_v1') AS oid), 'SELECT') THEN 2 ELSE 1 END AS BIGINT)
     FROM pg_catalog.pg_attribute
     WHERE attrelid = pg_catalog.to_regclass('public.keyctl_tokens_v1') AND attname = 'subject' AND NOT attisdropped"
);

pub(super) const NONCE_OF: &str = "SELECT nonce FROM public.keyctl_changes_v1 WHERE seq = $1 LIMIT 1";

pub(super) const CHANGES_AFTER: &str =
    "SELECT seq, key_id FROM public.keyctl_changes_v1 WHERE seq > $1 LIMIT 2001";

/// Changes that are read to learn which keys they name; where there are more, every key may be.
pub(super) const MOST_CHANGES: usize = 2_000;

#[cfg(feature = "serve")]
pub(super) const ROLES_OF: &str =
    "SELECT role FROM public.keyctl_key_roles_v1 WHERE key_id = $1 ORDER BY role";

#[cfg(feature = "serve")]
pub(super) const SCOPE_NAMES: &str = "SELECT name FROM public.keyctl_scopes_v1 ORDER BY name LIMIT 1001";

/// Names of scopes that are read at most.
#[cfg(feature = "serve")]
pub const MOST_SCOPE_NAMES: usize = 1_000;
