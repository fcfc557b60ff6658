//! What goes to a provider in a sign-in, each made of the one secret that the browser alone keeps meanwhile: so nothing of it
//! is kept here, and whichever process is asked knows it again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use zeroize::Zeroizing;

use super::digest::same;
use crate::domain::portal::transaction::Transaction;

/// HMAC-SHA-256 (RFC 2104) under the secret, of what it is for and of when the sign-in began: 43 characters of base64url. Of
/// one, nobody can tell another.
pub(crate) struct Proofs {
    /// Comes back with the browser (RFC 6749 §10.12).
    pub state: Zeroizing<String>,
    /// Stands in the ID token (OpenID Connect Core 1.0 §2).
    pub nonce: Zeroizing<String>,
    /// Of PKCE (RFC 7636 §4.1): goes to the token endpoint alone.
    pub verifier: Zeroizing<String>,
}

impl Proofs {
    pub(crate) fn of(transaction: &Transaction) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, transaction.secret().expose().as_bytes());
        let made = |purpose: &str| {
            let text = format!("keyctl portal: a sign-in's {purpose}, v1: {}", transaction.begun_at());
            Zeroizing::new(URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
        };
        Self { state: made("state"), nonce: made("nonce"), verifier: made("verifier") }
    }

    /// How long it takes says nothing about where it differs.
    pub(crate) fn are_of(&self, state: &str) -> bool {
        same(self.state.as_bytes(), state.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_of_one_secret_and_one_time_and_differ() {
        let proofs = |text: &str| Proofs::of(&Transaction::parse(text).expect("one"));
        let [a, b] = ["A", "B"].map(|letter| letter.repeat(43));
        let one = proofs(&format!("{a}.1"));
        assert!(one.are_of(&proofs(&format!("{a}.1")).state));
        for other in [format!("{b}.1"), format!("{a}.2")] {
            assert!(!one.are_of(&proofs(&other).state), "{other}");
        }
        assert!(!one.are_of(&one.nonce) && !one.are_of(&one.verifier) && !one.are_of(""));
        assert_eq!([one.state.len(), one.nonce.len(), one.verifier.len()], [43; 3]);
    }
}
