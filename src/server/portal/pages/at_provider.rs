//! On the way to a provider, and back: pages that go on by themselves, also without scripts.

use maud::html;

use super::shell::{Page, Width};

/// To the provider, which has this address.
pub(in crate::server::portal) fn leaving(name: &str, address: &str) -> String {
    let main = html! {
        h1 { "On to " (name) }
        div.card {
            p { "You sign in there, and come back." }
            div.row { a.button.main href=(address) { "Continue to " (name) } }
        }
    };
    page("Sign in", main).markup_onto(address)
}

/// To the first page, or where somebody was on the way to: a browser that another site sent here presents its session from there on.
pub(in crate::server::portal) fn arrived(onto: &str) -> String {
    let main = html! {
        h1 { "You are signed in" }
        div.card { div.row { a.button.main href=(onto) { "Continue" } } }
    };
    page("Signed in", main).markup_onto(onto)
}

/// To the same page once more: the browser presents its session there.
pub(in crate::server::portal) fn onward(address: &str) -> String {
    let main = html! {
        h1 { "One moment" }
        div.card { div.row { a.button.main href=(address) { "Continue" } } }
    };
    page("One moment", main).markup_onto(address)
}

const fn page(title: &str, main: maud::Markup) -> Page<'_> {
    Page { title, visitor: None, here: None, said: None, width: Width::Narrow, main }
}
