//! Imported tokens that stand in names: nothing that is printed has one.

use std::fs;
use std::process::Command;

use super::{minted, said};
use crate::support::both;
use crate::support::cli::{Ran, Sandbox};

const STRONG: &str = "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs";
const WEAK: &str = "sk-alice-test-key-12345";

fn shown(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

#[track_caller]
fn hides(ran: &Ran, tokens: &[&str]) {
    // Wrapped over the lines of a table, half of one would be left.
    let printed = shown(ran);
    assert!(tokens.iter().all(|token| !printed.contains(&token[..12])), "{printed}");
}

both!(an_imported_token_in_a_name_is_printed_nowhere, |place| {
    let sandbox = Sandbox::with_store(place);
    let own = minted(&sandbox, "alice");
    let env = format!("API_KEYS='{{\"{STRONG}\": \"frank\", \"{WEAK}\": \"alice\"}}'\n");
    fs::write(sandbox.home().join("mem0.env"), env).expect("a file");
    sandbox.ok(&["import", "mem0", "mem0.env", "--scope", "memories"]);
    fs::write(sandbox.home().join("words"), format!("hunter2\n{WEAK}\n")).expect("a file");
    let script = r#"
mkdir -p "d/old_$STRONG/x" d/weak; echo "$OWN" > "d/old_$STRONG/x/a.env"; echo "$OWN" > "d/weak/backup-$WEAK.txt"
printf '\375\067zXZ\0' > "d/$STRONG.tar.xz"; printf 'PK\003\004 and no more' > "d/backup-$STRONG-old.zip"
ln -s . "d/link-$STRONG"; tar -C d -cf d/members.tar "old_$STRONG"
git init -q -b main repo; cd repo; git config user.name a; git config user.email a@example.com
mkdir "k-$STRONG"; echo "$OWN" > "k-$STRONG/a.env"; git add .; git commit -qm start
git log -p > ../log.txt
"#;
    let mut command = Command::new("bash");
    command.args(["-ec", script]).current_dir(sandbox.home()).env("HOME", sandbox.home());
    command.env("STRONG", STRONG).env("WEAK", WEAK).env("OWN", &own);
    assert!(command.status().expect("bash").success());
    let log = fs::read_to_string(sandbox.home().join("log.txt")).expect("a log");

    for foreign in [&[][..], &["--foreign"]] {
        for form in
            [&["-o", "table"][..], &["-o", "json"], &["-o", "jsonl"], &["-o", "csv"], &["--sarif"], &["-v"]]
        {
            let run = |args: &[&str], input: &str| {
                sandbox.feed(&[&["leaks", "scan"], foreign, form, args].concat(), input).expect_code(0)
            };
            hides(&run(&["d"], ""), &[STRONG]);
            hides(&run(&["--git", "repo"], ""), &[STRONG]);
            hides(&run(&["-"], &log), &[STRONG]);
            hides(&run(&["--weak-words", "words", "d"], ""), &[STRONG, WEAK]);
        }
    }
    // What stands around it is.
    let ran = sandbox.run(&["leaks", "scan", "-o", "jsonl", "--weak-words", "words", "d"]).expect_code(0);
    let places = said(&ran, &["path", "member", "owner"]);
    for place in [
        "d/old_…/x/a.env null alice",
        "d/members.tar old_…/x/a.env alice",
        "d/weak/backup-….txt null alice",
        "words null alice",
    ] {
        assert!(places.contains(place), "{place}: {places:?}");
    }
    for name in ["d/….tar.xz", "d/backup-…-old.zip", "d/link-…"] {
        assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
    }
    // With --foreign the name itself is a finding, and what was found in it is stopped.
    let ran = sandbox.run(&["leaks", "scan", "-o", "jsonl", "--foreign", "--exit-code", "d"]).expect_code(10);
    let places = said(&ran, &["path", "member", "line", "owner", "state"]);
    for place in ["d/old_…/x/a.env null null frank active", "d/members.tar old_…/x/a.env null frank active"]
    {
        assert!(places.contains(place), "{place}: {places:?}");
    }
    sandbox.run(&["leaks", "scan", "--foreign", "--revoke", "d/members.tar"]).expect_code(0);
    assert_eq!(sandbox.verify(STRONG, &[]).0, Some(5));

    // Neither do errors show one, which name what was typed.
    let (strong, weak) = (format!("no/{STRONG}.txt"), format!("no/{WEAK}.txt"));
    for verbose in [&[][..], &["-v"], &["-o", "json"]] {
        for (args, token) in [
            (&["scan", strong.as_str()][..], STRONG),
            (&["scan", "--git", &strong], STRONG),
            (&["scan", "--foreign", &strong], STRONG),
            (&["scan", "--weak-words", &strong], STRONG),
            (&["scan", "--weak-words", "words", &weak], WEAK),
        ] {
            let ran = sandbox.run(&[&["leaks"], args, verbose].concat()).expect_code(2);
            hides(&ran, &[token]);
            assert!(shown(&ran).contains("no/….txt"), "{ran:?}");
        }
    }
});
