//! Whose binding decides: the rule of the domain, and every statement that has it in SQL.

use std::collections::BTreeMap;
use std::time::Duration;

use keyctl::crypto::digest::hash_token;
use keyctl::domain::keys::key::Key;
use keyctl::domain::keys::token::Token;
use keyctl::domain::keys::verdict::Asked;
use keyctl::domain::secrets::nearest::{in_reach, nearest};
use keyctl::domain::secrets::secret::{Provider, Subject};
use keyctl::ops::keys::mint::Request;
use keyctl::ops::secrets::resolve::{Resolved, resolve};
use keyctl::store::{BindingLookup as _, Bound, Columns, Store, Views};
use proptest::collection::vec;
use proptest::option;
use proptest::test_runner::{Config, TestRunner};

use super::run_with;
use crate::apollo::{APOLLO, KEYS, decrypted, hash_of};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::library::{minted, request};
use crate::support::store::{Place, options};

const PROVIDERS: [&str; 2] = ["anthropic", "openai"];
/// Of each provider: the third has expired, the fourth is deleted.
const SECRETS: usize = 4;
const STATES: [&str; SECRETS] = ["active", "active", "expired", "deleted"];

struct House {
    sandbox: Sandbox,
    keys: Vec<(Key, Token)>,
    subjects: Vec<Subject>,
    /// Of the secrets, by id.
    names: BTreeMap<String, String>,
    /// By subject and provider, the number of the secret.
    bound: BTreeMap<(Subject, &'static str), usize>,
}

fn name(provider: &str, secret: usize) -> String {
    format!("{provider}-{secret}")
}

fn house(place: Place) -> House {
    let sandbox = Sandbox::with_store(place);
    let mint = |owner: &str, name: &str| {
        minted(&mut sandbox.place.env(), &Request { name: name.parse().ok(), ..request(owner) })
    };
    let keys = vec![mint("alice", "one"), mint("alice", "two"), mint("bob", "one")];
    let mut subjects: Vec<Subject> = keys.iter().map(|(key, _)| Subject::Key(key.id)).collect();
    subjects.extend(["alice", "bob"].map(|owner| Subject::Owner(owner.parse().expect("an owner"))));
    subjects.push(Subject::Store);
    for provider in PROVIDERS {
        for secret in 0..SECRETS {
            let name = name(provider, secret);
            let set = ["secret", "set", provider, &name];
            run_with(&sandbox, &KEYS, &set, &format!("sk-planted-{name}")).expect_code(0);
        }
    }
    if sandbox.place.database.is_some() {
        let view = ["store", "compat", "apollo", "--scope", "memories"];
        run_with(&sandbox, &KEYS, &view, "").expect_code(0);
    }
    let states = "UPDATE secret_version SET expires_at = 1
            WHERE secret_id IN (SELECT id FROM secret WHERE name LIKE '%-2');
        UPDATE secret SET deleted_at = 1 WHERE name LIKE '%-3'";
    sandbox.place.sql(states).expect("written");
    let rows = sandbox.place.sql("SELECT id, name FROM secret").expect("rows");
    let names = rows.lines().filter_map(|row| row.split_once('|'));
    let names = names.map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    House { sandbox, keys, subjects, names, bound: BTreeMap::new() }
}

impl House {
    /// Binds each subject to a secret of each provider, or to none.
    fn bind(&mut self, secrets: &[Option<usize>]) {
        let places = self.subjects.iter().flat_map(|subject| PROVIDERS.map(|of| (subject.clone(), of)));
        self.bound = places.zip(secrets).filter_map(|(at, secret)| Some((at, (*secret)?))).collect();
        let mut sql = "DELETE FROM binding;".to_owned();
        for ((subject, provider), secret) in &self.bound {
            let (kind, id, name) = (subject.kind(), subject.id(), name(provider, *secret));
            sql += &format!(
                "INSERT INTO binding (subject_kind, subject_id, provider, secret_id, created_at)
                 SELECT '{kind}', '{id}', provider, id, 1 FROM secret WHERE name = '{name}';"
            );
        }
        self.sandbox.place.sql(&sql).expect("bound");
    }

    /// The number of the secret that a key gets, by the rule.
    fn rule(&self, key: &Key, provider: &'static str) -> Option<usize> {
        let in_reach = in_reach(Some(key.id), &key.owner);
        let Ok(found) = nearest(&in_reach, |subject| {
            Ok::<_, std::convert::Infallible>(self.bound.get(&(subject.clone(), provider)).copied())
        });
        found.map(|(_, secret)| secret)
    }

    /// What the statement of readers answers, as name and state.
    fn by_views(&self, views: &mut Views, token: &Token, provider: &Provider) -> Option<(String, String)> {
        match views.secret(&hash_token(token), provider).expect("read").1 {
            Bound::Nothing => None,
            Bound::Missing => panic!("a binding leads nowhere"),
            Bound::Secret(cells) => Some((self.names[&cells.secret_id].clone(), cells.state)),
        }
    }

    fn check(&self, store: &mut Store, views: &mut Views) {
        for (key, token) in &self.keys {
            let listed = store.bindings_in_reach(key.id, &key.owner).expect("read");
            for provider in PROVIDERS {
                let rule = self.rule(key, provider);
                let named = rule.map(|secret| name(provider, secret));
                let of: Provider = provider.parse().expect("a provider");

                let listed: Vec<&str> = listed
                    .iter()
                    .filter(|binding| binding.provider == of)
                    .map(|binding| binding.name.as_str())
                    .collect();
                assert_eq!(listed, named.as_deref().into_iter().collect::<Vec<_>>(), "what is listed");

                let with_state = rule.map(|secret| (name(provider, secret), STATES[secret].to_owned()));
                assert_eq!(self.by_views(views, token, &of), with_state, "what readers get");

                let resolved = resolve(store, token.expose(), &Asked::default(), &of);
                match (resolved, with_state) {
                    (Ok(Resolved::Found { secret, .. }), Some((name, state))) if state == "active" => {
                        assert_eq!(secret.secret.name.as_str(), name);
                    }
                    (Err(error), Some((name, state))) if state != "active" => {
                        let error = error.to_string();
                        assert!(error.contains(&name) && error.ends_with(&state), "{error}");
                    }
                    (Err(error), None) => assert!(error.to_string().starts_with("no secret for"), "{error}"),
                    (resolved, rule) => panic!("{resolved:?}, and not {rule:?}"),
                }
            }
        }
    }

    /// Apollo's view, and what says why a key is not in it: of Anthropic's secrets alone.
    fn check_apollo(&self, store: &mut Store) {
        let sql = "SELECT auth_token_hash, anthropic_api_key FROM public.lightning_clients";
        let rows = self.sandbox.place.sql(sql).expect("rows");
        let shown: BTreeMap<String, String> = rows
            .lines()
            .filter_map(|row| row.split_once('|'))
            .map(|(hash, sealed)| (hash.to_owned(), decrypted(sealed, APOLLO)))
            .collect();
        let explained = store.apollo_candidates(None).expect("read");
        for (key, token) in &self.keys {
            let rule = self.rule(key, "anthropic");
            let usable = rule.filter(|secret| STATES[*secret] == "active");
            let value = usable.map(|secret| format!("sk-planted-{}", name("anthropic", secret)));
            assert_eq!(shown.get(&hash_of(token.expose())), value.as_ref(), "what Apollo is shown");
            let candidate = explained.iter().find(|candidate| candidate.id == key.id).expect("there");
            assert_eq!(candidate.secret.as_deref(), rule.map(|secret| STATES[secret]), "what is explained");
        }
    }
}

both!(every_statement_takes_the_binding_that_the_rule_takes, |place| {
    let mut house = house(place);
    let location = house.sandbox.place.location();
    let mut views =
        Views::open(&location, options(), Columns::Deciding, Duration::from_secs(20)).expect("opens");
    let mut store = house.sandbox.place.open();
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    let bindings = vec(option::of(0..SECRETS), house.subjects.len() * PROVIDERS.len());
    let house = std::cell::RefCell::new((&mut house, &mut views, &mut store));
    let checked = TestRunner::new(config).run(&bindings, |secrets| {
        let (house, views, store) = &mut *house.borrow_mut();
        house.bind(&secrets);
        house.check(store, views);
        if house.sandbox.place.database.is_some() {
            house.check_apollo(store);
        }
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
});
