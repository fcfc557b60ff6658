//! What a person lets a client do somewhere, and each time that the client came by it.

use super::client::{ClientName, ClientRef};
use super::ids::SignInId;
use super::pkce::Challenge;
use super::redirect_uri::RedirectUri;
use crate::domain::id::KeyId;
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::audience::Audience;

/// What one of a person's keys lets a client do at a resource. What that is, a child of the key says, which has no token of its own:
/// all tokens of the client there are for the child, and end with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The child.
    pub key: KeyId,
    pub client: ClientRef,
    /// What the client called itself then.
    pub client_name: ClientName,
    pub resource: Audience,
    pub created_at: Timestamp,
}

/// One time that a person said yes: a code, and the tokens that came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub id: SignInId,
    /// Of the grant.
    pub key: KeyId,
    /// Where the browser was sent with the code.
    pub redirect_uri: RedirectUri,
    pub challenge: Challenge,
    /// Whether its client takes refresh tokens; else what comes of it ends with the access token.
    pub refreshes: bool,
    pub created_at: Timestamp,
    /// When its code was used.
    pub redeemed_at: Option<Timestamp>,
    /// When its refresh token was used last.
    pub refreshed_at: Option<Timestamp>,
    /// The end of its code, and then of its refresh token, exclusive.
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// What a code or a refresh token is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Good,
    /// Whoever has it is not the only one.
    Used,
    Late,
    /// It was ended.
    Ended,
}

impl SignIn {
    /// How long a code works (OAuth 2.1 §4.1.3).
    pub(crate) const CODE_LIVES: Span = Span::seconds(60);
    /// How long a refresh token works that nobody uses.
    pub(crate) const IDLE: Span = Span::days(30);
    /// How long one that is over is kept, for whoever asks what became of it.
    pub(crate) const KEPT: Span = Span::days(1);
    /// Sign-ins of one grant that last at once; an older one ends.
    pub(crate) const MOST: usize = 20;

    /// Of its code.
    pub(crate) fn of_code(&self, now: Timestamp) -> Standing {
        if self.ended_at.is_some() {
            Standing::Ended
        } else if self.redeemed_at.is_some() {
            Standing::Used
        } else if now >= self.expires_at {
            Standing::Late
        } else {
            Standing::Good
        }
    }

    /// Of its refresh token, where it is the last one or one before.
    pub(crate) fn of_refresh(&self, is_last: bool, now: Timestamp) -> Standing {
        if self.ended_at.is_some() {
            Standing::Ended
        } else if !is_last {
            Standing::Used
        } else if now >= self.expires_at {
            Standing::Late
        } else {
            Standing::Good
        }
    }

    /// Whether anything may still come of it.
    pub(crate) fn lasts(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    #[test]
    fn what_was_used_is_used_also_when_it_is_late_and_what_ended_stays_so() {
        let mut sign_in = SignIn {
            id: "mcs_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            key: "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            redirect_uri: "http://127.0.0.1/".parse().expect("a redirect URI"),
            challenge: Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").expect("a challenge"),
            refreshes: true,
            created_at: at(0),
            redeemed_at: None,
            refreshed_at: None,
            expires_at: at(10),
            ended_at: None,
        };
        assert_eq!(sign_in.of_code(at(9)), Standing::Good);
        assert_eq!(sign_in.of_code(at(10)), Standing::Late, "the end is exclusive");
        sign_in.redeemed_at = Some(at(5));
        assert_eq!(sign_in.of_code(at(20)), Standing::Used);
        assert_eq!(sign_in.of_refresh(true, at(9)), Standing::Good);
        assert_eq!(sign_in.of_refresh(false, at(20)), Standing::Used);
        assert_eq!(sign_in.of_refresh(true, at(10)), Standing::Late);
        sign_in.ended_at = Some(at(6));
        for standing in
            [sign_in.of_code(at(7)), sign_in.of_refresh(true, at(7)), sign_in.of_refresh(false, at(7))]
        {
            assert_eq!(standing, Standing::Ended);
        }
    }
}
