//! Text of the store that would steer a terminal: shown escaped, whatever wrote it.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::pty::Terminal;
use crate::support::runner::{report, run_bounded};
use crate::support::store::Place;

/// Clears the screen, sets the title, turns text around, hides it, begins a sequence in one
/// character (C1), and ends a line.
const NASTY: [&str; 8] = [
    "\u{1b}[2J",
    "\u{1b}]0;pwned\u{7}",
    "a\u{202e}b",
    "a\u{200b}b",
    "\u{9b}31m",
    "\u{feff}",
    "\u{2066}x",
    "a\rb\nc",
];

const FORMATS: [&str; 5] = ["table", "plain", "csv", "json", "jsonl"];

/// As text in SQL of both databases.
fn literal(text: &str, place: &Place) -> String {
    if place.database.is_some() { format!("'{text}'") } else { format!("'{}'", text.replace('\'', "''")) }
}

/// A character that must not reach a terminal from the store. The line ends, colours and
/// tabs that keyctl writes itself are taken out first.
fn leaks(output: &str, on_terminal: bool) -> Option<char> {
    let mut text = output.replace("\r\r\n", "").replace("\r\n", "").replace('\n', "");
    if on_terminal {
        let colours = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        text = colours.replace_all(&text, "").into_owned();
    }
    text.chars().find(|c| keyctl::domain::texts::text::is_hidden(*c) && *c != '\t')
}

both!(text_of_the_store_is_escaped_in_every_format, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut failures = Vec::new();
    for (number, nasty) in NASTY.iter().enumerate() {
        sandbox.ok(&["mint", "alice", "--name", &format!("n{number}"), "--scope", "m", "--label", "k=v"]);
        let reason = literal(nasty, &sandbox.place);
        // In JSON only ASCII control characters must be escaped; the others may stand raw.
        let inner: String = nasty
            .chars()
            .map(|c| if u32::from(c) < 32 { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() })
            .collect();
        let labels = literal(&format!("{{\"k\":\"{inner}\"}}"), &sandbox.place);
        let body = literal(
            &format!(
                "{{\"at\":\"{inner}\",\"action\":\"{inner}\",\"owner\":\"{inner}\",\"message\":\"{inner}\",\"actor\":{{\"claimed\":\"{inner}\"}}}}"
            ),
            &sandbox.place,
        );
        for statement in [
            format!(
                "UPDATE key SET revoked_at = 1, revoke_reason = {reason}, labels = {labels} WHERE name = 'n{number}'"
            ),
            format!("UPDATE token SET revoked_at = 1, labels = {labels} WHERE key_name = 'n{number}'"),
            format!("UPDATE audit SET body = {body} WHERE seq = {}", number + 2),
        ] {
            sandbox.place.sql(&statement).unwrap();
        }
    }
    let mut lines: Vec<String> = (0..NASTY.len()).map(|number| format!("show alice/n{number}")).collect();
    lines.extend(["list --all".to_owned(), "audit list".to_owned()]);
    for words in &lines {
        for format in FORMATS {
            let args: Vec<&str> = words.split(' ').chain(["-o", format]).collect();
            let (ran, _) = run_bounded(sandbox.command(&args), None);
            if ran.code != Some(0)
                || leaks(&ran.stdout, false).is_some()
                || leaks(&ran.stderr, false).is_some()
            {
                failures.push(format!("## in a pipe: {args:?}: {:?}\n{ran:?}", leaks(&ran.stdout, false)));
            }
            if words.ends_with("list") || words.ends_with("n0") || words.ends_with("n4") {
                let (code, seen) = Terminal::start(&sandbox.command(&args), 120).finish();
                if code != 0 || leaks(&seen, true).is_some() {
                    failures.push(format!("## on a terminal: {args:?}: {:?}\n{seen:?}", leaks(&seen, true)));
                }
            }
        }
    }
    report(&failures);
    // And nothing is lost in JSON: it reads back as it was.
    for (number, nasty) in NASTY.iter().enumerate() {
        let shown = sandbox.json(&["show", &format!("alice/n{number}")]);
        assert_eq!(shown["revoke_reason"], *nasty);
        assert_eq!(shown["labels"]["k"], *nasty);
    }
    let records = sandbox.json(&["audit", "list"]);
    assert_eq!(records[1]["record"]["message"], NASTY[0]);
    assert_eq!(records[5]["record"]["message"], NASTY[4]);
});

both!(an_error_that_quotes_the_store_is_escaped, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let nasty = literal("ali\u{1b}[2J\u{202e}ce", &sandbox.place);
    sandbox.place.sql(&format!("INSERT INTO owner (name, created_at) VALUES ({nasty}, 1)")).unwrap();
    sandbox.place.sql(&format!("UPDATE key SET owner = {nasty}")).unwrap();
    for args in
        [&["list"][..], &["list", "-o", "json"], &["store", "check"], &["store", "check", "-o", "json"]]
    {
        let (ran, _) = run_bounded(sandbox.command(args), None);
        assert_eq!(ran.code, Some(7), "{args:?} {ran:?}");
        assert_eq!(leaks(&ran.stderr, false).or(leaks(&ran.stdout, false)), None, "{args:?} {ran:?}");
    }
});

#[test]
fn bytes_that_are_no_text_name_their_cell() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let bad = "CAST(x'80ff1b5b324a' AS TEXT)";
    let mut failures = Vec::new();
    let rows = [
        ("UPDATE key SET revoke_reason = {}", "list", "table key, column revoke_reason, row key_"),
        ("UPDATE key SET revoke_reason = NULL, labels = {}", "list", "table key, column labels, row key_"),
        ("UPDATE key SET labels = '{\"a\":1}'", "show alice", "table key, column labels, row key_"),
        ("UPDATE audit SET body = {} WHERE seq = 2", "audit list", "table audit, column body, row 2"),
        ("UPDATE audit SET body = {} WHERE seq = 2", "audit verify", "table audit, column body, row 2"),
    ];
    for (sql, words, says) in rows {
        sandbox.place.sql(&sql.replace("{}", bad)).unwrap();
        for format in ["plain", "json"] {
            let args: Vec<&str> = words.split(' ').chain(["-o", format]).collect();
            let (ran, _) = run_bounded(sandbox.command(&args), None);
            if ran.code != Some(7) || !ran.stderr.contains(says) || leaks(&ran.stderr, false).is_some() {
                failures.push(format!("## {sql}: {args:?}\n{ran:?}"));
            }
        }
    }
    report(&failures);
}
