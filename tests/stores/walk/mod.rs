//! Long random sequences of changes: after each one the store is whole, and every token is
//! answered as the model says, by a verification and by the runtime's view alike.

mod groups;
mod keys;
mod model;
mod walker;

use std::collections::{BTreeMap, BTreeSet};

use keyctl::domain::keys::verdict::{Asked, Verdict};
use keyctl::ops::env::Env;
use keyctl::ops::keys::verify::verify;
use keyctl::ops::stores::store::check;

use crate::support::both;
use crate::support::store::Place;
use model::{ADDRESS, Model, PROBES, covers};
use walker::{Did, Walker};

/// The counter of the mark, the audit records, and the keys that the last change named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Marks {
    counter: i64,
    audit: u64,
}

fn marks(env: &mut Env) -> Marks {
    let head = env.store.head().expect("head");
    Marks { counter: head.mark.counter, audit: head.audit_seq }
}

fn named(place: &Place, seq: i64) -> BTreeSet<String> {
    let rows = place.sql(&format!("SELECT key_id FROM keyctl_changes_v1 WHERE seq = {seq}")).expect("rows");
    rows.lines().map(str::to_owned).collect()
}

/// What a step may leave behind: the audit record of a refusal, or a change that names exactly
/// the keys that it affects.
fn check_traces(place: &Place, before: &Marks, after: &Marks, did: &Did, model: &Model) {
    let (moved, recorded) = (after.counter - before.counter, after.audit - before.audit);
    match did {
        Did::Nothing => assert_eq!((moved, recorded), (0, 0), "nothing was done"),
        Did::Refused => assert_eq!((moved, recorded), (0, 1), "a refusal leaves its record alone"),
        Did::Silent => assert_eq!((moved, recorded > 0), (0, true), "no key is affected"),
        Did::Changed(affected) => {
            assert_eq!((moved, recorded > 0), (1, true), "one change");
            // Keys that were revoked before stay revoked, whatever else is written into their rows.
            let dead = |id: &String| {
                let found = model.keys.iter().enumerate().find(|(_, key)| key.id.to_string() == *id);
                found.is_some_and(|(index, key)| key.revoked && !affected.contains(&index))
            };
            let named: BTreeSet<String> =
                named(place, after.counter).into_iter().filter(|id| !dead(id)).collect();
            let affected: BTreeSet<String> =
                affected.iter().map(|key| model.keys[*key].id.to_string()).collect();
            assert_eq!(named, affected, "the keys named");
        }
    }
}

fn check_answers(env: &mut Env, model: &Model, probe: &str) {
    let now = env.store.now().expect("now").as_millis();
    let asked = Asked { scope: probe.parse().ok(), owner: None, address: ADDRESS.parse().ok() };
    for (index, key) in model.keys.iter().enumerate() {
        for token in &key.tokens {
            let told = match verify(&mut env.store, token.text.expose(), &asked).expect("read") {
                Verdict::Allowed(_) => "allowed",
                Verdict::Denied(reason) => reason.as_str(),
            };
            assert_eq!(
                told,
                model.answer(index, token, probe, now),
                "{}/{} asked for {probe}",
                key.owner,
                key.name
            );
        }
    }
}

fn check_view(place: &Place, env: &mut Env, model: &Model) {
    let columns = "token_id, key_id, key_name, owner, networks, state, not_before, expires_at, scopes";
    let rows = place.sql(&format!("SELECT {columns} FROM keyctl_tokens_v1")).expect("rows");
    let now = env.store.now().expect("now").as_millis();
    let told: BTreeMap<&str, (&str, &str)> = rows
        .lines()
        .map(|row| (row.split_once('|').expect("cells").0, row.rsplit_once('|').expect("cells")))
        .collect();
    assert_eq!(told.len(), model.keys.iter().map(|key| key.tokens.len()).sum::<usize>());
    for (index, key) in model.keys.iter().enumerate() {
        for token in &key.tokens {
            let (row, scopes) = told[token.id.as_str()];
            assert_eq!(row, model.row(index, token, now));
            let scopes: Vec<String> = serde_json::from_str(scopes).expect("JSON");
            for probe in PROBES {
                let covered = scopes.iter().any(|held| covers(held, probe));
                assert_eq!(
                    covered,
                    model.may(index, probe),
                    "{}/{}: {scopes:?}, {probe}",
                    key.owner,
                    key.name
                );
            }
        }
    }
}

fn walk(place: &Place, seed: u64, steps: usize, seen: &mut BTreeMap<String, usize>) {
    place.init();
    let mut env = place.env();
    let mut walker = Walker::new(seed);
    for step in 0..steps {
        let before = marks(&mut env);
        let did = walker.step(&mut env, place);
        let context = format!("seed {seed}, step {step}: {}", walker.last);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let after = marks(&mut env);
            check_traces(place, &before, &after, &did, &walker.model);
            let mut found = check(&mut env.store, |_| {}).expect("checked");
            // The walk itself writes ends that have come, which the audit log does not know of.
            found.retain(|finding| !finding.message.contains(": expires_at is "));
            assert_eq!(found, []);
            check_answers(&mut env, &walker.model, PROBES[step % PROBES.len()]);
            check_view(place, &mut env, &walker.model);
        }));
        assert!(checked.is_ok(), "{context}; what was expected stands above");
    }
    for (note, times) in walker.seen {
        *seen.entry(note).or_insert(0) += times;
    }
}

/// What changes children through their parent, or through what their parent has.
const REACH_CHILDREN: [&str; 8] =
    ["edit", "scope", "suspend", "resume", "rotate", "role.set", "owner.switch", "expire"];

/// What else several walks must have come to, and how often at least.
const ALL_KINDS: [(&str, usize); 26] = [
    ("mint Changed", 50),
    ("mint Refused", 20),
    ("mint Nothing", 5),
    ("edit Changed", 15),
    ("edit Refused", 5),
    ("edit Nothing", 5),
    ("edit reaches a token in grace", 3),
    ("scope Changed", 15),
    ("scope Refused", 3),
    ("scope reaches a token in grace", 3),
    ("suspend Changed", 20),
    ("suspend reaches a token in grace", 5),
    ("resume Changed", 20),
    ("resume Refused", 2),
    ("resume reaches a token in grace", 5),
    ("revoke Changed", 8),
    ("revoke reaches a token in grace", 3),
    ("rotate Changed", 30),
    ("rotate Refused", 3),
    ("rotate reaches a token in grace", 8),
    ("role.set Changed", 20),
    ("role.set reaches a token in grace", 5),
    ("role.delete Changed", 3),
    ("role.delete reaches children", 1),
    ("owner.switch Changed", 15),
    ("owner.delete Changed", 2),
];

/// A walk that never came to something proves nothing about it.
fn demand(seen: &BTreeMap<String, usize>, note: &str, at_least: usize) {
    let times = seen.get(note).copied().unwrap_or_default();
    assert!(times >= at_least, "{note}: {times} times, where {at_least} are wanted; {seen:#?}");
}

both!(after_each_change_of_a_long_walk_the_store_is_whole_and_answers_as_the_model, |place| {
    let mut seen = BTreeMap::new();
    walk(&place, 20_261_123, 150, &mut seen);
    for verb in REACH_CHILDREN {
        demand(&seen, &format!("{verb} reaches children"), 1);
    }
});

#[test]
fn other_walks_are_whole_too_and_leave_nothing_out() {
    let mut seen = BTreeMap::new();
    for seed in 1..=6 {
        walk(&Place::sqlite(), seed, 150, &mut seen);
    }
    for verb in REACH_CHILDREN {
        demand(&seen, &format!("{verb} reaches children"), 5);
    }
    for (note, at_least) in ALL_KINDS {
        demand(&seen, note, at_least);
    }
}
