//! What is done about a token of ours that somebody reports.

use std::fmt;
use std::str::FromStr;

use crate::domain::keys::label::Labels;
use crate::domain::keys::token::Prefix;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Response {
    /// It is written down, and nothing else is done.
    #[default]
    Record,
    Suspend,
    Revoke,
}

impl Response {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Suspend => "suspend",
            Self::Revoke => "revoke",
        }
    }
}

/// Of which tokens: `revoke`, `suspend:prefix=acme_live`, `revoke:label=env=prod`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    response: Response,
    whose: Whose,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    All,
    Prefix(Prefix),
    /// Name and value.
    Label(String, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a rule is record, suspend or revoke, for all tokens or behind it :prefix=PREFIX or :label=NAME=VALUE"
)]
pub(crate) struct RuleError;

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (word, whose) = text.split_once(':').map_or((text, None), |(word, whose)| (word, Some(whose)));
        let all = [Response::Record, Response::Suspend, Response::Revoke];
        let response = all.into_iter().find(|one| one.as_str() == word).ok_or(RuleError)?;
        let whose = match whose.map(|whose| whose.split_once('=').unwrap_or((whose, ""))) {
            None => Whose::All,
            Some(("prefix", prefix)) => Whose::Prefix(prefix.parse().map_err(|_| RuleError)?),
            Some(("label", label)) => {
                let (name, value) = label.split_once('=').ok_or(RuleError)?;
                Whose::Label(name.to_owned(), value.to_owned())
            }
            Some(_) => return Err(RuleError),
        };
        Ok(Self { response, whose })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.response.as_str())?;
        match &self.whose {
            Whose::All => Ok(()),
            Whose::Prefix(prefix) => write!(f, ":prefix={}", prefix.as_str()),
            Whose::Label(name, value) => write!(f, ":label={name}={value}"),
        }
    }
}

/// Rules in their order: the first that fits decides, and where none does, a report is recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy(pub(crate) Vec<Rule>);

impl Policy {
    pub(crate) fn of(&self, prefix: &str, labels: &Labels) -> Response {
        let fits = |rule: &&Rule| match &rule.whose {
            Whose::All => true,
            Whose::Prefix(own) => own.as_str() == prefix,
            Whose::Label(name, value) => labels.get(name) == Some(value.as_str()),
        };
        self.0.iter().find(fits).map_or(Response::Record, |rule| rule.response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: &[&str]) -> Policy {
        Policy(rules.iter().map(|rule| rule.parse().expect("a rule")).collect())
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_it_is_recorded() {
        let labels = Labels::parse_all(["env=prod"]).expect("labels");
        let none = Labels::default();
        let policy = policy(&["record:prefix=test", "revoke:label=env=prod", "suspend:prefix=sks"]);
        assert_eq!(policy.of("test", &labels), Response::Record);
        assert_eq!(policy.of("sks", &labels), Response::Revoke);
        assert_eq!(policy.of("sks", &none), Response::Suspend);
        assert_eq!(policy.of("acme", &none), Response::Record);
        assert_eq!(Policy::default().of("sks", &labels), Response::Record);
    }

    #[test]
    fn a_rule_reads_as_it_is_written_and_nothing_else_is_one() {
        for text in ["record", "revoke:prefix=acme_live", "suspend:label=team/a=b=c"] {
            assert_eq!(text.parse::<Rule>().map(|rule| rule.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "delete",
            "revoke:",
            "revoke:prefix=",
            "revoke:prefix=A",
            "revoke:label=x",
            "Revoke",
            "revoke:owner=a",
        ] {
            assert_eq!(text.parse::<Rule>(), Err(RuleError), "{text}");
        }
    }
}
