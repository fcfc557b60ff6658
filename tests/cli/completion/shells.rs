//! What people see when they press Tab.

use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use super::shell::{SHELLS, Shell};
use crate::stores::server::listen;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// alice has two keys, bob@example.org one.
fn sandbox(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    sandbox.ok(&["mint", "alice", "--name", "ci", "--scope", "m"]);
    sandbox.ok(&["mint", "bob@example.org", "--scope", "m", "--expires", "never"]);
    sandbox
}

/// Each line, and what it becomes.
#[track_caller]
fn assert_becomes(shell: Shell, sandbox: &Sandbox, store: Option<&str>, lines: &[(&str, &str)]) {
    let typed: Vec<&str> = lines.iter().map(|(typed, _)| *typed).collect();
    let pressed = shell.press_tab(sandbox, store, &typed);
    for ((typed, expected), pressed) in lines.iter().zip(pressed) {
        assert_eq!(pressed.line, *expected, "{shell:?}: {typed}: {pressed:?}");
    }
}

both!(tab_completes_keys_and_owners_of_the_store_in_bash_zsh_and_fish, |place| {
    let sandbox = sandbox(place);
    let id = sandbox.json(&["show", "alice/ci"])["id"].as_str().expect("an id").to_owned();
    let prefix =
        sandbox.json(&["show", "alice/ci"])["token"]["prefix"].as_str().expect("a prefix").to_owned();
    let (half_id, whole_id) = (format!("keyctl show {}", &id[..29]), format!("keyctl show {id} "));
    let (half, whole) = (format!("keyctl revoke {}", &prefix[..14]), format!("keyctl revoke {prefix} "));
    let store = sandbox.place.text();
    for shell in SHELLS {
        shell.install(&sandbox);
        assert_becomes(
            shell,
            &sandbox,
            Some(&store),
            &[
                ("keyctl rev", "keyctl revoke "),
                ("keyctl show bo", "keyctl show bob@example.org/default "),
                ("keyctl show bob@ex", "keyctl show bob@example.org/default "),
                ("keyctl rotate alice/d", "keyctl rotate alice/default "),
                ("keyctl revoke alice/ci bo", "keyctl revoke alice/ci bob@example.org/default "),
                ("keyctl list bo", "keyctl list bob@example.org "),
                ("keyctl list --owner b", "keyctl list --owner bob@example.org "),
                ("keyctl list --owner=bo", "keyctl list --owner=bob@example.org "),
                ("keyctl show nobody", "keyctl show nobody"),
                (&half_id, &whole_id),
                (&half, &whole),
            ],
        );
    }
});

both!(several_candidates_are_listed_up_to_what_they_have_in_common, |place| {
    let sandbox = sandbox(place);
    let store = sandbox.place.text();
    for shell in SHELLS {
        shell.install(&sandbox);
        if shell != Shell::Fish {
            assert_becomes(shell, &sandbox, Some(&store), &[("keyctl show al", "keyctl show alice/")]);
        }
        let pressed = &shell.press_tab(&sandbox, Some(&store), &["keyctl show alice/"])[0];
        for candidate in ["alice/ci", "alice/default"] {
            assert!(pressed.shown.contains(candidate), "{shell:?}: {pressed:?}");
        }
        let described = pressed.shown.contains("active, ends in 90d");
        assert_eq!(described, shell != Shell::Bash, "{shell:?}: {pressed:?}");
    }
});

both!(the_store_in_the_line_counts_before_the_one_in_the_environment, |place| {
    let sandbox = sandbox(place);
    let store = sandbox.place.text();
    let missing = sandbox.home().join("missing.db").display().to_string();
    for shell in SHELLS {
        shell.install(&sandbox);
        let named = format!("keyctl --store {store} show bo");
        let behind_verb = format!("keyctl show --store {store} bo");
        let joined = format!("keyctl show --store={store} bo");
        let elsewhere = format!("keyctl show --store {missing} bo");
        let full = |line: &str| format!("{line}b@example.org/default ");
        assert_becomes(
            shell,
            &sandbox,
            Some(&missing),
            &[
                (&named, &full(&named)),
                (&behind_verb, &full(&behind_verb)),
                (&joined, &full(&joined)),
                ("keyctl show bo", "keyctl show bo"),
            ],
        );
        assert_becomes(shell, &sandbox, Some(&store), &[(&elsewhere, &elsewhere)]);
    }
});

both!(roles_and_scopes_are_completed_past_the_places_where_bash_breaks_words, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["role", "set", "reader", "--scope", "memories:read,files:*"]);
    sandbox.ok(&["mint", "alice", "--scope", "memories:write"]);
    let store = sandbox.place.text();
    for shell in SHELLS {
        shell.install(&sandbox);
        // A shell puts a mark before what it would take for a pattern.
        let any = if shell == Shell::Fish { "files:*" } else { "files:\\*" };
        let any_file = format!("keyctl mint bob --scope {any} ");
        let second = format!("keyctl mint bob --scope memories:read,{any} ");
        assert_becomes(
            shell,
            &sandbox,
            Some(&store),
            &[
                ("keyctl mint bob --role re", "keyctl mint bob --role reader "),
                ("keyctl role show r", "keyctl role show reader "),
                ("keyctl verify --scope memories:r", "keyctl verify --scope memories:read "),
                ("keyctl verify --scope=memories:w", "keyctl verify --scope=memories:write "),
                (
                    "keyctl scope add alice/default memories:r",
                    "keyctl scope add alice/default memories:read ",
                ),
                ("keyctl mint bob --scope fi", &any_file),
                ("keyctl mint bob --scope memories:read,fi", &second),
            ],
        );
    }
});

both!(a_profile_in_the_line_names_the_store, |place| {
    let sandbox = sandbox(place);
    let folder = sandbox.home().join(".config/keyctl");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = format!("[profile.work]\nstore = \"{}\"\n", sandbox.place.text());
    std::fs::write(folder.join("config.toml"), file).expect("written");
    std::fs::set_permissions(folder.join("config.toml"), std::fs::Permissions::from_mode(0o600))
        .expect("mode");
    for shell in SHELLS {
        shell.install(&sandbox);
        assert_becomes(
            shell,
            &sandbox,
            None,
            &[
                ("keyctl --profile work show bo", "keyctl --profile work show bob@example.org/default "),
                ("keyctl show --profile=work bo", "keyctl show --profile=work bob@example.org/default "),
                ("keyctl --profile play show bo", "keyctl --profile play show bo"),
                ("keyctl show bo", "keyctl show bo"),
            ],
        );
    }
});

#[test]
fn a_store_named_behind_the_cursor_counts_too() {
    let sandbox = sandbox(Place::sqlite());
    let store = sandbox.place.text();
    for shell in [Shell::Bash, Shell::Zsh] {
        shell.install(&sandbox);
        let typed = format!("keyctl show bo| --store {store}");
        let expected = format!("keyctl show bob@example.org/default  --store {store}");
        let pressed = &shell.press_tab(&sandbox, None, &[&typed])[0];
        assert_eq!(pressed.line.replace("  ", " "), expected.replace("  ", " "), "{shell:?}: {pressed:?}");
    }
}

#[test]
fn words_in_quotes_and_files_are_completed() {
    let sandbox = sandbox(Place::sqlite());
    std::fs::create_dir(sandbox.home().join("folder")).expect("a folder");
    let store = sandbox.place.text();
    for shell in SHELLS {
        shell.install(&sandbox);
        assert_becomes(
            shell,
            &sandbox,
            Some(&store),
            &[(
                "keyctl show 'alice/d",
                if shell == Shell::Fish {
                    "keyctl show 'alice/default "
                } else {
                    "keyctl show 'alice/default' "
                },
            )],
        );
        let expected = if shell == Shell::Fish {
            "keyctl mint a --out-file folder/ "
        } else {
            "keyctl mint a --out-file folder/"
        };
        assert_becomes(shell, &sandbox, Some(&store), &[("keyctl mint a --out-file fol", expected)]);
    }
}

#[test]
fn without_a_store_nothing_is_offered_said_or_made() {
    let sandbox = Sandbox::empty(Place::sqlite());
    for shell in SHELLS {
        shell.install(&sandbox);
        assert_becomes(
            shell,
            &sandbox,
            None,
            &[("keyctl show a", "keyctl show a"), ("keyctl li", "keyctl list ")],
        );
        let pressed = &shell.press_tab(&sandbox, None, &["keyctl show "])[0];
        let shown = pressed.shown.replace("keyctl show ", "");
        assert!(!shown.contains("keyctl") && !shown.contains("error"), "{shell:?}: {pressed:?}");
        assert!(!sandbox.home().join(".local/share/keyctl").exists());
    }
}

#[test]
fn a_prompt_waits_no_longer_than_300_ms_for_a_server_that_hangs() {
    let sandbox = Sandbox::empty(Place::sqlite());
    let silent = listen("127.0.0.1", |stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
    });
    let store = format!("postgres://u@127.0.0.1:{silent}/d");
    for shell in SHELLS {
        shell.install(&sandbox);
        // Others share the machine; the first one also loads the script.
        let pressed = shell.press_tab(&sandbox, Some(&store), &["keyctl show a"; 4]);
        for pressed in &pressed {
            assert_eq!(pressed.line, "keyctl show a", "{shell:?}: {pressed:?}");
            assert!(!pressed.shown.contains("error"), "{shell:?}: {pressed:?}");
        }
        // fish is started anew for each, which is not its prompt's time.
        let fastest = pressed.iter().map(|pressed| pressed.took).min().expect("some");
        let bound = Duration::from_millis(if shell == Shell::Fish { 600 } else { 300 });
        assert!(fastest < bound, "{shell:?}: {pressed:?}");
    }
}
