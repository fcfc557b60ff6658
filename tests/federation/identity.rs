//! `keyctl exec` with a file by which the provider's own library gets its tokens.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use super::{bound, ok, part, run, words};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const AGREED: &str = "federation add claude --kind anthropic --issuer https://keys.example.com/claude \
    --parameter federation_rule_id=fdrl_1 --parameter organization_id=org-1 --parameter service_account_id=svac_1";

const FILE: &str = "ANTHROPIC_IDENTITY_TOKEN_FILE";

fn sandbox(place: Place) -> Sandbox {
    let sandbox = Sandbox::with_store(place);
    ok(&sandbox, AGREED);
    ok(&sandbox, "federation activate claude --uploaded");
    bound(&sandbox, "claude", " --subject agents:{owner}:");
    sandbox
}

both!(a_library_finds_a_fresh_assertion_in_a_file_of_its_own_and_what_to_say_with_it, |place| {
    let sandbox = sandbox(place);
    let names = format!("{FILE}=anthropic");
    let script = "stat -c %a,%a \"$ANTHROPIC_IDENTITY_TOKEN_FILE\" \"${ANTHROPIC_IDENTITY_TOKEN_FILE%/*}\"; \
        cat \"$ANTHROPIC_IDENTITY_TOKEN_FILE\"; echo; echo \"$ANTHROPIC_IDENTITY_TOKEN_FILE\"; env | grep ^ANTHROPIC_";
    let args = ["exec", "alice", "--env", &names, "--no-mask", "--", "sh", "-c", script];
    let mut command = sandbox.command(&args);
    command.env("KEYCTL_MASTER_KEY", crate::secrets::KEY);
    command.env("ANTHROPIC_API_KEY", "sk-of-somebody").env("ANTHROPIC_PROFILE", "other");
    let ran = crate::support::cli::finish(command, b"").expect_code(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines[..2], ["600,600", "700,700"], "{ran:?}");
    assert_eq!(part(lines[2], 0)["alg"], "ES256");
    let claims = part(lines[2], 1);
    assert_eq!(
        (&claims["sub"], &claims["iss"]),
        (&"agents:alice:".into(), &"https://keys.example.com/claude".into())
    );
    assert_eq!(claims.get("jti"), None, "it may be shown by several, and more than once: {claims}");
    let life = claims["exp"].as_i64().expect("an end") - claims["iat"].as_i64().expect("a beginning");
    assert_eq!(life, 305);
    let variables: Vec<&str> = lines[4..].to_vec();
    for wanted in ["FEDERATION_RULE_ID=fdrl_1", "ORGANIZATION_ID=org-1", "SERVICE_ACCOUNT_ID=svac_1"] {
        assert!(variables.contains(&format!("ANTHROPIC_{wanted}").as_str()), "{ran:?}");
    }
    assert_eq!(variables.len(), 4, "no key, no token, no profile: {ran:?}");
    assert!(ran.stderr.contains("ANTHROPIC_API_KEY of this environment is not passed on"), "{ran:?}");
    assert!(!Path::new(lines[3]).exists() && !Path::new(lines[3]).parent().expect("a folder").exists());
    // It is masked as a token is.
    let masked = run(
        &sandbox,
        &["exec", "alice", "--env", &names, "--", "sh", "-c", "cat \"$ANTHROPIC_IDENTITY_TOKEN_FILE\""],
        "",
    );
    assert_eq!(masked.expect_code(0).stdout, "***");
});

#[test]
fn nothing_is_left_by_a_signal_or_where_the_command_cannot_be_started() {
    let sandbox = sandbox(Place::sqlite());
    let folder = sandbox.home().join("run");
    fs::create_dir(&folder).expect("a folder");
    let names = format!("{FILE}=anthropic");
    let command = |words: &[&str]| {
        let mut command = sandbox.command(&[&["exec", "alice", "--env", &names, "--"], words].concat());
        command.env("KEYCTL_MASTER_KEY", crate::secrets::KEY).env("XDG_RUNTIME_DIR", &folder);
        command
    };
    let count = || fs::read_dir(&folder).expect("a folder").count();
    crate::support::cli::finish(command(&["/no/such/program"]), b"").expect_code(127);
    assert_eq!(count(), 0);
    let mut child = command(&["sleep", "60"]).spawn().expect("starts");
    crate::serve::process::eventually("the file is there", || count() == 1);
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it runs");
    child.wait().expect("ended");
    assert_eq!(count(), 0);
}

#[test]
fn a_file_is_for_an_identity_and_nothing_else() {
    let sandbox = sandbox(Place::sqlite());
    let names = format!("{FILE}=anthropic");
    for (line, says) in [
        (format!("exec --oauth x --env {names} -- true"), "none is named"),
        (format!("exec alice --env {names} --env TOKEN=anthropic -- true"), "a library takes one of them"),
        (format!("exec alice --only openai --env {names} -- true"), "--only leaves out anthropic"),
        (format!("exec nobody --env {names} -- true"), "nobody"),
    ] {
        let ran = run(&sandbox, &words(&line), "").expect_code(125);
        assert!(ran.stderr.contains(says), "{line}: {ran:?}");
    }
    ok(&sandbox, "secret unbind agents alice");
    run(&sandbox, &words("secret set anthropic kept"), "sk-planted").expect_code(0);
    ok(&sandbox, "secret bind kept alice");
    let kept = run(&sandbox, &words(&format!("exec alice --env {names} -- true")), "").expect_code(125);
    assert!(kept.stderr.contains("no identity is signed for it"), "{kept:?}");
}
