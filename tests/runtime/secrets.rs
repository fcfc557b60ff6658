//! Provider secrets, from a token to the value.

use keyctl::domain::keys::verdict::Asked;
use keyctl::runtime::{MasterKeys, Options, Provider, Reader};

use super::address;
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "hex:1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100";

fn operator(place: Place) -> Sandbox {
    Sandbox::with_store(place)
}

fn run(sandbox: &Sandbox, args: &[&str], input: &str, key: &str) -> String {
    let mut command = sandbox.command(args);
    command.env("KEYCTL_MASTER_KEY", key);
    crate::support::cli::finish(command, input.as_bytes()).expect_code(0).stdout
}

fn got(sandbox: &Sandbox, keys: &[&str], token: &str, provider: &str) -> String {
    let keys = keys.first().map(|first| {
        MasterKeys::parse(first.as_bytes(), keys.get(1).map(|key| key.as_bytes())).expect("keys")
    });
    let options = Options { master_keys: keys, ..Options::default() };
    let reader = Reader::open(&address(&sandbox.place), options).expect("opens");
    let provider: Provider = provider.parse().expect("a provider");
    match reader.secret(token, &Asked::default(), &provider) {
        Ok(value) => value.expose().to_owned(),
        Err(error) => format!("{} {}", error.error_type(), error.reason()),
    }
}

both!(a_good_token_leads_to_the_nearest_secret, |place| {
    let sandbox = operator(place);
    let token = run(&sandbox, &["mint", "alice", "--scope", "chat"], "", KEY);
    let token = token.trim_end();
    assert_eq!(got(&sandbox, &[KEY], token, "anthropic"), "KEY_UNAVAILABLE unbound");
    run(&sandbox, &["secret", "set", "anthropic", "for-all"], "sk-for-all", KEY);
    run(&sandbox, &["secret", "bind", "for-all", "--default"], "", KEY);
    assert_eq!(got(&sandbox, &[KEY], token, "anthropic"), "sk-for-all");
    run(&sandbox, &["secret", "set", "anthropic", "for-alice"], "sk-for-alice", KEY);
    run(&sandbox, &["secret", "bind", "for-alice", "alice"], "", KEY);
    assert_eq!(got(&sandbox, &[KEY], token, "anthropic"), "sk-for-alice");
    assert_eq!(got(&sandbox, &[KEY], token, "openai"), "KEY_UNAVAILABLE unbound");
    assert_eq!(got(&sandbox, &[], token, "anthropic"), "KEY_UNAVAILABLE master_key");
    assert_eq!(got(&sandbox, &[OTHER], token, "anthropic"), "KEY_UNAVAILABLE master_key");
    assert_eq!(got(&sandbox, &[OTHER, KEY], token, "anthropic"), "sk-for-alice", "while it is rotated");
    let altered = "UPDATE secret_version SET version = 7 WHERE secret_id = (SELECT id FROM secret WHERE name = 'for-alice');
        UPDATE secret SET version = 7 WHERE name = 'for-alice'";
    sandbox.place.sql(altered).expect("moved");
    assert_eq!(got(&sandbox, &[KEY], token, "anthropic"), "KEY_UNAVAILABLE damaged");
    run(&sandbox, &["revoke", "alice"], "", KEY);
    assert_eq!(got(&sandbox, &[KEY], token, "anthropic"), "UNAUTHORIZED revoked");
});

both!(an_expired_secret_is_no_reason_to_take_another, |place| {
    let sandbox = operator(place);
    let token = run(&sandbox, &["mint", "alice", "--scope", "chat"], "", KEY);
    run(&sandbox, &["secret", "set", "anthropic", "for-all"], "sk-for-all", KEY);
    run(&sandbox, &["secret", "bind", "for-all", "--default"], "", KEY);
    run(&sandbox, &["secret", "set", "anthropic", "short", "--expires", "1s"], "sk-short", KEY);
    run(&sandbox, &["secret", "bind", "short", "alice"], "", KEY);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(got(&sandbox, &[KEY], token.trim_end(), "anthropic"), "KEY_UNAVAILABLE expired");
    let seen = sandbox.place.sql("SELECT name, state, envelope IS NULL FROM keyctl_secrets_v1 ORDER BY name");
    let seen = seen.expect("rows").replace("|t", "|1").replace("|f", "|0");
    assert_eq!(seen, "for-all|active|0\nshort|expired|1", "and its envelope is shown to nobody");
});
