//! One key: what it is, how it is used, and what can be done with it.

use maud::{Markup, html};

use super::keys::{chart, ends, last_used, scopes, state};
use super::shell::{Page, Said, Visitor, Width, moment, proof};
use crate::domain::keys::key::State;
use crate::domain::keys::network::Networks;
use crate::domain::time::Timestamp;
use crate::domain::usage::batch::Answers;
use crate::ops::portal::shown::Shown;
use crate::server::portal::links::{self, Act, Link, Of};

pub(in crate::server::portal) fn key(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    of: Of,
    found: &Shown,
    now: Timestamp,
) -> String {
    let key = &found.key;
    let is_admin = of == Of::Admin;
    let name = if is_admin { key.path() } else { key.name.to_string() };
    let total = |pick: fn(&Answers) -> u64| found.days.iter().map(|(_, answers)| pick(answers)).sum::<u64>();
    let (allowed, denied) = (total(|answers| answers.allowed), total(|answers| answers.denied));
    let main = html! {
        div.head {
            div { h1 { (name) } p { (state(key.state(now))) } }
        }
        @if visitor.person.own_key == Some(key.id) {
            p.said.wait { strong { "This is what you signed in with." } " If it stops, you are signed out." }
        }
        section.card aria-labelledby="facts" {
            h2 #facts.hidden { "What it is" }
            dl.facts {
                dt { "May" } dd { (scopes(key.effective_scopes.iter())) }
                dt { "Token" } dd.mono { @match key.token_prefix() { Some(prefix) => { (prefix) "…" } None => "none" } }
                @if let Some(old) = &key.previous_token {
                    dt { "Token before" }
                    dd { span.mono { (old.prefix) "…" } @if let Some(end) = old.expires_at { " works until " (moment(end)) } }
                }
                dt { "Made" } dd { (moment(key.created_at)) }
                dt { @if key.revoked_at.is_some() { "Revoked" } @else { "Ends" } } dd { (ends(key, now)) }
                dt { "Used" } dd { (last_used(key, now)) }
                @if key.networks != Networks::default() { dt { "From" } dd { "its networks alone" } }
                @if let Some(reason) = &key.revoke_reason { dt { "Revoked because" } dd { (reason) } }
            }
        }
        section.card aria-labelledby="use" {
            h2 #use { "Requests per day" }
            p.lead { (allowed) " allowed and " (denied) " denied in the last 14 days" }
            @if allowed + denied > 0 {
                (chart(&found.days, true))
                details {
                    summary { "As a table" }
                    table {
                        thead { tr { th scope="col" { "Day" } th scope="col" { "Allowed" } th scope="col" { "Denied" } } }
                        tbody {
                            @for (day, answers) in found.days.iter().rev() {
                                tr { th scope="row" { (day) } td { (answers.allowed) } td { (answers.denied) } }
                            }
                        }
                    }
                }
            }
        }
        (deeds(visitor, of, found, now))
    };
    let here = if is_admin { Link::Admin } else { Link::Keys };
    Page { title: &name, visitor: Some(visitor), here: Some(here), said, width: Width::Wide, main }.markup()
}

fn deeds(visitor: Visitor<'_>, of: Of, found: &Shown, now: Timestamp) -> Markup {
    let key = &found.key;
    let state = key.state(now);
    let to = |act| links::key(of, key.id, act);
    let is_dead = state == State::Revoked;
    html! {
        @if !is_dead {
            section.card aria-labelledby="deeds" {
                h2 #deeds { "What you can do" }
                div.row {
                    @if of == Of::Owner && found.may_rotate {
                        a.button href=(to(Act::Rotate)) { "Replace the token" }
                    }
                    @if state == State::Suspended {
                        @if found.may_resume {
                            form method="post" action=(to(Act::Resume)) {
                                (proof(visitor.form_token))
                                button { "Resume" }
                            }
                        }
                    } @else {
                        form method="post" action=(to(Act::Suspend)) {
                            (proof(visitor.form_token))
                            button { "Suspend" }
                        }
                    }
                    a.button.danger href=(to(Act::Revoke)) { "Revoke …" }
                }
                @if state == State::Suspended && !found.may_resume {
                    p.help { "An operator suspended it; only they can let it work again." }
                }
                p.help { "A suspended key stops within seconds, and can be resumed. A revoked one never works again." }
            }
        }
    }
}
