//! A fresh token, shown once, and what to do with it.

use maud::{Markup, html};

use super::shell::{Page, Said, Visitor, Width, moment, proof};
use crate::domain::keys::key::Key;
use crate::domain::keys::token::Token;
use crate::server::portal::links::{self, Act, Link, Of};

/// A token that waits until somebody says that it arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::server::portal) enum Again {
    /// It is gone with this page.
    Never,
    /// It can be asked for again, until it was said to have arrived.
    UntilKept,
}

pub(in crate::server::portal) fn token(
    visitor: Visitor<'_>,
    key: &Key,
    token: &Token,
    service: &str,
    again: Again,
) -> String {
    let said = Said::good("The token is ready").and("Copy it now: it is shown this once.");
    let main = html! {
        h1 { (key.name) }
        section.card aria-labelledby="token-is" {
            h2 #token-is { "Your token" }
            div.token {
                code #token tabindex="0" { (token.expose()) }
                button.main type="button" data-copy="token" hidden { "Copy the token" }
            }
            p.help {
                "Keep it where programs keep secrets, as in a variable of the environment; never in code, a chat or an address. "
                @if let Some(end) = key.expires_at { "It ends " (moment(end)) "." }
            }
            @match again {
                Again::UntilKept => {
                    p { "Did something go wrong before you could copy it? " a href=(links::HOME) { "Go back" } " and ask again: you get a new token, and this one stops." }
                    form.row method="post" action=(links::KEPT) {
                        (proof(visitor.form_token))
                        button.main { "I have it" }
                    }
                }
                Again::Never => {
                    div.row {
                        a.button href=(links::HOME) { "I have it" }
                        a.button href=(links::key(Of::Owner, key.id, Act::Show)) { "To the key" }
                    }
                }
            }
        }
        section.card aria-labelledby="use-it" {
            h2 #use-it { "Use it" }
            p.help { "Put the token into the variable " code { "API_KEY" } " first." }
            (snippet("curl", "curl", &[
                "curl ", service, "/ \\\n  -H \"Authorization: Bearer $API_KEY\"",
            ]))
            (snippet("python", "Python", &[
                "import os\nimport httpx\n\nclient = httpx.Client(\n    base_url=\"", service,
                "\",\n    headers={\"Authorization\": f\"Bearer {os.environ['API_KEY']}\"},\n)\nprint(client.get(\"/\").status_code)",
            ]))
            (snippet("typescript", "TypeScript", &[
                "const answer = await fetch(\"", service,
                "/\", {\n  headers: { Authorization: `Bearer ${process.env.API_KEY}` },\n});\nconsole.log(answer.status);",
            ]))
            (snippet("openai", "OpenAI SDK", &[
                "import os\nfrom openai import OpenAI\n\nclient = OpenAI(\n    base_url=\"", service,
                "/v1\",\n    api_key=os.environ[\"API_KEY\"],\n)",
            ]))
        }
    };
    Page {
        title: "Your token",
        visitor: Some(visitor),
        here: Some(Link::Keys),
        said: Some(&said),
        width: Width::Medium,
        main,
    }
    .markup()
}

/// Lines that can be copied.
fn snippet(id: &str, title: &str, lines: &[&str]) -> Markup {
    let text = lines.concat();
    html! {
        div.snippet {
            div.bar {
                h3 { (title) }
                button.small type="button" data-copy=(id) aria-label={ "Copy for " (title) } hidden { "Copy" }
            }
            pre tabindex="0" role="region" aria-label={ "For " (title) } { code id=(id) { (text) } }
        }
    }
}
