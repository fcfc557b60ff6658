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
