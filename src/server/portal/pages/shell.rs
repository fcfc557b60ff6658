//! What all pages have in common: head and foot, what is said of the last request, and how things are written.

use maud::{DOCTYPE, Markup, html};

use super::super::assets::{SCRIPT, STYLE};
use super::super::links::{self, Link};
use crate::domain::portal::session::Person;
use crate::domain::time::{Span, Timestamp};

/// A small key, as the browser's tab shows it.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%234a5fd0' stroke-width='2.4' stroke-linecap='round'%3E%3Ccircle cx='8' cy='12' r='5'/%3E%3Cpath d='M13 12h9m-3 0v4m-3-4v3'/%3E%3C/svg%3E";

/// How what is said is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Tone {
    Good,
    Wait,
    Bad,
}

/// What is said above a page.
#[derive(Clone, Debug)]
pub(in super::super) struct Said {
    pub(in super::super) tone: Tone,
    pub(in super::super) title: String,
    /// What to do about it.
    pub(in super::super) more: Option<String>,
}

impl Said {
    pub(in super::super) fn bad(title: impl Into<String>) -> Self {
        Self { tone: Tone::Bad, title: title.into(), more: None }
    }

    pub(in super::super) fn good(title: impl Into<String>) -> Self {
        Self { tone: Tone::Good, title: title.into(), more: None }
    }

    pub(in super::super) fn and(self, more: impl Into<String>) -> Self {
        Self { more: Some(more.into()), ..self }
    }
}

/// Who is signed in, and what proves that a form came from a page of theirs.
#[derive(Clone, Copy)]
pub(in super::super) struct Visitor<'a> {
    pub(in super::super) person: &'a Person,
    pub(in super::super) form_token: &'a str,
}

/// How much of a window a page takes at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Width {
    /// What is filled in or decided.
    Narrow,
    /// What is read or copied.
    Medium,
    Wide,
}

impl Width {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Narrow => Some("narrow"),
            Self::Medium => Some("medium"),
            Self::Wide => None,
        }
    }
}

/// A page.
pub(in super::super) struct Page<'a> {
    pub(in super::super) title: &'a str,
    pub(in super::super) visitor: Option<Visitor<'a>>,
    /// Which of the links on top it is.
    pub(in super::super) here: Option<Link>,
    pub(in super::super) said: Option<&'a Said>,
    pub(in super::super) width: Width,
    pub(in super::super) main: Markup,
}

impl Page<'_> {
    pub(in super::super) fn markup(&self) -> String {
        self.whole(None)
    }

    /// The same, and browsers go on from it to another page at once: those without scripts, too.
    pub(in super::super) fn markup_onto(&self, address: &str) -> String {
        self.whole(Some(address))
    }

    fn whole(&self, onto: Option<&str>) -> String {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    @if let Some(address) = onto { meta http-equiv="refresh" content={ "0;url=" (address) }; }
                    title { (self.title) " · Keys" }
                    link rel="icon" href=(ICON);
                    link rel="stylesheet" href=(STYLE.path());
                    script src=(SCRIPT.path()) defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    (self.top())
                    main #main tabindex="-1" {
                        div class=[self.width.class()] {
                            @if let Some(said) = self.said { (announced(said)) }
                            (self.main)
                        }
                    }
                    footer.foot { p { "Only a hash of each token is kept. Nobody can show you a token a second time." } }
                    div #told.hidden role="status" aria-live="polite" {}
                }
            }
        }
        .into_string()
    }

    fn top(&self) -> Markup {
        html! {
            header.top {
                div {
                    a.brand href=(links::HOME) {
                        svg viewBox="0 0 24 24" aria-hidden="true" { circle cx="8" cy="12" r="5" {} path d="M13 12h9m-3 0v4m-3-4v3" {} }
                        "Keys"
                    }
                    @if let Some(Visitor { person, form_token }) = self.visitor {
                        nav aria-label="Pages" {
                            ul {
                                (self.link(Link::Keys))
                                (self.link(Link::New))
                                @if person.is_admin {
                                    (self.link(Link::Admin))
                                    (self.link(Link::Invite))
                                }
                            }
                        }
                        div.who {
                            span { span.hidden { "Signed in as " } b { (person.owner) } }
                            form method="post" action=(links::SIGN_OUT) {
                                (proof(form_token))
                                button.small { "Sign out" }
                            }
                        }
                    }
                }
            }
        }
    }

    fn link(&self, link: Link) -> Markup {
        let current = (self.here == Some(link)).then_some("page");
        html! { li { a href=(link.path()) aria-current=[current] { (link.as_str()) } } }
    }
}

/// Read out when the page is there.
fn announced(said: &Said) -> Markup {
    let (class, role) = match said.tone {
        Tone::Good => ("said good", "status"),
        Tone::Wait => ("said wait", "status"),
        Tone::Bad => ("said bad", "alert"),
    };
    html! {
        div class=(class) role=(role) {
            strong { (said.title) }
            @if let Some(more) = &said.more { p { (more) } }
        }
    }
}

/// What shows that a form came from a page of this session.
pub(in super::super) fn proof(form_token: &str) -> Markup {
    html! { input type="hidden" name="form" value=(form_token); }
}

/// A moment, as people read it, in UTC.
pub(in super::super) fn moment(at: Timestamp) -> Markup {
    let text = at.to_string();
    let (day, time) = (text.get(..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    html! { time datetime=(text) { (day) " " (time) " UTC" } }
}

/// Its day alone, where there is little room.
pub(super) fn day(at: Timestamp) -> Markup {
    let text = at.to_string();
    html! { time datetime=(text) { (text.get(..10).unwrap_or_default()) } }
}

/// How far from now, in the largest unit of which there is one: `in 89 days`, `3 hours ago`.
pub(in super::super) fn distance(now: Timestamp, at: Timestamp) -> String {
    let millis = at.as_millis() - now.as_millis();
    let seconds = millis.abs() / 1000;
    let (number, unit) = match seconds {
        0..60 => return if millis >= 0 { "in a moment" } else { "just now" }.to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    if millis >= 0 { format!("in {number} {unit}{plural}") } else { format!("{number} {unit}{plural} ago") }
}

/// A span in words, in the largest unit of which there are two or just one, rounded down: `1 day`, `90 days`, `47 hours`.
pub(in super::super) fn span_words(span: Span) -> String {
    let seconds = span.as_secs();
    let fits = |unit: i64| seconds == unit || seconds >= 2 * unit;
    let (number, unit) = match seconds {
        s if fits(86_400) => (s / 86_400, "day"),
        s if fits(3600) => (s / 3600, "hour"),
        s if fits(60) => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    #[test]
    fn markup_in_what_is_said_is_text() {
        let said = Said::bad("<script>alert(1)</script>").and("\"><img src=x onerror=alert(1)>");
        let page = Page {
            title: "</title><b>",
            visitor: None,
            here: None,
            said: Some(&said),
            width: Width::Wide,
            main: html! {},
        };
        let markup = page.markup();
        assert!(markup.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{markup}");
        assert!(markup.contains("<title>&lt;/title&gt;&lt;b&gt;"), "{markup}");
        assert!(!markup.contains("<img") && !markup.contains("<b>"), "{markup}");
    }

    #[test]
    fn a_distance_is_told_in_one_unit() {
        let now = at("2027-01-31T12:00:00Z");
        for (then, told) in [
            ("2027-01-31T12:00:59Z", "in a moment"),
            ("2027-01-31T11:59:59Z", "just now"),
            ("2027-01-31T11:58:59Z", "1 minute ago"),
            ("2027-02-01T11:00:00Z", "in 23 hours"),
            ("2027-02-02T12:00:00Z", "in 2 days"),
            ("2026-01-31T12:00:00Z", "365 days ago"),
        ] {
            assert_eq!(distance(now, at(then)), told, "{then}");
        }
        assert_eq!(span_words(Span::days(1)), "1 day");
        assert_eq!(span_words(Span::seconds(7200)), "2 hours");
        assert_eq!(span_words(Span::from_secs(89 * 86_400 + 86_399).expect("a span")), "89 days");
        assert_eq!(span_words(Span::seconds(90)), "90 seconds");
    }
}
