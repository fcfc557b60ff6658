//! The log outside of the store.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{lines, numbers, some_records};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};

/// The lines of shell in the documentation that check an export.
fn documented_check() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md");
    let text = fs::read_to_string(path).expect("docs/formats.md");
    let start = "```sh\nkeyctl audit export | python3";
    let at = text.find(start).expect("a check in Python") + "```sh\n".len();
    text[at..].split("```").next().expect("its end").to_owned()
}

/// Runs it against an export that is given.
fn check_with_python(export: &str) -> (Option<i32>, String) {
    let script = documented_check().replace("keyctl audit export |", "cat |");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = finish(command, export.as_bytes());
    (ran.code, ran.stdout + &ran.stderr)
}

both!(the_documented_check_in_python_recomputes_the_chain, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    // What JSON has to escape, and what a terminal must not see.
    let mut by_bot = sandbox.command(&["mint", "carol", "--scope", "m"]);
    by_bot.env("KEYCTL_ACTOR", "bot \"é\" \\ <&>");
    finish(by_bot, b"").expect_code(0);
    let export = sandbox.ok(&["audit", "export"]);
    let hash = sandbox.json(&["audit", "verify"])["hash"].as_str().unwrap().to_owned();
    let (code, said) = check_with_python(&export);
    assert_eq!((code, said.trim()), (Some(0), format!("6 {hash}").as_str()));
    for (altered, what) in [
        (export.replace("\\\"owner\\\":\\\"bob\\\"", "\\\"owner\\\":\\\"eve\\\""), "a body"),
        (export.lines().filter(|line| !line.contains("\"seq\":3,")).collect::<Vec<_>>().join("\n"), "a gap"),
    ] {
        assert_ne!(altered, export, "{what}");
        let (code, said) = check_with_python(&altered);
        assert_eq!(code, Some(1), "{what}: {said}");
    }
});

both!(an_export_has_what_its_filters_say, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let whole = sandbox.ok(&["audit", "export"]);
    assert_eq!(numbers(&whole), [1, 2, 3, 4, 5]);
    let all = lines(&whole);
    assert!(all.iter().all(|line| line["record"].to_string().len() > 9 && line["body"].is_string()));
    assert!((1..5).all(|index| all[index]["previous_hash"] == all[index - 1]["hash"]));
    for (words, expected) in [
        (&["--since-seq", "4"][..], &[4, 5][..]),
        (&["--since-seq", "1"], &[1, 2, 3, 4, 5]),
        (&["--owner", "alice", "--since-seq", "3"], &[4]),
        (&["--action", "mint", "--outcome", "refused"], &[5]),
        (&["--since-seq", "6"], &[]),
        (&["--since-seq", "9223372036854775807"], &[]),
    ] {
        let ran = sandbox.run(&[&["audit", "export"], words].concat()).expect_code(0);
        assert_eq!(numbers(&ran.stdout), expected, "{words:?}");
        assert!(ran.stdout.lines().all(|line| whole.contains(line)), "line by line the same");
        assert_eq!(ran.stderr.contains("no records"), expected.is_empty(), "{words:?}");
    }
});

both!(csv_has_the_body_as_it_was_hashed, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let csv = sandbox.run(&["audit", "export", "-o", "csv"]).expect_code(0).stdout;
    let script = "import csv, hashlib, sys, uuid
for row in csv.DictReader(sys.stdin):
    seq = int(row['seq']).to_bytes(8, 'big')
    body = row['body'].encode()
    store, previous = uuid.UUID(row['store_uuid']).bytes, bytes.fromhex(row['previous_hash'])
    assert hashlib.sha256(b'keyctl/v1/audit' + store + seq + previous + body).hexdigest() == row['hash']
    print(row['seq'], row['subject'])";
    let mut python = Command::new("/usr/bin/python3");
    python.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let ran = finish(python, csv.as_bytes()).expect_code(0);
    assert_eq!(ran.stdout, "1 \n2 alice/default\n3 bob/default\n4 alice/default\n5 bob/default\n");
});

both!(a_file_of_ones_own_appears_whole_and_is_not_replaced, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    let folder = sandbox.home().join("exports");
    fs::create_dir(&folder).expect("folder");
    let file = folder.join("audit.jsonl");
    let words = ["audit", "export", "--out-file", file.to_str().expect("UTF-8")];
    let ran = sandbox.run(&words).expect_code(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("5 records are in"), "{ran:?}");
    let written = fs::read_to_string(&file).expect("read");
    assert_eq!(written.trim_end(), sandbox.ok(&["audit", "export"]));
    assert_eq!(fs::metadata(&file).expect("there").mode() & 0o777, 0o600);
    sandbox.ok(&["revoke", "bob"]);
    let ran = sandbox.run(&words).expect_code(9);
    assert!(ran.stderr.contains("exists already"), "{ran:?}");
    assert_eq!(fs::read_to_string(&file).expect("read"), written);
    assert_eq!(fs::read_dir(&folder).expect("folder").count(), 1, "no draft remains");
});

both!(a_broken_log_is_exported_whole_and_said_to_be_broken, |place| {
    let sandbox = Sandbox::with_store(place);
    some_records(&sandbox);
    sandbox.place.sql("UPDATE audit SET body = replace(body, 'bob', 'eve') WHERE seq = 3").expect("altered");
    let file = sandbox.home().join("evidence");
    let ran = sandbox.run(&["audit", "export"]).expect_code(7);
    assert_eq!(numbers(&ran.stdout), [1, 2, 3, 4, 5]);
    assert!(ran.stderr.contains("record 3 was altered") && ran.stderr.contains("all 5 records"), "{ran:?}");
    sandbox.run(&["audit", "export", "--out-file", file.to_str().expect("UTF-8")]).expect_code(7);
    assert_eq!(fs::read_to_string(&file).expect("kept"), ran.stdout);
    // A filter does not hide it, and what is behind it is whole.
    sandbox.run(&["audit", "export", "--owner", "alice"]).expect_code(7);
    sandbox.run(&["audit", "export", "--since-seq", "4"]).expect_code(0);
    sandbox.place.sql("DELETE FROM audit WHERE seq = 3").expect("deleted");
    let ran = sandbox.run(&["audit", "export", "--since-seq", "4"]).expect_code(7);
    assert!(ran.stderr.contains("record 3 is missing"), "{ran:?}");
});
