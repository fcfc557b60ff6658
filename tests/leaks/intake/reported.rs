//! What becomes of what is reported with a key, and who is told what.

use serde_json::{Value, json};

use super::super::corpus::Seeded;
use super::{Intake, KEY_ID, minted, partner_body, partner_lines, reporter, state};
use crate::support::both;
use crate::support::cli::Sandbox;

both!(a_report_does_what_the_first_rule_that_fits_says_and_else_it_is_recorded, |place| {
    let sandbox = Sandbox::with_store(place);
    let all = ["alice --prefix acme_live", "bob --label env=prod", "carol"];
    let [live, prod, other] = all.map(|words| minted(&sandbox, &format!("{words} --scope memories")));
    let key = reporter(&sandbox);
    let flags = ["--rule", "revoke:prefix=acme_live", "--rule", "suspend:label=env=prod"];
    let mut intake = Intake::start(&sandbox, &flags);
    let body =
        json!([{ "Secret": live }, { "Secret": prod }, { "Match": format!("key={other}") }]).to_string();
    let said = intake.report(&key, &body);
    assert_eq!(said.status, 200, "{said:?}\n{}", intake.log());
    let said = said.json();
    let counts = ["known", "revoked", "suspended", "recorded", "dead_before", "unknown", "left_out"];
    assert_eq!(counts.map(|name| said[name].as_u64().expect("a number")), [3, 1, 1, 1, 0, 0, 0]);
    assert_eq!(
        [&live, &prod, &other].map(|token| state(&sandbox, token)),
        ["revoked", "suspended", "allowed"]
    );
    // The reason names the report, and no token.
    let digest = said["report"].as_str().expect("a digest")[..12].to_owned();
    let reason = sandbox.json(&["show", "alice"])["revoke_reason"].as_str().expect("a reason").to_owned();
    let scanner = sandbox.json(&["show", "scanner"])["id"].as_str().expect("an id").to_owned();
    assert!(reason.starts_with(&format!("reported by {scanner}: {digest}, received 2")), "{reason}");
    let audit = sandbox.ok(&["audit", "list", "-o", "json"]);
    let log = intake.stop();
    for token in [&live, &prod, &other, &key] {
        let secret = &token[token.len() - 49..];
        assert!(!audit.contains(secret) && !log.contains(secret) && !reason.contains(secret), "{log}");
    }
    assert!(
        log.contains(&format!(
            "report {digest} was taken: 3 tokens of this store (1 revoked, 1 suspended, 1 recorded)"
        )),
        "{log}"
    );
    assert!(audit.contains("keyctl leaks serve"), "who did it");
    sandbox.ok(&["store", "check"]);
});

both!(a_report_acts_once_by_its_digest, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "suspend"]);
    let body = partner_body(&[&token]);
    let first = intake.partner(&body);
    assert_eq!(state(&sandbox, &token), "suspended", "{first:?} {}", intake.log());
    sandbox.ok(&["resume", "alice"]);
    // By whom it comes and how it is signed makes no difference.
    let again = intake.partner(&body);
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let said = intake.report(&key, &body).json();
    assert_eq!((&said["repeated"], &said["known"]), (&json!(true), &json!(0)));
    assert_eq!(state(&sandbox, &token), "allowed");
    assert_eq!(intake.log().matches("came again, and nothing was done").count(), 2, "{}", intake.log());
    let other = format!("{body} ");
    intake.partner(&other);
    assert_eq!(state(&sandbox, &token), "suspended", "another body is another report");
});

both!(the_old_token_of_a_rotation_ends_alone_and_a_dead_key_is_left_as_it_was, |place| {
    let sandbox = Sandbox::with_store(place);
    let graced = minted(&sandbox, "alice --scope memories");
    let fresh = sandbox.ok(&["rotate", "alice", "--grace", "1h"]);
    let revoked = minted(&sandbox, "bob --scope memories");
    sandbox.ok(&["revoke", "bob", "--reason", "long ago"]);
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let said = intake.report(&key, &partner_body(&[&graced, &revoked])).json();
    assert_eq!(
        (&said["ended_grace"], &said["dead_before"], &said["revoked"]),
        (&json!(1), &json!(1), &json!(0)),
        "{said} {}",
        intake.log()
    );
    assert_eq!([&graced, &fresh].map(|token| state(&sandbox, token)), ["expired", "allowed"]);
    assert_eq!(sandbox.json(&["show", "bob"])["revoke_reason"], "long ago");
    assert!(intake.log().contains("a token that is revoked: dead_before"), "{}", intake.log());
    sandbox.ok(&["store", "check"]);
});

both!(nothing_happens_by_an_id_a_public_part_a_wrong_check_or_a_token_of_another_store, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let id = sandbox.json(&["show", "alice"])["id"].as_str().expect("an id").to_owned();
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let wrong = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
    let other = Seeded(7).token("sks");
    let body = json!([{ "Secret": id }, { "Secret": &token[..16] }, { "Secret": wrong }, { "Secret": other }, { "Secret": "alice/default" }]);
    let said = intake.report(&key, &body.to_string()).json();
    assert_eq!((&said["known"], &said["unknown"]), (&json!(0), &json!(1)), "{said}");
    assert_eq!(state(&sandbox, &token), "allowed");
});

both!(an_imported_token_is_known_where_a_secret_stands_and_only_as_a_whole, |place| {
    let sandbox = Sandbox::with_store(place);
    let foreign = "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs";
    let hash = "d6cbc963dbc36ad1c08fc8cc59e65ea0b099b93caea1f306814a8b3880532050";
    sandbox.feed(&["import", "csv", "-"], &format!("hash,owner\n{hash},alice\n")).expect_code(0);
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let beside = json!([{ "File": foreign }, { "Secret": format!("x{foreign}") }]).to_string();
    assert_eq!(intake.report(&key, &beside).json()["known"], 0);
    assert_eq!(state(&sandbox, foreign), "allowed");
    let said = intake.report(&key, &json!([{ "Secret": foreign }]).to_string()).json();
    assert_eq!(said["revoked"], 1, "{said} {}", intake.log());
    assert_eq!(state(&sandbox, foreign), "revoked");
});

both!(a_scanner_with_a_key_is_told_whether_a_token_works, |place| {
    let sandbox = Sandbox::with_store(place);
    let live = minted(&sandbox, "alice --scope memories");
    let dead = minted(&sandbox, "bob --scope memories");
    sandbox.ok(&["revoke", "bob"]);
    let key = reporter(&sandbox);
    let intake = Intake::start(&sandbox, &[]);
    for (texts, status) in [
        (&[live.as_str()][..], 200),
        (&["x", live.as_str()], 200),
        (&[dead.as_str()], 403),
        (&["sks_000000000000_00000000000000000000000000000000000000000003ZqZmM"], 403),
        (&[&live[..16]], 403),
        (&[], 403),
    ] {
        assert_eq!(intake.check(&key, texts), status, "{texts:?} {}", intake.log());
    }
    assert_eq!(state(&sandbox, &live), "allowed");
});

both!(a_stranger_learns_nothing_from_any_answer, |place| {
    let sandbox = Sandbox::with_store(place);
    let [live, dead] = ["alice", "bob"].map(|owner| minted(&sandbox, &format!("{owner} --scope memories")));
    sandbox.ok(&["revoke", "bob"]);
    let ended = minted(&sandbox, "old --scope keyctl:report");
    sandbox.ok(&["revoke", "old"]);
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let unknown = Seeded(7).token("sks");
    let mut answers = std::collections::BTreeSet::new();
    // Whatever is presented as a key, and whatever stands in the body.
    for presented in ["", "nonsense", &live, &dead, &ended, &unknown, &live[..16]] {
        for found in [&live, &dead, &unknown] {
            let body = json!({ "t": { "token": [found] } }).to_string();
            for path in ["/report", "/check"] {
                let lines = if presented.is_empty() {
                    String::new()
                } else {
                    format!("Authorization: Bearer {presented}\r\n")
                };
                answers.insert(format!("{:?}", intake.sent(path, &lines, &body)));
            }
        }
    }
    for found in [&live, &dead, &unknown] {
        let body = partner_body(&[found]);
        answers
            .insert(format!("{:?}", intake.sent("/github/partner", &partner_lines(KEY_ID, "AAAA"), &body)));
        answers.insert(format!(
            "{:?}",
            intake.sent("/github/alerts", "X-Hub-Signature-256: sha256=00\r\n", &body)
        ));
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(answers.first().expect("one").contains("status: 401"), "{answers:?}");
    assert_eq!(state(&sandbox, &live), "allowed");
    let rows: Value =
        serde_json::from_str(&sandbox.place.sql("SELECT COUNT(*) FROM leak_report").expect("rows"))
            .expect("a number");
    assert_eq!(rows, 0);
});
