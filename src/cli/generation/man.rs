//! A manual page in roff, with the sections that man-pages(7) names, in its order.

use roff::{Roff, bold, italic, roman};

use super::page::{Item, Page};
use crate::cli::arguments::help::{EXIT_CODES, NONZERO, VARIABLES};

/// An empty argument would be left out, and the next one take its place.
const NO_DATE: &str = "\\&";

/// The page of one of `pages`.
pub(super) fn render(page: &Page, pages: &[Page]) -> String {
    let mut roff = Roff::new();
    let source = concat!("keyctl ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", [page.file().to_uppercase().as_str(), "1", NO_DATE, source, "keyctl manual"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{} - {}", page.file(), page.about))]);
    roff.control("SH", ["SYNOPSIS"]);
    synopsis(&mut roff, page);
    description(&mut roff, page);
    options(&mut roff, "ARGUMENTS AND OPTIONS", &page.arguments);
    options(&mut roff, "GLOBAL OPTIONS", &page.global);
    if !page.commands.is_empty() {
        roff.control("SH", ["COMMANDS"]);
        for (name, about) in &page.commands {
            entry(&mut roff, &format!("{}(1)", name.replace(' ', "-")), about);
        }
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, _, meaning) in EXIT_CODES {
        entry(&mut roff, &code.to_string(), meaning);
    }
    roff.control("PP", []);
    roff.text([roman(NONZERO)]);
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in VARIABLES {
        entry(&mut roff, name, meaning);
    }
    if !page.examples.is_empty() {
        roff.control("SH", ["EXAMPLES"]);
        roff.control("EX", []);
        for example in &page.examples {
            roff.text([roman(example.clone())]);
        }
        roff.control("EE", []);
    }
    see_also(&mut roff, page, pages);
    roff.render()
}

fn synopsis(roff: &mut Roff, page: &Page) {
    let arguments = page.usage.strip_prefix(&page.name).unwrap_or_default().trim();
    roff.text([bold(page.name.clone()), roman(" "), roman(arguments)]);
}

fn description(roff: &mut Roff, page: &Page) {
    roff.control("SH", ["DESCRIPTION"]);
    roff.text([roman(format!("{}.", page.about))]);
    for paragraph in &page.details {
        roff.control("PP", []);
        roff.text([roman(paragraph.clone())]);
    }
    for alias in &page.aliases {
        roff.control("PP", []);
        roff.text([roman("The same as "), bold(alias.clone()), roman(".")]);
    }
}

fn options(roff: &mut Roff, heading: &str, items: &[Item]) {
    if items.is_empty() {
        return;
    }
    roff.control("SH", [heading]);
    for item in items {
        entry(roff, &item.term, &item.help);
        if let Some(default) = &item.default {
            roff.text([roman(format!("[default: {default}]"))]);
        }
        if let Some(values) = item.bare_values() {
            roff.text([roman(format!("[one of {values}]"))]);
            continue;
        }
        if item.values.is_empty() {
            continue;
        }
        roff.control("RS", []);
        for (value, meaning) in &item.values {
            entry(roff, value, meaning);
        }
        roff.control("RE", []);
    }
}

fn entry(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}

fn see_also(roff: &mut Roff, page: &Page, pages: &[Page]) {
    roff.control("SH", ["SEE ALSO"]);
    let near: Vec<String> = pages
        .iter()
        .filter(|other| page.is_near(other))
        .map(|other| format!("{}(1)", other.file()))
        .collect();
    let mut inlines = Vec::new();
    for (index, name) in near.iter().enumerate() {
        if index > 0 {
            inlines.push(roman(", "));
        }
        inlines.push(bold(name.clone()));
    }
    roff.text(inlines);
    if !page.name.contains(' ') {
        roff.control("PP", []);
        roff.text([
            roman("The keyutils package has another "),
            italic("keyctl"),
            roman(", which manages the kernel's keyrings."),
        ]);
    }
}
