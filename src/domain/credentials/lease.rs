//! Leases: who uses the token of a credential, and until when nobody gets another one under them.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::credential::Credential;
use super::next::{Because, Need, Step, next, wanted};
use crate::domain::id;
use crate::domain::random::{Random, RandomError};
use crate::domain::secrets::secret::{Secret, SecretId, SecretName};
use crate::domain::time::{Span, Timestamp};

const PREFIX: &str = "lse_";
/// Bytes of a holder's secret half.
const SECRET: usize = 32;

/// The longest that a lease may be asked for.
pub(crate) const LONGEST: Span = Span::seconds(43_200);

/// What is said of one that is asked for longer, or for no time.
pub(crate) const LENGTH: &str = "a lease is for 1 second to 12 hours";

pub(crate) fn is_length(most: Span) -> bool {
    !most.is_zero() && most <= LONGEST
}

/// What a lease is called: `lse_` and 26 random characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LeaseId(u128);

impl LeaseId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        id::from_base32(text.strip_prefix(PREFIX)?).ok().map(Self)
    }
}

impl std::str::FromStr for LeaseId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "a lease is called lse_ and 26 characters".to_owned())
    }
}

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(str::from_utf8(&id::base32(self.0)).unwrap_or_default())
    }
}

impl Serialize for LeaseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What shows that somebody holds a lease: its id, `_`, and 64 hex digits (256 random bits). The store has its hash.
pub(crate) struct HolderToken {
    pub id: LeaseId,
    text: Zeroizing<String>,
}

impl HolderToken {
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new([0; 16 + SECRET]);
        random.fill(bytes.as_mut())?;
        let (id, secret) = bytes.split_at(16);
        let id = LeaseId(id.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte)));
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 26 + 1 + 2 * SECRET));
        text.push_str(&id.to_string());
        text.push('_');
        for byte in secret {
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or_default());
            }
        }
        Ok(Self { id, text })
    }

    /// Reads what [`Self::expose`] wrote. Nothing is trimmed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.rsplit_once('_')?;
        let is_hex = secret.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let id = LeaseId::parse(id).filter(|_| is_hex && secret.len() == 2 * SECRET)?;
        Some(Self { id, text: Zeroizing::new(text.to_owned()) })
    }

    /// The whole, for the moment in which it is hashed or handed out.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for HolderToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HolderToken({}_…)", self.id)
    }
}

/// One credential of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub id: LeaseId,
    pub secret: SecretId,
    /// `None` of a credential that is gone.
    pub name: Option<SecretName>,
    /// Higher than that of every lease of this credential before it.
    pub fence: u64,
    /// The version of the credential that was handed out.
    pub version: u64,
    pub acquired_at: Timestamp,
    pub expires_at: Timestamp,
    /// Who said to be the holder.
    pub who: Option<String>,
    /// Whether that version is still in force.
    pub is_current: bool,
}

/// What stands at a credential's gate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gate {
    /// `None`: nobody has come yet.
    pub fence: Option<u64>,
    /// The version whose refresh waits.
    pub announced: Option<u64>,
    /// The live leases of the version in force, the longest first.
    pub users: Vec<Lease>,
}

/// The next step towards a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The token does.
    Enter,
    /// It ends sooner than was asked, and no other can be had now.
    EnterMeanwhile(Because),
    /// A new token is wanted and others use this one: say so, that nobody else comes.
    Announce,
    /// That was said; they still use it.
    WaitForUsers {
        until: Timestamp,
    },
    /// Somebody asks the provider, or may have asked it.
    Wait {
        until: Timestamp,
    },
    /// Nobody uses it, and nobody can come: ask the provider.
    Send,
    /// The clock went back behind the last attempt.
    Restart,
    Unavailable(Because),
}

/// Decides, as [`next`] does and of what stands at the gate.
///
/// Where a refresh invalidates, one that is announced goes before all who come after, however long the token would live for
/// them: so those who come and go do not keep it out.
pub(crate) fn admit(credential: &Credential, gate: &Gate, need: &Need, now: Timestamp) -> Admission {
    let version = credential.secret.version;
    let invalidates = credential.refresh_invalidates;
    let is_announced = invalidates && gate.announced == Some(version);
    let step = if is_announced { wanted(credential, need, now) } else { next(credential, need, now) };
    // What may have been sent may have ended the token that is there.
    let may_have_ended = invalidates
        && credential.attempt.as_ref().is_some_and(|last| last.version == version && last.uncertain);
    match step {
        Step::Use => Admission::Enter,
        Step::UseMeanwhile(Because::Failed { retry_at, .. }) if may_have_ended => {
            Admission::Wait { until: retry_at }
        }
        Step::UseMeanwhile(because) => Admission::EnterMeanwhile(because),
        Step::Wait { until } => Admission::Wait { until },
        Step::Restart => Admission::Restart,
        Step::Unavailable(because) => Admission::Unavailable(because),
        Step::Send if !invalidates => Admission::Send,
        Step::Send => at_gate(gate, version, now),
    }
}

/// Whether a new token may be asked for of a credential whose refresh ends the token before.
pub(crate) fn at_gate(gate: &Gate, version: u64, now: Timestamp) -> Admission {
    if gate.announced != Some(version) {
        return Admission::Announce;
    }
    let live = gate.users.iter().filter(|lease| lease.version == version && lease.expires_at > now);
    match live.map(|lease| lease.expires_at).max() {
        Some(until) => Admission::WaitForUsers { until },
        None => Admission::Send,
    }
}

/// When a lease ends that is taken or renewed now: after half of the token's life at most, and with the token.
pub(crate) fn ends(secret: &Secret, asked: Span, now: Timestamp) -> Timestamp {
    let asked = now.after(asked).unwrap_or(now);
    let Some(end) = secret.expires_at else { return asked };
    let half = (end.as_millis() - secret.version_created_at.as_millis()) / 2;
    let capped = Timestamp::from_millis(now.as_millis().saturating_add(half.max(0))).unwrap_or(now);
    asked.min(capped).min(end)
}

/// When a lease is renewed that ends then: after half of what is left, and not a hundred times before its end.
pub(crate) fn renewed_after(end: Timestamp, now: Timestamp) -> Duration {
    const SOONEST: Duration = Duration::from_millis(250);
    let left = u64::try_from(end.as_millis().saturating_sub(now.as_millis())).unwrap_or(0);
    Duration::from_millis(left / 2).max(SOONEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(u8);

    impl Random for Counting {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            for byte in bytes {
                self.0 = self.0.wrapping_add(29);
                *byte = self.0;
            }
            Ok(())
        }
    }

    #[test]
    fn a_holder_s_token_reads_back_and_shows_its_public_half_only() {
        let token = HolderToken::generate(&mut Counting(7)).expect("drawn");
        let read = HolderToken::parse(token.expose()).expect("a token");
        assert_eq!((read.id, read.expose()), (token.id, token.expose()));
        assert_eq!(token.id.to_string().len(), 30);
        assert_eq!(format!("{token:?}"), format!("HolderToken({}_…)", token.id));
        let cut = &token.expose()[..token.expose().len() - 1];
        let (upper, blank) = (token.expose().to_uppercase(), format!("{} ", token.expose()));
        for text in ["", "lse_", &token.id.to_string(), cut, &upper, &blank] {
            assert!(HolderToken::parse(text).is_none(), "{text}");
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + seconds * 1000).expect("a time")
    }

    #[test]
    fn a_lease_is_renewed_after_half_of_what_is_left_and_not_all_the_time_at_its_end() {
        for (end, now, millis) in [(120, 0, 60_000), (120, 118, 1000), (120, 120, 250), (120, 500, 250)] {
            assert_eq!(renewed_after(at(end), at(now)), Duration::from_millis(millis), "{end} {now}");
        }
    }

    fn lease(version: u64, expires: i64) -> Lease {
        Lease {
            id: LeaseId(1),
            secret: SecretId::parse("sec_01h455vb4pex5vsknk084sn02q").expect("an id"),
            name: None,
            fence: 1,
            version,
            acquired_at: at(0),
            expires_at: at(expires),
            who: None,
            is_current: true,
        }
    }

    #[test]
    fn a_refresh_is_announced_first_and_then_waits_for_those_who_were_before_it() {
        let mut gate = Gate { fence: Some(4), announced: None, users: vec![lease(3, 20)] };
        assert_eq!(at_gate(&gate, 3, at(10)), Admission::Announce);
        gate.users.clear();
        assert_eq!(at_gate(&gate, 3, at(10)), Admission::Announce, "somebody may be coming");
        gate.announced = Some(2);
        assert_eq!(at_gate(&gate, 3, at(10)), Admission::Announce, "of another version");
        gate.announced = Some(3);
        gate.users = vec![lease(3, 20), lease(2, 90)];
        assert_eq!(at_gate(&gate, 3, at(19)), Admission::WaitForUsers { until: at(20) });
        assert_eq!(at_gate(&gate, 3, at(20)), Admission::Send, "a crashed holder is overcome");
    }
}
