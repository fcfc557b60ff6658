//! A command that is run with somebody's secrets.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{KEY, OTHER, furnished, keyed, run_with};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::unprivileged;

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

both!(libraries_read_the_secret_and_nothing_else_of_the_environment, |place| {
    let (sandbox, _) = furnished(place);
    for provider in ["bedrock", "cohere", "gemini", "huggingface", "mistral"] {
        keyed(&sandbox, &["secret", "set", provider, provider], &format!("sk-planted-{provider}"));
        sandbox.ok(&["secret", "bind", provider, "alice"]);
    }
    let others = [
        ("KEYCTL_MASTER_KEY", KEY),
        ("GOOGLE_API_KEY", "other"),
        ("CO_API_KEY", ""),
        ("HF_TOKEN", "other"),
        ("HF_OIDC_RESOURCE", "other"),
        ("MISTRAL_SA_TOKEN_PATH", "/other"),
        ("AWS_PROFILE", "kept"),
        ("ANTHROPIC_CUSTOM_HEADERS", "x-trace: 1\nAuthorization: Bearer other"),
        ("OPENAI_CUSTOM_HEADERS", "x-trace: kept"),
    ];
    let script = "env | grep -E '^(AWS|CO|COHERE|GEMINI|GOOGLE|HF|MISTRAL|ANTHROPIC|OPENAI)_' | sort";
    let words = ["exec", "alice", "--no-mask", "--", "sh", "-c", script];
    let ran = run_with(&sandbox, &others, &words, "").expect_code(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let expected = [
        "ANTHROPIC_API_KEY=sk-planted-first",
        "AWS_BEARER_TOKEN_BEDROCK=sk-planted-bedrock",
        "AWS_PROFILE=kept",
        "COHERE_API_KEY=sk-planted-cohere",
        "CO_API_KEY=sk-planted-cohere",
        "GEMINI_API_KEY=sk-planted-gemini",
        "HF_TOKEN=sk-planted-huggingface",
        "MISTRAL_API_KEY=sk-planted-mistral",
        "OPENAI_CUSTOM_HEADERS=x-trace: kept",
    ];
    let mut sorted = lines.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    for name in [
        "GOOGLE_API_KEY",
        "CO_API_KEY",
        "HF_OIDC_RESOURCE",
        "MISTRAL_SA_TOKEN_PATH",
        "ANTHROPIC_CUSTOM_HEADERS",
    ] {
        let said = format!("{name} of this environment is not passed on: ");
        assert!(ran.stderr.contains(&said), "{name}: {}", ran.stderr);
    }
    assert!(!ran.stderr.contains("other"), "{}", ran.stderr);
    // Where another secret is handed out, nothing of these is anybody's business.
    let words = ["exec", "alice", "--only", "anthropic", "--", "printenv", "GOOGLE_API_KEY"];
    let ran = run_with(&sandbox, &others, &words, "").expect_code(0);
    assert_eq!(ran.stdout, "other\n");
    // A secret of the same key's that a library would take in the place of another.
    keyed(&sandbox, &["secret", "set", "google", "maps"], "sk-planted-maps");
    sandbox.ok(&["secret", "bind", "maps", "alice"]);
    let words = ["exec", "alice", "--", "true"];
    let ran = run_with(&sandbox, &others, &words, "").expect_code(0);
    assert!(
        ran.stderr
            .contains("libraries take GOOGLE_API_KEY, the secret for google, instead of GEMINI_API_KEY"),
        "{}",
        ran.stderr
    );
});

both!(a_provider_s_other_names_are_refused_for_new_secrets_and_found_for_older_ones, |place| {
    let (sandbox, _) = furnished(place);
    for (alias, name) in [
        ("google-genai", "gemini"),
        ("mistralai", "mistral"),
        ("hf", "huggingface"),
        ("together-ai", "together"),
        ("aws-bedrock", "bedrock"),
    ] {
        let words = ["secret", "set", alias, "theirs"];
        let ran = run_with(&sandbox, &[("KEYCTL_MASTER_KEY", KEY)], &words, "sk-planted").expect_code(2);
        assert_eq!(
            ran.stderr,
            format!(
                "error: the provider {alias} is called {name} here\nhint: keyctl secret set {name} theirs\n"
            )
        );
    }
    keyed(&sandbox, &["secret", "set", "huggingface", "theirs"], "sk-planted-hf");
    sandbox.ok(&["secret", "bind", "theirs", "alice"]);
    for args in [
        &["--only", "hf"][..],
        &["--only", "huggingface"],
        &["--only", "hf", "--env", "HF_TOKEN=huggingface"],
    ] {
        assert_eq!(
            exec(&sandbox, &[&["alice", "--no-mask"], args].concat(), "echo $HF_TOKEN"),
            "sk-planted-hf\n"
        );
    }
});

both!(what_a_command_leaves_running_is_not_killed_by_its_first_output, |place| {
    let (sandbox, _) = furnished(place);
    let mark = sandbox.home().join("alive");
    let late =
        format!("sleep 1; echo late $ANTHROPIC_API_KEY; echo late >&2; echo alive > {}", mark.display());
    let script = format!("({late}) & echo own");
    let printed = exec(&sandbox, &["alice"], &script);
    assert_eq!(printed, "own\nlate ***\n");
    assert_eq!(fs::read_to_string(&mark).expect("it went on"), "alive\n");
});

#[test]
fn output_that_is_lost_is_said_and_is_not_that_the_command_never_ran() {
    let (sandbox, _) = furnished(crate::support::store::Place::sqlite());
    for (script, code) in [("echo first; echo second >&2", 9), ("echo first; echo second >&2; exit 3", 3)] {
        let mut command = sandbox.command(&["exec", "alice", "--", "sh", "-c", script]);
        command.env("KEYCTL_MASTER_KEY", KEY);
        command.stdout(fs::File::options().write(true).open("/dev/full").expect("a full device"));
        let ran = crate::support::cli::finish(command, b"").expect_code(code);
        let said = "second\nerror: the command ran, and what it printed could not all be passed on: ";
        assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
    }
}

both!(a_value_in_http_s_basic_authentication_is_masked, |place| {
    let (sandbox, _) = furnished(place);
    for user in ["", "u", "us", "use"] {
        let script = format!(
            "printf '%s' \"{user}:$ANTHROPIC_API_KEY\" | base64 -w 0; echo; printf '%s' \"$ANTHROPIC_API_KEY\" | od -An -c > /dev/null"
        );
        let printed = exec(&sandbox, &["alice"], &script);
        let (kept, rest) = printed.split_at(printed.find('*').expect("a mask"));
        assert!(rest.trim_end().trim_end_matches('=') == "***" && kept.len() <= user.len() + 2, "{printed}");
    }
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
