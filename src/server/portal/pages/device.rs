//! The code of a program on a device, and what became of it.

use maud::html;

use super::shell::{Page, Said, Visitor, Width, proof};
use crate::server::portal::links;

/// Where a code is typed. `code` is filled in.
pub(in crate::server::portal) fn code(visitor: Visitor<'_>, said: Option<&Said>, code: &str) -> String {
    let main = html! {
        h1 { "Let a program on a device in" }
        p.lead { "A program that you just began, in a terminal for one, shows a code. Type it here." }
        form.card method="post" action=(links::DEVICE) {
            (proof(visitor.form_token))
            div.field {
                label for="code" { "Code" }
                p.help #code-help {
                    "Eight letters, as " span.mono { "WDJB-MJHT" }
                    @if !code.is_empty() { ". Is it the one that your program shows? If somebody sent you a link or a code, stop here." }
                }
                input #code .mono type="text" name="code" value=(code) required autocomplete="off"
                    autocapitalize="characters" spellcheck="false" maxlength="32" aria-describedby="code-help";
            }
            div.row { button.main { "Continue" } }
        }
    };
    Page { title: "Code of a program", visitor: Some(visitor), here: None, said, width: Width::Narrow, main }
        .markup()
}

/// What was said.
pub(in crate::server::portal) fn said(visitor: Visitor<'_>, is_let_in: bool) -> String {
    let title = if is_let_in { "The program is let in" } else { "The program is not let in" };
    let main = html! {
        h1 { (title) }
        div.card {
            @if is_let_in {
                p { "Go back to it: it goes on by itself in a few seconds. You can end what it may do with its key in your list." }
            } @else {
                p { "It is told that you said no." }
            }
            div.row { a.button href=(links::HOME) { "My keys" } }
        }
    };
    Page { title, visitor: Some(visitor), here: None, said: None, width: Width::Narrow, main }.markup()
}
