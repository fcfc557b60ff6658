use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    name: String,
    input: Input,
    expect: Expect,
    seal: Sealing,
}

#[derive(Deserialize)]
struct Input {
    master_key: String,
    store_uuid: String,
    secret_id: String,
    version: u64,
    provider: String,
    envelope: String,
}

#[derive(Deserialize)]
struct Expect {
    value: String,
}

#[derive(Deserialize)]
struct Sealing {
    table: String,
    column: String,
    salt: String,
    nonce: String,
    master_key_id: String,
    check_value: String,
    aad_sha256: String,
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().expect("so many bytes")
}

impl Case {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("../../tests/vectors/envelope/known-answers.json"))
            .expect("vectors")
    }

    fn key(&self) -> MasterKey {
        MasterKey::parse(self.input.master_key.as_bytes()).expect("a key")
    }

    fn store(&self) -> Uuid {
        self.input.store_uuid.parse().expect("a uuid")
    }

    fn place(&self) -> Place<'_> {
        let Input { secret_id, version, provider, .. } = &self.input;
        let Sealing { table, column, .. } = &self.seal;
        Place { table, row: secret_id, column, version: *version, provider }
    }

    fn envelope(&self) -> Envelope {
        Envelope::from_bytes(bytes(&self.input.envelope)).expect("an envelope")
    }
}

#[test]
fn the_independently_computed_envelopes_reproduce_and_open() {
    let cases = Case::all();
    assert!(cases.len() >= 4);
    for case in cases {
        let (key, store) = (case.key(), case.store());
        assert_eq!(key.id(&store).to_string(), case.seal.master_key_id, "{}", case.name);
        assert_eq!(key.check_value(&store).to_vec(), bytes(&case.seal.check_value), "{}", case.name);
        let envelope = case.envelope();
        let additional = additional(&store, &case.place(), envelope.header());
        let digest = <sha2::Sha256 as sha2::Digest>::digest(&additional);
        assert_eq!(digest.to_vec(), bytes(&case.seal.aad_sha256), "{}", case.name);
        let fresh = Fresh { salt: array(&case.seal.salt), nonce: array(&case.seal.nonce) };
        let plaintext = case.expect.value.as_bytes();
        let made = seal_with(&key, &store, &case.place(), plaintext, &fresh).expect("sealed");
        assert_eq!(made, envelope, "{}", case.name);
        let opened = open(&key, &store, &case.place(), &envelope).expect("opens");
        assert_eq!(*opened, plaintext, "{}", case.name);
    }
}

/// Every bit flip, truncation and extension by a byte is refused, each for what it is.
#[test]
fn an_altered_envelope_does_not_open() {
    let case = &Case::all()[0];
    let whole = bytes(&case.input.envelope);
    let opens = |bytes: Vec<u8>| {
        let envelope = Envelope::from_bytes(bytes).map_err(|error| error.to_string())?;
        open(&case.key(), &case.store(), &case.place(), &envelope)
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(opens(whole.clone()), Ok(()));
    for bit in 0..8 * whole.len() {
        let mut altered = whole.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let error = opens(altered).expect_err("altered");
        let says = match bit / 8 {
            0 => "it has version",
            1 => "it is sealed by algorithm",
            2..10 => "it is sealed under the master key",
            _ => "it does not open",
        };
        assert!(error.starts_with(says), "bit {bit}: {error}");
    }
    for length in 0..whole.len() {
        assert!(opens(whole[..length].to_vec()).is_err(), "{length} bytes");
    }
    for byte in 0..=255 {
        assert!(opens([&whole[..], &[byte]].concat()).is_err(), "with {byte}");
    }
}

#[test]
fn an_envelope_opens_only_in_its_place_and_store_and_under_its_key() {
    let case = &Case::all()[0];
    let (key, store, place) = (case.key(), case.store(), case.place());
    for moved in [
        Place { table: "credential", ..place },
        Place { row: "sec_2", ..place },
        Place { column: "other", ..place },
        Place { version: 2, ..place },
        Place { version: 11, ..place },
        Place { provider: "openai", ..place },
        // The same bytes, split elsewhere.
        Place { table: "secret_versions", row: "ec_1", ..place },
    ] {
        let opened = open(&key, &store, &moved, &case.envelope());
        assert_eq!(opened.expect_err("moved"), OpenError::Unauthentic, "{moved:?}");
    }
    let other = Uuid::from_u128(store.as_u128() ^ 1);
    let opened = open(&key, &other, &place, &case.envelope());
    assert_eq!(
        opened.expect_err("another store"),
        OpenError::UnknownMasterKey(case.envelope().master_key_id())
    );
    let wrong = MasterKey::parse(format!("hex:{}", "0f".repeat(31) + "10").as_bytes()).expect("a key");
    let opened = open(&wrong, &store, &place, &case.envelope());
    assert_eq!(opened.expect_err("wrong key"), OpenError::UnknownMasterKey(case.envelope().master_key_id()));
}

struct Drawn(u8);

impl Random for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(167).wrapping_add(13);
            *byte = self.0;
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens(value in "[!-~]{1,200}", seed: u8, version in 1_u64.., row in "[a-z0-9_]{0,30}") {
        let key = Case::all()[0].key();
        let place = Place { table: "secret_version", row: &row, column: "envelope", version, provider: "openai" };
        let value = SecretValue::from_bytes(value.as_bytes(), false).expect("a value");
        let store = Uuid::from_u128(9);
        let envelope = seal(&key, &store, &place, &value, &mut Drawn(seed)).expect("sealed");
        prop_assert_eq!(envelope.as_bytes().len(), SHORTEST + value.expose().len());
        prop_assert_eq!(&**open(&key, &store, &place, &envelope).expect("opens"), value.expose().as_bytes());
    }
}
