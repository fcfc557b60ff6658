//! What is asked before something is done that cannot be taken back, or that hands out a token.

use maud::{Markup, html};

use super::shell::{Page, Said, Visitor, Width, proof};
use crate::domain::keys::key::Key;
use crate::domain::secrets::secret::SecretName;
use crate::domain::texts::text::counted;
use crate::server::portal::links::{self, Act, Link, Of};

/// What goes with a key when it is revoked.
#[derive(Default)]
pub(in crate::server::portal) struct Along<'a> {
    /// Children, and keys that were made with it.
    pub(in crate::server::portal) keys: Vec<&'a Key>,
    /// Provider secrets that it leads to.
    pub(in crate::server::portal) secrets: &'a [SecretName],
}

pub(in crate::server::portal) fn revoke(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    of: Of,
    key: &Key,
    along: &Along<'_>,
) -> String {
    let name = key.path();
    let title = format!("Revoke {name}");
    let main = html! {
        h1 { "Revoke " (name) "?" }
        p.lead { "It stops within seconds, for good. Whatever uses it is refused from then on." }
        form.card method="post" action=(links::key(of, key.id, Act::Revoke)) {
            (proof(visitor.form_token))
            @if along.keys.is_empty() {
                p { "No other key goes with it." }
            } @else {
                h2 { "These go with it" }
                (first(along.keys.iter().map(|key| key.path()), "key"))
                div.check {
                    input #keep type="checkbox" name="keep_made" value="yes";
                    label for="keep" { "Keep the keys that were made with it (its children stop in any case)" }
                }
            }
            @if !along.secrets.is_empty() {
                h2 { "These are not reached by it any more" }
                (first(along.secrets.iter().map(ToString::to_string), "secret"))
            }
            div.field {
                label for="reason" { "Why (optional)" }
                p.help #reason-help { "Kept with the key and in the audit log. No secrets here." }
                input #reason type="text" name="reason" maxlength="200" autocomplete="off" aria-describedby="reason-help";
            }
            div.row {
                button.danger { "Revoke for good" }
                a.button href=(links::key(of, key.id, Act::Show)) { "Keep it" }
            }
        }
    };
    let here = if of == Of::Admin { Link::Admin } else { Link::Keys };
    Page { title: &title, visitor: Some(visitor), here: Some(here), said, width: Width::Narrow, main }
        .markup()
}

/// Names that are shown of what goes along.
const SHOWN: usize = 20;

/// The first names, and how many more there are.
fn first(mut names: impl ExactSizeIterator<Item = String>, what: &str) -> Markup {
    let others = names.len().saturating_sub(SHOWN);
    html! {
        ul { @for name in names.by_ref().take(SHOWN) { li { span.mono { (name) } } } }
        @if others > 0 { p { "And " (counted(u64::try_from(others).unwrap_or(u64::MAX), &format!("more {what}"))) "." } }
    }
}

/// How long the token before goes on working.
const GRACES: [(&str, &str); 5] = [
    ("0s", "Not at all: it stops at once"),
    ("1h", "1 hour"),
    ("24h", "1 day"),
    ("7d", "7 days"),
    ("30d", "30 days"),
];

pub(in crate::server::portal) fn rotate(visitor: Visitor<'_>, said: Option<&Said>, key: &Key) -> String {
    let (id, name) = (key.id, key.name.as_str());
    let title = format!("Replace the token of {name}");
    let main = html! {
        h1 { "Replace the token of " (name) }
        p.lead { "The key stays as it is and gets a new token, which is shown once." }
        form.card method="post" action=(links::key(Of::Owner, id, Act::Rotate)) {
            (proof(visitor.form_token))
            input type="hidden" name="generation" value=(key.generation);
            div.field {
                label for="grace" { "How long may the old token still work?" }
                p.help #grace-help { "Long enough to put the new one everywhere. Has the old one leaked? Then not at all." }
                select #grace name="grace" aria-describedby="grace-help" {
                    @for (value, words) in GRACES {
                        option value=(value) selected[value == "24h"] { (words) }
                    }
                }
            }
            div.row {
                button.main { "Make a new token" }
                a.button href=(links::key(Of::Owner, id, Act::Show)) { "Not now" }
            }
        }
    };
    Page { title: &title, visitor: Some(visitor), here: Some(Link::Keys), said, width: Width::Narrow, main }
        .markup()
}
