//! Findings as a log that code hosts read (SARIF 2.1.0, OASIS).

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};

use super::Unwritten;
use super::leaks::is_live;
use crate::domain::leaks::place::Place;
use crate::domain::texts::text::Escaped;
use crate::ops::leaks::judge::{Judged, Standing};

const RULE: &str = "keyctl-token";

/// Something that was not searched, in words.
#[derive(Clone, Debug)]
pub(crate) struct Unsearched {
    pub what: String,
    pub is_trouble: bool,
}

/// Writes one log with all that was found, and what was not searched.
pub(crate) fn write(
    out: &mut dyn io::Write,
    found: &[Judged],
    unsearched: &[Unsearched],
) -> Result<(), Unwritten> {
    let results: Vec<Value> =
        found.iter().flat_map(|found| found.places.iter().map(move |place| result(found, place))).collect();
    let notifications: Vec<Value> = unsearched
        .iter()
        .map(|one| {
            let level = if one.is_trouble { "warning" } else { "note" };
            json!({ "level": level, "message": { "text": visible(&one.what) } })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "keyctl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": [{
                    "id": RULE,
                    "name": "TokenOfKeyctl",
                    "shortDescription": { "text": "A token of keyctl" },
                    "fullDescription": { "text": "Whoever can read this place can do what the key of the token may." },
                    "help": { "text": "Revoke the key (keyctl leaks scan --revoke, or keyctl revoke), give its \
                        client a new one, and take the token out of here." },
                    "defaultConfiguration": { "level": "error" },
                }],
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
            "results": results,
        }],
    });
    serde_json::to_writer(&mut *out, &log).map_err(|error| Unwritten(error.into()))?;
    Ok(out.write_all(b"\n")?)
}

fn result(found: &Judged, place: &Place) -> Value {
    let holder = found.holder.as_ref();
    let whose = holder.map_or_else(
        || match found.standing {
            Standing::Unasked => "no store was asked whose it is".to_owned(),
            _ => "it is of no key of this store".to_owned(),
        },
        |holder| format!("of the key {}/{}, {}", holder.owner, holder.name, found.standing.as_str()),
    );
    let level = match found.standing {
        _ if found.standing.may_be_live() => "error",
        Standing::Unknown => "warning",
        _ => "note",
    };
    let mut location = json!({ "artifactLocation": { "uri": uri(&place.path) } });
    if let Some(line) = place.line.filter(|_| place.member.is_none()) {
        location["region"] =
            json!({ "startLine": line.max(1), "startColumn": place.column.unwrap_or(1).max(1) });
    }
    json!({
        "ruleId": RULE,
        "ruleIndex": 0,
        "level": level,
        "message": { "text": visible(&format!("The token {} stands at {place}: {whose}.", found.public)) },
        "locations": [{ "physicalLocation": location }],
        // Of the same token at the same place in the next run, too; nothing of the token itself.
        "partialFingerprints": { "keyctlToken/v1": visible(&format!("{}:{}", found.public, place.path)) },
        "properties": {
            "tokenPrefix": found.public,
            "state": found.standing.as_str(),
            "live": is_live(found.standing),
            "key": holder.map(|holder| holder.key.to_string()),
            "owner": holder.map(|holder| holder.owner.as_str()),
            "name": holder.map(|holder| holder.name.as_str()),
            "scopes": holder.map(|holder| holder.scopes.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "lastUsedAt": holder.and_then(|holder| holder.last_used.at()),
            "secretsInReach":
                holder.map(|holder| holder.secrets.iter().map(|found| found.name.as_str()).collect::<Vec<_>>()),
            "commit": place.commit,
            "member": place.member.as_deref().map(visible),
            "morePlaces": found.more,
        },
    })
}

/// What is shown to people: a name may hold what steers a terminal.
fn visible(text: &str) -> String {
    Escaped(text).to_string()
}

/// A path as a relative reference (RFC 3986 §4.2), or of one from the root, with its scheme (RFC 8089).
fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        text.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("./src/a b:c.rs"), "src/a%20b%3Ac.rs");
        assert_eq!(uri("/etc/é"), "file:///etc/%C3%A9");
    }
}
