//! What shows that whoever brings a code is who asked for it (RFC 7636). What proves it is computed by `crypto::pkce`.

use std::fmt;

use zeroize::Zeroizing;

/// `code_challenge` of the method `S256`: the 43 characters of base64url that a SHA-256 has (§4.2). Other methods are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge(Box<str>);

impl Challenge {
    const CHARS: usize = 43;

    /// `None` of a text that no hash is written as.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        // Of the last character, two bits are none of the hash's.
        let is_whole = text.len() == Self::CHARS && text.ends_with(|last| "AEIMQUYcgkosw048".contains(last));
        (is_whole && text.bytes().all(fits)).then(|| Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// `code_verifier`: 43 to 128 characters that stand in a URL as they are (§4.1). A secret until it is presented.
pub(crate) struct Verifier(Zeroizing<String>);

impl Verifier {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_one = (43..=128).contains(&text.len()) && text.bytes().all(fits);
        is_one.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_standard_writes_is_a_challenge_or_a_verifier() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(Challenge::parse(challenge).expect("one").as_str(), challenge);
        for text in [
            "",
            &challenge[1..],
            &format!("{challenge}M"),
            &challenge.replace('-', "+"),
            &format!("{}N", &challenge[..42]),
            &format!("{}=", &challenge[..42]),
        ] {
            assert_eq!(Challenge::parse(text), None, "{text}");
        }
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        for text in [verifier, &format!("{verifier}.~"), &"a".repeat(128)] {
            assert_eq!(Verifier::parse(text).expect("one").expose(), text);
        }
        for text in ["", &verifier[1..], &"a".repeat(129), &verifier.replace('-', " ")] {
            assert!(Verifier::parse(text).is_none(), "{text}");
        }
        assert_eq!(format!("{:?}", Verifier::parse(verifier)), "Some(Verifier(…))");
    }
}
