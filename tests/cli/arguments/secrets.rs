//! Secrets on the command line: refused wherever they stand, and never echoed.

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, case, check};
use crate::support::store::Place;

const GITHUB: &str = "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";
const PROVIDER: &str = "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe";
const AMAZON: &str = "AKIAIOSFODNN7EXAMPLE";
/// Nobody knows this form; its looks are reason enough not to repeat it.
const UNKNOWN: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Every place of a command line in which a word can stand.
const PLACES: [(&str, &str); 26] = [
    ("command", "{}"),
    ("before a command", "{} list"),
    ("owner", "mint {}"),
    ("second owner", "mint alice {}"),
    ("key to show", "show {}"),
    ("key to revoke", "revoke {}"),
    ("second key", "revoke alice {}"),
    ("key to rotate", "rotate {}"),
    ("positional of verify", "verify {}"),
    ("positional of list", "list {}"),
    ("behind two dashes", "revoke -- {}"),
    ("shell", "completions {}"),
    ("manual page", "man {}"),
    ("part of store", "store {}"),
    ("value behind a blank", "mint alice --name {}"),
    ("value behind an equals sign", "mint alice --name={}"),
    ("scope", "mint alice --scope {}"),
    ("scope among others", "mint alice --scope a,{}"),
    ("label", "mint alice --label token={}"),
    ("label with an equals sign", "mint alice --label=token={}"),
    ("reason", "revoke alice --reason={}"),
    ("owner filter", "list --owner {}"),
    ("unknown option", "mint alice --token {}"),
    ("unknown option's value", "verify --token={}"),
    ("glued to a short option", "list -o{}"),
    ("output format", "list --output={}"),
];

fn place(kind: &str, (name, words): (&str, &str), secret: &str) -> Case {
    let words = words.replace("{}", secret);
    // What makes it a secret is behind its public start.
    case(format!("{kind} as {name}"), &words)
        .ends(2)
        .says("error: ")
        .says("hint: ")
        .hides(&secret[secret.len() - 16..])
}

both!(a_secret_on_the_command_line_is_refused_and_not_echoed, |store| {
    let sandbox = Sandbox::with_store(store);
    let token = sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let public = &token[..token.rfind('_').unwrap()];
    let mistyped = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    let mut cases = Vec::new();
    for row in PLACES {
        cases.push(place("token", row, &token).says("secret stands on the command line"));
        cases.push(place("mistyped token", row, &mistyped).says("secret stands on the command line"));
        cases.push(place("GitHub token", row, GITHUB).says("secret stands on the command line"));
        cases.push(place("provider key", row, PROVIDER).says("secret stands on the command line"));
        cases.push(place("Amazon key", row, AMAZON).says("secret stands on the command line").hides(AMAZON));
    }
    cases.extend([
        case("a reason that quotes it", "revoke alice --reason")
            .arg(format!("leaked: \"{token}\" in a log"))
            .fails(2, "secret", public)
            .hides(&token),
        case("the same command with the public part", "revoke")
            .arg(&token)
            .fails(2, "secret", &format!("keyctl revoke {public}"))
            .hides(&token),
        case("verify wants standard input", "verify")
            .arg(&token)
            .fails(2, "secret", "keyctl verify < FILE; replace it")
            .hints(&format!("keyctl rotate {public} --grace 0")),
        case("so does resolve", "resolve --provider openai")
            .arg(&token)
            .fails(2, "secret", "keyctl resolve --provider openai < FILE; replace it")
            .hints(&format!("keyctl rotate {public} --grace 0")),
        case("a new key is called otherwise", "mint")
            .arg(&token)
            .fails(2, "secret", "no token belongs there; replace it")
            .hints(&format!("keyctl rotate {public} --grace 0")),
        case("a store, too", "list --store").arg(&token).fails(2, "secret", "no token belongs there"),
        case("a scope, too", "mint bob --scope").arg(&token).fails(2, "secret", "no token belongs there"),
        case("a parent is a key", "mint bob --parent").arg(&token).fails(
            2,
            "secret",
            &format!("the public part is enough: keyctl mint bob --parent {public}"),
        ),
        case("a label is about one", "mint bob --label").arg(format!("seen={token}")).fails(
            2,
            "secret",
            "the public part is enough",
        ),
        case("a provider's key has no public part", "show").arg(PROVIDER).fails(
            2,
            "secret",
            "standard input",
        ),
        case("the address beside it keeps its password", "--store postgres://u:hunter2@localhost/d revoke")
            .arg(&token)
            .fails(2, "secret", "keyctl")
            .hides("hunter2"),
        case("an address in one word", "--store=postgres://u:hunter2@localhost/d revoke")
            .arg(&token)
            .fails(2, "secret", "keyctl")
            .hides("hunter2"),
        case("errors as JSON", "-o json revoke").arg(&token).ends(2).says("\"INVALID_INPUT\"").hides(&token),
    ]);
    check(&sandbox, cases);
});

#[test]
fn a_word_that_may_be_a_secret_is_not_echoed() {
    let sandbox = Sandbox::with_store(Place::sqlite());
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let other = "c775e7b757ede630cd0aa1113bd102661ab38829ca52a6422ab782862f268646";
    let mut cases: Vec<Case> = [
        "{}",
        "mint alice {}",
        "mint alice --expires {}",
        "mint alice --rate={}",
        "list --sort {}",
        "list -o{}",
        "list -o {}",
        "verify {}",
        "revoke alice --{}",
        "completions {}",
        "store {}",
        "list --limit {}",
    ]
    .iter()
    .map(|words| case(*words, &words.replace("{}", UNKNOWN)).ends(2).says("hint: ").hides(UNKNOWN))
    .collect();
    cases.push(
        case("the second of two", &format!("list --limit {other} {UNKNOWN}"))
            .ends(2)
            .says("hint: ")
            .hides(UNKNOWN)
            .hides(other),
    );
    cases.push(case("an owner of that look", &format!("list {UNKNOWN}")).ends(0).hides(UNKNOWN));
    cases.push(
        case("behind a place of that look", &format!("--store /srv/{other}/keys.db list --limit {UNKNOWN}"))
            .ends(2)
            .says("hint: ")
            .hides(UNKNOWN),
    );
    cases.push(
        case("on standard input", "revoke -")
            .input(format!("A{UNKNOWN}\n"))
            .fails(2, "line 1", "one a line")
            .hides(UNKNOWN),
    );
    check(&sandbox, cases);
}

// Other programs' `--env` takes the value itself.
both!(a_value_where_exec_wants_a_provider_is_not_echoed, |store| {
    let sandbox = Sandbox::with_store(store);
    sandbox.ok(&["mint", "alice", "--scope", "m"]);
    let valid = "84c0e7b1d2a3948f5e6071829304a5b6";
    let mixed = "Zx81qPw7Lm3Tn9Rk5Vb2Yc6Hd4Jf0GsA";
    let numbered = "sk-live-account-no-2027";
    let run = |name: &str, words: &str, secret: &str| {
        let words = words.replace("{}", secret);
        case(format!("{name}: {words}"), &format!("exec alice {words} -- true")).hides(secret)
    };
    let mut cases = Vec::new();
    for words in
        ["--env OPENAI_API_KEY={}", "--env=OPENAI_API_KEY={}", "--env key={}", "--only {}", "--only=a,{}"]
    {
        cases.push(run("a provider by its form", words, valid).ends(125).says("no secret "));
        cases.push(run("no provider", words, mixed).ends(125).says("hint: "));
    }
    for words in ["--env DB_PASSWORD={}", "--env=DB_PASSWORD={}", "--env password={}"] {
        cases.push(run("a password", words, "Hunter2!").ends(125).says("provider").says("=…"));
    }
    cases.push(
        run("a key with dashes", "--env OPENAI_API_KEY={}", numbered)
            .ends(125)
            .says("secret stands on the command line"),
    );
    check(&sandbox, cases);
});
