use base64::engine::general_purpose::URL_SAFE;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::crypto::es256;
use crate::domain::trusts::key_set::KeySet;

fn signer() -> (Signer, PublicKey) {
    let (sealed, public) = es256::generate().expect("a key");
    let key = PrivateKey::open(sealed.expose().as_bytes()).expect("opens");
    (Signer::new(key), PublicKey::of(&public).expect("a public key"))
}

fn sign_raw(signer: &Signer, header: &str, claims: &str) -> String {
    let parts = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = signer.key.sign(parts.as_bytes()).expect("signs");
    format!("{parts}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn what_was_signed_is_verified_by_its_own_key_alone() {
    let (signer, key) = signer();
    let token = signer.sign(r#"{"a":1}"#).expect("signs");
    let good = verify(&token, |kid| (kid == signer.kid().as_str()).then_some(&key)).expect("verifies");
    assert_eq!(good.claims, br#"{"a":1}"#);
    assert!(good.header.is_access_token);
    assert_eq!(verify(&token, |_| None).err(), Some(JwsError::UnknownKey));
    let (_, other) = self::signer();
    assert_eq!(verify(&token, |_| Some(&other)).err(), Some(JwsError::Signature));
}

#[test]
fn each_fault_has_its_own_reason() {
    let (signer, key) = signer();
    let good = signer.sign(r#"{"a":1}"#).expect("signs");
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let padded = URL_SAFE.encode(r#"{"a":12}"#);
    assert!(padded.ends_with('='), "{padded}");
    // The last character of 64 bytes has four bits that say nothing: another one there is the same bytes elsewhere.
    let last = signature.chars().next_back().expect("a character");
    let twin = char::from(u8::try_from(last).expect("ASCII") + 1);
    let twin = format!("{}{twin}", &signature[..signature.len() - 1]);
    for (text, error) in [
        (String::new(), JwsError::Form),
        ("..".to_owned(), JwsError::Form),
        (format!("{header}.{claims}"), JwsError::Form),
        (format!("{header}.{claims}.{signature}.x"), JwsError::Form),
        (format!("{header}.{padded}.{signature}"), JwsError::Form),
        (format!("{header}.{claims}.{signature}="), JwsError::Form),
        (format!("{header}.{claims}.{twin}"), JwsError::Form),
        (format!("{header}.{claims}.{signature}\n"), JwsError::Form),
        (format!(" {header}.{claims}.{signature}"), JwsError::Form),
        (format!("{header}.{claims}.{}", signature.replace(['-', '_'], "+") + "+"), JwsError::Form),
        (format!("{header}..{signature}"), JwsError::Form),
        (format!(".{claims}.{signature}"), JwsError::Form),
        (format!("{header}.{claims}."), JwsError::Signature),
        (format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(r#"{"a":2}"#)), JwsError::Signature),
        (format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64])), JwsError::Signature),
        (format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode([1; 63])), JwsError::Signature),
        ("a".repeat(LONGEST + 1), JwsError::TooLong),
    ] {
        assert_eq!(verify(&text, |_| Some(&key)).err(), Some(error), "{text}");
    }
}

#[test]
fn a_good_signature_helps_no_header_that_is_refused() {
    let (signer, key) = signer();
    for (header, error) in [
        (r#"{"alg":"none","kid":"a"}"#, HeaderError::Algorithm),
        (r#"{"alg":"HS256","kid":"a"}"#, HeaderError::Algorithm),
        (r#"{"alg":"ES256"}"#, HeaderError::NoKid),
        (r#"{"alg":"ES256","kid":"a","kid":"b"}"#, HeaderError::Json),
        (r#"{"alg":"ES256","kid":"a","crit":["b64"],"b64":false}"#, HeaderError::Forbidden("crit")),
    ] {
        let token = sign_raw(&signer, header, "{}");
        assert_eq!(verify(&token, |_| Some(&key)).err(), Some(JwsError::Header(error)), "{header}");
    }
    // Without a signature, and with the public key as the secret of an HMAC, it is not even looked at.
    let none = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode("{}"));
    assert_eq!(verify(&none, |_| Some(&key)).err(), Some(JwsError::Header(HeaderError::Algorithm)));
}

#[test]
fn an_id_is_only_ever_looked_up_in_the_table() {
    let (signer, key) = signer();
    for kid in ["../../../../dev/null", "https://a.example/jwks.json", "' OR 1=1 --", "", "\\u0000"] {
        let token = sign_raw(&signer, &format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#), "{}");
        let found = verify(&token, |asked| (asked == signer.kid().as_str()).then_some(&key));
        assert_eq!(found.err(), Some(JwsError::UnknownKey), "{kid}");
    }
}

/// The table of one of Wycheproof's keys: what is not for verifying ES256 is in none of ours.
fn table(key: &Value) -> Option<(String, PublicKey)> {
    let text = |name: &str| key[name].as_str();
    let ours = [("kty", "EC"), ("crv", "P-256"), ("use", "sig"), ("alg", "ES256")];
    if ours.into_iter().any(|(name, value)| text(name) != Some(value)) {
        return None;
    }
    Some((text("kid")?.to_owned(), PublicKey::of_coordinates(text("x")?, text("y")?).ok()?))
}

#[test]
fn wycheproof_s_jws_vectors_pass_and_other_algorithms_are_refused() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/wycheproof/json_web_signature_test.json");
    let text = std::fs::read_to_string(file).expect("vectors");
    let set: Value = serde_json::from_str(&text).expect("JSON");
    let (mut taken, mut refused, mut foreign) = (0, 0, 0);
    for group in set["testGroups"].as_array().expect("groups") {
        let key = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        let table = table(key);
        for case in group["tests"].as_array().expect("cases") {
            let jws = case["jws"].as_str().map_or_else(|| case["jws"].to_string(), str::to_owned);
            let found = verify(&jws, |kid| table.as_ref().filter(|(own, _)| own == kid).map(|(_, key)| key));
            let valid = case["result"] == "valid";
            match &table {
                Some(_) => assert_eq!(found.is_ok(), valid, "{case}"),
                None => assert!(found.is_err(), "{case}"),
            }
            match (table.is_some(), valid) {
                (true, true) => taken += 1,
                (true, false) => refused += 1,
                (false, _) => foreign += 1,
            }
        }
    }
    assert_eq!((taken, refused, foreign), (2, 37, 362));
    assert_eq!(set["numberOfTests"], taken + refused + foreign);
}

/// The same vectors, for the keys of a CI: what is not for verifying RS256 or ES256 is in no table of theirs either.
#[test]
fn wycheproof_s_jws_vectors_pass_for_the_two_algorithms_of_cis() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/wycheproof/json_web_signature_test.json");
    let text = std::fs::read_to_string(file).expect("vectors");
    let set: Value = serde_json::from_str(&text).expect("JSON");
    let (mut taken, mut refused, mut foreign) = (0, 0, 0);
    for group in set["testGroups"].as_array().expect("groups") {
        let key = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        let keys = serde_json::json!({ "keys": [key] }).to_string();
        let table = IssuerKeyTable::of(&KeySet::parse(keys.as_bytes()).expect("a set"));
        for case in group["tests"].as_array().expect("cases") {
            let jws = case["jws"].as_str().map_or_else(|| case["jws"].to_string(), str::to_owned);
            let found = CiUnverified::parse(&jws).and_then(|token| token.verify(&table));
            // Claims of nothing are none.
            let valid = case["result"] == "valid" && !jws.contains("..");
            match (table.is_empty(), valid) {
                (true, _) => foreign += 1,
                (false, true) => taken += 1,
                (false, false) => refused += 1,
            }
            assert_eq!(found.is_ok(), valid && !table.is_empty(), "{found:?}: {case}");
        }
    }
    assert_eq!((taken, refused, foreign), (9, 263, 129));
    assert_eq!(set["numberOfTests"], taken + refused + foreign);
}

proptest! {
    /// Not one other text is taken for a token that was signed: not with a character changed, added or left out.
    #[test]
    fn one_changed_character_is_enough(at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f, how in 0..3) {
        let (signer, key) = signer();
        let good = signer.sign(r#"{"sub":"alice","exp":1800000000}"#).expect("signs");
        let at = at.index(good.len());
        let mut changed = good.clone().into_bytes();
        match how {
            0 => changed[at] = byte,
            1 => changed.insert(at, byte),
            _ => { changed.remove(at); }
        }
        let changed = String::from_utf8(changed).expect("ASCII");
        let found = verify(&changed, |kid| (kid == signer.kid().as_str()).then_some(&key));
        prop_assert_eq!(found.is_ok(), changed == good);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}", parts in proptest::collection::vec("[A-Za-z0-9_=.-]{0,40}", 0..5)) {
        let (_, key) = signer();
        prop_assert!(verify(&text, |_| Some(&key)).is_err());
        prop_assert!(verify(&parts.join("."), |_| Some(&key)).is_err());
    }
}
