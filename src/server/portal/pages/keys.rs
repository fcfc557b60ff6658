//! Lists of keys: one's own, and all of the store.

use maud::{Markup, html};

use super::shell::{Page, Said, Visitor, Width, day, distance};
use crate::domain::keys::key::{Key, LastUse, State};
use crate::domain::keys::scope::Scope;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Answers;
use crate::domain::usage::day::Day;
use crate::ops::portal::shown::{Shown, ShownKeys};
use crate::server::portal::links::{self, Act, Link, Of};

/// What somebody sees of the keys that are theirs.
pub(in crate::server::portal) fn mine(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    found: &ShownKeys,
) -> String {
    let main = html! {
        div.head {
            div {
                h1 { "My keys" }
                p.lead { "All keys of " b { (visitor.person.owner) } "." }
            }
            a.button.main href=(links::NEW) { "New key" }
        }
        @if visitor.person.waiting_key.is_some() {
            div.card {
                h2 { "A key waits for you" }
                p { "Its token is made when you ask for it, and shown once." }
                form.row method="post" action=(links::TOKEN) {
                    (super::shell::proof(visitor.form_token))
                    button.main { "Show the token" }
                }
            }
        }
        @if let Some(stopped) = visitor.person.waiting_stopped {
            div.card {
                h2 { "The key of your link gives no token" }
                p { (state(stopped)) }
                p { "Ask whoever sent the link " @if stopped == State::Expired { "for another one." } @else { "to let it work again." } }
            }
        }
        @if found.keys.is_empty() {
            div.card.empty {
                h2 { "No keys yet" }
                p.lead { "A key lets a program act for you. Give each program one of its own." }
                p { a.button.main href=(links::NEW) { "Make the first key" } }
            }
        } @else {
            (table(Of::Owner, found))
            (further(links::HOME, "", found))
        }
    };
    Page { title: "My keys", visitor: Some(visitor), here: Some(Link::Keys), said, width: Width::Wide, main }
        .markup()
}

/// A link to what a page had no room for.
pub(super) fn further(path: &str, query: &str, found: &ShownKeys) -> Markup {
    html! {
        @if let Some(next) = found.next {
            div.row { a.button href={ (path) "?" (query) "after=" (next) } { "Older keys" } }
        }
    }
}

/// Each key with a link to its page. Where there is little room, the rows become cards: the roles keep them a table for
/// those who are read to.
pub(super) fn table(of: Of, found: &ShownKeys) -> Markup {
    let now = found.now;
    let is_admin = of == Of::Admin;
    html! {
        div.card.list {
            table role="table" {
                caption.hidden { "Keys, the newest first" }
                thead role="rowgroup" {
                    tr role="row" {
                        @for title in ["Key", "State", "May", "Used", "Ends"] {
                            th role="columnheader" scope="col" { (title) }
                        }
                        th role="columnheader" scope="col" { span.hidden { "What can be done" } }
                    }
                }
                tbody role="rowgroup" {
                    @for Shown { key, days, .. } in &found.keys {
                        tr role="row" {
                            th role="rowheader" scope="row" {
                                @if is_admin { (key.path()) } @else { (key.name) }
                                @if let Some(prefix) = key.token_prefix() { span.sub.mono { (prefix) "…" } }
                            }
                            td role="cell" data-label="State" { (state(key.state(now))) }
                            td role="cell" data-label="May" { (scopes(key.effective_scopes.iter())) }
                            td role="cell" data-label="Used" { div.used { (chart(days, false)) (last_used(key, now)) } }
                            td role="cell" data-label="Ends" { div { (ends(key, now)) } }
                            td.end role="cell" {
                                a.button.small href=(links::key(of, key.id, Act::Show)) {
                                    "Manage" span.hidden { " " (key.path()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a key is, in a word and a colour.
pub(super) fn state(state: State) -> Markup {
    let (class, word) = match state {
        State::Active => ("state good", "Active"),
        State::NotYetValid => ("state wait", "Not yet valid"),
        State::Suspended => ("state wait", "Suspended"),
        State::OwnerDisabled => ("state bad", "Owner disabled"),
        State::ParentDead => ("state wait", "Parent stopped"),
        State::Expired => ("state off", "Expired"),
        State::Revoked => ("state bad", "Revoked"),
    };
    html! { span class=(class) { (word) } }
}

/// What it may do.
pub(super) fn scopes<'s>(scopes: impl Iterator<Item = &'s Scope>) -> Markup {
    let scopes: Vec<_> = scopes.collect();
    html! {
        @if scopes.is_empty() {
            span.sub { "Nothing by itself" }
        } @else {
            ul.tags { @for scope in scopes { li.tag.mono { (scope) } } }
        }
    }
}

pub(super) fn last_used(key: &Key, now: Timestamp) -> Markup {
    html! {
        span.sub {
            @match key.last_used {
                LastUse::At(at) => { "Last " time datetime=(at.to_string()) { (distance(now, at)) } }
                LastUse::Never => "Never used",
                LastUse::Unknown => "Not known",
            }
        }
    }
}

pub(super) fn ends(key: &Key, now: Timestamp) -> Markup {
    html! {
        @match (key.revoked_at, key.expires_at) {
            (Some(at), _) | (None, Some(at)) => { (day(at)) span.sub { (distance(now, at)) } }
            (None, None) => "Never",
        }
    }
}

/// Requests of the last days as bars; in words for those who do not see them.
pub(super) fn chart(days: &[(Day, Answers)], is_wide: bool) -> Markup {
    let total: u64 = days.iter().map(|(_, answers)| answers.allowed).sum();
    let most = days.iter().map(|(_, answers)| answers.allowed).max().unwrap_or(0).max(1);
    // One stroke upwards for each day: an element for each would be most of a long page.
    let strokes = |is_none: bool| {
        let heights = days.iter().map(|(_, answers)| answers.allowed.saturating_mul(24).div_ceil(most));
        let shown = heights.enumerate().filter(|(_, height)| (*height == 0) == is_none);
        let strokes: Vec<String> =
            shown.map(|(at, height)| format!("M{} 25v-{}", 4 + at * 8, height.max(1))).collect();
        strokes.concat()
    };
    let (bars, none) = (strokes(false), strokes(true));
    let class = if is_wide { "days wide" } else { "days" };
    let (count, plural) = (days.len(), if total == 1 { "" } else { "s" });
    html! {
        @if total > 0 {
            svg class=(class) viewBox={ "0 0 " (count * 8) " 26" } preserveAspectRatio="none" role="img"
                aria-label={ (total) " request" (plural) " in the last " (count) " days" } {
                path d=(bars) {}
                @if !none.is_empty() { path.none d=(none) {} }
            }
        }
    }
}
