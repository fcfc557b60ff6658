//! What GitHub sends, in the shapes that its documentation has.

use serde_json::json;

use super::{Intake, KEY_ID, minted, partner_body, partner_lines, state};
use crate::support::both;
use crate::support::cli::Sandbox;

/// The members of `secret_scanning_alert` that its schema has: none of them is the secret.
fn alert(more: &serde_json::Value) -> String {
    let mut hook = json!({
        "action": "created",
        "alert": {
            "number": 42,
            "created_at": "2026-11-06T18:18:30Z",
            "url": "https://api.github.com/repos/octo/app/secret-scanning/alerts/42",
            "html_url": "https://github.com/octo/app/security/secret-scanning/42",
            "locations_url": "https://api.github.com/repos/octo/app/secret-scanning/alerts/42/locations",
            "secret_type": "keyctl_token",
            "secret_type_display_name": "keyctl token",
            "validity": "unknown",
            "push_protection_bypassed": false,
            "publicly_leaked": true,
            "multi_repo": false,
        },
        "repository": { "id": 1, "name": "app", "full_name": "octo/app", "private": false },
        "sender": { "login": "github", "id": 2 },
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        hook["alert"][name] = value.clone();
    }
    hook.to_string()
}

both!(a_webhook_without_the_token_is_said_and_stops_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    assert_eq!(intake.alert("ping", "{\"zen\":\"x\"}").status, 200);
    let answer = intake.alert("secret_scanning_alert", &alert(&json!({})));
    assert_eq!(answer.status, 200, "{answer:?} {}", intake.log());
    let log = intake.log();
    assert!(log.contains("an alert came without its token (created): look at https://github.com/octo/app/security/secret-scanning/42"), "{log}");
    assert_eq!(state(&sandbox, &token), "allowed");
    let row = sandbox.place.sql("SELECT source || ' ' || note FROM leak_report").expect("a row");
    assert_eq!(row, "github_alert https://github.com/octo/app/security/secret-scanning/42");
    // One that has it, as the REST API has.
    intake.alert("secret_scanning_alert", &alert(&json!({ "secret": token })));
    assert_eq!(state(&sandbox, &token), "revoked", "{}", intake.log());
});

both!(what_is_signed_wrong_is_refused_and_does_nothing, |place| {
    let sandbox = Sandbox::with_store(place);
    let token = minted(&sandbox, "alice --scope memories");
    let intake = Intake::start(&sandbox, &["--rule", "revoke"]);
    let body = partner_body(&[&token]);
    let good = intake.signature(&body);
    let other = intake.signature("[]");
    for lines in [
        partner_lines(KEY_ID, &other),
        partner_lines("another", &good),
        partner_lines(KEY_ID, ""),
        partner_lines(KEY_ID, &good[4..]),
        format!("GITHUB-PUBLIC-KEY-IDENTIFIER: {KEY_ID}\r\n"),
        format!("{0}{0}", partner_lines(KEY_ID, &good)),
        String::new(),
    ] {
        assert_eq!(intake.sent("/github/partner", &lines, &body).status, 401, "{lines}");
    }
    assert_eq!(
        intake.sent("/github/partner", &partner_lines(KEY_ID, &good), &format!("{body} ")).status,
        401
    );
    assert_eq!(state(&sandbox, &token), "allowed");
    assert!(
        intake.log().contains("refused status=401 reason=unknown route=github_partner"),
        "{}",
        intake.log()
    );
    assert_eq!(intake.sent("/github/partner", &partner_lines(KEY_ID, &good), &body).status, 200);
    assert_eq!(state(&sandbox, &token), "revoked");
});
