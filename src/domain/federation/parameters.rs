//! What a request says besides the assertion: ids of the provider's, a scope.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// `service_account_id=svac_01`: a name of `a-z 0-9 _`, and 1 to 512 printable characters of ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    name: String,
    value: String,
}

/// Why a text is no parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParameterError {
    #[error("a parameter is written NAME=VALUE, its name in a-z 0-9 _")]
    Form,
    #[error("a parameter's value has 1 to {LONGEST} printable characters of ASCII")]
    Value,
    /// It would take the place of what keyctl says itself.
    #[error("that parameter is keyctl's own")]
    Own,
    /// It would stand in the command line, and unsealed in the store.
    #[error("that parameter is a secret, and none stands on a command line")]
    Secret,
}

const LONGEST: usize = 512;
const LONGEST_NAME: usize = 64;
const OWN: [&str; 6] =
    ["grant_type", "assertion", "subject_token", "subject_token_type", "actor_token", "actor_token_type"];
const SECRET: [&str; 5] = ["client_secret", "client_assertion", "password", "refresh_token", "code"];

impl FromStr for Parameter {
    type Err = ParameterError;

    fn from_str(text: &str) -> Result<Self, ParameterError> {
        let (name, value) = text.split_once('=').ok_or(ParameterError::Form)?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(ParameterError::Form);
        }
        if OWN.contains(&name) {
            return Err(ParameterError::Own);
        }
        if SECRET.contains(&name) {
            return Err(ParameterError::Secret);
        }
        let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if !(1..=LONGEST).contains(&value.len()) || !value.bytes().all(is_printable) {
            return Err(ParameterError::Value);
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// All of a federation, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// `None` where two have one name.
    pub(crate) fn of(all: &[Parameter]) -> Option<Self> {
        let named = all.iter().map(|one| (one.name.clone(), one.value.clone())).collect::<BTreeMap<_, _>>();
        (named.len() == all.len()).then_some(Self(named))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As it is stored: a JSON object.
    pub(crate) fn to_json(&self) -> String {
        // Texts alone: serializing them cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_takes_no_place_of_ours_and_is_no_secret() {
        for (text, error) in [
            ("scope", ParameterError::Form),
            ("=a", ParameterError::Form),
            ("Scope=a", ParameterError::Form),
            ("a b=c", ParameterError::Form),
            ("scope=", ParameterError::Value),
            ("scope=a\nb", ParameterError::Value),
            ("grant_type=password", ParameterError::Own),
            ("subject_token=a", ParameterError::Own),
            ("client_secret=a", ParameterError::Secret),
        ] {
            assert_eq!(text.parse::<Parameter>(), Err(error), "{text}");
        }
        let parse = |text: &str| text.parse::<Parameter>().expect(text);
        let all = Parameters::of(&[parse("scope=a b"), parse("client_id=x=y")]).expect("parameters");
        assert_eq!(all.to_json(), r#"{"client_id":"x=y","scope":"a b"}"#);
        assert_eq!(serde_json::from_str::<Parameters>(&all.to_json()).expect("JSON"), all);
        assert_eq!(Parameters::of(&[parse("scope=a"), parse("scope=b")]), None);
    }
}
