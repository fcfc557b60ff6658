//! What other people's libraries make of our tokens and of our set of public keys.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::{ISSUER, furnished, keyed};
use crate::support::cli::Sandbox;
use crate::support::store::Place;
use crate::support::verifiers::{LIBRARIES, Verifier};

/// What each says of a wrong audience, of a token that has ended, of one of a stranger's key.
const REFUSALS: [[&str; 3]; LIBRARIES.len()] = [
    ["InvalidAudienceError", "ExpiredSignatureError", "PyJWKClientError"],
    ["InvalidClaimError", "ExpiredTokenError", "InvalidKeyIdError"],
    ["InvalidClaimError", "ExpiredTokenError", "ValueError"],
    ["JWTClaimsError", "ExpiredSignatureError", "JWTError"],
    ["ERR_JWT_CLAIM_VALIDATION_FAILED", "ERR_JWT_EXPIRED", "ERR_JWKS_NO_MATCHING_KEY"],
    ["jwt audience invalid", "jwt expired", "error in secret or public key callback"],
];

fn issued(sandbox: &Sandbox, token: &str, words: &str) -> String {
    keyed(sandbox, &format!("jwt issue{words}"), token).expect_code(0).stdout.trim_end().to_owned()
}

#[test]
fn six_libraries_take_our_tokens_and_refuse_what_is_not_for_them_or_over() {
    let (sandbox, token) = furnished(Place::sqlite());
    let short = issued(&sandbox, &token, " --ttl 6s");
    let good = issued(&sandbox, &token, "");
    let two = issued(&sandbox, &token, " --audience billing --audience https://mcp.example.com/mcp");
    let billing = issued(&sandbox, &token, " --audience billing");
    // After a rotation, the set has three keys, and the tokens of before are good.
    let aged =
        "UPDATE signing_key SET may_sign_at = may_sign_at - 600000, published_at = published_at - 600000";
    sandbox.place.sql(aged).expect("aged");
    keyed(&sandbox, "signing-key rotate", "").expect_code(0);
    let after = issued(&sandbox, &token, "");
    let jwks = sandbox.ok(&["signing-key", "jwks"]);
    assert_eq!(jwks.matches("\"kid\"").count(), 3, "{jwks}");
    let (strange, other) = furnished(Place::sqlite());
    let stranger = issued(&strange, &other, "");
    thread::sleep(Duration::from_secs(2));
    let case = |token: &str, audience: &str| json!({ "token": token, "audience": audience, "issuer": ISSUER, "jwks": jwks });
    let cases = [
        case(&good, ISSUER),
        case(&after, ISSUER),
        case(&two, "billing"),
        case(&billing, ISSUER),
        case(&short, ISSUER),
        case(&stranger, ISSUER),
    ];
    for (library, refusals) in LIBRARIES.into_iter().zip(REFUSALS) {
        let mut verifier = Verifier::start(library, &[]);
        let answers: Vec<String> = cases.iter().map(|case| verifier.ask(case)).collect();
        let expected = ["alice", "alice", "alice"].map(str::to_owned).into_iter();
        let refused = refusals.map(|error| format!("refused {error}"));
        let expected: Vec<String> = expected.chain(refused).collect();
        assert_eq!(answers, expected, "{library}");
    }
}
