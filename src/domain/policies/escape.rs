//! Percent-encoding (RFC 3986 §2.1), undone once and never twice.

/// A `%` without two hexadecimal digits behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a % without two hexadecimal digits behind it")]
pub(crate) struct BadEscape;

/// The byte that the two digits behind a `%` stand for.
pub(super) fn escaped_byte(digits: &[u8]) -> Result<u8, BadEscape> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    let byte = digit(0).zip(digit(1)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
    byte.ok_or(BadEscape)
}

/// Every escape replaced by its byte.
pub(super) fn unescape(text: &[u8]) -> Result<Vec<u8>, BadEscape> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'%' {
            plain.push(escaped_byte(behind)?);
            rest = &behind[2..];
        } else {
            plain.push(*first);
            rest = behind;
        }
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_of_escapes_is_undone() {
        for (text, plain) in [("", ""), ("files:%2A", "files:*"), ("%40web", "@web"), ("%252A", "%2A")] {
            assert_eq!(unescape(text.as_bytes()), Ok(plain.as_bytes().to_vec()), "{text}");
        }
        for text in ["%", "a%2", "%g0", "%0g", "%%41", "%+1", "%\u{661}1"] {
            assert_eq!(unescape(text.as_bytes()), Err(BadEscape), "{text}");
        }
    }
}
