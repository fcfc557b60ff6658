//! A sink's file: what it becomes, and what is never written.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;

use super::town::{OTHER, TOKEN, Town};

const SINK: &str = r#"{"file":"tokens/alice"}"#;

fn town() -> Town {
    let town = Town::new();
    fs::create_dir(town.at("tokens")).expect("folder");
    town
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("mode");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("there").mode() & 0o7777
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("text")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_file_holds_the_token_alone_and_is_the_owners() {
    let town = town();
    town.check(SINK).expect("may be written");
    assert!(names(&town.at("tokens")).is_empty(), "a check writes nothing");
    assert!(town.deliver(SINK, TOKEN).expect("delivered").notes.is_empty());
    let file = town.at("tokens/alice");
    assert_eq!((read(&file), mode(&file)), (format!("{TOKEN}\n"), 0o600));
    town.check(SINK).expect("may be written over");
    town.deliver(SINK, OTHER).expect("delivered");
    assert_eq!((read(&file), names(&town.at("tokens"))), (format!("{OTHER}\n"), vec!["alice".to_owned()]));
}

#[test]
fn a_token_takes_the_place_of_a_token_and_of_nothing_else() {
    let town = town();
    let file = town.at("tokens/alice");
    for former in ["", TOKEN, &format!("{TOKEN}\r\n")] {
        fs::write(&file, former).expect("written");
        town.deliver(SINK, OTHER).unwrap_or_else(|error| panic!("{former:?}: {error}"));
        assert_eq!(read(&file), format!("{OTHER}\n"));
    }
    for other in [
        "# a\nb\n",
        "KEY=a b\n",
        &"x".repeat(9000),
        "\u{1}",
        "sk-alice-test-key-12345\n",
        "#!/bin/sh",
        "hunter2",
    ] {
        fs::write(&file, other).expect("written");
        for refused in [town.check(SINK), town.deliver(SINK, OTHER).map(drop)] {
            let error = refused.expect_err(other);
            assert!(
                error.is_refusal && error.to_string().contains("holds something else than one token"),
                "{error}"
            );
        }
        assert_eq!(read(&file), other);
    }
}

#[test]
fn nobody_but_the_owner_has_rights_afterwards_and_who_lost_them_is_told() {
    for (sink, path) in
        [(SINK, "tokens/alice"), (r#"{"dotenv":{"path":"tokens/env","name":"A"}}"#, "tokens/env")]
    {
        for (before, after, told) in [
            (0o600, 0o600, None),
            (0o400, 0o400, None),
            (0o700, 0o700, None),
            (0o640, 0o600, Some("had mode 0640 and has 0600 now: its group")),
            (0o644, 0o600, Some("had mode 0644 and has 0600 now: others")),
            (0o444, 0o400, Some("others")),
        ] {
            let town = town();
            let file = town.at(path);
            fs::write(&file, "").expect("written");
            set_mode(&file, before);
            let notes = town.deliver(sink, TOKEN).expect("delivered").notes;
            assert_eq!(mode(&file), after, "{before:o}");
            match told {
                None => assert!(notes.is_empty(), "{notes:?}"),
                Some(told) => assert!(notes[0].contains(told), "{notes:?}"),
            }
        }
    }
}

/// What stands in the way, and what is said of it. Nothing is written, not even beside.
#[test]
fn what_is_in_the_way_is_refused_before_and_at_the_delivery() {
    type Row = (&'static str, fn(&mut Town), &'static str);
    let rows: &[Row] = &[
        (
            "a link in its place",
            |town| symlink("bob", town.at("tokens/alice")).expect("link"),
            "tokens/alice is a link",
        ),
        (
            "a link to a file there is",
            |town| {
                fs::write(town.at("bob"), TOKEN).expect("written");
                symlink(town.at("bob"), town.at("tokens/alice")).expect("link");
            },
            "tokens/alice is a link",
        ),
        (
            "a link to its folder",
            |town| {
                fs::rename(town.at("tokens"), town.at("real")).expect("moved");
                symlink("real", town.at("tokens")).expect("link");
            },
            "tokens is a link",
        ),
        ("no folder", |town| fs::remove_dir(town.at("tokens")).expect("gone"), "tokens is not there"),
        (
            "a file for its folder",
            |town| {
                fs::remove_dir(town.at("tokens")).expect("gone");
                fs::write(town.at("tokens"), "").expect("written");
            },
            "tokens is no folder",
        ),
        (
            "a folder in its place",
            |town| fs::create_dir(town.at("tokens/alice")).expect("folder"),
            "alice is a folder",
        ),
        (
            "a pipe in its place",
            |town| {
                let path = CString::new(town.at("tokens/alice").display().to_string()).expect("path");
                nix::unistd::mkfifo(path.as_c_str(), nix::sys::stat::Mode::S_IRWXU).expect("fifo");
            },
            "alice is no plain file",
        ),
        (
            "a folder for everybody",
            |town| set_mode(&town.at("tokens"), 0o777),
            "(mode 0777) can be written by everybody",
        ),
        ("a sticky folder", |town| set_mode(&town.at("tokens"), 0o1777), "can be written by everybody"),
        (
            "a folder for its group",
            |town| set_mode(&town.at("tokens"), 0o770),
            "(mode 0770) can be written by group ",
        ),
        ("a root for everybody", |town| set_mode(town.root(), 0o777), "can be written by everybody"),
        (
            "the store",
            |town| town.kept.push((town.at("tokens/alice"), "a file of a store")),
            "alice is a file of a store and is never written over",
        ),
        (
            "the store by another name",
            |town| {
                fs::write(town.at("keys.db"), "").expect("written");
                fs::hard_link(town.at("keys.db"), town.at("tokens/alice")).expect("link");
                town.kept.push((town.at("keys.db"), "a file of a store"));
            },
            "alice is a file of a store and is never written over",
        ),
    ];
    let dotenv = r#"{"dotenv":{"path":"tokens/alice","name":"A"}}"#;
    for (name, make, says) in rows {
        for sink in [SINK, dotenv] {
            let mut town = town();
            make(&mut town);
            let before = all_in(town.root());
            for refused in [town.check(sink), town.deliver(sink, TOKEN).map(drop)] {
                let error = refused.expect_err(name);
                let (text, hint) = (error.to_string(), &error.hint);
                assert!(error.is_refusal && text.contains(says) && !hint.is_empty(), "{name}: {text}");
                assert!(text.starts_with(&super::town::sink(sink).to_string()), "{text}");
            }
            assert_eq!(all_in(town.root()), before, "{name}");
        }
    }
}

/// Everything below a folder, with what it holds.
fn all_in(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        let is = fs::symlink_metadata(&path).expect("there");
        found.push((name, if is.is_file() { read(&path) } else { format!("{:?}", is.file_type()) }));
        if is.is_dir() {
            found.extend(all_in(&path));
        }
    }
    found
}

#[test]
fn what_is_edited_must_be_a_text_of_a_file_s_length() {
    let sink = r#"{"dotenv":{"path":"env","name":"A"}}"#;
    for (before, says) in [
        (vec![b'A', b'=', 0xff, b'\n'], "is not UTF-8"),
        (vec![b'#'; 2 * 1024 * 1024], "has more than 1048576 bytes"),
    ] {
        let town = Town::new();
        fs::write(town.at("env"), &before).expect("written");
        for refused in [town.check(sink), town.deliver(sink, TOKEN).map(drop)] {
            let error = refused.expect_err(says);
            assert!(error.to_string().contains(says), "{error}");
        }
        assert_eq!(fs::read(town.at("env")).expect("bytes"), before);
    }
}

#[test]
fn deliveries_into_one_file_at_the_same_time_lose_nothing() {
    let town = Town::new();
    let name = |index: usize| format!("KEY_{index}");
    std::thread::scope(|scope| {
        for index in 0..16 {
            let (town, name) = (&town, name(index));
            scope.spawn(move || {
                let sink = format!(r#"{{"dotenv":{{"path":"env","name":"{name}"}}}}"#);
                town.deliver(&sink, TOKEN).expect("delivered");
            });
        }
    });
    let text = read(&town.at("env"));
    assert!((0..16).all(|index| text.contains(&format!("{}={TOKEN}\n", name(index)))), "{text}");
}
