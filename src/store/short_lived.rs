//! What whoever verifies and issues short-lived tokens reads: the views of that, and nothing beside them.

use super::error::{Error, Result};
use super::sight::{MoreOfToken, TokenCells, TokenRow};
use super::views::{Rows, Views};

/// What the store says of its tokens, and of the keys that verify them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PublishedCells {
    pub issuer: Option<String>,
    /// With commas between.
    pub audiences: Option<String>,
    pub keys: Vec<PublicKeyCells>,
}

/// A row of `keyctl_signing_keys_v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKeyCells {
    pub kid: String,
    pub x: String,
    pub y: String,
    /// From when no token of it is good, in milliseconds since 1970; `None` while it may sign.
    pub valid_until: Option<i64>,
}

/// The key that signs.
pub(crate) struct SignerCells {
    pub kid: String,
    pub envelope: Vec<u8>,
}

/// What issuing takes of a token's row besides what a verification reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VersionCells {
    pub version: i64,
    pub allow_jwt: bool,
}

/// A row of `keyctl_trusts_v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrustCells {
    pub name: String,
    pub issuer: String,
    pub audience: String,
    /// An object of texts.
    pub claims: String,
    pub any_ref: bool,
    pub ttl_seconds: i64,
    pub jwks: Option<String>,
    pub key_id: String,
}

/// A key from which something was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RaisedCells {
    pub key: String,
    pub version: i64,
    /// The change that took it.
    pub seq: i64,
}

const ISSUER: &str = "SELECT issuer, audiences FROM public.keyctl_jwt_v1 LIMIT 1";

/// The ones that were retired last are those that matter, should there ever be more.
const PUBLIC_KEYS: &str = "SELECT kid, x, y, valid_until FROM public.keyctl_signing_keys_v1 \
     ORDER BY valid_until IS NOT NULL, valid_until DESC, published_at, kid LIMIT 64";

/// Of a key's tokens, the one that lives longest: all have the key's scopes, networks and limits.
const TOKEN_OF: &str = "SELECT token_hash, hash_alg FROM public.keyctl_tokens_v1 WHERE key_id = $1 \
     ORDER BY state <> 'active', expires_at IS NOT NULL, expires_at DESC, token_id DESC LIMIT 1";

const VERSION_OF: &str = "SELECT kver FROM public.keyctl_key_versions_v1 WHERE key_id = $1 LIMIT 1";

const ISSUING_OF: &str = "SELECT kver, allow_jwt FROM public.keyctl_serve_v1 WHERE token_hash = $1 LIMIT 1";

const TOKENLESS: &str = "SELECT key_id, key_name, owner, subject, scopes, networks, state, expires_at, quota, rate, labels, \
     not_before, key_quota, owner_quota, allow_jwt, kver FROM public.keyctl_tokenless_v1 WHERE key_id = $1 LIMIT 1";

const TRUSTS_OF: &str = "SELECT name, issuer, audience, claims, any_ref, ttl_seconds, jwks, key_id \
     FROM public.keyctl_trusts_v1 WHERE issuer = $1 ORDER BY name LIMIT 1000";

/// Where the random end of a key's id begins, which stands for the id of a token.
const END_OF_ID: usize = 18;

const SIGNER: &str = "SELECT kid, envelope FROM public.keyctl_signers_v1 LIMIT 1";

const RAISED: &str = "SELECT key_id, kver, raised_seq FROM public.keyctl_key_versions_v1 \
     WHERE raised_seq > $1 AND raised_at >= $2 ORDER BY raised_seq, key_id LIMIT 1001";

/// Keys that one answer of the feed names, at most.
pub(crate) const MOST_RAISED: usize = 1_000;

impl Views {
    /// `None` where the store is of a schema without them, or the role may not read them.
    pub(crate) fn published(&mut self) -> Result<Option<PublishedCells>> {
        let mut found = PublishedCells::default();
        let read = self.query_rows(Rows::Many, ISSUER, &[], &mut |row| {
            let cells = row.of("keyctl_jwt_v1");
            found.issuer = cells.opt_text(0)?.map(str::to_owned);
            found.audiences = cells.opt_text(1)?.map(str::to_owned);
            Ok(())
        });
        if read_if_there(read)?.is_none() {
            return Ok(None);
        }
        let keys = &mut found.keys;
        let read = self.query_rows(Rows::Many, PUBLIC_KEYS, &[], &mut |row| {
            let cells = row.of("keyctl_signing_keys_v1");
            keys.push(PublicKeyCells {
                kid: cells.text(0)?.to_owned(),
                x: cells.text(1)?.to_owned(),
                y: cells.text(2)?.to_owned(),
                valid_until: cells.opt_int(3)?,
            });
            Ok(())
        });
        Ok(read_if_there(read)?.map(|()| found))
    }

    /// The hash of a key's token, and how it is computed.
    pub(crate) fn token_of(&mut self, key: &str) -> Result<Option<(String, String)>> {
        let mut found = None;
        self.query_rows(Rows::Many, TOKEN_OF, &[key.into()], &mut |row| {
            let cells = row.of("keyctl_tokens_v1");
            found = Some((cells.text(0)?.to_owned(), cells.text(1)?.to_owned()));
            Ok(())
        })?;
        Ok(found)
    }

    pub(crate) fn version_of(&mut self, key: &str) -> Result<Option<i64>> {
        let mut found = None;
        self.query_rows(Rows::Many, VERSION_OF, &[key.into()], &mut |row| {
            found = Some(row.of("keyctl_key_versions_v1").int(0)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Of the token with this hash. Read it before the token's row: a version that is newer than the scopes would stand for
    /// what was taken away.
    pub(crate) fn issuing_of(&mut self, hash: &str) -> Result<Option<VersionCells>> {
        let mut found = None;
        let read = self.query_rows(Rows::Many, ISSUING_OF, &[hash.into()], &mut |row| {
            let cells = row.of("keyctl_serve_v1");
            found = Some(VersionCells { version: cells.int(0)?, allow_jwt: cells.int(1)? != 0 });
            Ok(())
        });
        Ok(read_if_there(read)?.and(found))
    }

    /// A key without a token, as a token's row, with what issuing takes of it: both of one state of the store. Read it
    /// behind the mark: whatever is taken away meanwhile is seen, or moves the mark. `None` where there is none, where
    /// the store is of a schema without them, or where the role may not read them.
    pub(crate) fn tokenless(&mut self, key: &str) -> Result<Option<(TokenCells, VersionCells)>> {
        let mut found = None;
        let read = self.query_rows(Rows::Many, TOKENLESS, &[key.into()], &mut |row| {
            let cells = row.of("keyctl_tokenless_v1");
            let id = cells.text(0)?;
            let token = TokenCells::of(&TokenRow {
                hash_alg: "sha256",
                token_id: id.get(END_OF_ID..).unwrap_or_default(),
                key_id: id,
                key_name: cells.text(1)?,
                owner: cells.text(2)?,
                subject: cells.text(3)?,
                scopes: cells.text(4)?,
                networks: cells.text(5)?,
                state: cells.text(6)?,
                expires_at: cells.opt_int(7)?,
                has_quota: cells.opt_text(8)?.is_some(),
                more: Some(MoreOfToken {
                    rate: cells.opt_text(9)?,
                    labels: cells.text(10)?,
                    not_before: cells.opt_int(11)?,
                    key_quota: cells.opt_text(12)?,
                    owner_quota: cells.opt_text(13)?,
                }),
            });
            found = Some((token, VersionCells { version: cells.int(15)?, allow_jwt: cells.int(14)? != 0 }));
            Ok(())
        });
        Ok(read_if_there(read)?.and(found))
    }

    /// The trusts in tokens of this issuer, by name, for whoever may issue.
    pub(crate) fn trusts_of(&mut self, issuer: &str) -> Result<Vec<TrustCells>> {
        let mut found = Vec::new();
        self.query_rows(Rows::Many, TRUSTS_OF, &[issuer.into()], &mut |row| {
            let cells = row.of("keyctl_trusts_v1");
            found.push(TrustCells {
                name: cells.text(0)?.to_owned(),
                issuer: cells.text(1)?.to_owned(),
                audience: cells.text(2)?.to_owned(),
                claims: cells.text(3)?.to_owned(),
                any_ref: cells.int(4)? != 0,
                ttl_seconds: cells.int(5)?,
                jwks: cells.opt_text(6)?.map(str::to_owned),
                key_id: cells.text(7)?.to_owned(),
            });
            Ok(())
        })?;
        Ok(found)
    }

    /// The key that signs now, for whoever may issue.
    pub(crate) fn signer(&mut self) -> Result<Option<SignerCells>> {
        let mut found = None;
        self.query_rows(Rows::Many, SIGNER, &[], &mut |row| {
            let cells = row.of("keyctl_signers_v1");
            if let Some(envelope) = cells.opt_blob(1)? {
                found = Some(SignerCells { kid: cells.text(0)?.to_owned(), envelope: envelope.to_vec() });
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The keys whose version was raised by a change after this one and not before this time, in milliseconds since 1970;
    /// one more than [`MOST_RAISED`] at most.
    pub(crate) fn raised(&mut self, after: i64, since: i64) -> Result<Vec<RaisedCells>> {
        let mut found = Vec::new();
        self.query_rows(Rows::Many, RAISED, &[after.into(), since.into()], &mut |row| {
            let cells = row.of("keyctl_key_versions_v1");
            let (key, version, seq) = (cells.text(0)?.to_owned(), cells.int(1)?, cells.int(2)?);
            found.push(RaisedCells { key, version, seq });
            Ok(())
        })?;
        Ok(found)
    }
}

fn read_if_there(read: Result<()>) -> Result<Option<()>> {
    match read {
        Err(Error::Views(_) | Error::Refused { .. }) => Ok(None),
        read => read.map(Some),
    }
}
