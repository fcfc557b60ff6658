//! Whoever is signed out: by a key, or by the code of an invitation.

use maud::{Markup, html};

use super::shell::{Page, Said, Width};
use crate::server::portal::links;

/// The first page. `came_from_elsewhere` says that a browser keeps the session's cookie to itself, as it does of a link on
/// another site; `provider`, at whom people may sign in besides.
pub(in crate::server::portal) fn sign_in(
    said: Option<&Said>,
    came_from_elsewhere: bool,
    provider: Option<&str>,
) -> String {
    let main = html! {
        h1 { "Your API keys" }
        p.lead { "Make keys, replace them, and stop them. Sign in with what you have." }
        @if came_from_elsewhere {
            p { "Signed in already? " a href=(links::HOME) { "Open my keys" } }
        }
        @if let Some(name) = provider {
            section.card aria-labelledby="by-account" {
                h2 #by-account { "I have an account" }
                form method="post" action=(links::OIDC) {
                    div.row { button.main { "Sign in with " (name) } }
                }
            }
        }
        section.card aria-labelledby="by-code" {
            h2 #by-code { "I was sent a link or a code" }
            p { "Open the link, or " a href=(links::CLAIM) { "type the code in" } ". It works once." }
        }
        section.card aria-labelledby="by-key" {
            h2 #by-key { "I have a key" }
            form method="post" action=(links::SIGN_IN) {
                div.field {
                    label for="key" { "API key" }
                    p.help #key-help { "One that may sign in here. It is looked up, and kept nowhere." }
                    input #key type="password" name="key" required autocomplete="current-password"
                        autocapitalize="none" spellcheck="false" aria-describedby="key-help";
                }
                div.row { button.main { "Sign in" } }
            }
        }
    };
    Page { title: "Sign in", visitor: None, here: None, said, width: Width::Narrow, main }.markup()
}

/// The page of an invitation's link. The code is behind its `#`, which no server and no preview of the link sees; the script
/// takes it from there. To look at the page redeems nothing.
pub(in crate::server::portal) fn claim(said: Option<&Said>) -> String {
    let main = html! {
        h1 { "You are invited" }
        p.lead { "The code of your link lets you in once. After that you are signed in for a while." }
        form.card method="post" action=(links::CLAIM) {
            p #ready hidden { "Your code is filled in. Continue to use it." }
            (code_field())
            div.row { button #redeem .main { "Continue" } }
        }
    };
    Page { title: "Invitation", visitor: None, here: None, said, width: Width::Narrow, main }.markup()
}

fn code_field() -> Markup {
    html! {
        div.field #paste {
            label for="code" { "Code" }
            p.help #code-help { "The part of your link behind " code { "#" } ", which begins with " code { "skc_" } "." }
            input #code type="password" name="code" required autocomplete="off" autocapitalize="none"
                spellcheck="false" aria-describedby="code-help";
        }
    }
}
