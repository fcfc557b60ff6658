//! Forms and credentials as they are sent. What is made of a secret is wiped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::ops::outbound::{Basic, Form};

/// `application/x-www-form-urlencoded` (RFC 6749 appendix B).
pub(super) fn form(form: &Form<'_>) -> Zeroizing<String> {
    // Nothing is left behind by growing: three characters for a byte, and two between values.
    let longest = form.pairs().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(longest));
    for (name, value) in form.pairs() {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

/// A JSON object of texts. Its values are ASCII, or are encoded as longer ones: what is reserved suffices.
pub(super) fn json(members: &Form<'_>) -> Zeroizing<String> {
    let longest = members.pairs().map(|(name, value)| 6 * (name.len() + value.len()) + 6).sum::<usize>() + 2;
    let mut text = Zeroizing::new(String::with_capacity(longest));
    for (name, value) in members.pairs() {
        let before = if text.is_empty() { '{' } else { ',' };
        text.push(before);
        quote(name, &mut text);
        text.push(':');
        quote(value, &mut text);
    }
    if text.is_empty() {
        text.push('{');
    }
    text.push('}');
    text
}

/// RFC 8259 §7.
fn quote(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => text.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => text.push(c),
        }
    }
    text.push('"');
}

fn encode(value: &str, text: &mut String) {
    form_urlencoded::byte_serialize(value.as_bytes()).for_each(|part| text.push_str(part));
}

/// What stands in `Authorization`: both parts are encoded before Base64 (RFC 6749 §2.3.1), since a raw `%` is refused by
/// servers that keep to it.
pub(super) fn basic(client: &Basic<'_>) -> Zeroizing<String> {
    let secret = client.secret.expose();
    let mut pair = Zeroizing::new(String::with_capacity(3 * (client.id.len() + secret.len()) + 1));
    encode(client.id, &mut pair);
    pair.push(':');
    encode(secret, &mut pair);
    let mut header = Zeroizing::new(String::with_capacity("Basic ".len() + 4 * pair.len().div_ceil(3)));
    header.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut header);
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secrets::secret::SecretValue;

    #[test]
    fn a_form_is_encoded_as_browsers_do() {
        let form = form(&Form::default().with("a b", "c&d=é").with("e", "").with("f", "~*+-._%"));
        assert_eq!(*form, "a+b=c%26d%3D%C3%A9&e=&f=%7E*%2B-._%25");
        assert_eq!(*super::form(&Form::default()), "");
    }

    #[test]
    fn a_json_object_reads_back() {
        let members = Form::default().with("a", "b\"c\\d\n\u{7f}é").with("e", "");
        let read: serde_json::Value = serde_json::from_str(&json(&members)).expect("JSON");
        assert_eq!(read, serde_json::json!({ "a": "b\"c\\d\n\u{7f}é", "e": "" }));
        assert_eq!(*json(&Form::default()), "{}");
    }

    #[test]
    fn nothing_has_to_grow() {
        let value = "é".repeat(1000);
        let encoded = form(&Form::default().with(&value, &value));
        assert!(encoded.capacity() >= encoded.len() && encoded.len() == 2 * 6000 + 1, "{}", encoded.len());
    }

    #[test]
    fn an_id_and_a_secret_are_encoded_before_base64() {
        let secret = SecretValue::from_bytes(b"50%:off", false).expect("a secret");
        let header = basic(&Basic { id: "a:b c", secret: &secret });
        let decoded = STANDARD.decode(header.strip_prefix("Basic ").expect("Basic")).expect("base64");
        assert_eq!(decoded, b"a%3Ab+c:50%25%3Aoff");
    }
}
