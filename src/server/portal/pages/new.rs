//! A key that is to be made.

use maud::{Markup, html};

use super::shell::{Page, Said, Visitor, Width, proof, span_words};
use crate::domain::keys::scope::Scopes;
use crate::domain::time::Span;
use crate::server::portal::links::{self, Link};

/// What was typed, to be shown again where it was refused.
#[derive(Default)]
pub(in crate::server::portal) struct Typed {
    pub(in crate::server::portal) name: String,
    pub(in crate::server::portal) scopes: Vec<String>,
    pub(in crate::server::portal) more: String,
    pub(in crate::server::portal) expires: String,
}

/// What the store allows.
#[derive(Clone, Copy, Default)]
pub(in crate::server::portal) struct Bounds {
    /// How long a key may live at most, by the store's policy and the invitation.
    pub(in crate::server::portal) most: Option<Span>,
    /// Whether it must end.
    pub(in crate::server::portal) must_end: bool,
}

const LIVES: [(&str, Span); 5] = [
    ("1d", Span::days(1)),
    ("7d", Span::days(7)),
    ("30d", Span::days(30)),
    ("90d", Span::days(90)),
    ("365d", Span::days(365)),
];

pub(in crate::server::portal) fn new(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    bounds: Bounds,
    typed: &Typed,
) -> String {
    let may_give = &visitor.person.may_give;
    let main = html! {
        h1 { "New key" }
        p.lead { "Give each program a key of its own, with what it needs and no more." }
        form.card method="post" action=(links::NEW) {
            (proof(visitor.form_token))
            div.field {
                label for="name" { "Name" }
                p.help #name-help { "What it is for, as in " code { "laptop" } " or " code { "ci-tests" } "." }
                input #name type="text" name="name" value=(typed.name) maxlength="64" autocomplete="off" autocapitalize="none"
                    spellcheck="false" required aria-describedby="name-help";
            }
            (permissions(may_give, typed))
            (end(bounds, typed))
            div.row {
                button.main { "Make the key" }
                a.button href=(links::HOME) { "Not now" }
            }
        }
    };
    Page { title: "New key", visitor: Some(visitor), here: Some(Link::New), said, width: Width::Narrow, main }
        .markup()
}

fn permissions(may_give: &Scopes, typed: &Typed) -> Markup {
    html! {
        fieldset aria-describedby="scopes-help" {
            legend { "What it may do" }
            @if may_give.is_empty() {
                p.help #scopes-help { "You have nothing to give on: the key will show who you are, and may do nothing else." }
            } @else {
                p.help #scopes-help { "At most what you were given yourself." }
                ul.checks {
                    @for (at, scope) in may_give.iter().enumerate() {
                        li {
                            label for={ "scope-" (at) } {
                                input id={ "scope-" (at) } type="checkbox" name="scope" value=(scope)
                                    checked[typed.scopes.iter().any(|one| one == scope.as_str())];
                                span.mono { (scope) }
                            }
                        }
                    }
                }
                div.field {
                    label for="more" { "Or only parts of them (optional)" }
                    p.help #more-help { "Scopes below yours, with commas between, as in " code { "memories:read" } "." }
                    input #more type="text" name="more" value=(typed.more) maxlength="1000" autocomplete="off"
                        autocapitalize="none" spellcheck="false" aria-describedby="more-help";
                }
            }
        }
    }
}

fn end(bounds: Bounds, typed: &Typed) -> Markup {
    let fits = |span: &Span| bounds.most.is_none_or(|most| *span <= most);
    html! {
        div.field {
            label for="expires" { "When it ends" }
            p.help #expires-help {
                @match bounds.most {
                    Some(most) => { "At most " (span_words(most)) " from now." }
                    None => "The sooner, the less a leaked token is worth.",
                }
            }
            select #expires name="expires" aria-describedby="expires-help" {
                option value="" { "As usual here" }
                @for (value, span) in LIVES.iter().filter(|(_, span)| fits(span)) {
                    option value=(value) selected[typed.expires == *value] { "In " (span_words(*span)) }
                }
                @if bounds.most.is_none() && !bounds.must_end {
                    option value="never" selected[typed.expires == "never"] { "Never" }
                }
            }
        }
    }
}
