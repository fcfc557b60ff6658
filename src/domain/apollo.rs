//! What `OpenFn` Apollo reads instead of its own table `lightning_clients`, what that table
//! holds, and why a key cannot be shown to it.
//!
//! Apollo 3.0.1 looks a client up by the lower-case SHA-256 of its token and takes its
//! `anthropic_api_key`: `enc:v1:` and base64 of nonce (12 bytes), tag (16), ciphertext
//! (AES-256-GCM under `APOLLO_ENC_KEY`). Anything else is taken for the key itself and sent
//! to the provider.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::id::KeyId;
use super::keys::scope::{Scope, Scopes};
use super::owners::owner::{KeyName, Owner};

/// The provider whose secrets Apollo uses.
pub const PROVIDER: &str = "anthropic";

/// What a ciphertext begins with.
pub const PREFIX: &str = "enc:v1:";

/// Base64 of nonce, tag and one byte.
const SHORTEST: usize = 40;

/// A key as Apollo keeps it encrypted: `enc:v1:` and standard base64 with padding of at least
/// 29 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext(String);

impl Ciphertext {
    pub fn parse(text: &str) -> Option<Self> {
        let base64 = text.strip_prefix(PREFIX)?;
        let digits = base64.trim_end_matches('=');
        let whole = base64.len() >= SHORTEST && base64.len().is_multiple_of(4);
        let padded = base64.len() - digits.len() <= 2;
        let alphabet = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
        (whole && padded && alphabet).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the prefix.
    pub fn base64(&self) -> &str {
        &self.0[PREFIX.len()..]
    }
}

/// What stands in the column `anthropic_api_key` of Apollo's own table: often a secret in the
/// clear. It is wiped when dropped, and its `Debug` shows nothing of it.
pub struct StoredKey(Zeroizing<String>);

/// What such a text is.
#[derive(Debug, PartialEq, Eq)]
pub enum StoredForm {
    Empty,
    /// Encrypted in the way known here.
    Sealed(Ciphertext),
    /// It begins with `enc:` and is nothing that Apollo 3.0.1 writes.
    Unknown,
    /// The key itself.
    Clear,
}

impl StoredKey {
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn form(&self) -> StoredForm {
        if self.0.is_empty() {
            StoredForm::Empty
        } else if let Some(sealed) = Ciphertext::parse(&self.0) {
            StoredForm::Sealed(sealed)
        } else if self.0.starts_with("enc:") {
            StoredForm::Unknown
        } else {
            StoredForm::Clear
        }
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKey(…)")
    }
}

/// Why Apollo is not shown a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// Its token is in another state than active.
    State(&'static str),
    /// Its token is hashed slowly, since it may be guessed; Apollo knows SHA-256 alone.
    HashAlg,
    Scope,
    /// It, or its parent, is bound to networks, which Apollo does not look at.
    Networks,
    /// It has a rate, which Apollo does not count.
    Rate,
    /// It has a quota, which Apollo does not count.
    Quota,
    /// No secret for Anthropic is bound to it, its owner or the store.
    Unbound,
    /// The secret bound nearest is expired.
    SecretExpired,
    /// The secret bound nearest was deleted.
    SecretDeleted,
    /// The secret bound nearest is in no state that is known.
    SecretUnknown,
    /// The secret's current version has no ciphertext for Apollo.
    Unsealed,
}

const STATES: [(&str, &str); 6] = [
    ("revoked", "the key was revoked"),
    ("expired", "the key is expired"),
    ("not_yet_valid", "the key is not valid yet"),
    ("suspended", "the key is suspended"),
    ("owner_disabled", "the key's owner is disabled"),
    ("parent_dead", "the key's parent does not work"),
];

impl LeftOut {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State(word) => word,
            Self::HashAlg => "hash_alg",
            Self::Scope => "scope",
            Self::Networks => "networks",
            Self::Rate => "rate",
            Self::Quota => "quota",
            Self::Unbound => "unbound",
            Self::SecretExpired => "secret_expired",
            Self::SecretDeleted => "secret_deleted",
            Self::SecretUnknown => "secret_unknown",
            Self::Unsealed => "unsealed",
        }
    }

    /// In a sentence.
    pub fn why(self) -> &'static str {
        match self {
            Self::State(word) => STATES
                .iter()
                .find(|(known, _)| *known == word)
                .map_or("its token is in no state that is known", |(_, why)| why),
            Self::HashAlg => "its token may be guessed and is hashed slowly, and Apollo knows SHA-256 alone",
            Self::Scope => "it does not hold the scope",
            Self::Networks => "it or its parent is bound to networks, which Apollo does not check",
            Self::Rate => "it has a rate, which Apollo does not count",
            Self::Quota => "it has a quota, which Apollo does not count",
            Self::Unbound => "no secret for anthropic is bound to it, its owner or the store",
            Self::SecretExpired => "the secret that is bound nearest is expired",
            Self::SecretDeleted => "the secret that is bound nearest was deleted",
            Self::SecretUnknown => "the secret that is bound nearest is in no state that is known",
            Self::Unsealed => {
                "the secret's current version is not sealed for Apollo: run keyctl store compat apollo --scope SCOPE \
                 again; if it still does not open, set a new value"
            }
        }
    }
}

impl Serialize for LeftOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A key and everything that decides whether Apollo is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub id: KeyId,
    pub owner: Owner,
    pub name: KeyName,
    /// The state of its current token, as the runtime view says it.
    pub state: String,
    /// How that token is hashed.
    pub hash_alg: String,
    pub scopes: Scopes,
    /// Its own networks and its parent's, as the runtime view says them.
    pub networks: String,
    pub rate: Option<String>,
    pub quota: Option<String>,
    /// The state of the secret that is bound nearest; `None` where none is bound.
    pub secret: Option<String>,
    /// Whether that secret's current version has a ciphertext.
    pub sealed: bool,
}

impl Candidate {
    /// The first thing that keeps the key from Apollo; `None` if it is shown. Where the view is
    /// not there yet, `sealing` is false and no ciphertext is asked for.
    pub fn left_out(&self, scope: &Scope, sealing: bool) -> Option<LeftOut> {
        if self.state != "active" {
            let known = STATES.iter().find(|(word, _)| *word == self.state);
            return Some(LeftOut::State(known.map_or("unknown", |(word, _)| word)));
        }
        let of_key = [
            (self.hash_alg != "sha256", LeftOut::HashAlg),
            (!self.scopes.cover(scope), LeftOut::Scope),
            (self.networks != "[]", LeftOut::Networks),
            (self.rate.is_some(), LeftOut::Rate),
            (self.quota.is_some(), LeftOut::Quota),
        ];
        let first = of_key.into_iter().find_map(|(holds, why)| holds.then_some(why));
        first.or_else(|| match self.secret.as_deref() {
            None => Some(LeftOut::Unbound),
            Some("active") => (sealing && !self.sealed).then_some(LeftOut::Unsealed),
            Some("expired") => Some(LeftOut::SecretExpired),
            Some("deleted") => Some(LeftOut::SecretDeleted),
            Some(_) => Some(LeftOut::SecretUnknown),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_apollo_writes_is_a_ciphertext() {
        let good = format!("enc:v1:{}", "A".repeat(40));
        assert_eq!(Ciphertext::parse(&good).map(|text| text.base64().len()), Some(40));
        let base64 = "A".repeat(39);
        for bad in [
            String::new(),
            "enc:v1:".to_owned(),
            "A".repeat(40),
            format!("enc:v2:{}", "A".repeat(40)),
            format!(" enc:v1:{}", "A".repeat(40)),
            format!("enc:v1:{}", "A".repeat(36)),
            format!("enc:v1:{base64}"),
            format!("enc:v1:{base64}-"),
            format!("enc:v1:{base64}\n"),
            format!("enc:v1:{}===", "A".repeat(41)),
            format!("enc:v1:=={}", "A".repeat(38)),
        ] {
            assert_eq!(Ciphertext::parse(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_stored_key_is_told_by_its_form_and_never_shown() {
        let form = |text: &str| StoredKey::new(text).form();
        assert_eq!(form(""), StoredForm::Empty);
        assert_eq!(form("sk-ant-1"), StoredForm::Clear);
        assert_eq!(form("enc:v2:AAAA"), StoredForm::Unknown);
        assert_eq!(form("enc:v1:AAAA"), StoredForm::Unknown);
        assert!(matches!(form(&format!("enc:v1:{}", "A".repeat(40))), StoredForm::Sealed(_)));
        assert_eq!(format!("{:?}", StoredKey::new("sk-ant-1")), "StoredKey(…)");
    }

    fn candidate() -> Candidate {
        Candidate {
            id: "key_01m83wrzxsf8hbc77a7gc5trjf".parse().expect("an id"),
            owner: "alice".parse().expect("an owner"),
            name: KeyName::first(),
            state: "active".to_owned(),
            hash_alg: "sha256".to_owned(),
            scopes: Scopes::parse_lists(["chat"]).expect("scopes"),
            networks: "[]".to_owned(),
            rate: None,
            quota: None,
            secret: Some("active".to_owned()),
            sealed: true,
        }
    }

    #[test]
    fn each_thing_that_keeps_a_key_from_apollo_has_its_word() {
        let scope = "chat:write".parse().expect("a scope");
        let word = |change: fn(&mut Candidate)| {
            let mut changed = candidate();
            change(&mut changed);
            changed.left_out(&scope, true).map(LeftOut::as_str)
        };
        assert_eq!(word(|_| {}), None);
        assert_eq!(word(|key| key.state = "suspended".to_owned()), Some("suspended"));
        assert_eq!(word(|key| key.state = "asleep".to_owned()), Some("unknown"));
        assert_eq!(word(|key| key.hash_alg = "argon2id".to_owned()), Some("hash_alg"));
        assert_eq!(word(|key| key.scopes = Scopes::default()), Some("scope"));
        assert_eq!(word(|key| key.networks = "[[\"10.0.0.0/8\"]]".to_owned()), Some("networks"));
        assert_eq!(word(|key| key.rate = Some("{}".to_owned())), Some("rate"));
        assert_eq!(word(|key| key.quota = Some("{}".to_owned())), Some("quota"));
        assert_eq!(word(|key| key.secret = None), Some("unbound"));
        assert_eq!(word(|key| key.secret = Some("expired".to_owned())), Some("secret_expired"));
        assert_eq!(word(|key| key.secret = Some("deleted".to_owned())), Some("secret_deleted"));
        assert_eq!(word(|key| key.secret = Some("odd".to_owned())), Some("secret_unknown"));
        assert_eq!(word(|key| key.sealed = false), Some("unsealed"));
        assert_eq!(Candidate { sealed: false, ..candidate() }.left_out(&scope, false), None);
    }
}
