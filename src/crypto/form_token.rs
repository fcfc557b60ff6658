//! What shows that a form came from a page of a session: made of the session's secret, which is stored nowhere in the clear,
//! so that nothing of it need be kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::digest::same;
use crate::domain::portal::secret::SessionSecret;

/// Another use of the same secret would say something else here.
const USE: &[u8] = b"keyctl portal: a form of this session, v1";

/// HMAC-SHA-256 (RFC 2104), in 43 characters of base64url. Whoever has it cannot tell the secret.
pub(crate) fn of(secret: &SessionSecret) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(hmac::sign(&key, USE))
}

/// Whether it is that of this session. How long that takes says nothing about where it differs.
pub(crate) fn is_of(secret: &SessionSecret, presented: &str) -> bool {
    same(of(secret).as_bytes(), presented.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_one_session_alone() {
        let secret = |letter: &str| SessionSecret::parse(&letter.repeat(43)).expect("a secret");
        let token = of(&secret("A"));
        assert_eq!(token.len(), 43);
        assert!(is_of(&secret("A"), &token));
        assert!(!is_of(&secret("B"), &token));
        for wrong in ["", &token[..42], &(token.clone() + "A"), &"A".repeat(43)] {
            assert!(!is_of(&secret("A"), wrong), "{wrong}");
        }
    }
}
