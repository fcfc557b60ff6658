//! A command that is run with somebody's secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{KEY, OTHER, furnished, keyed, run_with};
use crate::cases::unprivileged;
use crate::support::both;
use crate::support::cli::Sandbox;

fn exec(sandbox: &Sandbox, args: &[&str], script: &str) -> String {
    let words = [&["exec"], args, &["--", "sh", "-c", script]].concat();
    let with = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_MASTER_KEY_PREVIOUS", OTHER)];
    run_with(sandbox, &with, &words, "").expect_code(0).stdout
}

both!(a_command_gets_the_secrets_that_are_bound_and_no_others, |place| {
    let (sandbox, _) = furnished(place);
    for (provider, name) in [("openai", "shared"), ("mistral", "bobs")] {
        keyed(&sandbox, &["secret", "set", provider, name], &format!("sk-planted-{name}"));
    }
    sandbox.ok(&["mint", "bob"]);
    sandbox.ok(&["secret", "bind", "shared", "--default"]);
    sandbox.ok(&["secret", "bind", "bobs", "bob"]);
    let environment = |args: &[&str]| {
        let all = exec(&sandbox, args, "tr '\\0' '\\n' < /proc/self/environ");
        let planted = |line: &&str| line.contains("planted");
        let mut found: Vec<String> = all.lines().filter(planted).map(str::to_owned).collect();
        found.sort();
        assert!(!all.contains("KEYCTL_MASTER") && !all.contains(KEY) && !all.contains(OTHER), "{all}");
        assert!(!all.contains("PGPASSWORD"), "{all}");
        found
    };
    assert_eq!(
        environment(&["alice", "--no-mask"]),
        ["ANTHROPIC_API_KEY=sk-planted-first", "OPENAI_API_KEY=sk-planted-shared"]
    );
    assert_eq!(
        environment(&["alice/default", "--no-mask", "--only", "openai", "--env", "LLM=openai"]),
        ["LLM=sk-planted-shared"]
    );
    assert_eq!(environment(&["alice"]), Vec::<String>::new(), "masked where it is no terminal");
    // Neither stands in the arguments of keyctl or of the command.
    let arguments =
        exec(&sandbox, &["alice", "--no-mask"], "cat /proc/self/cmdline /proc/$PPID/cmdline | tr '\\0' ' '");
    assert!(!arguments.contains("planted") && !arguments.contains(KEY), "{arguments}");
});

both!(a_value_is_masked_also_where_it_comes_in_two_pieces, |place| {
    let (sandbox, _) = furnished(place);
    let script = "printf '%s' \"start ${ANTHROPIC_API_KEY%????}\"; sleep 0.3; \
                  printf '%s\\n' \"${ANTHROPIC_API_KEY#${ANTHROPIC_API_KEY%????}} end\"; echo \"$ANTHROPIC_API_KEY\" >&2";
    let with = [("KEYCTL_MASTER_KEY", KEY)];
    let ran = run_with(&sandbox, &with, &["exec", "alice", "--", "sh", "-c", script], "").expect_code(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("start *** end\n", "***\n"));
});

both!(who_may_not_work_runs_nothing, |place| {
    let (sandbox, _) = furnished(place);
    sandbox.ok(&["mint", "bob"]);
    let mark = sandbox.home().join("ran");
    let touch = format!("touch {}", mark.display());
    let refused = |subject: &str, key: &str, says: &str| {
        let words = ["exec", subject, "--", "sh", "-c", &touch];
        let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", key)], &words, "").expect_code(125);
        assert!(ran.stderr.contains(says) && !mark.exists(), "{subject}: {}", ran.stderr);
    };
    refused("bob", KEY, "no secret is bound to bob, nor by default");
    refused("nobody", KEY, "there is no owner nobody");
    refused("alice/none", KEY, "there is no key alice/none");
    refused("alice", OTHER, "is sealed under the master key");
    refused("alice", "nothing", "cannot be used");
    sandbox.ok(&["suspend", "alice/default"]);
    refused("alice/default", KEY, "is suspended");
    sandbox.ok(&["owner", "disable", "alice", "--yes"]);
    refused("alice", KEY, "was disabled at");
});

both!(a_running_keyctl_shows_its_user_neither_its_memory_nor_its_environment, |place| {
    let (sandbox, _) = furnished(place);
    let folder = sandbox.home().join(".config/keyctl");
    fs::create_dir_all(&folder).expect("folder");
    let key = sandbox.home().join("master.key");
    fs::write(&key, KEY).expect("written");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("mode");
    let config = format!("master_key_file = \"{}\"\n", key.display());
    fs::write(folder.join("config.toml"), config).expect("written");
    unprivileged::own(sandbox.home());
    // The command's parent is keyctl, which masks what it prints.
    let script = "for file in environ mem maps; do \
                  head -c 1 /proc/$PPID/$file > /dev/null 2>&1 && echo \"$file readable\"; done; \
                  head -c 1 /proc/self/environ > /dev/null && echo done; tr '\\0' ' ' < /proc/$PPID/cmdline";
    let ran = unprivileged::run(&sandbox, &["exec", "alice", "--", "sh", "-c", script]).expect_code(0);
    assert!(ran.stdout.starts_with("done\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains(" exec alice ") && !ran.stdout.contains("planted"), "{}", ran.stdout);
});
