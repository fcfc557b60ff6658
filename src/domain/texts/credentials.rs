//! Forms of master keys, and of addresses that have a password in them.

/// Base64 of 32 bytes, without its padding.
const KEY_CHARS: usize = 43;
/// Hex of 32 bytes.
pub(super) const KEY_DIGITS: usize = 64;

/// Names behind which connection strings have a secret.
const PASSWORDS: [&str; 9] =
    ["password", "passwd", "pwd", "secret", "token", "key", "hexkey", "apikey", "api_key"];

/// Whether a text is an address with a slip in it, so that it is taken for a path: credentials
/// behind `//`, or a pair such as `Password=…` of a connection string or behind a path.
pub(crate) fn is_broken_address(text: &str) -> bool {
    let behind_slashes = text.split_once("//").and_then(|(_, rest)| rest.split_once(':'));
    let names = text.split(['?', '&', ';', ' ']).filter_map(|pair| pair.split_once('='));
    behind_slashes.is_some_and(|(_, rest)| rest.contains('@'))
        || names.map(|(name, _)| name.to_ascii_lowercase()).any(|name| PASSWORDS.contains(&name.as_str()))
}

/// Whether a text has a password in it as addresses have: `user:password@host` with or without its
/// scheme, or `password=…`.
pub(crate) fn has_credentials(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let before_at = rest.rsplit_once('@').map_or("", |(before, _)| before);
    let is_authority = |colon: usize| !scheme.is_empty() || !before_at[..colon].contains('/');
    let is_path = text.strip_prefix("sqlite:").is_some_and(|path| !path.contains("://"));
    before_at.find(':').is_some_and(|colon| is_authority(colon) && !is_path)
        || text.contains("password=")
        || is_broken_address(text)
}

/// Whether a text has the form of a master key, in any of the ways in which one is written.
pub(crate) fn is_master_key(text: &str) -> bool {
    let is_hex = text.len() == KEY_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_bare = text.len() == KEY_CHARS && is_base64(text) && is_mixed(text);
    text.starts_with("hex:") || is_hex || is_padded(text) || is_bare
}

pub(super) fn is_padded(text: &str) -> bool {
    text.strip_suffix('=').is_some_and(|digits| digits.len() == KEY_CHARS && is_base64(digits))
}

fn is_base64(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte))
}

pub(super) fn is_mixed(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|byte| kind(&byte));
    has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}
