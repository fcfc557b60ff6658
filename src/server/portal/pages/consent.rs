//! What somebody is asked before a program is let in.

use maud::{Markup, html};

use super::shell::{Page, Said, Visitor, Width, proof};
use crate::domain::mcp::client::{Client, ClientRef};
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::domain::mcp::request::Authorization;
use crate::ops::portal::clients::authorize::Choice;
use crate::server::portal::links;

/// Where a program waits for the answer.
#[derive(Clone, Copy)]
pub(in crate::server::portal) enum Waits<'a> {
    /// In this browser. The query of its request comes back with the answer.
    Here(&'a str),
    /// On a device that shows this code.
    Elsewhere(&'a str),
}

impl Waits<'_> {
    const fn action(self) -> &'static str {
        match self {
            Self::Here(_) => links::CONSENT,
            Self::Elsewhere(_) => links::DEVICE_CONSENT,
        }
    }

    /// What says again which request it is.
    fn field(self) -> Markup {
        let (name, value) = match self {
            Self::Here(request) => ("request", request),
            Self::Elsewhere(code) => ("code", code),
        };
        html! { input type="hidden" name=(name) value=(value); }
    }
}

/// Which program, what for, by which key, and to what extent.
pub(in crate::server::portal) fn consent(
    visitor: Visitor<'_>,
    said: Option<&Said>,
    asked: &Authorization,
    choices: &[Choice],
    waits: Waits<'_>,
) -> String {
    let title = format!("Let {} in?", asked.client.name);
    let main = html! {
        h1 { (title) }
        p.lead { "It gets tokens of its own, and never your key. You can end that at any time, with its key in your list." }
        (who(&asked.client, asked, waits))
        @match choices {
            [] => (none(visitor, asked, waits)),
            [first, others @ ..] => {
                (choice(visitor, asked, first, 0, waits))
                @if !others.is_empty() {
                    details {
                        summary { "By another of your keys" }
                        @for (at, other) in others.iter().enumerate() { (choice(visitor, asked, other, at + 1, waits)) }
                    }
                }
            }
        }
    };
    Page { title: &title, visitor: Some(visitor), here: None, said, width: Width::Narrow, main }.markup()
}

/// What is known of it, and by whom.
fn who(client: &Client, asked: &Authorization, waits: Waits<'_>) -> Markup {
    html! {
        section.card aria-labelledby="who" {
            h2 #who { "Who asks" }
            dl.facts {
                dt { "Name" }
                dd {
                    (client.name)
                    @if matches!(client.id, ClientRef::Document(_)) { p.help { "It calls itself so. Anybody can." } }
                }
                dt { "Known by" }
                dd {
                    @match &client.id {
                        ClientRef::Document(url) => { span.mono { (url.authority()) } },
                        ClientRef::Registered(_) => "Whoever runs this site",
                    }
                }
                dt { "For" }
                dd { span.mono { (asked.resource) } }
                @match waits {
                    Waits::Here(_) => { dt { "You go on to" } dd { (place(&asked.redirect_uri)) } }
                    Waits::Elsewhere(code) => { dt { "It shows" } dd { span.mono { (code) } } }
                }
            }
            @match waits {
                Waits::Here(_) => p.help { "Did you not just begin this in a program of yours? Then say no." },
                Waits::Elsewhere(_) => p.help {
                    "Does a program of yours show this very code, just now? If somebody sent you the code, say no: it is them who would be let in."
                },
            }
        }
    }
}

fn place(to: &RedirectUri) -> Markup {
    html! {
        @if to.is_loopback() { "A program on this computer" } @else { span.mono { (to.authority()) } }
    }
}

/// A form for one key.
fn choice(
    visitor: Visitor<'_>,
    asked: &Authorization,
    choice: &Choice,
    at: usize,
    waits: Waits<'_>,
) -> Markup {
    let says_what = asked.scopes.is_some();
    html! {
        form.card method="post" action=(waits.action()) {
            (proof(visitor.form_token))
            (waits.field())
            input type="hidden" name="key" value=(choice.key.id);
            fieldset aria-describedby={ "scopes-help-" (at) } {
                legend { "What it may do, by your key " (choice.key.name) }
                p.help id={ "scopes-help-" (at) } {
                    @if says_what { "It asks for this. Take away what it does not need." }
                    @else { "It does not say what it wants. Choose what it needs, and no more." }
                }
                ul.checks {
                    @for (number, scope) in choice.scopes.iter().enumerate() {
                        li {
                            label for={ "scope-" (at) "-" (number) } {
                                input id={ "scope-" (at) "-" (number) } type="checkbox" name="scope" value=(scope)
                                    checked[(says_what && !scope.is_everything()) || choice.before.contains(scope)];
                                span.mono { (scope) }
                                @if scope.is_everything() { " (everything that your key may do)" }
                            }
                        }
                    }
                }
            }
            div.row {
                button.main name="say" value="yes" { "Let it in" }
                button name="say" value="no" { "No" }
            }
        }
    }
}

/// Where no key of theirs may do anything of it.
fn none(visitor: Visitor<'_>, asked: &Authorization, waits: Waits<'_>) -> Markup {
    html! {
        form.card method="post" action=(waits.action()) {
            (proof(visitor.form_token))
            (waits.field())
            h2 { "None of your keys may do what it asks for" }
            @if let Some(scopes) = &asked.scopes {
                ul { @for scope in scopes.iter() { li { span.mono { (scope) } } } }
            }
            p {
                "Make one that may, if you can: " a href=(links::NEW) { "a new key" }
                ". Then begin again in the program. Or ask whoever runs this."
            }
            div.row {
                @match waits {
                    Waits::Here(_) => button.main name="say" value="no" { "Back to the program" },
                    Waits::Elsewhere(_) => button.main name="say" value="no" { "Say no to the program" },
                }
            }
        }
    }
}

/// Where a program's own word is all that is known of an address elsewhere, and nobody said yes to anything: the person goes there
/// by a step of their own, or not at all (RFC 9700 §4.11.2).
pub(in crate::server::portal) fn onward_by_hand(to: &RedirectUri, address: &str) -> String {
    let main = html! {
        h1 { "This program asked for something it cannot have" }
        div.card {
            p { "Nothing was given to it. It wants to be told so at: " (place(to)) }
            p.help { "Do you not know that address? Then close this page." }
            div.row { a.button href=(address) { "Go there" } }
        }
    };
    let title = "Not possible";
    Page { title, visitor: None, here: None, said: None, width: Width::Narrow, main }.markup()
}

/// Back to the program, at this address.
pub(in crate::server::portal) fn back(to: &RedirectUri, address: &str) -> String {
    let main = html! {
        h1 { "Back to the program" }
        div.card {
            p { "You go on to: " (place(to)) }
            div.row { a.button.main href=(address) { "Continue" } }
        }
    };
    let title = "Back to the program";
    Page { title, visitor: None, here: None, said: None, width: Width::Narrow, main }.markup_onto(address)
}
