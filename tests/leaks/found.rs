//! What is found, where, and what is said of it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::corpus::{self, KINDS, Seeded};
use super::{findings, minted, said, set, shows_none};
use crate::support::both;
use crate::support::cli::{Sandbox, finish};
use crate::support::store::Place;

const SCAN: [&str; 4] = ["leaks", "scan", "-o", "jsonl"];

#[test]
fn of_two_thousand_planted_tokens_each_whole_one_is_found_and_none_of_twenty_thousand_decoys() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let tokens = corpus::write(&sandbox.home().join("corpus"), 1, 2000, 20_000);
    let ran = sandbox.run(&[&SCAN[..], &["--no-store", "corpus"]].concat()).expect_code(0);
    shows_none(&ran, &tokens);
    let mut found = BTreeMap::new();
    for finding in findings(&ran) {
        let path = finding["path"].as_str().expect("a path").to_owned();
        let name = path.rsplit('/').next().expect("a name").to_owned();
        assert!(path.starts_with("corpus/planted/"), "a false alarm: {finding}");
        let (kind, number) = name.split_once('-').expect("a kind");
        let number: usize = number.trim_end_matches(".txt").parse().expect("a number");
        assert!(tokens[number].starts_with(finding["token_prefix"].as_str().expect("a prefix")), "{finding}");
        *found.entry(kind.to_owned()).or_insert(0) += 1;
    }
    for kind in KINDS {
        let planted = (0..2000).filter(|number| KINDS[number % KINDS.len()] == kind).count();
        let count = found.get(kind).copied().unwrap_or_default();
        // One whose line was broken is whole nowhere.
        assert_eq!(count, if kind == "split" { 0 } else { planted }, "{kind}: {found:?}");
    }
    assert!(
        ran.stderr.contains("searched 22,000 files") || ran.stderr.contains("searched 22000 files"),
        "{}",
        ran.stderr
    );
}

both!(a_finding_says_whose_the_token_is_and_what_it_could_get, |place| {
    let sandbox = Sandbox::with_store(place);
    let live = minted(&sandbox, "alice/ci --scope memories:read,files");
    let old = minted(&sandbox, "bob --scope a");
    sandbox.ok(&["rotate", "bob", "--grace", "0", "--out-file", "new.token"]);
    let revoked = minted(&sandbox, "carol");
    sandbox.ok(&["revoke", "carol"]);
    let suspended = minted(&sandbox, "dora");
    sandbox.ok(&["suspend", "dora"]);
    let other = Seeded(9).token("acme_live");
    fs::create_dir(sandbox.home().join("src")).expect("a folder");
    let text = format!("a\nkey: '{live}'\n{old} {revoked}\n{suspended}\n\té {other}\n");
    fs::write(sandbox.home().join("src/app.yaml"), text).expect("a file");
    let ran = sandbox.run(&[&SCAN[..], &["--exit-code", "src"]].concat()).expect_code(10);
    shows_none(&ran, &[live, old, revoked, suspended, other]);
    assert_eq!(
        said(&ran, &["path", "line", "column", "state", "live", "owner", "name", "scopes"]),
        set(&[
            r#"src/app.yaml 2 7 active true alice ci ["files","memories:read"]"#,
            r#"src/app.yaml 3 1 replaced false bob default ["a"]"#,
            "src/app.yaml 3 68 revoked false carol default []",
            "src/app.yaml 4 1 suspended true dora default []",
            "src/app.yaml 5 4 unknown false null null null",
        ])
    );
    // Of those that work no more, none ends with 10.
    for gone in ["alice/ci", "dora"] {
        sandbox.ok(&["revoke", gone]);
    }
    sandbox.run(&[&SCAN[..], &["--exit-code", "src"]].concat()).expect_code(0);
});

#[test]
fn without_a_store_every_token_may_work() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(3).token("sks");
    fs::write(sandbox.home().join("a.txt"), &token).expect("a file");
    let ran = sandbox.run(&[&SCAN[..], &["--no-store", "--exit-code", "a.txt"]].concat()).expect_code(10);
    assert_eq!(said(&ran, &["path", "state", "live", "key"]), set(&["a.txt unchecked null null"]));
    let mut command = sandbox.command(&[&SCAN[..], &["--exit-code", "a.txt"]].concat());
    command.env_remove("KEYCTL_STORE");
    let ran = finish(command, b"").expect_code(10);
    assert!(ran.stderr.contains("there is no store here"), "{}", ran.stderr);
    // A store that is named has to be there.
    sandbox.run(&[&SCAN[..], &["a.txt"]].concat()).expect_code(7);
}

#[test]
fn a_token_is_found_in_archives_of_archives_and_in_names() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(4).token("sks");
    fs::write(sandbox.home().join("app.log"), format!("one\n{token}\n")).expect("a file");
    let script = r#"
import gzip, io, sys, tarfile, zipfile
token = open("app.log").read().split()[1]
long_name = "d/" * 60 + "n" * 90
for format in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
    with tarfile.open(f"{format}.tar", "w", format=format) as archive:
        archive.add("app.log", "logs/app.log")
        if format != tarfile.USTAR_FORMAT:
            archive.add("app.log", long_name)
open("app.log.gz", "wb").write(gzip.compress(open("app.log", "rb").read()) + gzip.compress(b"tail"))
with tarfile.open("two.tgz", "w:gz") as archive:
    archive.add("app.log.gz")
with zipfile.ZipFile("one.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("app.log", "a/app.log")
    archive.write("two.tgz", "two.tgz", zipfile.ZIP_STORED)
    archive.writestr(token + ".txt", "x")
with zipfile.ZipFile("outer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("one.zip")
"#;
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(sandbox.home());
    assert!(command.status().expect("python3").success());
    let ran = sandbox.run(&[&SCAN[..], &["--no-store", "."]].concat()).expect_code(0);
    shows_none(&ran, std::slice::from_ref(&token));
    let long_name = format!("{}{}", "d/".repeat(60), "n".repeat(90));
    let named = format!("{}….txt", &token[..16]);
    let expected = [
        "app.log null 2".to_owned(),
        "0.tar logs/app.log 2".to_owned(),
        "1.tar logs/app.log 2".to_owned(),
        "2.tar logs/app.log 2".to_owned(),
        format!("1.tar {long_name} 2"),
        format!("2.tar {long_name} 2"),
        "app.log.gz null 2".to_owned(),
        "two.tgz app.log.gz 2".to_owned(),
        "one.zip a/app.log 2".to_owned(),
        "one.zip two.tgz/app.log.gz 2".to_owned(),
        format!("one.zip {named} null"),
        "outer.zip one.zip/a/app.log 2".to_owned(),
        "outer.zip one.zip/two.tgz/app.log.gz 2".to_owned(),
        format!("outer.zip one.zip/{named} null"),
    ];
    assert_eq!(said(&ran, &["path", "member", "line"]), expected.into_iter().collect());
}

#[test]
fn a_token_in_utf_16_or_base64_is_found() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(6).token("sks");
    fs::write(sandbox.home().join("token"), &token).expect("a file");
    let script = r#"
import base64, gzip, json, os, subprocess, tarfile
token = open("token").read()
os.mkdir("d")
text = "\ufeff# é 😀\r\n" + "x\r\n" * 300000 + f"\té key={token}\r\n"
open("d/little.ps1", "wb").write(text.encode("utf-16-le"))
open("d/big.reg", "wb").write(text.encode("utf-16-be"))
open("d/first.txt", "wb").write(("\ufeff" + token).encode("utf-16-le"))
open("d/odd.txt", "wb").write(("\ufeff\n" + token).encode("utf-16-be") + b"\0")
with tarfile.open("d/in.tar", "w") as archive:
    archive.add("d/little.ps1", "little.ps1")
secret = base64.b64encode(token.encode()).decode()
auth = base64.b64encode(f"bot:{token}".encode()).decode()
config = base64.b64encode(json.dumps({"auths": {"registry.example.com": {"auth": auth, "password": token}}}).encode()).decode()
open("d/secret.yaml", "w").write(f"apiVersion: v1\nkind: Secret\ndata:\n  token: {secret}\n  .dockerconfigjson: {config}\n")
open("d/curl.log", "w").write("> Authorization: Basic " + auth + "\n")
open("d/large.txt", "w").write(base64.b64encode(b"x" * 300001 + token.encode() + b"y" * 300000).decode())
open("d/none.txt", "w").write(base64.b64encode(b"x" * 200 + token[:-1].encode()).decode())
"#;
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(sandbox.home());
    assert!(command.status().expect("python3").success());
    let ran = sandbox.run(&[&SCAN[..], &["--no-store", "d"]].concat()).expect_code(0);
    shows_none(&ran, std::slice::from_ref(&token));
    assert_eq!(
        said(&ran, &["path", "member", "line", "column"]),
        set(&[
            "d/little.ps1 null 300002 8",
            "d/big.reg null 300002 8",
            "d/first.txt null 1 1",
            "d/odd.txt null 2 1",
            "d/in.tar little.ps1 300002 8",
            "d/secret.yaml null 4 10",
            // Its password; the other one is in base64 in base64.
            "d/secret.yaml null 5 231",
            "d/curl.log null 1 29",
            "d/large.txt null 1 400002",
        ])
    );
    // As PowerShell writes what git prints.
    let log = format!("\u{feff}commit {}\r\n\r\n    {token}\r\n", "0123456789".repeat(4));
    let bytes: Vec<u8> = log.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ran = finish(sandbox.command(&[&SCAN[..], &["--no-store", "-"]].concat()), &bytes).expect_code(0);
    assert_eq!(said(&ran, &["path", "commit"]), set(&[&format!("(message) {}", "0123456789".repeat(4))]));
}

#[test]
fn the_history_of_a_repository_is_searched_also_as_a_stream() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let mut seeded = Seeded(5);
    let (first, second, third) = (seeded.token("sks"), seeded.token("sks"), seeded.token("sks"));
    let script =
        "git init -q -b main repo; cd repo; git config user.name a; git config user.email a@example.com
        printf 'one\\nkey=%s\\n' \"$FIRST\" > app.env; git add .; git commit -qm start
        git checkout -qb other; echo \"$SECOND\" > b.txt; git add .; git commit -qm b; git checkout -q main
        echo one > app.env; git commit -qam \"took out $THIRD\"
        git config core.fsmonitor 'touch ../ran; false'; git config diff.external 'touch ../ran'
        git log -p --all > ../log.txt";
    let mut command = Command::new("bash");
    command.args(["-ec", script]).current_dir(sandbox.home()).env("HOME", sandbox.home());
    command.env("FIRST", &first).env("SECOND", &second).env("THIRD", &third);
    assert!(command.status().expect("bash").success());
    let _ = fs::remove_file(sandbox.home().join("ran"));
    let expected = ["app.env 2", "app.env 2", "b.txt 1", "(message) null"];
    let ran = sandbox.run(&[&SCAN[..], &["--no-store", "--git", "repo"]].concat()).expect_code(0);
    shows_none(&ran, &[first, second, third]);
    assert_eq!(
        said(&ran, &["path", "line"]),
        expected
            .iter()
            .map(|place| if place.starts_with('(') { (*place).to_owned() } else { format!("repo/{place}") })
            .collect()
    );
    assert_eq!(findings(&ran).len(), 4);
    assert!(findings(&ran).iter().all(|found| found["commit"].as_str().is_some_and(|id| id.len() == 40)));
    // No setting of the repository was run.
    assert!(!sandbox.home().join("ran").exists());
    let log = fs::read_to_string(sandbox.home().join("log.txt")).expect("a log");
    let ran = sandbox.feed(&[&SCAN[..], &["--no-store", "-"]].concat(), &log).expect_code(0);
    assert_eq!(said(&ran, &["path", "line"]), set(&expected));
    sandbox.run(&["leaks", "scan", "--git", "--no-store", "log.txt"]).expect_code(2);
}
