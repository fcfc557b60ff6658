//! On which terms a pipeline gets a short-lived token without a key: whose token it has to bring, and what that must say.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::issuer_keys::IssuerKeys;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::{NameError, check_name};
use crate::domain::texts::text::{FreeTextError, check_free_text};
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::domain::tokens::claims::Ttl;

/// The name of a trust: 1 to 64 of `a-z 0-9 . _ -`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct TrustName(Box<str>);

impl TrustName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrustName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text)?;
        Ok(Self(text.into()))
    }
}

impl fmt::Display for TrustName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A claim and the text that it must be, as it is typed: `ref=refs/heads/main`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub name: Box<str>,
    pub value: Box<str>,
}

/// Why a text is no claim that a trust can ask for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClaimError {
    #[error("a claim is name=text, as in project_id=123")]
    NoValue,
    #[error("a claim's name has 1 to {LONGEST_NAME} visible characters of ASCII")]
    Name,
    /// What every token says of itself: one of these is asked for elsewhere, or changes with each token.
    #[error("the claim {0} is looked at in any case: {1}")]
    Own(&'static str, &'static str),
    #[error("what a claim must be cannot be used: {0}")]
    Value(#[from] FreeTextError),
}

const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 256;

/// Claims of each token that no trust asks for, and what stands for them.
const OWN: [(&str, &str); 6] = [
    ("iss", "see --issuer"),
    ("aud", "see --audience"),
    ("exp", "a token that has expired is refused"),
    ("iat", "a token from the future is refused"),
    ("nbf", "a token that is not yet valid is refused"),
    ("jti", "each token has another one"),
];

impl FromStr for Claim {
    type Err = ClaimError;

    fn from_str(text: &str) -> Result<Self, ClaimError> {
        let (name, value) = text.split_once('=').ok_or(ClaimError::NoValue)?;
        if value.is_empty() {
            return Err(ClaimError::NoValue);
        }
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClaimError::Name);
        }
        if let Some((name, instead)) = OWN.into_iter().find(|(own, _)| *own == name) {
            return Err(ClaimError::Own(name, instead));
        }
        check_free_text(value, LONGEST_VALUE)?;
        Ok(Self { name: name.into(), value: value.into() })
    }
}

/// What a pipeline's token must say: each claim is there, and is this text byte for byte. Sorted by name, 1 to 16.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RequiredClaims(BTreeMap<String, String>);

/// Why claims are no terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TermsError {
    /// Then everybody who has a token of the issuer would be let in: of a public CI, everybody.
    #[error("no claim is asked for: any token of the issuer would do")]
    NoClaims,
    #[error("the claim {0} is asked for twice")]
    Twice(Box<str>),
    #[error("more than {MOST} claims")]
    TooMany,
    /// Whoever takes the name when it is free gets in.
    #[error(
        "no claim names something that nobody can register anew: add --claim project_id=… (GitLab) or \
         --claim repository_id=… (GitHub)"
    )]
    NoId,
    /// Whoever may push any branch gets in.
    #[error(
        "no claim names a ref, so any branch would do: add --claim ref=refs/heads/main (GitLab: ref=main)"
    )]
    NoRef,
}

const MOST: usize = 16;

/// Claims with an id that is never given again: GitHub's of a repository and its owner, GitLab's of a project and its
/// group. `repository`, `project_path` and the like are names: whoever registers one after it became free would get in.
const IDS: [&str; 4] = ["project_id", "namespace_id", "repository_id", "repository_owner_id"];

/// Claims with the branch or tag for which a pipeline runs. A deployment's `environment` is none: unless it is
/// protected, whoever may push to any branch deploys to it.
const REFS: [&str; 2] = ["ref", "ref_path"];

impl RequiredClaims {
    pub(crate) fn of(claims: impl IntoIterator<Item = Claim>) -> Result<Self, TermsError> {
        let mut all = BTreeMap::new();
        for Claim { name, value } in claims {
            if all.insert(name.clone().into_string(), value.into_string()).is_some() {
                return Err(TermsError::Twice(name));
            }
        }
        match all.len() {
            0 => Err(TermsError::NoClaims),
            1..=MOST => Ok(Self(all)),
            _ => Err(TermsError::TooMany),
        }
    }

    /// By name: what a claim is called, and what it must be.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// From what is stored.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let stored: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
        let claims = stored.into_iter().map(|(name, value)| format!("{name}={value}").parse().ok());
        Self::of(claims.collect::<Option<Vec<Claim>>>()?).ok()
    }

    /// An object with sorted names.
    pub(crate) fn to_json(&self) -> String {
        // Texts alone: nothing of it can fail.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Whether one of them names something that cannot be registered anew.
    pub(crate) fn name_an_id(&self) -> bool {
        IDS.iter().any(|name| self.0.contains_key(*name)) || self.subject().is_some()
    }

    /// Whether one of them names the branch or tag.
    pub(crate) fn name_a_ref(&self) -> bool {
        REFS.iter().any(|name| self.0.contains_key(*name))
            || self.subject().is_some_and(|rest| rest.starts_with("ref:refs/"))
    }

    /// GitLab's `ref` of a branch and of a tag look the same; whether a tag would do as well.
    pub(crate) fn take_a_tag_for_a_branch(&self) -> bool {
        let is_short = self.get("ref").is_some_and(|name| !name.starts_with("refs/"));
        is_short && self.get("ref_type").is_none() && self.get("ref_path").is_none()
    }

    /// What stands behind the ids in a subject of GitHub's immutable form, `repo:OWNER@ID/NAME@ID:…`. Every other subject
    /// is made of names.
    fn subject(&self) -> Option<&str> {
        let (owner, rest) = self.get("sub")?.strip_prefix("repo:")?.split_once('/')?;
        let (repository, rest) = rest.split_once(':')?;
        let has_id = |part: &str| {
            part.split_once('@').is_some_and(|(name, id)| {
                !name.is_empty() && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        (has_id(owner) && has_id(repository)).then_some(rest)
    }
}

/// What a trust asks of a pipeline's token, and how long the token lives that it gives for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Whose tokens are taken, and below which the keys are found that sign them.
    pub issuer: Issuer,
    /// Whom such a token must be for: this store's side, so that one for another service is worthless here.
    pub audience: Audience,
    pub claims: RequiredClaims,
    /// Whether it was said on purpose that any branch will do, and a name for an id.
    pub any_ref: bool,
    pub ttl: Ttl,
    /// The issuer's keys where they are given; `None` where they are fetched.
    pub keys: Option<IssuerKeys>,
}

impl Terms {
    /// How long tokens of a trust live where nobody says otherwise: as long as most jobs run.
    pub(crate) const TTL: Ttl = Ttl::TEN_MINUTES;

    /// Refuses terms that let in more than was meant, unless that was said.
    pub(crate) fn check(&self) -> Result<(), TermsError> {
        match self {
            Self { any_ref: true, .. } => Ok(()),
            Self { claims, .. } if !claims.name_an_id() => Err(TermsError::NoId),
            Self { claims, .. } if !claims.name_a_ref() => Err(TermsError::NoRef),
            Self { .. } => Ok(()),
        }
    }
}

/// A trust: who brings what its terms ask for gets short-lived tokens of its key, which has none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trust {
    pub name: TrustName,
    pub terms: Terms,
    /// What is let in: revoking it ends the trust.
    pub key: KeyId,
    pub created_at: Timestamp,
}

/// From what is stored: whole seconds.
pub(crate) fn ttl_of(seconds: i64) -> Option<Ttl> {
    Ttl::try_from(Span::seconds(u16::try_from(seconds).ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(list: &[&str]) -> RequiredClaims {
        let claims = list.iter().map(|text| text.parse::<Claim>().expect(text));
        RequiredClaims::of(claims).expect("claims")
    }

    fn checked(list: &[&str], any_ref: bool) -> Result<(), TermsError> {
        let terms = Terms {
            issuer: "https://gitlab.example.com".parse().expect("an issuer"),
            audience: "https://keys.example.com".parse().expect("an audience"),
            claims: claims(list),
            any_ref,
            ttl: Terms::TTL,
            keys: None,
        };
        terms.check()
    }

    #[test]
    fn an_id_and_a_ref_are_asked_for() {
        for list in [
            &["project_id=123", "ref=refs/heads/main"][..],
            &["namespace_id=7", "ref=main", "ref_type=branch"],
            &["repository_id=456789", "ref=refs/heads/main"],
            &["repository_owner_id=123456", "ref_path=refs/heads/main"],
            &["sub=repo:octocat@123456/my-repo@456789:ref:refs/heads/main"],
            &["sub=repo:octocat@123456/my-repo@456789:environment:production", "ref=refs/heads/main"],
        ] {
            assert_eq!(checked(list, false), Ok(()), "{list:?}");
        }
    }

    #[test]
    fn a_name_is_no_id_and_an_environment_no_ref() {
        for list in [
            &["repository=octocat/my-repo", "ref=refs/heads/main"][..],
            &["project_path=group/project", "ref=main"],
            &["namespace_path=group", "user_id=1", "runner_id=1", "ref=main"],
            &["sub=repo:octocat/my-repo:ref:refs/heads/main"],
            &["sub=repo:octocat@123456/my-repo:ref:refs/heads/main"],
            &["sub=repo:octocat@x/my-repo@456789:ref:refs/heads/main"],
            &["sub=project_path:group/project:ref_type:branch:ref:main"],
        ] {
            assert_eq!(checked(list, false), Err(TermsError::NoId), "{list:?}");
            assert_eq!(checked(list, true), Ok(()), "{list:?}");
        }
        for list in [
            &["project_id=123"][..],
            &["repository_id=456789", "environment=production"],
            &["repository_id=456789", "job_workflow_ref=octocat/ci/.github/workflows/a.yml@refs/heads/main"],
            &["sub=repo:octocat@123456/my-repo@456789:environment:production"],
        ] {
            assert_eq!(checked(list, false), Err(TermsError::NoRef), "{list:?}");
            assert_eq!(checked(list, true), Ok(()), "{list:?}");
        }
    }

    #[test]
    fn a_short_ref_may_be_a_tag() {
        assert!(claims(&["project_id=1", "ref=main"]).take_a_tag_for_a_branch());
        for list in [&["ref=main", "ref_type=branch"][..], &["ref=refs/heads/main"], &["project_id=1"]] {
            assert!(!claims(list).take_a_tag_for_a_branch(), "{list:?}");
        }
    }

    #[test]
    fn each_fault_of_a_claim_has_its_own_error() {
        for (text, error) in [
            ("", ClaimError::NoValue),
            ("ref", ClaimError::NoValue),
            ("ref=", ClaimError::NoValue),
            ("=main", ClaimError::Name),
            ("a b=c", ClaimError::Name),
            ("é=c", ClaimError::Name),
            ("iss=https://a", ClaimError::Own("iss", "see --issuer")),
            ("aud=a", ClaimError::Own("aud", "see --audience")),
            ("exp=1", ClaimError::Own("exp", "a token that has expired is refused")),
        ] {
            assert_eq!(text.parse::<Claim>(), Err(error), "{text}");
        }
        assert!(matches!("ref=a\nb".parse::<Claim>(), Err(ClaimError::Value(_))));
        assert!(matches!(format!("ref={}", "a".repeat(257)).parse::<Claim>(), Err(ClaimError::Value(_))));
        let claim = "oidc.circleci.com/project-id=a=b".parse::<Claim>().expect("a claim");
        assert_eq!((&*claim.name, &*claim.value), ("oidc.circleci.com/project-id", "a=b"));
    }

    #[test]
    fn claims_are_one_to_sixteen_and_none_stands_there_twice() {
        let claim = |name: String| format!("{name}=a").parse::<Claim>().expect("a claim");
        assert_eq!(RequiredClaims::of([]), Err(TermsError::NoClaims));
        let twice = ["ref".to_owned(), "ref".to_owned()].map(claim);
        assert_eq!(RequiredClaims::of(twice), Err(TermsError::Twice("ref".into())));
        assert_eq!(
            RequiredClaims::of((0..=MOST).map(|number| claim(format!("c{number}")))),
            Err(TermsError::TooMany)
        );
    }

    #[test]
    fn claims_read_back_as_they_were_stored_and_damage_does_not() {
        let claims = claims(&["ref=refs/heads/main", "project_id=123"]);
        assert_eq!(claims.to_json(), r#"{"project_id":"123","ref":"refs/heads/main"}"#);
        assert_eq!(RequiredClaims::from_json(&claims.to_json()), Some(claims));
        for text in ["", "{}", "[]", r#"{"ref":1}"#, r#"{"ref":""}"#, r#"{"iss":"a"}"#, r#"{"":"a"}"#] {
            assert_eq!(RequiredClaims::from_json(text), None, "{text}");
        }
        assert_eq!(ttl_of(600), Some(Terms::TTL));
        for seconds in [-1, 0, 5, 3601, i64::MAX] {
            assert_eq!(ttl_of(seconds), None, "{seconds}");
        }
    }
}
