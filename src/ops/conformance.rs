//! The vectors that every implementation of the formats and of the runtime contract must agree
//! on, and the comparison of a program's answers with them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! vectors {
    ($($name:literal),+ $(,)?) => {
        [$(include_str!(concat!("../../tests/vectors/", $name, ".json"))),+]
    };
}

const FILES: [&str; 29] = vectors![
    "token/known-answers",
    "token/valid",
    "token/invalid",
    "hash/known-answers",
    "hash/fast",
    "hash/slow",
    "hash/none",
    "envelope/known-answers",
    "envelope/master-keys",
    "envelope/opens",
    "envelope/form",
    "envelope/altered",
    "envelope/moved",
    "verify/states",
    "verify/form",
    "verify/foreign",
    "verify/fault",
    "verify/networks",
    "verify/scopes",
    "verify/others",
    "verify/order",
    "jwt/form",
    "jwt/keys",
    "jwt/claims",
    "jwt/decision",
    "verify/secret-nearest",
    "verify/secret-opened",
    "verify/secret-faults",
    "verify/secret-refused",
];

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A token's text.
    Token,
    /// The hashes that a text is looked up under.
    Hash,
    /// A master key's text.
    MasterKey,
    /// A sealed value.
    Envelope,
    Verify,
    /// A short-lived token, and what the store says of it.
    Jwt,
    /// A provider's secret for a token.
    Secret,
}

impl Kind {
    /// Every one, from the simple to what needs it.
    pub(crate) const ALL: [Self; 7] =
        [Self::Token, Self::Hash, Self::MasterKey, Self::Envelope, Self::Verify, Self::Jwt, Self::Secret];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Hash => "hash",
            Self::MasterKey => "master_key",
            Self::Envelope => "envelope",
            Self::Verify => "verify",
            Self::Jwt => "jwt",
            Self::Secret => "secret",
        }
    }
}

impl FromStr for Kind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or("write token, hash, master_key, envelope, verify, jwt or secret")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One question and its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    /// A short id, unique among its kind.
    pub name: String,
    pub kind: Kind,
    pub input: Value,
    /// The only right answer.
    pub expect: Value,
}

impl Case {
    /// The question as JSON on one line, without the answer.
    pub(crate) fn question(&self) -> String {
        json!({"name": self.name, "kind": self.kind, "input": self.input}).to_string()
    }

    /// What to think of an answer; members may stand in any order.
    fn judge(&self, answer: &Value) -> Judgement {
        if *answer == self.expect {
            return Judgement::Agrees;
        }
        let unsupported = answer.as_object().is_some_and(|members| {
            members.len() == 1 && members.get("unsupported").is_some_and(Value::is_string)
        });
        if unsupported { Judgement::Unsupported } else { Judgement::Differs }
    }
}

enum Judgement {
    Agrees,
    Differs,
    Unsupported,
}

/// All cases, or those of one kind, in the order of [`Kind::ALL`].
pub(crate) fn cases(only: Option<Kind>) -> Vec<Case> {
    // They are part of the program, and a test reads them all.
    let read = FILES.iter().flat_map(|file| serde_json::from_str::<Vec<Case>>(file).unwrap_or_default());
    let mut cases: Vec<Case> = read.filter(|case| only.is_none_or(|kind| kind == case.kind)).collect();
    cases.sort_by_key(|case| Kind::ALL.iter().position(|kind| *kind == case.kind));
    cases
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Disagreement {
    pub name: String,
    /// `differs`, or `unsupported` where the program says that it cannot.
    pub problem: &'static str,
    pub expected: Value,
    pub got: Value,
}

/// How the cases of one kind went.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tally {
    pub kind: Kind,
    pub cases: u64,
    pub agree: u64,
    pub differ: u64,
    /// The program says that it cannot.
    pub unsupported: u64,
    /// No answer: the program ended, hung, or wrote something else before.
    pub unanswered: u64,
    /// Those that differ or are unsupported.
    pub disagreements: Vec<Disagreement>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no JSON")]
pub(crate) struct NoJson;

/// A program is asked one case after the other.
#[derive(Debug)]
pub(crate) struct Trial {
    cases: Vec<Case>,
    answered: usize,
    tallies: Vec<Tally>,
}

impl Trial {
    pub(crate) fn new(cases: Vec<Case>) -> Self {
        let tally = |kind| {
            let cases = cases.iter().filter(|case| case.kind == kind).count() as u64;
            let unanswered = cases;
            Tally { kind, cases, agree: 0, differ: 0, unsupported: 0, unanswered, disagreements: Vec::new() }
        };
        let tallies = Kind::ALL.into_iter().map(tally).filter(|tally| tally.cases > 0).collect();
        Self { cases, answered: 0, tallies }
    }

    /// All questions, one a line.
    pub(crate) fn questions(&self) -> String {
        self.cases.iter().map(|case| case.question() + "\n").collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.cases.len()
    }

    pub(crate) fn answered(&self) -> usize {
        self.answered
    }

    /// The case whose answer is due.
    pub(crate) fn current(&self) -> Option<&Case> {
        self.cases.get(self.answered)
    }

    /// Takes the answer to the current case; behind the last one nothing changes.
    pub(crate) fn take(&mut self, line: &[u8]) -> Result<(), NoJson> {
        let got: Value = serde_json::from_slice(line).map_err(|_| NoJson)?;
        let Some(case) = self.cases.get(self.answered) else { return Ok(()) };
        let Some(tally) = self.tallies.iter_mut().find(|tally| tally.kind == case.kind) else {
            return Ok(());
        };
        self.answered += 1;
        tally.unanswered -= 1;
        let problem = match case.judge(&got) {
            Judgement::Agrees => {
                tally.agree += 1;
                return Ok(());
            }
            Judgement::Differs => {
                tally.differ += 1;
                "differs"
            }
            Judgement::Unsupported => {
                tally.unsupported += 1;
                "unsupported"
            }
        };
        let (name, expected) = (case.name.clone(), case.expect.clone());
        tally.disagreements.push(Disagreement { name, problem, expected, got });
        Ok(())
    }

    pub(crate) fn tallies(self) -> Vec<Tally> {
        self.tallies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally_of(answer: impl Fn(&Case) -> String) -> Tally {
        let mut trial = Trial::new(cases(Some(Kind::MasterKey)));
        while let Some(case) = trial.current() {
            let answer = answer(case);
            trial.take(answer.as_bytes()).expect("JSON");
        }
        trial.tallies().remove(0)
    }

    #[test]
    fn every_file_can_be_read_and_every_kind_is_there() {
        for file in FILES {
            let cases: Vec<Case> = serde_json::from_str(file).expect("cases");
            assert!(!cases.is_empty());
        }
        for kind in Kind::ALL {
            assert!(cases(Some(kind)).len() > 30 && kind.as_str().parse() == Ok(kind), "{kind}");
        }
        assert!(cases(None).len() >= 500);
    }

    #[test]
    fn a_question_does_not_tell_its_answer_and_is_one_line() {
        for case in cases(None) {
            let question = case.question();
            let read: Value = serde_json::from_str(&question).expect("JSON");
            assert!(!question.contains('\n') && read.get("expect").is_none(), "{}", case.name);
        }
    }

    #[test]
    fn answers_are_counted_by_what_they_are_worth() {
        let right = tally_of(|case| case.expect.to_string());
        assert_eq!((right.agree, right.unanswered, right.disagreements.len()), (right.cases, 0, 0));
        let wrong = tally_of(|_| "{\"error\":\"none\"}".to_owned());
        assert_eq!((wrong.differ, wrong.agree), (wrong.cases, 0));
        let unsupported = tally_of(|_| "{\"unsupported\":\"hkdf\"}".to_owned());
        assert_eq!(unsupported.unsupported, unsupported.cases);
        let more = tally_of(|_| "{\"unsupported\":\"hkdf\",\"error\":\"none\"}".to_owned());
        assert_eq!(more.differ, more.cases);
        assert_eq!(Trial::new(cases(None)).take(b"ready"), Err(NoJson));
    }

    #[test]
    fn members_may_stand_in_any_order_and_none_may_be_missing() {
        let cases = cases(Some(Kind::Token));
        let case = cases.iter().find(|case| case.expect.get("display").is_some()).expect("a valid one");
        let of = |names: [&str; 3]| {
            let members: Vec<String> =
                names.iter().map(|name| format!("\"{name}\":{}", case.expect[*name])).collect();
            format!("{{{}}}", members.join(","))
        };
        let mut trial = Trial::new(vec![case.clone(), case.clone(), case.clone()]);
        trial.take(of(["prefix", "id", "display"]).as_bytes()).expect("JSON");
        trial.take(of(["id", "display", "prefix"]).as_bytes()).expect("JSON");
        trial.take(of(["id", "display", "id"]).as_bytes()).expect("JSON");
        let tally = trial.tallies().remove(0);
        assert_eq!((tally.agree, tally.differ), (2, 1));
    }
}
