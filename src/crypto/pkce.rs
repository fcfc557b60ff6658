//! Proof of who began a sign-in (RFC 7636): what is sent ahead tells nobody what is sent in the end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::digest::same;
use crate::domain::mcp::pkce::{Challenge, Verifier};

/// 32 random bytes as 43 characters that stand in a URL as they are: a verifier (RFC 7636 §4.1), a `state`.
pub(crate) fn text_of(drawn: &[u8; 32]) -> Zeroizing<String> {
    // Nothing is left behind by growing.
    let mut text = Zeroizing::new(String::with_capacity(4 * drawn.len().div_ceil(3)));
    URL_SAFE_NO_PAD.encode_string(drawn, &mut text);
    text
}

/// `S256` of a verifier (RFC 7636 §4.2).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Whether this is what the challenge was made of (§4.6). How long that takes says nothing about where it differs.
pub(crate) fn proves(verifier: &Verifier, of: &Challenge) -> bool {
    same(challenge(verifier.expose()).as_bytes(), of.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    #[test]
    fn the_vector_of_the_standard_reproduces() {
        let drawn = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
            214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
        ];
        let verifier = text_of(&drawn);
        assert_eq!(*verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let made = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge(&verifier), made);
        let (brought, of) = (Verifier::parse(&verifier), Challenge::parse(made));
        assert!(proves(&brought.expect("one"), &of.clone().expect("one")));
        let another = Verifier::parse(&verifier.replace('d', "e")).expect("one");
        assert!(!proves(&another, &of.expect("one")));
    }
}
