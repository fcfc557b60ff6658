//! Values that are typed or pasted on a terminal.

use super::{KEY, furnished, keyed};
use crate::support::pty::Terminal;
use crate::support::store::Place;

#[test]
fn a_value_that_the_terminal_may_have_cut_is_refused() {
    let (sandbox, _) = furnished(Place::sqlite());
    let mut terminal = Terminal::shell(&sandbox, 100);
    terminal.type_text(&format!("export KEYCTL_MASTER_KEY={KEY}\n"));
    terminal.pass("ready> ");
    for (length, code) in [(4094, 0), (4095, 2), (5000, 2)] {
        let name = format!("typed-{length}");
        terminal.type_text(&format!("$KEYCTL secret set openai {name}; echo code=$?\n"));
        terminal.pass("(not shown): ");
        terminal.type_text(&format!("{}\n", "sk-1".repeat(length / 4 + 1).split_at(length).0));
        terminal.wait_for("code=");
        terminal.wait_for("ready> ");
        assert!(terminal.seen.contains(&format!("code={code}")), "{length}: {}", terminal.seen);
        assert_eq!(terminal.seen.contains("too long to be typed"), code == 2, "{length}: {}", terminal.seen);
        terminal.seen.clear();
    }
    assert_eq!(keyed(&sandbox, &["secret", "get", "typed-4094"], "").len(), 4094);
    let listed = sandbox.ok(&["secret", "list"]);
    assert!(!listed.contains("typed-4095") && !listed.contains("typed-5000"), "{listed}");
}

#[test]
fn what_a_terminal_puts_around_a_paste_is_taken_off() {
    let (sandbox, token) = furnished(Place::sqlite());
    let mut terminal = Terminal::shell(&sandbox, 100);
    terminal.type_text(&format!("export KEYCTL_MASTER_KEY={KEY}\n"));
    terminal.pass("ready> ");
    for (command, asked, pasted, says) in [
        ("verify", "Token: ", format!("\u{1b}[200~{token}\u{1b}[201~"), "allowed"),
        (
            "verify",
            "Token: ",
            format!(" \u{1b}[200~{token} \u{1b}[201~"),
            "took off what stood around the token",
        ),
        (
            "secret set openai pasted",
            "(not shown): ",
            "\u{1b}[200~sk-pasted-1\u{1b}[201~ ".to_owned(),
            "keeps the openai",
        ),
    ] {
        terminal.type_text(&format!("$KEYCTL {command}; echo code=$?\n"));
        terminal.pass(asked);
        terminal.type_text(&format!("{pasted}\n"));
        terminal.wait_for("code=");
        terminal.wait_for("ready> ");
        assert!(
            terminal.seen.contains("code=0") && terminal.seen.contains(says),
            "{command}: {}",
            terminal.seen
        );
        terminal.seen.clear();
    }
    assert_eq!(keyed(&sandbox, &["secret", "get", "pasted"], ""), "sk-pasted-1");
}
