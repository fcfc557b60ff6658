//! Which audit records are wanted.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::action::Action;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::texts::text::{FreeTextError, check_free_text};
use crate::domain::time::{Span, SpanError, Timestamp, TimestampError};

/// From when on records are wanted, as asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So long before now.
    Ago(Span),
    /// From this moment on.
    At(Timestamp),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinceError {
    /// Neither a span nor RFC 3339.
    #[error("{0}; or a time such as 2027-01-31T12:00:00Z")]
    Span(SpanError),
    /// It looks like a point in time and is not one.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    #[error("since zero ago there is nothing: write how far to look back, as in 24h")]
    Zero,
}

impl Since {
    /// The moment meant; 1970 where the span reaches further back.
    pub fn resolve(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ago(span) => Timestamp::from_millis((now.as_millis() - span.as_secs() * 1000).max(0)),
            Self::At(at) => Some(at),
        }
    }
}

impl FromStr for Since {
    type Err = SinceError;

    fn from_str(text: &str) -> Result<Self, SinceError> {
        if text.contains(['-', ':', 'T']) && text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Self::At(Timestamp::parse(text)?));
        }
        let span: Span = text.parse().map_err(SinceError::Span)?;
        if span.is_zero() { Err(SinceError::Zero) } else { Ok(Self::Ago(span)) }
    }
}

/// An action or a group of them: `store` means `store` and every `store.…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an action is words of a-z and - with dots between them, as in mint or store.init")]
pub struct ActionError;

const LONGEST_ACTION: usize = 64;

impl ActionPattern {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an action of this keyctl, or a group of them, is called so.
    pub fn is_known(&self) -> bool {
        Action::ALL.iter().any(|action| self.matches(action.as_str()))
    }

    fn matches(&self, action: &str) -> bool {
        let rest = action.strip_prefix(self.0.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl FromStr for ActionPattern {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        let fits = text.len() <= LONGEST_ACTION && text.split('.').all(word);
        if fits { Ok(Self(text.to_owned())) } else { Err(ActionError) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorName(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActorNameError {
    /// Nothing, or only blanks.
    #[error("it is empty")]
    Empty,
    /// No actor could have been recorded under it.
    #[error(transparent)]
    Text(#[from] FreeTextError),
}

const LONGEST_ACTOR: usize = 128;

impl ActorName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ActorName {
    type Err = ActorNameError;

    fn from_str(text: &str) -> Result<Self, ActorNameError> {
        if text.trim().is_empty() {
            return Err(ActorNameError::Empty);
        }
        check_free_text(text, LONGEST_ACTOR)?;
        Ok(Self(text.to_owned()))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeName {
    Done,
    Refused,
}

impl OutcomeName {
    /// As it stands in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// What a record must be to be wanted: everything that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub since: Option<Timestamp>,
    pub key: Option<KeyId>,
    pub owner: Option<Owner>,
    /// What it was called before, and up to which record.
    pub names_before: Vec<(Owner, u64)>,
    /// By the one who claims this name; the system's user where none is claimed; or by the
    /// database's user of this name.
    pub actor: Option<ActorName>,
    /// This action, or one of this group.
    pub action: Option<ActionPattern>,
    pub outcome: Option<OutcomeName>,
}

/// What a filter looks at. Fields are only ever added to a record, so all of these are there.
#[derive(Deserialize)]
struct Seen<'b> {
    #[serde(borrow)]
    at: Cow<'b, str>,
    #[serde(borrow)]
    action: Cow<'b, str>,
    #[serde(borrow)]
    outcome: Cow<'b, str>,
    #[serde(borrow)]
    owner: Option<Cow<'b, str>>,
    #[serde(borrow)]
    key: Option<Cow<'b, str>>,
    #[serde(borrow)]
    actor: SeenActor<'b>,
}

/// What a record of many imported keys says of them: of none by itself.
#[derive(Deserialize)]
struct SeenBatch<'b> {
    #[serde(borrow)]
    details: SeenRange<'b>,
}

#[derive(Deserialize)]
struct SeenRange<'b> {
    #[serde(borrow)]
    first_key: Cow<'b, str>,
    #[serde(borrow)]
    last_key: Cow<'b, str>,
}

/// The action of such a record.
const IMPORT: &str = "import";

/// What stands in such a record behind the time.
const BATCH: &str =
    "\",\"action\":\"import\",\"outcome\":\"done\",\"message\":null,\"owner\":null,\"key\":null,";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    No,
    Yes,
    /// It is if the owner has a key with an id of this range: the record is of all of them.
    IfOwned {
        first: KeyId,
        last: KeyId,
    },
}

/// What the body of every record that is wanted has, so that a database can leave out most of the
/// others by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// This text, anywhere.
    Has(String),
    /// This text anywhere, or the record is one of many imported keys, of this time if one is
    /// named.
    HasOrBatch(String, Option<Timestamp>),
}

impl Mark {
    /// What the body of a record of many imported keys begins with: a text, the time (each `None`
    /// any character), a text.
    pub fn batch(at: Option<Timestamp>) -> (&'static str, Option<String>, &'static str) {
        ("{\"at\":\"", at.map(|at| at.to_string()), BATCH)
    }
}

#[derive(Deserialize)]
struct SeenActor<'b> {
    #[serde(borrow)]
    claimed: Option<Cow<'b, str>>,
    #[serde(borrow)]
    os_user: Option<Cow<'b, str>>,
    #[serde(borrow)]
    session_user: Option<Cow<'b, str>>,
}

impl Filter {
    /// Whether every record is wanted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the record of this number and body is wanted. One that no keyctl wrote is wanted
    /// only by an empty filter.
    pub fn look(&self, seq: u64, body: &str) -> Wanted {
        if self.is_empty() {
            return Wanted::Yes;
        }
        match serde_json::from_str::<Seen<'_>>(body) {
            Ok(seen) if self.wants_otherwise(&seen) => self.wants_keys(seq, &seen, body),
            _ => Wanted::No,
        }
    }

    fn wants_keys(&self, seq: u64, seen: &Seen<'_>, body: &str) -> Wanted {
        let is = |found: &Option<Cow<'_, str>>, wanted: &str| found.as_deref() == Some(wanted);
        let key = self.key.is_none_or(|key| is(&seen.key, &key.to_string()));
        let owner = self.owner.as_ref().is_none_or(|owner| {
            let before = self.names_before.iter().filter(|(_, until)| seq <= *until);
            before.map(|(name, _)| name).chain([owner]).any(|name| is(&seen.owner, name.as_str()))
        });
        if key && owner {
            return Wanted::Yes;
        }
        let batch = (seen.action == IMPORT && seen.key.is_none())
            .then(|| serde_json::from_str::<SeenBatch<'_>>(body).ok())
            .flatten();
        let range = batch.and_then(|SeenBatch { details }| {
            Some((details.first_key.parse::<KeyId>().ok()?, details.last_key.parse::<KeyId>().ok()?))
        });
        match (range, self.key) {
            (None, _) => Wanted::No,
            (Some((first, last)), Some(key)) if !(first..=last).contains(&key) => Wanted::No,
            (Some(_), Some(_)) if self.owner.is_none() => Wanted::Yes,
            (Some(_), Some(key)) => Wanted::IfOwned { first: key, last: key },
            (Some((first, last)), None) => Wanted::IfOwned { first, last },
        }
    }

    fn wants_otherwise(&self, seen: &Seen<'_>) -> bool {
        let is = |found: &Option<Cow<'_, str>>, wanted: &str| found.as_deref() == Some(wanted);
        let by = |name: &ActorName| {
            let SeenActor { claimed, os_user, session_user } = &seen.actor;
            let said = if claimed.is_some() { claimed } else { os_user };
            is(said, name.as_str()) || is(session_user, name.as_str())
        };
        self.since.is_none_or(|since| Timestamp::parse(&seen.at).is_ok_and(|at| at >= since))
            && self.actor.as_ref().is_none_or(by)
            && self.action.as_ref().is_none_or(|action| action.matches(&seen.action))
            && self.outcome.is_none_or(|outcome| outcome.as_str() == seen.outcome)
    }

    /// What stands in the body of every record that may be wanted.
    pub fn marks(&self) -> Vec<Mark> {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut marks = Vec::new();
        // A key's id is as old as the record of its import.
        let created = self.key.map(KeyId::created_at);
        marks.extend(
            self.key.zip(created).map(|(key, at)| Mark::HasOrBatch(format!("\"key\":\"{key}\""), at)),
        );
        // One that was called otherwise before stands there under any of its names.
        let only_name = self.owner.as_ref().filter(|_| self.names_before.is_empty());
        marks.extend(only_name.map(|owner| {
            Mark::HasOrBatch(format!("\"owner\":{}", quoted(owner.as_str())), created.flatten())
        }));
        let mut has = |text: Option<String>| marks.extend(text.map(Mark::Has));
        has(self.actor.as_ref().map(|actor| format!(":{}", quoted(actor.as_str()))));
        // The group's members go on behind it.
        has(self.action.as_ref().map(|action| format!("\"action\":\"{}", action.as_str())));
        has(self.outcome.map(|outcome| format!("\"outcome\":\"{}\"", outcome.as_str())));
        marks
    }

    /// The least text that the body of a record not older than `since` can be: `at` is its
    /// first field and always as long.
    pub fn least_body(&self) -> Option<String> {
        self.since.map(|since| format!("{{\"at\":\"{since}\""))
    }
}

/// In words, as options.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = [
            ("since", self.since.map(|since| since.to_string())),
            ("key", self.key.map(|key| key.to_string())),
            ("owner", self.owner.as_ref().map(ToString::to_string)),
            ("actor", self.actor.as_ref().map(|actor| actor.0.clone())),
            ("action", self.action.as_ref().map(|action| action.0.clone())),
            ("outcome", self.outcome.map(|outcome| outcome.as_str().to_owned())),
        ];
        let set = options.into_iter().filter_map(|(name, value)| Some(format!("--{name} {}", value?)));
        f.write_str(&set.collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::domain::audit::event::{Actor, Body, Event, KeySubject, Outcome};
    use crate::domain::random::{Random, RandomError};

    const KEY: &str = "key_01h455vb4pex5vsknk084sn02q";

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect(text)
    }

    /// The body of a mint for alice at noon.
    fn body(actor: &Actor) -> String {
        let event = Event {
            action: Action::StoreInit,
            outcome: Outcome::Done,
            key: Some(KeySubject { id: KEY.parse().expect("id"), name: "ci".parse().expect("name") }),
            owner: "alice".parse().ok(),
            details: Value::Null,
            raised: None,
        };
        serde_json::to_string(&Body::new(&event, actor, at("2027-01-31T12:00:00Z"))).expect("JSON")
    }

    fn actor(claimed: Option<&str>, os_user: &str, session_user: Option<&str>) -> Actor {
        Actor {
            claimed: claimed.map(str::to_owned),
            os_user: Some(os_user.to_owned()),
            session_user: session_user.map(str::to_owned),
            ..Actor::default()
        }
    }

    /// Whether it matches; a match must also pass what the database leaves out by itself.
    fn matches(filter: &Filter, body: &str) -> bool {
        look(filter, body) == Wanted::Yes
    }

    fn look(filter: &Filter, body: &str) -> Wanted {
        let is_batch = |at: Option<Timestamp>| {
            let (start, time, behind) = Mark::batch(at);
            let rest = body.strip_prefix(start).filter(|rest| rest.is_char_boundary(24));
            rest.is_some_and(|rest| {
                time.is_none_or(|time| rest.starts_with(&time)) && rest[24..].starts_with(behind)
            })
        };
        let holds = |mark: &Mark| match mark {
            Mark::Has(text) => body.contains(text.as_str()),
            Mark::HasOrBatch(text, at) => body.contains(text.as_str()) || is_batch(*at),
        };
        let passes = filter.marks().iter().all(holds)
            && filter.least_body().is_none_or(|least| body >= least.as_str());
        let wanted = filter.look(1, body);
        assert!(passes || wanted == Wanted::No, "{filter} would be left out by the database");
        wanted
    }

    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomError> {
            Ok(())
        }
    }

    #[test]
    fn a_record_of_many_imported_keys_is_about_each_of_them() {
        let noon = at("2027-01-31T12:00:00Z");
        let ids: Vec<KeyId> =
            (0..5).map(|n| KeyId::in_series(noon, n, &mut Zeros).expect("random")).collect();
        let details = serde_json::json!({"source": "csv", "first_key": ids[1], "last_key": ids[3]});
        let event = Event::done(Action::Import, details);
        let body = serde_json::to_string(&Body::new(&event, &actor(None, "root", None), noon)).expect("JSON");
        let key = |id: KeyId| Filter { key: Some(id), ..Filter::default() };
        for (index, wanted) in
            [Wanted::No, Wanted::Yes, Wanted::Yes, Wanted::Yes, Wanted::No].iter().enumerate()
        {
            assert_eq!(look(&key(ids[index]), &body), *wanted, "{index}");
        }
        let of_alice = Filter { owner: "alice".parse().ok(), ..Filter::default() };
        assert_eq!(look(&of_alice, &body), Wanted::IfOwned { first: ids[1], last: ids[3] });
        let both = Filter { owner: of_alice.owner.clone(), ..key(ids[2]) };
        assert_eq!(look(&both, &body), Wanted::IfOwned { first: ids[2], last: ids[2] });
        for other in [
            Filter { since: Some(at("2027-01-31T12:00:00.001Z")), ..of_alice.clone() },
            Filter { actor: "bot".parse().ok(), ..key(ids[2]) },
            Filter { action: "mint".parse().ok(), ..key(ids[2]) },
            Filter { outcome: Some(OutcomeName::Refused), ..of_alice },
        ] {
            assert_eq!(look(&other, &body), Wanted::No, "{other}");
        }
    }

    #[test]
    fn every_part_of_a_filter_must_hold() {
        let body = body(&actor(Some("bot \"7\""), "root", Some("keeper")));
        let whole = Filter {
            since: Some(at("2027-01-31T12:00:00Z")),
            key: KEY.parse().ok(),
            owner: "alice".parse().ok(),
            names_before: Vec::new(),
            actor: "bot \"7\"".parse().ok(),
            action: "store".parse().ok(),
            outcome: Some(OutcomeName::Done),
        };
        assert!(matches(&whole, &body));
        assert!(matches(&Filter::default(), "anything"));
        for other in [
            Filter { since: Some(at("2027-01-31T12:00:00.001Z")), ..whole.clone() },
            Filter { key: "key_01h455vb4pex5vsknk084sn02r".parse().ok(), ..whole.clone() },
            Filter { owner: "alic".parse().ok(), ..whole.clone() },
            Filter { actor: "bot".parse().ok(), ..whole.clone() },
            Filter { action: "mint".parse().ok(), ..whole.clone() },
            Filter { outcome: Some(OutcomeName::Refused), ..whole.clone() },
        ] {
            assert!(!matches(&other, &body), "{other}");
        }
        assert!(!matches(&whole, "no JSON"));
    }

    #[test]
    fn a_renamed_owner_stands_under_its_old_name_up_to_the_renaming() {
        let body = body(&actor(None, "root", None));
        let renamed = Filter {
            owner: "alice.smith".parse().ok(),
            names_before: vec![("alice".parse().expect("a name"), 7)],
            ..Filter::default()
        };
        assert!(renamed.marks().is_empty());
        assert_eq!(renamed.look(7, &body), Wanted::Yes);
        assert_eq!(renamed.look(8, &body), Wanted::No);
    }

    #[test]
    fn an_actor_is_who_claims_it_or_the_system_user_or_the_databases() {
        let by = |name: &str, actor: &Actor| {
            matches(&Filter { actor: name.parse().ok(), ..Filter::default() }, &body(actor))
        };
        let both = actor(Some("bot"), "root", Some("keeper"));
        assert!(by("bot", &both) && by("keeper", &both));
        assert!(!by("root", &both), "somebody else is claimed");
        assert!(by("root", &actor(None, "root", None)));
    }

    #[test]
    fn a_group_of_actions_ends_at_a_dot() {
        let pattern = |text: &str| text.parse::<ActionPattern>().expect(text);
        assert!(pattern("store").matches("store.init") && pattern("store").matches("store"));
        assert!(pattern("store.init").matches("store.init"));
        assert!(!pattern("store").matches("storehouse") && !pattern("store.i").matches("store.init"));
        for text in ["", ".", "store.", ".init", "a..b", "Mint", "mint%", "mint rotate", "-x", "1"] {
            assert_eq!(text.parse::<ActionPattern>(), Err(ActionError), "{text:?}");
        }
    }

    #[test]
    fn since_looks_back_and_not_before_1970() {
        let now = at("2027-01-31T12:00:00Z");
        let since = |text: &str| text.parse::<Since>().expect(text).resolve(now);
        assert_eq!(since("24h"), Some(at("2027-01-30T12:00:00Z")));
        assert_eq!(since("99y"), Timestamp::from_millis(0));
        assert_eq!(since("2026-01-01T00:00:00+02:00"), Some(at("2025-12-31T22:00:00Z")));
        assert_eq!("0".parse::<Since>(), Err(SinceError::Zero));
        assert_eq!("never".parse::<Since>(), Err(SinceError::Span(SpanError::Syntax)));
        let no_zone = Err(SinceError::Timestamp(TimestampError::NoZone));
        assert_eq!("2027-01-31T12:00:00".parse::<Since>(), no_zone);
    }
}
