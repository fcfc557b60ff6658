//! Free text that a change would keep: no word of it may be a token.

use keyctl::crypto::digest;
use keyctl::domain::keys::foreign::ForeignToken;

use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::runner::{Case, Effect, case, check};

/// Of a form that gives nothing away.
const TOKEN: &str = "correct.horse_battery-staple";
/// As Apollo makes them, with a hyphen at its end.
const APOLLO: &str = "dGVzdC10b2tlbi1jYW5vbm_jYWwtYmFzZTY0dXJsXY-";

fn hash(token: &str) -> String {
    digest::hash_foreign(&ForeignToken::parse(token).expect("a token")).as_str().to_owned()
}

fn bring(sandbox: &Sandbox) {
    let (one, other) = (hash(TOKEN), hash(APOLLO));
    let csv = format!("hash,owner,name,scopes\n{one},carol,old,chat\n{other},carol,apollo,chat\n");
    sandbox.feed(&["import", "csv", "-"], &csv).expect_code(0);
}

fn refused(case: Case) -> Case {
    case.fails(2, "is a token of carol/", "public prefix")
        .says("nothing was changed")
        .hides(TOKEN)
        .hides(APOLLO)
}

both!(no_text_that_is_kept_has_a_token_in_it, |place| {
    let sandbox = Sandbox::with_store(place);
    bring(&sandbox);
    sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    sandbox.ok(&["owner", "add", "dave"]);
    let mut cases = Vec::new();
    for (name, text) in [
        ("alone", TOKEN.to_owned()),
        ("in a sentence", format!("seen: {TOKEN}, in app.log.")),
        ("at its end", format!("it was {TOKEN}.")),
        ("in a URL", format!("https://host/v1?key={TOKEN}&x=1")),
        ("as a password", format!("https://u:{TOKEN}@host/")),
        ("in quotes", format!("'{TOKEN}'")),
        ("in a header", format!("Authorization: Bearer {TOKEN}")),
        ("of Apollo's form", format!("api_key:\"{APOLLO}\"")),
    ] {
        for verb in ["revoke alice", "suspend alice", "owner disable alice --yes", "revoke alice --dry-run"] {
            let row = case(format!("{verb}: {name}"), &format!("{verb} --reason")).arg(&text);
            cases.push(refused(row).says("a word of the reason"));
        }
        cases.push(
            refused(case(format!("label: {name}"), "edit alice --label").arg(format!("note={text}")))
                .says("label"),
        );
    }
    for words in [
        "mint {} --scope chat",
        "mint erin --scope chat --name {}",
        "mint erin --scope {}",
        "mint erin --scope chat --label a={}",
        "edit alice --name {}",
        "scope add alice files:{}",
        "role set {} --scope chat",
        "owner add {}",
    ] {
        cases.push(refused(case(words, &words.replace("{}", TOKEN))));
    }
    cases.push(refused(case("the actor", "suspend alice").env("KEYCTL_ACTOR", format!("me {TOKEN}"))));
    cases.extend([
        case("another word", "suspend alice --reason")
            .arg("correct.horse_battery-stable")
            .leaves(Effect::Change),
        case("its key can be revoked", "revoke carol/old --reason seen").leaves(Effect::Change),
    ]);
    // Dead, it is a token all the same.
    cases.push(refused(case("dead", "resume alice").env("KEYCTL_ACTOR", TOKEN)));
    check(&sandbox, cases);
});

both!(what_a_token_hides_is_refused_by_its_form, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = sandbox.ok(&["mint", "alice", "--scope", "chat"]);
    let secret = token[17..].to_owned();
    assert_eq!(secret.len(), 49);
    let mut cases = Vec::new();
    for text in [
        secret.clone(),
        format!("seen: '{secret}'."),
        format!("{}_{secret}", &token[4..16]),
        format!("t={token}"),
        format!("{token}b"),
        format!("{token}00"),
        format!("see{token}and"),
    ] {
        for words in ["revoke alice --reason", "edit alice --label", "mint bob --scope chat --name"] {
            let text = if words.ends_with("label") { format!("note={text}") } else { text.clone() };
            cases.push(
                case(format!("{words} {text}"), words).arg(text).fails(2, "secret", "").hides(secret.clone()),
            );
        }
        let row = case(format!("actor {text}"), "revoke alice").env("KEYCTL_ACTOR", &text);
        cases.push(
            row.fails(2, "KEYCTL_ACTOR cannot be used: it contains a secret", "").hides(secret.clone()),
        );
    }
    check(&sandbox, cases);
});

both!(rows_that_move_in_have_no_token_in_their_texts, |place| {
    let sandbox = Sandbox::with_store(place);
    bring(&sandbox);
    let (own, other) = (hash("token-number-0001"), hash("token-number-0002"));
    let import = |name: &str, row: String| {
        case(name, "import csv -")
            .input(format!("hash,owner,name,scopes,labels\n{other},erin,first,chat,\n{row}\n"))
    };
    let blank = |name: &str, row: String, column: &str| {
        import(name, row).fails(2, &format!("line 3: {column}: a text in it begins or ends with a blank"), "")
    };
    check(
        &sandbox,
        vec![
            import("a token of the store as a label", format!("{own},alice,,chat,note=see {APOLLO}-1"))
                .fails(2, "line 3: labels: a word of it is a token", "")
                .hides(APOLLO),
            import("its own token as its name", format!("{own},alice,token-number-0001,chat,"))
                .fails(2, "line 3: name: a word of it is a token", "")
                .hides("token-number"),
            import("another row's token as its owner", format!("{own},token-number-0002,,chat,"))
                .fails(2, "line 3: owner: a word of it is a token", "")
                .hides("token-number"),
            blank("a blank in a label", format!("{own},alice,,chat,note= x"), "labels"),
            blank("a blank behind the labels", format!("{own},alice,,chat,note=x "), "labels"),
            blank("a blank before the owner", format!("{own}, alice,,chat,"), "owner"),
            blank("a blank behind the hash", format!("{own} ,alice,,chat,"), "hash"),
            blank("a tab before the scopes", format!("{own},alice,,\tchat,"), "scopes"),
            blank("a no-break space", format!("{own},alice,,chat,note=x\u{a0}"), "labels"),
            case("a blank in JSON", "import jsonl -")
                .input(format!("{{\"hash\":\"{own}\",\"owner\":\"alice\",\"labels\":{{\"note\":\" x\"}}}}\n"))
                .fails(2, "line 1: labels: a text in it begins or ends with a blank", ""),
            case("an owner called as its key", "import mem0 -")
                .input("{\"hunter2\":\"hunter2\"}")
                .fails(2, "entry 1: its owner is called as a key", "")
                .hides("hunter2"),
            case("an owner called as a token of the store", "import mem0 -")
                .input(format!("{{\"hunter3\":\"{TOKEN}\"}}"))
                .fails(2, "a word of the file's owners is a token of carol/old", "")
                .hides(TOKEN),
        ],
    );
});
