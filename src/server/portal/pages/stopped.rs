//! A page for whoever did not get the one that was asked for.

use maud::html;

use super::shell::{Page, Said, Visitor, Width};
use crate::server::portal::links;

/// What went wrong, and a way on.
pub(in crate::server::portal) fn stopped(visitor: Option<Visitor<'_>>, said: &Said) -> String {
    let way = if visitor.is_some() { "Back to my keys" } else { "To the first page" };
    let main = html! {
        h1 { "This did not work" }
        div.card {
            p { "Nothing was changed by it, unless the message above says so." }
            div.row { a.button href=(links::HOME) { (way) } }
        }
    };
    Page { title: &said.title, visitor, here: None, said: Some(said), width: Width::Narrow, main }.markup()
}
