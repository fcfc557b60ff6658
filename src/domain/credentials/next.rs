//! What to do for a token: the whole decision, of what stands in the store and the time. docs/leases.md has it as a table.

use super::attempt::Attempt;
use super::credential::{Credential, CredentialState};
use super::failure::Failure;
use crate::domain::secrets::secret::Secret;
use crate::domain::time::{Span, Timestamp};

/// What is asked of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// How long it must still live.
    pub min_valid: Span,
    /// A token of this version or one before does not do, however long it lives: somebody wants a new one.
    pub not_version: Option<u64>,
}

/// The next step towards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The token that is there does.
    Use,
    /// It ends sooner than was asked, and no other can be had now: it does as long as it lives.
    UseMeanwhile(Because),
    /// Somebody is getting another one, until then at the latest.
    Wait { until: Timestamp },
    /// Claim the attempt, and ask the provider.
    Send,
    /// The clock went back behind the last attempt: it counts from now.
    Restart,
    /// There is none.
    Unavailable(Because),
}

/// Why no other token can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    NeedsReauth,
    NoRefreshToken,
    /// Somebody is getting one, and that took longer than was waited for.
    Underway {
        until: Timestamp,
    },
    /// Others hold leases of the token that is there, which another one would end.
    InUse {
        until: Timestamp,
    },
    /// The last attempt failed, and it is too soon for the next.
    Failed {
        failure: Failure,
        retry_at: Timestamp,
    },
}

/// How far the clocks of those who write a store may be apart, after a failover for one.
const SKEW: Span = Span::seconds(60);

/// Decides. Versions are compared, never times: a clock that steps makes somebody wait longer or ask sooner, and no more.
pub(crate) fn next(credential: &Credential, need: &Need, now: Timestamp) -> Step {
    let secret = &credential.secret;
    let is_new = need.not_version.is_none_or(|before| secret.version > before);
    if is_new && !is_due(secret, need.min_valid, now) {
        return Step::Use;
    }
    wanted(credential, need, now)
}

/// The same where another token is wanted, however long the one that is there would do.
pub(crate) fn wanted(credential: &Credential, need: &Need, now: Timestamp) -> Step {
    let secret = &credential.secret;
    let latest = now.after(SKEW).unwrap_or(now);
    let without = |because| without(credential, need, now, because);
    if credential.state == CredentialState::NeedsReauth {
        return without(Because::NeedsReauth);
    }
    if !credential.has_refresh_token {
        return without(Because::NoRefreshToken);
    }
    let Some(attempt) = credential.attempt.as_ref().filter(|attempt| attempt.version == secret.version)
    else {
        return Step::Send;
    };
    match attempt {
        Attempt { started_at, .. } if *started_at > latest => Step::Restart,
        Attempt { holder: Some(_), ends_at, .. } if now < *ends_at => Step::Wait { until: *ends_at },
        // Whoever asks for a new one by hand need not wait for what certainly was not given.
        Attempt { uncertain: false, .. } if need.not_version.is_some() => Step::Send,
        Attempt { retry_at, failure, .. } if now < *retry_at => {
            without(Because::Failed { failure: failure.unwrap_or(Failure::Unknown), retry_at: *retry_at })
        }
        _ => Step::Send,
    }
}

/// Whether a token ends so soon that another one is wanted. Half of its life is enough, else one that lives for a minute
/// would be got again and again. Of one that was got in the future nobody knows when it ends.
pub(crate) fn is_due(secret: &Secret, min_valid: Span, now: Timestamp) -> bool {
    let is_dated = now.after(SKEW).is_none_or(|latest| secret.version_created_at <= latest);
    !is_dated || !lives_at(secret, now.after(margin(secret, min_valid)))
}

/// How long a token must still live: what is asked, or half of its life where that is less.
fn margin(secret: &Secret, min_valid: Span) -> Span {
    let life = secret.expires_at.map(|end| (end.as_millis() - secret.version_created_at.as_millis()) / 2_000);
    life.and_then(Span::from_secs).map_or(min_valid, |half| half.min(min_valid))
}

/// From when on a token is due; `None` where nobody knows when it ends.
pub(crate) fn due_at(secret: &Secret, min_valid: Span) -> Option<Timestamp> {
    secret.expires_at.map(|end| end.before(margin(secret, min_valid)))
}

/// What is left where no other token can be had.
pub(crate) fn without(credential: &Credential, need: &Need, now: Timestamp, because: Because) -> Step {
    let is_new = need.not_version.is_none_or(|before| credential.secret.version > before);
    if is_new && lives_at(&credential.secret, Some(now)) {
        Step::UseMeanwhile(because)
    } else {
        Step::Unavailable(because)
    }
}

/// Whether the token is there and good at that time. One of which no end is known is, until somebody asks for another.
fn lives_at(secret: &Secret, time: Option<Timestamp>) -> bool {
    secret.expires_at.is_none_or(|end| time.is_some_and(|time| end > time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::credentials::client::{Client, ClientAuth};
    use crate::domain::id::IdSeed;
    use crate::domain::random::{Random, RandomError};
    use crate::domain::secrets::sealed::MasterKeyId;
    use crate::domain::secrets::secret::{SecretId, SecretKind};

    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            bytes.fill(0);
            Ok(())
        }
    }

    /// Seconds from a fixed time.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000 + seconds * 1000).expect("a time")
    }

    /// Version 3, got an hour before 0, whose token ends then.
    fn credential(ends: Option<i64>) -> Credential {
        let secret = Secret {
            id: SecretId::at(at(0), IdSeed::draw(&mut Zeros).expect("drawn")),
            provider: "github".parse().expect("a provider"),
            name: "ci".parse().expect("a name"),
            kind: SecretKind::OAuth,
            labels: crate::domain::keys::label::Labels::default(),
            created_at: at(0),
            expires_at: ends.map(at),
            deleted_at: None,
            version: 3,
            version_created_at: at(-3600),
            master_key_id: MasterKeyId::from_bytes([1; 8]),
            bindings: 0,
        };
        Credential {
            secret,
            client: Client {
                token_endpoint: "https://login.example.com/token".parse().expect("an address"),
                id: "client".parse().expect("an id"),
                auth: ClientAuth::None,
                issuer: None,
                key_id: None,
            },
            account: None,
            scopes: super::super::granted::Granted::default(),
            refresh_invalidates: false,
            state: CredentialState::Good,
            has_refresh_token: true,
            refreshed_at: None,
            attempt: None,
        }
    }

    fn attempted(credential: &Credential, attempt: Attempt) -> Credential {
        Credential { attempt: Some(attempt), ..credential.clone() }
    }

    fn sending(version: u64, started: i64) -> Attempt {
        Attempt::claim(None, version, "h".to_owned(), at(started))
    }

    const NEED: Need = Need { min_valid: Span::seconds(60), not_version: None };
    const NEW: Need = Need { min_valid: Span::seconds(60), not_version: Some(3) };

    #[test]
    fn a_token_that_lives_long_enough_is_used_whatever_else_stands_there() {
        for ends in [Some(3600), None] {
            let good = credential(ends);
            let dead =
                Credential { state: CredentialState::NeedsReauth, has_refresh_token: false, ..good.clone() };
            for credential in [good.clone(), dead, attempted(&good, sending(3, 5))] {
                assert_eq!(next(&credential, &NEED, at(10)), Step::Use);
            }
        }
        assert_eq!(next(&credential(Some(71)), &NEED, at(10)), Step::Use);
        assert_eq!(next(&credential(Some(70)), &NEED, at(10)), Step::Send, "the end is exclusive");
        assert_eq!(next(&credential(Some(3600)), &NEW, at(10)), Step::Send, "asked for by hand");
        let newer = Need { not_version: Some(2), ..NEW };
        assert_eq!(next(&credential(Some(3600)), &newer, at(10)), Step::Use, "somebody else got it");
    }

    #[test]
    fn a_short_lived_token_is_used_for_half_its_life() {
        let mut short = credential(Some(30));
        short.secret.version_created_at = at(0);
        assert_eq!(next(&short, &NEED, at(14)), Step::Use);
        assert_eq!(next(&short, &NEED, at(15)), Step::Send);
        let second = Secret { expires_at: Some(at(1)), ..short.secret.clone() };
        assert_eq!(next(&Credential { secret: second, ..short }, &NEED, at(0)), Step::Use);
    }

    #[test]
    fn one_sends_and_the_others_wait() {
        let due = credential(Some(30));
        let wait = Step::Wait { until: at(20) };
        assert_eq!(next(&attempted(&due, sending(3, 10)), &NEED, at(10)), wait);
        assert_eq!(next(&attempted(&due, sending(3, 10)), &NEW, at(19)), wait);
        assert_eq!(next(&attempted(&due, sending(2, 10)), &NEED, at(10)), Step::Send, "of an older version");
    }

    #[test]
    fn what_may_have_been_sent_is_not_sent_again_before_twice_the_deadline() {
        // Whoever sent it was ended.
        let unknown = Because::Failed { failure: Failure::Unknown, retry_at: at(30) };
        for (ends, step) in [(40, Step::UseMeanwhile(unknown)), (20, Step::Unavailable(unknown))] {
            let crashed = attempted(&credential(Some(ends)), sending(3, 10));
            assert_eq!(next(&crashed, &NEED, at(20)), step);
            assert_eq!(next(&crashed, &NEED, at(30)), Step::Send);
        }
        let crashed = attempted(&credential(Some(3600)), sending(3, 10));
        assert_eq!(next(&crashed, &NEW, at(29)), Step::Unavailable(unknown), "not by hand either");
        let lost = sending(3, 10).failed(Failure::NoAnswer, None, 0, at(15));
        let because = Because::Failed { failure: Failure::NoAnswer, retry_at: at(30) };
        let lost = attempted(&credential(Some(40)), lost);
        assert_eq!(next(&lost, &NEED, at(29)), Step::UseMeanwhile(because));
        assert_eq!(next(&lost, &NEED, at(30)), Step::Send);
    }

    #[test]
    fn a_failure_is_waited_out_unless_somebody_asks_by_hand() {
        let failed = sending(3, 10).failed(Failure::Status(503), Span::from_secs(30), 0, at(11));
        let because = Because::Failed { failure: Failure::Status(503), retry_at: at(41) };
        let ended = attempted(&credential(Some(5)), failed);
        assert_eq!(next(&ended, &NEED, at(12)), Step::Unavailable(because));
        assert_eq!(next(&ended, &NEW, at(12)), Step::Send);
        assert_eq!(next(&ended, &NEED, at(41)), Step::Send);
    }

    #[test]
    fn a_refused_credential_is_used_until_its_token_ends() {
        for (because, change) in [
            (Because::NeedsReauth, CredentialState::NeedsReauth),
            (Because::NoRefreshToken, CredentialState::Good),
        ] {
            let has_refresh_token = because == Because::NeedsReauth;
            let refused = Credential { state: change, has_refresh_token, ..credential(Some(30)) };
            assert_eq!(next(&refused, &NEED, at(10)), Step::UseMeanwhile(because));
            assert_eq!(next(&refused, &NEED, at(30)), Step::Unavailable(because));
            assert_eq!(next(&refused, &NEW, at(10)), Step::Unavailable(because));
        }
    }

    #[test]
    fn a_clock_that_stepped_makes_nobody_wait_for_years_or_trust_a_token_for_years() {
        const YEARS: i64 = 315_360_000;
        // Back: the attempt began in the future.
        let mut old = credential(Some(30 - YEARS));
        old.secret.version_created_at = at(-YEARS);
        let ahead = attempted(&old, sending(3, 0));
        assert_eq!(next(&ahead, &NEED, at(40 - YEARS)), Step::Restart);
        // Got while the clock was ten years ahead: it lives for ten years, as it says.
        let mut future = credential(Some(YEARS + 3600));
        future.secret.version_created_at = at(YEARS);
        assert_eq!(next(&future, &NEED, at(0)), Step::Send);
        // Within what clocks may differ by nothing changes.
        let mut near = credential(Some(3600));
        near.secret.version_created_at = at(50);
        assert_eq!(next(&near, &NEED, at(0)), Step::Use);
    }
}
