//! What is typed wrong: names that no credential has, and options that would say nothing.

use super::{add, ok, run};
use crate::secrets::keyed;
use crate::support::both;
use crate::support::cli::Sandbox;

const ENDPOINT: &str = "https://login.example.com/oauth/token";
const TOKENS: &str =
    r#"{"access_token":"at-planted-1","refresh_token":"rt-planted-1","expires_in":3600,"scope":"gist repo"}"#;

both!(a_credential_that_is_not_there_is_called_one_and_what_was_meant_is_said, |place| {
    let sandbox = Sandbox::with_store(place);
    add(&sandbox, "deploy", ENDPOINT, TOKENS);
    keyed(&sandbox, &["secret", "set", "github", "deplox"], "ghp-planted");
    for words in [
        "oauth show",
        "oauth refresh",
        "oauth refresh --dry-run",
        "oauth replace",
        "lease acquire",
        "lease list",
    ] {
        let typed = |name: &str| {
            let words: Vec<&str> = words.split(' ').chain([name]).collect();
            run(&sandbox, &words, TOKENS).expect_code(3).stderr
        };
        let said = typed("nope");
        assert!(said.contains("there is no credential nope") && said.contains("keyctl oauth list"), "{said}");
        assert!(!said.contains("secret"), "{words}: {said}");
        let said = typed("delpoy");
        assert!(said.contains("did you mean deploy?"), "{words}: {said}");
        let said = typed("deplox");
        assert!(said.contains("is no OAuth credential"), "{words}: {said}");
    }
    // A key for a provider that was deleted is none, a credential is.
    sandbox.ok(&["secret", "delete", "deplox"]);
    assert!(sandbox.run(&["oauth", "show", "deplox"]).expect_code(3).stderr.contains("did you mean deploy?"));
    sandbox.ok(&["secret", "delete", "deploy"]);
    let said = sandbox.run(&["oauth", "show", "deploy"]).expect_code(3).stderr;
    assert!(
        said.contains("the credential deploy was deleted") && said.contains("secret rollback deploy"),
        "{said}"
    );
});

both!(an_option_that_would_say_nothing_is_refused_or_said_to, |place| {
    let sandbox = Sandbox::with_store(place);
    let adding = |more: &[&str]| {
        let start = [
            "oauth",
            "add",
            "ci",
            "--provider",
            "github",
            "--token-endpoint",
            ENDPOINT,
            "--client-id",
            "public",
        ];
        run(&sandbox, &[&start[..], more].concat(), TOKENS)
    };
    for option in [["--issuer", "https://login.example.com"], ["--client-key-id", "k1"]] {
        for auth in ["none", "client_secret_basic", "client_secret_post"] {
            let refused = adding(&[option[0], option[1], "--client-auth", auth]).expect_code(2);
            for said in [option[0], auth, "--client-auth private_key_jwt"] {
                assert!(refused.stderr.contains(said), "{}", refused.stderr);
            }
        }
    }
    let warned = adding(&["--scope", "admin"]).expect_code(0);
    assert!(
        warned.stderr.contains("--scope is not used") && warned.stderr.contains("gist repo"),
        "{}",
        warned.stderr
    );
    let warned = ok(&sandbox, &["oauth", "replace", "ci", "--scope", "admin"], TOKENS);
    assert!(warned.stderr.contains("--scope is not used"), "{}", warned.stderr);
    let same = ok(&sandbox, &["oauth", "replace", "ci", "--scope", "repo,gist"], TOKENS);
    assert!(!same.stderr.contains("--scope"), "{}", same.stderr);
});

both!(a_command_that_lacks_one_of_its_secrets_is_told_how_to_do_without, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice"]);
    let ended = r#"{"access_token":"at-planted-1","expires_in":1}"#;
    add(&sandbox, "ci", ENDPOINT, ended);
    keyed(&sandbox, &["secret", "set", "openai", "work"], "sk-planted");
    keyed(&sandbox, &["secret", "set", "anthropic", "team", "--expires", "1s"], "sk-planted");
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let exec = |more: &[&str]| run(&sandbox, &[&["exec", "alice"], more, &["--", "true"]].concat(), "");
    let alone = exec(&[]).expect_code(125);
    assert!(
        alone.stderr.contains("the credential ci ended") && !alone.stderr.contains("--only"),
        "{}",
        alone.stderr
    );
    sandbox.ok(&["secret", "bind", "work", "alice"]);
    let lacking = exec(&[]).expect_code(125);
    for said in
        ["the credential ci ended", "oauth replace ci", "to do without that for github: --only openai"]
    {
        assert!(lacking.stderr.contains(said), "{said}: {}", lacking.stderr);
    }
    exec(&["--only", "openai"]).expect_code(0);
    // The same of a value that somebody set.
    sandbox.ok(&["secret", "bind", "team", "alice"]);
    let lacking = exec(&["--only", "openai,anthropic"]).expect_code(125);
    for said in ["the secret team for anthropic", "to do without that for anthropic: --only openai"] {
        assert!(lacking.stderr.contains(said), "{said}: {}", lacking.stderr);
    }
});
