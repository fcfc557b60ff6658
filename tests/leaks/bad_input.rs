//! What cannot be searched, or not in the usual way: memory stays bounded, and each thing is said.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use super::corpus::Seeded;
use super::{findings, said, set, shows_none};
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const SCAN: [&str; 5] = ["leaks", "scan", "--no-store", "-o", "jsonl"];

fn python(sandbox: &Sandbox, script: &str) {
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(sandbox.home());
    assert!(command.status().expect("python3").success());
}

#[test]
fn links_pipes_and_archives_that_are_none_are_told_of_and_the_rest_is_searched() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(1).token("sks");
    let home = sandbox.home();
    fs::create_dir(home.join("d")).expect("a folder");
    symlink(".", home.join("d/loop")).expect("a link");
    symlink("/no/such/file", home.join("d/dangling")).expect("a link");
    rustix::fs::mkfifoat(rustix::fs::CWD, home.join("d/pipe"), rustix::fs::Mode::RUSR).expect("a pipe");
    let mut binary = vec![0_u8, 159, 146, 150, 10];
    binary.extend_from_slice(token.as_bytes());
    binary.extend_from_slice(&[0, 255]);
    fs::write(home.join("d/program"), binary).expect("a file");
    python(
        &sandbox,
        r#"
import gzip, zipfile
data = gzip.compress(b"text " * 10000)
open("d/cut.gz", "wb").write(data[:len(data) // 2])
open("d/no.zip", "wb").write(b"PK\x03\x04 and nothing else")
open("d/a.xz", "wb").write(b"\xfd7zXZ\x00 rest")
with zipfile.ZipFile("d/damaged.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("first", "x" * 1000)
    archive.writestr("second", open("d/program", "rb").read())
raw = bytearray(open("d/damaged.zip", "rb").read())
raw[35] = 7
open("d/damaged.zip", "wb").write(raw)
inner = b"innermost"
for depth in range(10):
    inner = gzip.compress(inner)
open("d/deep.gz", "wb").write(inner)
"#,
    );
    let ran = sandbox.run(&[&SCAN[..], &["d"]].concat()).expect_code(0);
    shows_none(&ran, &[token]);
    assert_eq!(
        said(&ran, &["path", "member", "line", "column"]),
        set(&["d/damaged.zip second 2 1", "d/program null 2 1"])
    );
    for line in [
        "a symbolic link, which is not followed: d/dangling, d/loop",
        "a device, a socket or a named pipe: d/pipe",
        "compressed in a way that is not unpacked here: unpack it first: d/a.xz",
        "an archive in more than eight archives: d/deep.gz",
    ] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
    let damaged = ran.stderr.lines().find(|line| line.contains("a damaged archive")).expect("a line");
    assert!(
        ["d/cut.gz", "d/damaged.zip!first", "d/no.zip"].iter().all(|name| damaged.contains(name)),
        "{damaged}"
    );
}

#[test]
fn what_a_zip_archive_unpacks_to_is_compared_with_its_sum() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(7).token("sks");
    fs::write(sandbox.home().join("token"), &token).expect("a file");
    python(
        &sandbox,
        r#"
import zipfile
token = open("token").read()
with zipfile.ZipFile("a.zip", "w") as archive:
    for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED), ("good", zipfile.ZIP_DEFLATED)]:
        archive.writestr(name, f"x {token} x", method)
raw = bytearray(open("a.zip", "rb").read())
# A letter of the stored token; and the sum of the deflated one in the table at the end.
raw[raw.index(token.encode()) + 30] ^= 1
entry = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
assert raw[entry + 46:entry + 54] == b"deflated"
raw[entry + 16] ^= 1
open("a.zip", "wb").write(raw)
"#,
    );
    let ran = sandbox.run(&[&SCAN[..], &["a.zip"]].concat()).expect_code(0);
    shows_none(&ran, &[token]);
    assert_eq!(said(&ran, &["member"]), set(&["deflated", "good"]));
    let line = "a damaged file in an archive, which unpacks to something else than was packed: a.zip!deflated, a.zip!stored";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
}

#[test]
fn a_file_that_must_not_be_read_is_told_of() {
    if rustix::process::geteuid().is_root() {
        // Root may read everything; as others, tests/support/unprivileged.rs runs the program.
        let place = Place::sqlite();
        let folder = place.folder.path();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("rights");
        fs::write(folder.join("closed"), "x").expect("a file");
        fs::set_permissions(folder.join("closed"), fs::Permissions::from_mode(0o0)).expect("rights");
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(crate::support::cli::PROGRAM);
        command.args(SCAN).arg(folder).env_clear().env("HOME", "/").env("PATH", "/usr/bin:/bin");
        let ran = command.output().expect("setpriv");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success() && said.contains("no permission: "), "{said}");
    }
}

#[test]
fn a_bomb_is_not_unpacked_to_its_end() {
    let sandbox = Sandbox::empty(Place::sqlite());
    python(
        &sandbox,
        r#"
import gzip, zipfile
zeros = gzip.compress(bytes(1 << 24))
open("bomb.gz", "wb").write(zeros * 66)
with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for number in range(66):
        archive.writestr(str(number), bytes(1 << 24))
"#,
    );
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -v 1000000; exec \"$0\" \"$@\""]).arg(crate::support::cli::PROGRAM);
    command.args(SCAN).args(["bomb.gz", "bomb.zip"]).current_dir(sandbox.home());
    let ran = command.env("HOME", sandbox.home()).output().expect("bash");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("it unpacks to too much"), "{said}");
    assert!(said.contains("bomb.gz, bomb.zip"), "{said}");
}

#[test]
fn a_long_stream_needs_no_more_memory_than_a_short_one() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let token = Seeded(2).token("sks");
    let line = "2026-12-01T10:00:00Z web[17]: GET /v1/memories 200 in 3 ms\n";
    let mut command = Command::new("bash");
    // 64 MiB for all of it, with the program's own text.
    command
        .args(["-c", "ulimit -d 65536; exec \"$0\" \"$@\""])
        .arg(crate::support::cli::PROGRAM)
        .args(SCAN)
        .arg("-");
    command.env("HOME", sandbox.home()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("bash");
    let mut stdin = child.stdin.take().expect("a pipe");
    let (block, lines) = (line.repeat(10_000), 10_000 * 256);
    let writer = std::thread::spawn({
        let token = token.clone();
        move || {
            for _ in 0..256 {
                stdin.write_all(block.as_bytes()).expect("written");
            }
            // The same token over and over, as a log has it.
            for _ in 0..5000 {
                stdin.write_all(format!("{token}\n").as_bytes()).expect("written");
            }
        }
    });
    let ran = child.wait_with_output().expect("ends");
    writer.join().expect("written");
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{stderr}");
    let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
    let found = findings(&crate::support::cli::Ran { code: Some(0), stdout, stderr });
    assert_eq!(
        (found.len(), found[0]["line"].as_u64(), found[0]["more_places"].as_u64()),
        (100, Some(lines + 1), Some(4900))
    );
}

#[test]
fn a_token_is_found_wherever_the_pieces_of_a_file_end() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let mut seeded = Seeded(6);
    fs::create_dir(sandbox.home().join("d")).expect("a folder");
    let mut expected = std::collections::BTreeSet::new();
    for around in (0..140).step_by(3) {
        let token = seeded.token("sks");
        let before = 256 * 1024 - 100 + around;
        let text = format!("{}\n{token}\n{}", "é".repeat((before - 1) / 2), "y".repeat(300_000));
        fs::write(sandbox.home().join(format!("d/{around}")), text).expect("a file");
        expected.insert(format!("d/{around} 2 1"));
    }
    let ran = sandbox.run(&[&SCAN[..], &["d"]].concat()).expect_code(0);
    assert_eq!(said(&ran, &["path", "line", "column"]), expected);
    assert_eq!(findings(&ran).len(), expected.len());
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told_of() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let path = sandbox.home().join("growing.log");
    fs::write(&path, "x".repeat(64 * 1024 * 1024)).expect("a file");
    let command = sandbox.command(&[&SCAN[..], &["growing.log"]].concat());
    let going = std::sync::atomic::AtomicBool::new(true);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).expect("a file");
            while going.load(std::sync::atomic::Ordering::Relaxed) {
                file.write_all(b"more\n").expect("written");
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        let ran = crate::support::cli::finish(command, b"");
        going.store(false, std::sync::atomic::Ordering::Relaxed);
        ran
    });
    assert!(ran.stderr.contains("it changed while it was read: search it again: growing.log"), "{ran:?}");
}
