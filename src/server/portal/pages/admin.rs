//! All owners and keys, for those who may see them: never a secret of theirs.

use maud::{Markup, html};

use super::keys::{further, table};
use super::shell::{Page, Said, Tone, Visitor, Width, distance, moment, proof, span_words};
use crate::domain::owners::owner::Owner;
use crate::domain::portal::claim::Claim;
use crate::domain::time::Timestamp;
use crate::ops::portal::admin::{Owners, SignedIn};
use crate::ops::portal::shown::ShownKeys;
use crate::server::portal::links::{self, Link, Of};

/// What is looked for.
#[derive(Default)]
pub(in crate::server::portal) struct Looked {
    pub(in crate::server::portal) text: String,
    pub(in crate::server::portal) owner: Option<Owner>,
}

/// What was found.
pub(in crate::server::portal) struct Found {
    pub(in crate::server::portal) owners: Owners,
    /// Of the one owner that was looked for.
    pub(in crate::server::portal) signed_in: Option<SignedIn>,
    pub(in crate::server::portal) keys: ShownKeys,
}

pub(in crate::server::portal) fn all(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    looked: &Looked,
    Found { owners, signed_in, keys: found }: &Found,
) -> String {
    let main = html! {
        div.head {
            div { h1 { "All keys" } p.lead { "Owners and keys of the store." } }
            a.button.main href=(links::INVITE) { "Invite somebody" }
        }
        form.card role="search" method="get" action=(links::ADMIN) {
            div.search {
                div {
                    label for="q" { "Part of an owner's or a key's name" }
                    input #q type="search" name="q" value=(looked.text) maxlength="100" autocomplete="off" autocapitalize="none" spellcheck="false";
                }
                button { "Search" }
            }
        }
        @match &looked.owner {
            Some(owner) => p { "Keys of " b { (owner) } ". " a href=(links::ADMIN) { "Show all" } },
            None => (owners_list(owners)),
        }
        @if found.keys.is_empty() {
            div.card.empty { h2 { "No keys found" } p.lead { "Look for less of the name." } }
        } @else {
            (table(Of::Admin, found))
            (further(links::ADMIN, &query(looked), found))
        }
        @if let Some(signed_in) = signed_in { (sessions(visitor, signed_in, found.now)) }
    };
    Page {
        title: "All keys",
        visitor: Some(visitor),
        here: Some(Link::Admin),
        said,
        width: Width::Wide,
        main,
    }
    .markup()
}

/// The search in a link, up to where the next one begins.
fn query(looked: &Looked) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if !looked.text.is_empty() {
        pairs.append_pair("q", &looked.text);
    }
    if let Some(owner) = &looked.owner {
        pairs.append_pair("owner", owner.as_str());
    }
    let query = pairs.finish();
    if query.is_empty() { query } else { query + "&" }
}

fn owners_list(Owners { owners, has_more }: &Owners) -> Markup {
    html! {
        section aria-labelledby="owners" {
            h2 #owners.hidden { "Owners" }
            @if !owners.is_empty() {
                div.card {
                    ul.tags {
                        @for row in owners {
                            li.tag {
                                a href={ (links::ADMIN) "?owner=" (row.name) } { (row.name) }
                                " " span.hidden { "with " } (row.live_keys) span.hidden { " keys" }
                                @if row.disabled_at.is_some() { " (disabled)" }
                            }
                        }
                    }
                    @if *has_more { p { "There are more owners: search for one." } }
                }
            }
        }
    }
}

/// Who is signed in, and how to sign them out.
fn sessions(visitor: Visitor<'_>, SignedIn { sessions, has_more }: &SignedIn, now: Timestamp) -> Markup {
    html! {
        section.card aria-labelledby="sessions" {
            h2 #sessions { "Signed in" }
            @if sessions.is_empty() { p { "Nobody is signed in for this owner." } }
            @for session in sessions {
                div.row {
                    p {
                        span.mono { (session.came_from.made_by()) } " since " (moment(session.created_at))
                        ", seen " (distance(now, session.seen_at.unwrap_or(session.created_at)))
                        @if session.id == visitor.person.session { " (you)" }
                    }
                    form method="post" action=(links::end_session(session.id)) {
                        (proof(visitor.form_token))
                        button.small { "Sign out" span.hidden { " " (session.id) } }
                    }
                }
            }
            @if *has_more { p { "There are more: " code { "keyctl session list --owner" } " shows all." } }
        }
    }
}

/// What was typed of an invitation.
#[derive(Default)]
pub(in crate::server::portal) struct Invitation {
    pub(in crate::server::portal) owner: String,
    pub(in crate::server::portal) scopes: String,
    pub(in crate::server::portal) ttl: String,
    pub(in crate::server::portal) expires: String,
}

const TTLS: [(&str, &str); 4] = [("1h", "1 hour"), ("24h", "1 day"), ("7d", "7 days"), ("30d", "30 days")];

pub(in crate::server::portal) fn invite(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    typed: &Invitation,
) -> String {
    let ttl = if typed.ttl.is_empty() { "24h" } else { &typed.ttl };
    let main = html! {
        h1 { "Invite somebody" }
        p.lead { "You get a link that works once. Whoever opens it makes keys for the owner that you name." }
        form.card method="post" action=(links::INVITE) {
            (proof(visitor.form_token))
            div.field {
                label for="owner" { "Owner" }
                p.help #owner-help { "Whose keys they will be, as in " code { "alice" } "; made if new." }
                input #owner type="text" name="owner" value=(typed.owner) required maxlength="64" autocomplete="off"
                    autocapitalize="none" spellcheck="false" aria-describedby="owner-help";
            }
            div.field {
                label for="scopes" { "What their keys may do at most" }
                p.help #scopes-help { "Scopes with commas between, as in " code { "memories, files:read" } "." }
                input #scopes type="text" name="scopes" value=(typed.scopes) maxlength="2000" autocomplete="off"
                    autocapitalize="none" spellcheck="false" aria-describedby="scopes-help";
            }
            div.field {
                label for="ttl" { "The link works for" }
                select #ttl name="ttl" {
                    @for (value, words) in TTLS { option value=(value) selected[value == ttl] { (words) } }
                }
            }
            div.field {
                label for="expires" { "Their keys live at most (optional)" }
                p.help #expires-help { "As in " code { "90d" } ". Empty: as long as the store allows. Never longer than the key that you signed in with." }
                input #expires type="text" name="expires" value=(typed.expires) maxlength="20" autocomplete="off"
                    aria-describedby="expires-help";
            }
            div.row { button.main { "Make the link" } a.button href=(links::ADMIN) { "Not now" } }
        }
    };
    Page {
        title: "Invite somebody",
        visitor: Some(visitor),
        here: Some(Link::Invite),
        said,
        width: Width::Narrow,
        main,
    }
    .markup()
}

/// The link of an invitation, shown once.
pub(in crate::server::portal) fn invited(visitor: Visitor<'_>, claim: &Claim, link: &str) -> String {
    let said = Said {
        tone: Tone::Good,
        title: format!("{} is invited", claim.owner),
        more: Some(
            "Send the link to nobody else: whoever opens it first has it. It is shown this once.".to_owned(),
        ),
    };
    let main = html! {
        h1 { "The link" }
        section.card aria-labelledby="link-is" {
            h2 #link-is.hidden { "The link" }
            div.token {
                code #link tabindex="0" { (link) }
                button.main type="button" data-copy="link" hidden { "Copy the link" }
            }
            dl.facts {
                dt { "Works until" } dd { (moment(claim.expires_at)) }
                dt { "Keys may do" } dd { (super::keys::scopes(claim.scopes.iter())) }
                @if let Some(most) = claim.max_expiry { dt { "Keys live at most" } dd { (span_words(most)) } }
                @if let Some(end) = visitor.person.latest_end { dt { "Keys end by" } dd { (moment(end)) " with your own key" } }
                dt { "Invitation" } dd.mono { (claim.id) }
            }
            div.row { a.button href=(links::INVITE) { "Invite another one" } }
        }
    };
    Page {
        title: "The link",
        visitor: Some(visitor),
        here: Some(Link::Invite),
        said: Some(&said),
        width: Width::Medium,
        main,
    }
    .markup()
}
