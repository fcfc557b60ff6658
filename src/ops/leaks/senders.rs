//! Who sends reports: what proves it.

use std::net::IpAddr;

use serde::Deserialize;

use crate::crypto::report::{ReportKey, is_hmac};
use crate::domain::id::KeyId;
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::limit::Quota;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::scope::Scope;
use crate::domain::keys::token::TokenId;
use crate::domain::keys::verdict::{Asked, Reason, Verdict, decide};
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Spender;
use crate::domain::usage::day::PeriodName;
use crate::ops::error::Result;
use crate::ops::keys::verify::find;
use crate::ops::outbound::{Call, LONGEST, Outbound, Request};
use crate::store::{Lookup as _, Store};

/// What a key must have to report.
const SCOPE: &str = "keyctl:report";

/// Whoever presents a token.
#[derive(Debug)]
pub(crate) enum Reporter {
    /// It may report.
    May(Box<Key>),
    /// Its key was revoked: it may be a canary.
    Revoked(KeyId, TokenId),
    Nobody,
}

/// Who presents this; a token that was made elsewhere is nobody's.
pub(crate) fn reporter(store: &mut Store, presented: &str, address: Option<IpAddr>) -> Result<Reporter> {
    let (Some(Presented::Ours), Ok(scope)) = (Presented::parse(presented), SCOPE.parse::<Scope>()) else {
        return Ok(Reporter::Nobody);
    };
    let asked = Asked { scope: Some(scope), owner: None, address };
    let Ok((known, now)) = find(store, presented)? else { return Ok(Reporter::Nobody) };
    let (key, token) = (known.key_id, known.token_id.clone());
    Ok(match decide(Some(known), &asked, now) {
        Verdict::Allowed(_) => {
            store.key_by_id(key)?.map_or(Reporter::Nobody, |key| Reporter::May(Box::new(key)))
        }
        Verdict::Denied(Reason::Inactive(State::Revoked)) => Reporter::Revoked(key, token),
        Verdict::Denied(_) => Reporter::Nobody,
    })
}

/// A quota that is spent, and when its period ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpentQuota {
    pub is_of_owner: bool,
    pub quota: Quota,
    pub now: Timestamp,
}

/// Spends one of the quotas of a key and of its owner; which has none left, if one has.
pub(crate) fn spend(store: &mut Store, key: &Key) -> Result<Option<SpentQuota>> {
    let of_owner = store.owner(&key.owner)?.and_then(|owner| owner.quota);
    let of_key = key.quota.map(|quota| (Spender::Key(key.id), quota));
    let all: Vec<(Spender, Quota)> =
        of_key.into_iter().chain(of_owner.map(|quota| (Spender::Owner(key.owner.clone()), quota))).collect();
    if all.is_empty() {
        return Ok(None);
    }
    let now = store.now()?;
    let quotas: Vec<(Spender, PeriodName, u64)> = all
        .iter()
        .map(|(whose, quota)| (whose.clone(), PeriodName::of(quota.period, now), quota.limit))
        .collect();
    let spent = store.spend_one_each(&quotas)?.and_then(|place| all.into_iter().nth(place));
    Ok(spent.map(|(whose, quota)| SpentQuota { is_of_owner: matches!(whose, Spender::Owner(_)), quota, now }))
}

/// Whether this is the header `X-Hub-Signature-256` of a body: `sha256=` and 64 hex digits.
pub(crate) fn is_signed_by_secret(secret: &SecretValue, body: &[u8], header: &str) -> bool {
    let Some(hex) = header.strip_prefix("sha256=") else { return false };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?);
    let tag: Option<Vec<u8>> = hex.as_bytes().chunks(2).map(pair).collect();
    tag.is_some_and(|tag| is_hmac(secret, body, &tag))
}

/// The keys that GitHub signs with, by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportKeys(Vec<(String, ReportKey)>);

/// Why there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReportKeysError {
    #[error("it is no list of keys as GitHub has it, with public_keys, and of each key_identifier and key")]
    Form,
    #[error("one of its keys is no public key on P-256 in PEM")]
    Key,
    #[error("it has no key, or more than 100")]
    Count,
    #[error(transparent)]
    Unanswered(#[from] crate::ops::outbound::Unanswered),
    #[error("it answered with the status {0}")]
    Status(u16),
}

/// Bytes of a list: GitHub's has about a thousand.
pub(crate) const LONGEST_LIST: usize = 256 * 1024;

impl ReportKeys {
    pub(crate) fn parse(text: &[u8]) -> std::result::Result<Self, ReportKeysError> {
        #[derive(Deserialize)]
        struct List {
            public_keys: Vec<Listed>,
        }
        #[derive(Deserialize)]
        struct Listed {
            key_identifier: String,
            key: String,
        }
        let list: List = serde_json::from_slice(text).map_err(|_| ReportKeysError::Form)?;
        if !(1..=100).contains(&list.public_keys.len()) {
            return Err(ReportKeysError::Count);
        }
        let key = |listed: Listed| {
            let key = ReportKey::of_pem(&listed.key).ok_or(ReportKeysError::Key)?;
            Ok((listed.key_identifier, key))
        };
        list.public_keys.into_iter().map(key).collect::<std::result::Result<_, _>>().map(Self)
    }

    /// Asks for the list, and blocks.
    pub(crate) fn fetch(
        outbound: &dyn Outbound,
        endpoint: &Endpoint,
    ) -> std::result::Result<Self, ReportKeysError> {
        let request = Request { endpoint, call: Call::Get, within: LONGEST / 2, most: LONGEST_LIST };
        let answer = outbound.exchange(&request)?;
        if answer.status != 200 {
            return Err(ReportKeysError::Status(answer.status));
        }
        Self::parse(&answer.body)
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|(own, _)| own == id)
    }

    /// Whether the key with this id made this signature of a body.
    pub(crate) fn verify(&self, id: &str, body: &[u8], signature: &str) -> bool {
        self.0.iter().any(|(own, key)| own == id && key.verifies(body, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_no_signature_is_none() {
        let secret = SecretValue::from_bytes(b"It's a Secret to Everybody", false).expect("a secret");
        let good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(is_signed_by_secret(&secret, b"Hello, World!", good));
        for header in [
            "",
            "sha256=",
            "sha256=7",
            &good[..good.len() - 1],
            &good.replace("sha256", "sha1"),
            "sha256=zz",
            "sha256=é",
        ] {
            assert!(!is_signed_by_secret(&secret, b"Hello, World!", header), "{header}");
        }
        assert!(!is_signed_by_secret(&secret, b"Hello, world!", good));
    }

    #[test]
    fn a_list_without_good_keys_is_none() {
        for (list, why) in [
            ("[]", ReportKeysError::Form),
            (r#"{"public_keys":[]}"#, ReportKeysError::Count),
            (r#"{"public_keys":[{"key_identifier":"a","key":"b"}]}"#, ReportKeysError::Key),
        ] {
            assert_eq!(ReportKeys::parse(list.as_bytes()).map(drop), Err(why));
        }
    }
}
