//! What one statement saw of a store through its views: the cells as they stand there. What they mean is for `runtime`
//! to say.

use std::sync::Arc;

/// What one statement saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub mark: Arc<str>,
    /// The database's clock, in milliseconds since 1970.
    pub now: i64,
    pub store: Arc<StoreCells>,
    pub token: Option<TokenCells>,
}

/// A row of `keyctl_store_v1` as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCells {
    /// The store's identity, with hyphens.
    pub store_uuid: String,
    pub view_version: i64,
    /// The salt of the slow hashes, in hex.
    pub foreign_salt: Option<String>,
    /// How they are computed.
    pub foreign_params: Option<String>,
}

/// A row of `keyctl_tokens_v1` as it stands there, but for what nobody needs to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRow<'r> {
    pub hash_alg: &'r str,
    pub token_id: &'r str,
    pub key_id: &'r str,
    pub key_name: &'r str,
    pub owner: &'r str,
    pub subject: &'r str,
    pub scopes: &'r str,
    pub networks: &'r str,
    pub state: &'r str,
    pub expires_at: Option<i64>,
    pub has_quota: bool,
    pub more: Option<MoreOfToken<'r>>,
}

/// The cells that are read of a token by `Columns::All` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoreOfToken<'r> {
    pub not_before: Option<i64>,
    pub rate: Option<&'r str>,
    /// Both `None` beside [`TokenRow::has_quota`]: they cannot be read here.
    pub key_quota: Option<&'r str>,
    pub owner_quota: Option<&'r str>,
    pub labels: &'r str,
}

/// How many of its cells are texts.
const TEXTS: usize = 13;

/// A [`TokenRow`] that outlives the statement: its texts one behind the other in one place, since one
/// of its own for each cell was a tenth of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenCells {
    texts: String,
    ends: [usize; TEXTS],
    expires_at: Option<i64>,
    has_quota: bool,
    more: Option<MoreCells>,
}

/// What of [`MoreOfToken`] is no text, and which texts are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MoreCells {
    not_before: Option<i64>,
    has_rate: bool,
    has_key_quota: bool,
    has_owner_quota: bool,
}

impl TokenCells {
    pub fn of(row: &TokenRow<'_>) -> Self {
        let TokenRow {
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            more,
            ..
        } = *row;
        let [rate, key_quota, owner_quota, labels] = more.map_or([""; 4], |more| {
            let [rate, key_quota, owner_quota] =
                [more.rate, more.key_quota, more.owner_quota].map(Option::unwrap_or_default);
            [rate, key_quota, owner_quota, more.labels]
        });
        let parts = [
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            rate,
            key_quota,
            owner_quota,
            labels,
        ];
        let mut texts = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        let ends = parts.map(|part| {
            texts.push_str(part);
            texts.len()
        });
        let more = more.map(|more| MoreCells {
            not_before: more.not_before,
            has_rate: more.rate.is_some(),
            has_key_quota: more.key_quota.is_some(),
            has_owner_quota: more.owner_quota.is_some(),
        });
        Self { texts, ends, expires_at: row.expires_at, has_quota: row.has_quota, more }
    }

    pub fn row(&self) -> TokenRow<'_> {
        let mut start = 0;
        let [
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            rate,
            key_quota,
            owner_quota,
            labels,
        ] = self.ends.map(|end| &self.texts[std::mem::replace(&mut start, end)..end]);
        let (expires_at, has_quota) = (self.expires_at, self.has_quota);
        let more = self.more.map(|more| MoreOfToken {
            not_before: more.not_before,
            rate: more.has_rate.then_some(rate),
            key_quota: more.has_key_quota.then_some(key_quota),
            owner_quota: more.has_owner_quota.then_some(owner_quota),
            labels,
        });
        TokenRow {
            hash_alg,
            token_id,
            key_id,
            key_name,
            owner,
            subject,
            scopes,
            networks,
            state,
            expires_at,
            has_quota,
            more,
        }
    }
}

/// A row of `keyctl_secrets_v1` as it stands there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretCells {
    pub secret_id: String,
    pub provider: String,
    pub version: i64,
    pub state: String,
    pub envelope: Option<Vec<u8>>,
    /// When the version ends, exclusive; milliseconds.
    pub expires_at: Option<i64>,
}

/// The secret that a token leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Nothing,
    /// A binding leads nowhere.
    Missing,
    Secret(SecretCells),
}

/// What stands of the key that is said to have signed a short-lived token, and of the key that it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwtCells {
    /// Where the store's tokens are from.
    pub issuer: Option<String>,
    /// The public key's coordinates; `None` where there is no such key, or it was revoked.
    pub point: Option<(String, String)>,
    /// From when no token of it is good, in milliseconds since 1970.
    pub valid_until: Option<i64>,
    /// The version of the key that the token is for.
    pub version: Option<i64>,
}
