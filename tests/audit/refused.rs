//! Anchors, filters, exports and sinks that cannot be.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _, symlink};
use std::time::Duration;

use rustix::fs::{CWD, Mode, mkfifoat};

use crate::cli::arguments::times::{NO_MOMENTS, NO_SPANS};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::program;
use crate::support::runner::{Case, Effect, case, check};

const STORE: &str = "9b8ae459-a6ce-4d8b-b440-8e271e340300";
const HASH: &str = "94bc709794156d65c6218e6073a0ff12f35ac900147d35ae0916d81227048c33";

/// Texts that are no anchor, where `S` is a store and `H` a hash; with what the error says.
const NO_ANCHORS: [(&str, &str); 30] = [
    ("", "it is empty"),
    (" ", "it is empty"),
    ("@", "it is empty"),
    ("H", "starts with keyctl-anchor:"),
    ("keyctl-anchor", "starts with keyctl-anchor:"),
    ("KEYCTL-ANCHOR:v1:S:1:H", "starts with keyctl-anchor:"),
    (" keyctl-anchor:v1:S:1:H", "starts with keyctl-anchor:"),
    ("\u{feff}keyctl-anchor:v1:S:1:H", "starts with keyctl-anchor:"),
    ("--", "starts with keyctl-anchor:"),
    ("keyctl-anchor:", "another version"),
    ("keyctl-anchor:v2:S:1:H", "another version"),
    ("keyctl-anchor:v1", "5 parts between colons, this has 2"),
    ("keyctl-anchor:v1:S:1", "this has 4"),
    ("keyctl-anchor:v1:S:1:H:", "this has 6"),
    ("keyctl-anchor:v1::1:H", "not a uuid"),
    ("keyctl-anchor:v1:9b8ae459a6ce4d8bb4408e271e340300:1:H", "not a uuid"),
    ("keyctl-anchor:v1:{S}:1:H", "not a uuid"),
    ("keyctl-anchor:v1:S::H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:0:H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:-1:H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:1e3:H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:\u{661}:H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:9223372036854775808:H", "whole number from 1 on"),
    ("keyctl-anchor:v1:S:1:", "has 0 characters"),
    ("keyctl-anchor:v1:S:1:H\n", "has 65 characters"),
    ("keyctl-anchor:v1:S:1:abc", "has 3 characters"),
    ("keyctl-anchor:v1:S:1:94BC709794156D65C6218E6073A0FF12F35AC900147D35AE0916D81227048C33", "0-9 and a-f"),
    ("{", "not the JSON"),
    ("{\"anchor\":7}", "not the JSON"),
    ("{\"anchor\":\"x\"}", "starts with keyctl-anchor:"),
];

both!(what_is_no_anchor_is_refused_by_its_fault, |place| {
    let sandbox = Sandbox::with_store(place);
    let anchor = sandbox.ok(&["audit", "checkpoint"]);
    let verify = |name: &str| case(name, "audit verify");
    let mut cases = Vec::new();
    for (text, says) in NO_ANCHORS {
        let text = text.replace('S', STORE).replace('H', HASH);
        cases.push(verify(&text).arg(format!("--anchor={text}")).fails(
            2,
            says,
            "keyctl audit verify --help",
        ));
        // A line of a file has no line end, and blanks around it do not count.
        if !text.trim().is_empty() && text.trim() == text && !text.starts_with('@') {
            let input = format!("{anchor}\n{text}\n");
            cases.push(verify(&format!("line {text}")).arg("--anchor=-").input(input).fails(
                2,
                "line 2 of standard input is no anchor",
                "keyctl audit checkpoint",
            ));
        }
    }
    let folder = sandbox.home().join("anchors");
    fs::create_dir(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("empty", b"");
    write("blank", b"\n \r\n\n");
    write("binary", &[0xff; 99]);
    write("bom", format!("\u{feff}{anchor}\n").as_bytes());
    write("good", format!("{anchor}\r\n").as_bytes());
    mkfifoat(CWD, folder.join("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    let file = |name: &str| verify(name).arg("--anchor").arg(format!("@anchors/{name}"));
    let checkpoint = "keyctl audit checkpoint";
    cases.extend([
        file("missing").fails(2, "No such file", "name a file"),
        verify("a folder").arg("--anchor=@anchors").fails(2, "cannot be read", "name a file"),
        verify("without an end").arg("--anchor=@/dev/zero").fails(2, "longer than 1 MiB", checkpoint),
        file("fifo").fails(2, "holds no anchor", checkpoint),
        file("empty").fails(2, "holds no anchor", checkpoint),
        file("blank").fails(2, "holds no anchor", checkpoint),
        file("binary").fails(2, "not UTF-8", checkpoint),
        file("bom").fails(2, "line 1 of", checkpoint),
        file("good").stdout(|out| out.contains("anchor_seq\t1")),
        verify("no value").arg("--anchor").fails(2, "a value is required", "keyctl audit verify --help"),
        verify("nothing on stdin").arg("--anchor=-").fails(2, "holds no anchor", checkpoint),
        verify("a closed stdin").arg("--anchor=-").shell(r#""$@" <&-"#).fails(
            2,
            "holds no anchor",
            checkpoint,
        ),
        verify("10 MiB").arg("--anchor=-").input(vec![b'x'; 10 << 20]).fails(2, "1 MiB", "fewer lines"),
        verify("another store's").arg(format!("--anchor=keyctl-anchor:v1:{STORE}:1:{HASH}")).fails(
            4,
            "is of store",
            "name the store",
        ),
        verify("from the future").arg(format!("--anchor={}", anchor.replace(":1:", ":7:"))).fails(
            7,
            "ends at record 1, but once had record 7",
            "kept elsewhere",
        ),
        verify("another hash").arg(format!("--anchor={}{HASH}", &anchor[..anchor.len() - 64])).fails(
            7,
            "record 1 is not the one",
            "kept elsewhere",
        ),
        verify("one of two")
            .arg(format!("--anchor={anchor}"))
            .arg(format!("--anchor={}", anchor.replace(":1:", ":7:")))
            .fails(7, "once had record 7", "kept elsewhere"),
    ]);
    check(&sandbox, cases);
});

both!(filters_that_cannot_be_are_refused_and_unknown_ones_find_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "alice", "--scope", "m", "--name", "two"]);
    let mut cases = Vec::new();
    for words in ["audit list", "audit export"] {
        let row = |name: &str| case(format!("{words} {name}"), words);
        let bad = |option: &str, value: &str, code, says: &str, hint: &str| {
            row(&format!("{option} {value:?}")).arg(format!("{option}={value}")).fails(code, says, hint)
        };
        let faults = NO_SPANS.iter().chain(&NO_MOMENTS).filter(|(_, says)| *says != "past");
        cases.extend(faults.map(|(value, says)| bad("--since", value, 2, says, "keyctl audit")));
        cases.extend([
            bad("--since", "0", 2, "zero", "keyctl audit"),
            bad("--since", "0d", 2, "zero", "keyctl audit"),
            bad("--since", "never", 2, "duration", "keyctl audit"),
            bad("--key", "bob", 3, "there is no key bob", "keyctl list"),
            bad("--key", "alice/three", 3, "there is no key", "alice has: default, two"),
            bad("--key", "key_01h455vb4pex5vsknk084sn02q", 3, "there is no key", "keyctl list"),
            bad("--key", "sks_zzzzzzzzzzzz", 3, "there is no key", "keyctl list"),
            bad("--key", "alice", 4, "may mean several", "owner/name"),
            bad("--key", "key_1", 2, "26 characters", "keyctl audit"),
            bad("--key", "../../etc/passwd", 2, "cannot be right", "keyctl audit"),
            bad("--key", "", 2, "empty", "keyctl audit"),
            row("two keys of stdin").arg("--key=-").input("alice/default\nalice/two\n").fails(
                2,
                "one key is meant",
                "one line",
            ),
            bad("--owner", "Alice", 2, "upper-case", "keyctl audit"),
            bad("--owner", "alice%", 2, "'%'", "keyctl audit"),
            bad("--owner", "a\u{202e}b", 2, "U+202E", "keyctl audit"),
            bad("--owner", "", 2, "empty", "keyctl audit"),
            bad("--actor", "", 2, "empty", "keyctl audit"),
            bad("--actor", "a\u{200d}b", 2, "U+200D", "keyctl audit"),
            bad("--actor", &"x".repeat(129), 2, "129 bytes", "keyctl audit"),
            bad("--action", "", 2, "words of a-z", "keyctl audit"),
            bad("--action", "mint%", 2, "words of a-z", "keyctl audit"),
            bad("--action", "store.", 2, "words of a-z", "keyctl audit"),
            bad("--action", "Mint", 2, "words of a-z", "keyctl audit"),
            bad("--outcome", "maybe", 2, "done, refused", "keyctl audit"),
            row("an unknown owner")
                .arg("--owner=bob")
                .says("no records with --owner bob")
                .stdout(str::is_empty),
            row("a literal _").arg("--owner=alic_").says("no records with").stdout(str::is_empty),
            row("an unknown action").arg("--action=dance").says("no records with --action dance"),
            row("a slip")
                .arg("--action=rvoke")
                .says("no records with --action rvoke; did you mean --action revoke?"),
            row("an unknown actor").arg("--actor=%").says("no records with --actor %"),
            row("a time to come").arg("--since=2099-01-01T00:00:00Z").says("no records with --since 2099"),
            row("/dev/full").shell(r#""$@" >/dev/full"#).fails(9, "could not be written", "standard output"),
            row("broken pipe").shell(r#"{ "$@"; echo "code $?" >&2; } | true"#).says("code 0"),
        ]);
    }
    cases.extend([
        case("a limit", "audit list --limit -1").fails(2, "whole number", "keyctl audit list"),
        case("follow json", "audit list --follow -o json").fails(2, "needs one", "-o jsonl"),
        case("follow /dev/full", "audit list -f").shell(r#""$@" >/dev/full"#).fails(
            9,
            "could not be written",
            "standard output",
        ),
        case("follow an unknown key", "audit list --follow --key bob").fails(3, "no key bob", "keyctl list"),
        case("follow a pipe that ended", "audit list --follow")
            .shell(r#"{ sleep 0.2; "$@"; echo "code $?" >&2; } | true"#)
            .says("code 0"),
        case("checkpoint /dev/full", "audit checkpoint").shell(r#""$@" >/dev/full"#).fails(
            9,
            "could not be written",
            "standard output",
        ),
    ]);
    check(&sandbox, cases);
});

both!(exports_that_cannot_be_leave_nothing_behind, |place| {
    let sandbox = Sandbox::with_store(place);
    let folder = sandbox.home().join("targets");
    fs::create_dir_all(folder.join("folder")).unwrap();
    fs::write(folder.join("file"), "precious\n").unwrap();
    symlink("file", folder.join("link")).unwrap();
    symlink("nowhere", folder.join("dangling")).unwrap();
    mkfifoat(CWD, folder.join("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let mut cases = Vec::new();
    for (target, says) in [
        ("targets/file", "exists already"),
        ("targets/folder", "exists already"),
        ("targets/link", "exists already"),
        ("targets/dangling", "exists already"),
        ("targets/fifo", "exists already"),
        ("/dev/full", "exists already"),
        ("targets/missing/x", "No such file"),
        ("targets/file/x", "Not a directory"),
        ("targets/new/", "irectory"),
        ("targets/..", "exists already"),
        ("/", "exists already"),
        ("", "value is required"),
    ] {
        let code = if target.is_empty() { 2 } else { 9 };
        let row = case(format!("into {target:?}"), "audit export").arg(format!("--out-file={target}"));
        cases.push(row.fails(code, says, if code == 2 { "keyctl audit export" } else { "name a new file" }));
    }
    let long = case("a name too long", "audit export").arg("--out-file").arg("x".repeat(300));
    cases.push(long.fails(9, "too long", "name a new file"));
    let limited = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    if sandbox.place.database.is_some() {
        let full = case("a full disk", "audit export --out-file targets/x").shell(limited);
        cases.push(full.fails(9, "File too large", "name a new file"));
    }
    for format in ["json", "table", "plain"] {
        let row = case(format, "audit export").arg("-o").arg(format);
        cases.push(row.fails(2, "as jsonl or csv", "-o jsonl"));
    }
    for number in ["0", "-1", "1.5", "x", "", "9223372036854775808", "99999999999999999999"] {
        let row = case(format!("since-seq {number:?}"), "audit export").arg(format!("--since-seq={number}"));
        cases.push(row.fails(2, "--since-seq", "keyctl audit export"));
    }
    check(&sandbox, cases);
    assert_eq!(names(), before);
    assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "precious\n");
});

both!(a_sink_that_is_none_is_refused_before_the_change, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let mut cases = Vec::new();
    for (sink, says) in [
        ("/var/log/keys", "neither file: nor cmd:"),
        ("syslog:", "neither file: nor cmd:"),
        ("https://example.org", "neither file: nor cmd:"),
        (" file:/tmp/x", "neither file: nor cmd:"),
        ("file:", "no path"),
        ("cmd:  ", "no path"),
        ("file:keys.log", "does not start with /"),
        ("cmd:cat hunter2", "does not start with /"),
        ("file:/tmp/", "ends with /"),
        ("file:/tmp/x\ny", "control character"),
    ] {
        for words in
            ["mint bob --scope m", "mint bob --dry-run", "rotate alice", "revoke alice", "store init"]
        {
            let row = case(format!("{sink}: {words}"), words).env("KEYCTL_AUDIT_SINK", sink).hides("hunter2");
            cases.push(row.fails(2, says, "file:/path/to/log").says("KEYCTL_AUDIT_SINK"));
        }
    }
    let latin = std::os::unix::ffi::OsStringExt::from_vec(b"file:/tmp/\xff".to_vec());
    let latin: std::ffi::OsString = latin;
    cases.extend([
        case("no UTF-8", "revoke alice").env("KEYCTL_AUDIT_SINK", latin).fails(2, "not UTF-8", "file:/path"),
        case("reading needs none", "list").env("KEYCTL_AUDIT_SINK", "nonsense"),
        case("empty is none", "mint bob --scope m").env("KEYCTL_AUDIT_SINK", "").mints(),
    ]);
    check(&sandbox, cases);
});

both!(a_sink_that_fails_is_a_warning_after_the_change, |place| {
    let sandbox = Sandbox::with_store(place);
    let folder = sandbox.home().join("sinks");
    fs::create_dir_all(folder.join("folder")).unwrap();
    let put = |name: &str, mode: u32, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    put("target", 0o600, "");
    put("open", 0o602, "");
    put("data", 0o644, "no program");
    program::script(&folder.join("fails"), "#!/bin/sh\ncat >/dev/null; echo secret-output >&2; exit 3\n");
    program::script(&folder.join("full"), "#!/bin/sh\ncat >/dev/full\n");
    program::script(&folder.join("hangs"), "#!/bin/sh\nsleep 60 & wait\n");
    program::script(&folder.join("killed"), "#!/bin/sh\nkill -9 $$\n");
    program::script(&folder.join("deaf"), "#!/bin/sh\nexec 0<&-; exit 0\n");
    // A hole between a first and a last record, which is all that is looked at.
    let record = "{\"store_uuid\":\"\",\"seq\":1,\"previous_hash\":\"\",\"hash\":\"\",\"body\":\"\"}\n";
    put("large", 0o600, record);
    let large = fs::File::options().write(true).open(folder.join("large")).unwrap();
    large.write_all_at(format!("\n{record}").as_bytes(), 64 << 20).unwrap();
    symlink("target", folder.join("link")).unwrap();
    mkfifoat(CWD, folder.join("fifo"), Mode::RUSR | Mode::WUSR).unwrap();
    let mut number = 0;
    let mut mint = |sink: String| {
        number += 1;
        case(sink.clone(), "mint alice --scope m")
            .arg(format!("--name=k{number}"))
            .env("KEYCTL_AUDIT_SINK", sink)
            .mints()
    };
    let warned = |row: Case, why: &str| {
        row.says("warning: audit record ")
            .says("not delivered to KEYCTL_AUDIT_SINK")
            .says(why)
            .says("catch up with: keyctl audit export --since-seq ")
            .hides("secret-output")
            .hides("hunter2")
    };
    let at = |name: &str| folder.join(name).display().to_string();
    let mut cases = Vec::new();
    for (name, why) in [
        ("folder", "not a plain file"),
        ("fifo", "not a plain file"),
        ("link", "a symbolic link"),
        ("open", "chmod o-w"),
        ("missing/log", "No such file"),
        ("target/log", "Not a directory"),
    ] {
        cases.push(warned(mint(format!("file:{}", at(name))), why));
    }
    cases.push(warned(mint("file:/dev/full".to_owned()), "not a plain file"));
    cases.push(warned(mint("file:/dev/null".to_owned()), "not a plain file"));
    // SQLite's own files stay far below this limit, the sink is above it.
    let limited = "trap '' XFSZ; ulimit -f 65536; exec \"$@\"";
    cases.push(warned(mint(format!("file:{}", at("large"))).shell(limited), "File too large"));
    for (words, why) in [
        ("missing hunter2", "No such file"),
        ("folder", "ermission denied"),
        ("data", "ermission denied"),
        ("fails hunter2", "exit status: 3"),
        ("full", "exit status"),
        ("killed", "signal: 9"),
    ] {
        cases.push(warned(mint(format!("cmd:{}", at(words))), why));
    }
    cases.push(warned(mint(format!("cmd:{}", at("hangs"))), "within 5 s").within(Duration::from_secs(9)));
    cases.extend([
        mint(format!("cmd:{}", at("deaf"))).stdout(|out| out.starts_with("sks_")),
        case("a refusal's, too", "mint alice --scope m --name k1")
            .env("KEYCTL_AUDIT_SINK", format!("file:{}", at("link")))
            .fails(4, "exists already", "another --name")
            .says("not delivered")
            .leaves(Effect::Refusal),
        case("not in a rehearsal", "mint carol --scope m --dry-run")
            .env("KEYCTL_AUDIT_SINK", format!("file:{}", at("never")))
            .says("dry run"),
    ]);
    check(&sandbox, cases);
    assert!(!folder.join("never").exists());
    assert_eq!(fs::metadata(folder.join("target")).unwrap().len(), 0);
});
