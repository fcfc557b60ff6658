//! Text as it is copied out of files, logs and clipboards: what is taken off, and what is refused.

use keyctl::crypto::digest;
use keyctl::domain::keys::foreign::ForeignToken;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};

/// Tokens that were made elsewhere, in forms that look like something around a token.
const FOREIGN: [&str; 3] = ["sk-alice.test_key-12345", "KEY=0123456789abcdef", "x-api-key:0123456789abcdef"];

/// Brings a token along, stored as its SHA-256.
fn bring(sandbox: &Sandbox, owner: &str, token: &str) {
    let hash = digest::hash_foreign(&ForeignToken::parse(token).expect("a token"));
    let csv = format!("hash,owner,scopes\n{},{owner},chat\n", hash.as_str());
    sandbox.feed(&["import", "csv", "-"], &csv).expect_code(0);
}

fn allowed(case: Case) -> Case {
    case.stdout(|out| out.contains("allowed\ttrue") || out.starts_with("true\t"))
}

both!(around_one_token_blanks_are_taken_off_and_all_else_is_refused, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    let other = sandbox.ok(&["mint", "bob", "--scope", "chat"]);
    let mut cases = Vec::new();
    let verify = |name: &str, input: String| case(format!("verify: {name}"), "verify").input(input);
    for (name, input) in [
        ("carriage return", format!("{token}\r\n")),
        ("blank before", format!(" {token}")),
        ("blanks behind", format!("{token} \t\n")),
        ("all of it", format!("\t {token} \r\n")),
    ] {
        cases.push(allowed(verify(name, input.clone())).says("took off what stood around the token"));
        let lines = case(format!("lines: {name}"), "verify -").input(format!("{input}\n{other}\n"));
        cases.push(allowed(lines).says("took off what stood around 1 line"));
    }
    for (name, dressed, says) in [
        ("bearer", format!("Bearer {token}\n"), "as in a header"),
        ("header", format!("Authorization: Bearer {token}\n"), "as in a header"),
        ("a header's other name", format!("X-API-Key: {token}"), "as in a header"),
        ("variable", format!("API_KEY={token}\n"), "NAME=value"),
        ("exported", format!("export API_KEY={token}\n"), "NAME=value"),
        ("quotes", format!("\"{token}\"\n"), "in quotes"),
        ("one quote", format!("{token}'"), "in quotes"),
        ("a remark", format!("{token} # old\n"), "more in it than a token"),
        ("a list's mark", format!("- {token}\n"), "more in it than a token"),
        ("JSON", format!("{{\"token\":\"{token}\"}}"), "more in it than a token"),
        ("two on a line", format!("{token} {other}"), "more in it than a token"),
        ("unknown, and dressed", "Bearer sk-nobody-knows-me".to_owned(), "as in a header"),
    ] {
        for words in ["verify", "resolve --provider anthropic"] {
            let row = case(format!("{words}: {name}"), words).input(dressed.clone());
            cases.push(row.fails(2, says, "keyctl verify - < FILE").hides(&token[16..]).hides("knows-me"));
        }
        let line = case(format!("lines: {name}"), "verify -").input(format!("{other}\n{dressed}"));
        cases.push(line.fails(2, says, "nothing around it").says("line 2").hides(&token[16..]));
    }
    for words in ["verify", "resolve --provider anthropic"] {
        for (name, input) in [
            ("two lines", format!("{token}\n{other}\n")),
            ("lines of Windows", format!("{token}\r\n{other}\r\n")),
            ("an empty one behind", format!("{token}\n\n")),
            ("an empty one before", format!("\n{token}")),
        ] {
            let row = case(format!("{words}: {name}"), words).input(input);
            cases.push(row.fails(2, "several lines", "keyctl verify - < FILE").hides(&token[16..]));
        }
    }
    // As PowerShell's `>` and other programs write it.
    let utf16 = |mark: &[u8]| {
        let wide = token.bytes().flat_map(|byte| [byte, 0]);
        mark.iter().copied().chain(wide).collect::<Vec<u8>>()
    };
    for words in ["verify", "verify -", "resolve --provider anthropic", "show -", "revoke -"] {
        for (name, input) in [("UTF-16", utf16(&[0xff, 0xfe])), ("UTF-16 without a mark", utf16(&[]))] {
            let row = case(format!("{words}: {name}"), words).input(input);
            cases.push(row.fails(2, "UTF-16", "iconv").hides("malformed"));
        }
    }
    let quiet = allowed(case("quiet", "verify -q").input(format!("{token}\r\n")));
    cases
        .extend([quiet, allowed(case("all lines", "verify -").input(format!("{token}\r\n\r\n{other}\r\n")))]);
    check(&sandbox, cases);
});

both!(a_token_made_elsewhere_is_itself_whatever_it_looks_like, |place| {
    let sandbox = Sandbox::with_store(place);
    let mut cases = Vec::new();
    for (number, token) in FOREIGN.into_iter().enumerate() {
        bring(&sandbox, &format!("client-{number}"), token);
        cases.push(allowed(case(token, "verify").input(token)));
        cases.push(allowed(
            case(format!("{token}, with a line end of Windows"), "verify").input(format!("{token}\r\n")),
        ));
        cases.push(case(format!("{token}, shown"), "show -").input(token));
    }
    let unknown = case("unknown", "verify").input("KEY=other-0123456789");
    cases.push(unknown.fails(2, "NAME=value", "verify - < FILE"));
    check(&sandbox, cases);
});

both!(an_address_is_taken_without_what_was_copied_along, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    let text = sandbox.place.text();
    let text = if text.contains("://") { text } else { format!("sqlite:{text}") };
    let list = |name: &str, store: String| {
        case(name, "list -o plain").env("KEYCTL_STORE", store).stdout(|out| out.contains("alice/default"))
    };
    check(
        &sandbox,
        vec![
            list("as it is", text.clone()),
            list("a carriage return", format!("{text}\r"))
                .says("took off what stood around the store's address"),
            list("a line end", format!(" {text}\n")),
        ],
    );
});

both!(all_lines_that_name_no_key_are_told_at_once, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    sandbox.ok(&["mint", "bob", "--scope", "chat", "--name", "ci"]);
    let unknown = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";
    let lines = format!("{token}\n{unknown}\n\nsk-nobody-planted-key\nbob/ci\nBearer planted\ncarol\n");
    let told = "4 of 6 name no key: line 2 (sks_000000000000), line 4, line 6, line 7; nothing was changed";
    let mut cases = Vec::new();
    for verb in ["revoke", "suspend", "resume", "show"] {
        let row = case(format!("{verb}: some"), &format!("{verb} -")).input(lines.clone());
        cases.push(row.fails(3, told, "--skip-unknown").hides("planted").hides(&token[16..]));
        let row = case(format!("{verb}: none"), &format!("{verb} - --skip-unknown"))
            .input(format!("{unknown}\ndave\n"));
        cases.push(row.fails(3, "2 of 2 name no key", "the right store"));
        let row =
            case(format!("{verb}: nothing readable"), &format!("{verb} -")).input("a b\nBearer planted\n");
        cases.push(row.fails(2, "line 1, line 2", "the right store").hides("planted"));
    }
    let skipped = "4 of 6 name no key and are skipped: line 2 (sks_000000000000), line 4, line 6, line 7";
    let skip = |verb: &str| {
        case(format!("{verb}: skipped"), &format!("{verb} - --skip-unknown"))
            .input(lines.clone())
            .says(skipped)
    };
    cases.extend([
        skip("show").stdout(|out| out.contains("alice/default") && out.contains("bob/ci")),
        skip("suspend").says("suspended bob/ci").leaves(Effect::Change),
        skip("resume").says("resumed bob/ci").leaves(Effect::Change),
        case("named", "revoke alice bob/ci carol dave/x").fails(
            3,
            "2 of 4 name no key: carol, dave/x",
            "--skip-unknown",
        ),
        skip("revoke").arg("--dry-run").says("would revoke bob/ci"),
        skip("revoke").says("revoked bob/ci").leaves(Effect::Change),
        case("rotate", "rotate -").input(format!("{token}\ncarol\n")).fails(2, "names several", "one line"),
    ]);
    check(&sandbox, cases);
});

both!(what_is_torn_down_need_not_be_there, |place| {
    let sandbox = Sandbox::with_store(place);
    sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    let gone = |name: &str, words: &str| {
        case(name, &format!("revoke --if-exists {words}")).says("nothing was changed")
    };
    check(
        &sandbox,
        vec![
            gone("a name", "alice/ci"),
            gone("an owner's only key", "bob"),
            gone("an id", "key_01h455vb4pex5vsknk084sn02q"),
            gone("a prefix", "sks_000000000000"),
            gone("an owner", "--owner bob --yes"),
            gone("an owner, rehearsed", "--owner bob --dry-run"),
            gone("no lines", "-").input(""),
            gone("unknown lines", "-").input("bob\nsk-nobody-knows-me-1\n"),
            case("what cannot be a name", "revoke --if-exists -").input("two words\n").fails(2, "line 1", ""),
            case("a store that is not there", "revoke --if-exists alice --store sqlite:none.db")
                .fails(7, "none.db", ""),
            case("without it", "revoke bob").fails(3, "there is no key bob", ""),
            case("one of two", "revoke --if-exists bob alice")
                .says("no key is named by bob")
                .leaves(Effect::Change),
            case("again", "revoke --if-exists alice/default").says("was revoked already"),
        ],
    );
});
