//! The keys of CIs: found by OpenID Connect Discovery 1.0, and kept for a while.
//!
//! [`fetch`] asks, and blocks. [`Kept`] decides when that is due, for whoever keeps one for each issuer and asks for one at
//! a time: made-up ids of keys never flood an issuer, and one that cannot be reached is not waited for by everybody.

use std::sync::Arc;
use std::time::Duration;

use crate::crypto::issuer_key::IssuerKeyTable;
use crate::domain::outbound::endpoint::Endpoint;
use crate::domain::texts::strict_json::Json;
use crate::domain::tokens::audience::Issuer;
use crate::domain::trusts::key_set::{KeySet, KeySetError};
use crate::ops::outbound::{Answer, Call, LONGEST, Outbound, Request, Unanswered};

/// Why an issuer's keys cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfetched {
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("it answered with the status {0}")]
    Status(u16),
    #[error("its document is no JSON object that can be read in one way only, with issuer and jwks_uri")]
    Document,
    /// OpenID Connect Discovery 1.0 §4.3.
    #[error("its document is another issuer's")]
    OtherIssuer,
    #[error("its document names no address of keys that can be asked over TLS")]
    Address,
    #[error("its set of keys: {0}")]
    KeySet(#[from] KeySetError),
    #[error("none of its keys verifies RS256 or ES256")]
    NoKey,
}

impl Unfetched {
    /// The word for operators.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Unanswered(unanswered) => unanswered.reason(),
            Self::Status(_) => "status",
            Self::Document => "document",
            Self::OtherIssuer => "other_issuer",
            Self::Address => "address",
            Self::KeySet(_) => "key_set",
            Self::NoKey => "no_key",
        }
    }
}

/// Bytes of each answer: real ones have a few thousand.
const MOST: usize = 256 * 1024;

/// An issuer's keys. Clones are the same ones.
pub(crate) type Keys = Arc<IssuerKeyTable>;

/// Keys, and how long they may be kept where the issuer says.
pub(crate) type Fetched = (IssuerKeyTable, Option<Duration>);

/// Keys that were given, and are not asked for.
pub(crate) fn given(set: &str) -> Result<Keys, KeySetError> {
    Ok(Arc::new(IssuerKeyTable::of(&KeySet::parse(set.as_bytes())?)))
}

/// Asks an issuer for its keys: two exchanges, in [`LONGEST`] together.
pub(crate) fn fetch(outbound: &dyn Outbound, issuer: &Issuer) -> Result<Fetched, Unfetched> {
    let below = issuer.as_str().trim_end_matches('/');
    let document = format!("{below}/.well-known/openid-configuration");
    let document = document.parse().map_err(|_| Unfetched::Address)?;
    let found = ask(outbound, &document)?;
    let keys = keys_of(found.json()?, issuer)?;
    let answer = ask(outbound, &keys)?;
    let table = IssuerKeyTable::of(&KeySet::parse(answer.json()?)?);
    if table.is_empty() { Err(Unfetched::NoKey) } else { Ok((table, answer.max_age)) }
}

fn ask(outbound: &dyn Outbound, endpoint: &Endpoint) -> Result<Answer, Unfetched> {
    let answer =
        outbound.exchange(&Request { endpoint, call: Call::Get, within: LONGEST / 2, most: MOST })?;
    if answer.status == 200 { Ok(answer) } else { Err(Unfetched::Status(answer.status)) }
}

/// Where the keys are, by a document that has to be this issuer's. Over TLS, unless the issuer itself is on loopback.
fn keys_of(document: &[u8], issuer: &Issuer) -> Result<Endpoint, Unfetched> {
    let json = Json::parse(document).ok_or(Unfetched::Document)?;
    let (Some(Json::Text(own)), Some(Json::Text(keys))) = (json.get("issuer"), json.get("jwks_uri")) else {
        return Err(Unfetched::Document);
    };
    if own != issuer.as_str() {
        return Err(Unfetched::OtherIssuer);
    }
    let keys: Endpoint = keys.parse().map_err(|_| Unfetched::Address)?;
    let is_secure = |url: &str| url.starts_with("https://");
    if is_secure(issuer.as_str()) && !is_secure(keys.as_str()) { Err(Unfetched::Address) } else { Ok(keys) }
}

/// An issuer is asked once in this time at most, whatever ids of keys tokens name.
const AGAIN: Duration = Duration::from_secs(10);

/// Keys are kept so long at least and at most, whatever the issuer says, and so long where it says nothing.
const LEAST: Duration = Duration::from_mins(1);
const MOST_KEPT: Duration = Duration::from_hours(1);
const UNSAID: Duration = Duration::from_mins(5);

/// For so long keys are good behind that, while the issuer cannot be asked.
const OUTLIVED: Duration = Duration::from_hours(1);

/// What is known of one issuer's keys. Moments are counted from any one that is the same for all.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    table: Option<Keys>,
    fresh_until: Duration,
    tried: Option<Duration>,
    failed: Option<Unfetched>,
}

/// What to do for a token whose key has this id.
#[derive(Debug)]
pub(crate) enum Asked {
    /// The key stands here, or it is none of the issuer's as far as can be told now.
    Keys(Keys),
    /// Ask the issuer, and then here again.
    Due,
    /// The issuer was asked a moment ago, and the keys cannot be had.
    Failed(Unfetched),
}

impl Kept {
    pub(crate) fn ask(&self, kid: Option<&str>, now: Duration) -> Asked {
        let is_due = self.tried.is_none_or(|tried| now.saturating_sub(tried) >= AGAIN);
        let table = self.table.as_ref().filter(|_| now < self.fresh_until + OUTLIVED);
        let known = table.filter(|table| table.find(kid).is_some());
        match (known, table, self.failed) {
            (Some(known), ..) if now < self.fresh_until || !is_due => Asked::Keys(Arc::clone(known)),
            _ if is_due => Asked::Due,
            // It may have a new key, which nobody could ask for.
            (.., Some(failed)) => Asked::Failed(failed),
            (_, Some(table), None) => Asked::Keys(Arc::clone(table)),
            (_, None, None) => Asked::Due,
        }
    }

    /// The issuer was asked.
    pub(crate) fn answered(&mut self, fetched: Result<Fetched, Unfetched>, now: Duration) {
        self.tried = Some(now);
        self.failed = fetched.as_ref().err().copied();
        if let Ok((table, max_age)) = fetched {
            self.table = Some(Arc::new(table));
            self.fresh_until = now + max_age.unwrap_or(UNSAID).clamp(LEAST, MOST_KEPT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 7515 A.3, under some id.
    fn table(kid: &str) -> IssuerKeyTable {
        let set = format!(
            r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"{kid}","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}]}}"#
        );
        IssuerKeyTable::of(&KeySet::parse(set.as_bytes()).expect("a set"))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// `keys` where the key is there, `none` where it is not, `due`, or why not.
    fn asked(kept: &Kept, kid: &str, now: u64) -> &'static str {
        match kept.ask(Some(kid), seconds(now)) {
            Asked::Keys(table) if table.find(Some(kid)).is_some() => "keys",
            Asked::Keys(_) => "none",
            Asked::Due => "due",
            Asked::Failed(why) => why.reason(),
        }
    }

    #[test]
    fn keys_are_kept_as_long_as_the_issuer_says_within_bounds() {
        for (max_age, fresh) in
            [(None, 300), (Some(0), 60), (Some(5), 60), (Some(900), 900), (Some(86_400), 3600)]
        {
            let mut kept = Kept::default();
            assert_eq!(asked(&kept, "a", 100), "due");
            kept.answered(Ok((table("a"), max_age.map(seconds))), seconds(100));
            assert_eq!(asked(&kept, "a", 100 + fresh - 1), "keys", "{max_age:?}");
            assert_eq!(asked(&kept, "a", 100 + fresh), "due", "{max_age:?}");
        }
    }

    #[test]
    fn ids_that_somebody_made_up_do_not_reach_the_issuer() {
        let mut kept = Kept::default();
        kept.answered(Ok((table("a"), None)), seconds(0));
        assert_eq!((asked(&kept, "b", 9), asked(&kept, "b", 10)), ("none", "due"));
        kept.answered(Ok((table("a"), None)), seconds(10));
        assert_eq!((asked(&kept, "b", 11), asked(&kept, "a", 11)), ("none", "keys"));
        // Rotated.
        kept.answered(Ok((table("b"), None)), seconds(20));
        assert_eq!((asked(&kept, "b", 21), asked(&kept, "a", 21)), ("keys", "none"));
    }

    #[test]
    fn an_issuer_that_cannot_be_asked_is_waited_for_by_nobody_and_its_keys_end() {
        let mut kept = Kept::default();
        let silent = || Err(Unfetched::Unanswered(Unanswered::Timeout { sent: true }));
        kept.answered(silent(), seconds(0));
        assert_eq!((asked(&kept, "a", 1), asked(&kept, "a", 10)), ("timeout", "due"));
        kept.answered(Ok((table("a"), None)), seconds(10));
        kept.answered(silent(), seconds(310));
        assert_eq!((asked(&kept, "a", 311), asked(&kept, "b", 311)), ("keys", "timeout"));
        assert_eq!(asked(&kept, "a", 320), "due");
        kept.answered(silent(), seconds(3905));
        assert_eq!((asked(&kept, "a", 3909), asked(&kept, "a", 3910)), ("keys", "timeout"));
    }

    #[test]
    fn the_document_is_the_issuer_s_own_and_names_keys_over_tls() {
        let issuer: Issuer = "https://ci.example.com/a".parse().expect("an issuer");
        let own = r#"{"issuer":"https://ci.example.com/a","jwks_uri":"https://keys.example.com/k?v=1","more":[{}]}"#;
        assert_eq!(
            keys_of(own.as_bytes(), &issuer).map(|keys| keys.to_string()).as_deref(),
            Ok("https://keys.example.com/k?v=1")
        );
        for (old, new, error) in [
            ("com/a", "com/a/", Unfetched::OtherIssuer),
            ("com/a", "com/b", Unfetched::OtherIssuer),
            ("https://keys.example.com", "http://keys.example.com", Unfetched::Address),
            ("https://keys.example.com", "http://127.0.0.1:80", Unfetched::Address),
            ("https://keys.example.com", "file://", Unfetched::Address),
            ("jwks_uri", "jwks", Unfetched::Document),
            (r#""more":[{}]"#, r#""issuer":"https://ci.example.com/a""#, Unfetched::Document),
            (r#""https://keys.example.com/k?v=1""#, "7", Unfetched::Document),
        ] {
            let document = own.replacen(old, new, 1);
            assert_eq!(keys_of(document.as_bytes(), &issuer), Err(error), "{document}");
        }
    }
}
