//! Deliveries that are killed, that find no room, and that may not write.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::town::{OTHER, TOKEN, Town};
use crate::support::{program, unprivileged};

const FILE: &str = r#"{"file":"alice"}"#;
const DOTENV: &str = r#"{"dotenv":{"path":"env","name":"ALICE_KEY"}}"#;

const CHILD: &str = "provisioning::crashes::what_another_process_does";

/// Not a test by itself: it delivers for ever, one token after the other; or, where it is told so, once.
#[test]
#[ignore = "run by the others"]
fn what_another_process_does() {
    let value = |name: &str| std::env::var(name).expect(name);
    let (root, sink) = (value("SINK_ROOT"), value("SINK"));
    let once = std::env::var_os("SINK_ONCE").is_some();
    let town = Town::at_root(Path::new(&root));
    for token in [OTHER, TOKEN].iter().cycle() {
        match town.deliver(&sink, token) {
            Err(error) => panic!("FAULT {error}"),
            Ok(_) if once => return,
            Ok(_) => {}
        }
    }
}

fn another(root: &Path, sink: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args([CHILD, "--exact", "--ignored", "--nocapture"]);
    with(&mut command, root, sink);
    command
}

fn with(command: &mut Command, root: &Path, sink: &str) {
    command.env("SINK_ROOT", root).env("SINK", sink).stdout(Stdio::piped()).stderr(Stdio::piped());
}

/// Reads until the child has begun, however long a busy machine takes for it; what it says later has to go somewhere, too.
fn until_it_works(child: &mut Child) -> impl BufRead + use<> {
    let mut words = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    while !line.contains("running 1 test") {
        line.clear();
        assert_ne!(words.read_line(&mut line).expect("text"), 0, "it ended before it began");
    }
    words
}

fn drafts(folder: &Path) -> usize {
    let names = fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").file_name());
    names.filter(|name| name.to_string_lossy().contains(".keyctl-")).count()
}

#[test]
fn killed_at_any_moment_the_file_is_the_old_or_the_new_one_and_nothing_stays_for_ever() {
    for (sink, name, before) in
        [(FILE, "alice", format!("{TOKEN}\n")), (DOTENV, "env", format!("A='1\n2'\nALICE_KEY={TOKEN}\nB=2"))]
    {
        let town = Town::new();
        fs::write(town.at(name), &before).expect("written");
        let others = before.replace(TOKEN, OTHER);
        let (mut left, mut seen) = (0, [false; 2]);
        // Sixty times, and on until a delivery was met at its work: how long one takes is up to the machine.
        for round in 0..1_000 {
            if round >= 60 && seen == [true; 2] && left > 0 {
                break;
            }
            let mut child: Child = another(town.root(), sink).spawn().expect("starts");
            let _words = until_it_works(&mut child);
            std::thread::sleep(Duration::from_millis(round % 37));
            child.kill().expect("killed");
            child.wait().expect("ended");
            let text = fs::read_to_string(town.at(name)).expect("text");
            assert!(text == before || text == others, "{text:?}");
            seen[usize::from(text == others)] = true;
            left += drafts(town.root());
        }
        assert!(seen == [true; 2] && left > 0, "no delivery was killed at its work: {seen:?}, {left} drafts");
        town.deliver(sink, TOKEN).expect("delivered");
        assert_eq!(drafts(town.root()), 0, "the next delivery takes away what was left");
    }
}

#[test]
fn what_another_process_works_with_and_what_is_for_another_file_stays() {
    let town = Town::new();
    let mut living = Command::new("sleep").arg("60").spawn().expect("starts");
    let names = [
        format!(".alice.keyctl-{}-0", living.id()),
        format!(".alice.keyctl-{}-0", 4_000_000),
        format!(".bob.keyctl-{}-0", 4_000_000),
    ];
    for name in &names {
        fs::write(town.at(name), TOKEN).expect("written");
    }
    town.deliver(FILE, TOKEN).expect("delivered");
    let stays = names.each_ref().map(|name| town.at(name).exists());
    living.kill().expect("ended");
    living.wait().expect("ended");
    assert_eq!(stays, [true, false, true]);
}

/// A file's limit is met as a full disk is: a write says that nothing more goes in.
#[test]
fn without_room_the_old_file_stays_and_no_draft() {
    for (sink, name) in [(FILE, "alice"), (DOTENV, "env")] {
        let town = Town::new();
        let before = if sink == FILE {
            format!("{TOKEN}\n")
        } else {
            format!("ALICE_KEY={TOKEN}\n# {}\n", "x".repeat(3000))
        };
        fs::write(town.at(name), &before).expect("written");
        let mut command = Command::new("bash");
        // Blocks of 1024 bytes; what is over is cut off with an error instead of a signal.
        let blocks = if sink == FILE { 0 } else { 2 };
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "bash"]);
        command.arg(std::env::current_exe().expect("this test"));
        command.args([CHILD, "--exact", "--ignored", "--nocapture"]);
        with(&mut command, town.root(), sink);
        command.stdout(Stdio::piped()).env("SINK_ONCE", "1");
        let output = command.output().expect("runs");
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("could not be written: File too large"), "{said}");
        assert!(!said.contains(&TOKEN[20..36]) && !said.contains(&OTHER[20..36]), "{said}");
        assert_eq!(fs::read_to_string(town.at(name)).expect("text"), before);
        assert_eq!(drafts(town.root()), 0);
    }
}

#[test]
fn a_folder_that_may_not_be_written_is_refused_before() {
    let town = Town::new();
    fs::create_dir(town.at("tokens")).expect("folder");
    let folder = tempfile::Builder::new().prefix("keyctl-program-").tempdir().expect("folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let copy = folder.path().join("test");
    program::copy(std::env::current_exe().expect("this test"), &copy);
    unprivileged::own(town.root());
    fs::set_permissions(town.at("tokens"), fs::Permissions::from_mode(0o500)).expect("mode");
    let mut command = unprivileged::command(&copy);
    command.args([CHILD, "--exact", "--ignored", "--nocapture"]).current_dir("/");
    with(&mut command, town.root(), r#"{"file":"tokens/alice"}"#);
    let output = command.env("SINK_ONCE", "1").output().expect("runs");
    let said =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("tokens cannot be written: Permission denied"), "{said}");
    assert!(!output.status.success());
}
