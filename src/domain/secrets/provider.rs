//! Whom a secret is for, and the environment variables that the libraries of well-known providers
//! read.
//!
//! Which ones they read, and which wins where several are set, is observed: `tests/sdks/` names the
//! libraries with their versions, and `scripts/sdk-variables` asks them.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::domain::owners::owner::{NameError, check_name};

/// Whom a secret is for: `anthropic`, `openai`, `azure-openai`; 1 to 64 of `a-z 0-9 . _ -`,
/// first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Provider(String);

/// A provider whose libraries were looked at.
struct Known {
    name: &'static str,
    /// What its packages are called and people therefore write.
    aliases: &'static [&'static str],
    /// What its libraries read. Several where no one name is read by all of them.
    variables: &'static [&'static str],
}

const fn known(
    name: &'static str,
    aliases: &'static [&'static str],
    variables: &'static [&'static str],
) -> Known {
    Known { name, aliases, variables }
}

const KNOWN: [Known; 26] = [
    known("ai21", &["ai21-labs"], &["AI21_API_KEY"]),
    known("anthropic", &["anthropic-ai", "anthropic-sdk"], &["ANTHROPIC_API_KEY"]),
    known("assemblyai", &["assembly-ai"], &["ASSEMBLYAI_API_KEY"]),
    known("azure-openai", &["openai-azure"], &["AZURE_OPENAI_API_KEY"]),
    known("bedrock", &["amazon-bedrock", "aws-bedrock"], &["AWS_BEARER_TOKEN_BEDROCK"]),
    known("cerebras", &["cerebras-cloud-sdk"], &["CEREBRAS_API_KEY"]),
    // Its own library for TypeScript and the generated part of that for Python read the first
    // only; others read the second only.
    known("cohere", &["cohere-ai"], &["CO_API_KEY", "COHERE_API_KEY"]),
    known("deepgram", &["deepgram-sdk"], &["DEEPGRAM_API_KEY"]),
    known("deepseek", &["deep-seek"], &["DEEPSEEK_API_KEY"]),
    known("elevenlabs", &["eleven-labs"], &["ELEVENLABS_API_KEY"]),
    known("fireworks", &["fireworks-ai"], &["FIREWORKS_API_KEY"]),
    known(
        "gemini",
        &["google-genai", "google-gemini", "google-generativeai", "google-generative-ai"],
        &["GEMINI_API_KEY"],
    ),
    known("github", &[], &["GITHUB_TOKEN"]),
    known("gitlab", &[], &["GITLAB_TOKEN"]),
    known("google", &[], &["GOOGLE_API_KEY"]),
    known("groq", &["groq-sdk"], &["GROQ_API_KEY"]),
    known("huggingface", &["hf", "hugging-face", "huggingface-hub"], &["HF_TOKEN"]),
    known("mistral", &["mistralai", "mistral-ai"], &["MISTRAL_API_KEY"]),
    known("openai", &["open-ai"], &["OPENAI_API_KEY"]),
    known("openrouter", &["open-router"], &["OPENROUTER_API_KEY"]),
    known("perplexity", &["perplexityai", "perplexity-ai"], &["PERPLEXITY_API_KEY"]),
    known("replicate", &[], &["REPLICATE_API_TOKEN"]),
    known("slack", &["slack-bolt"], &["SLACK_BOT_TOKEN"]),
    known("together", &["together-ai", "togetherai"], &["TOGETHER_API_KEY"]),
    known("voyage", &["voyageai", "voyage-ai"], &["VOYAGE_API_KEY"]),
    known("xai", &["x-ai", "xai-sdk"], &["XAI_API_KEY"]),
];

/// A variable, and those that a library takes in its place where they are set, too.
const OUTRANKED: [(&str, &[&str]); 12] = [
    ("ANTHROPIC_AUTH_TOKEN", &["ANTHROPIC_API_KEY"]),
    (
        "ANTHROPIC_IDENTITY_TOKEN_FILE",
        &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_IDENTITY_TOKEN"],
    ),
    ("AZURE_OPENAI_API_KEY", &["AZURE_OPENAI_AD_TOKEN"]),
    ("COHERE_API_KEY", &["CO_API_KEY"]),
    // Its documentation says so; the library for TypeScript of today does not do it.
    ("DEEPGRAM_API_KEY", &["DEEPGRAM_ACCESS_TOKEN"]),
    ("GEMINI_API_KEY", &["GOOGLE_API_KEY"]),
    ("GITHUB_TOKEN", &["GH_TOKEN"]),
    ("HF_TOKEN", &["HF_OIDC_RESOURCE"]),
    ("HUGGING_FACE_HUB_TOKEN", &["HF_OIDC_RESOURCE", "HF_TOKEN"]),
    ("MISTRAL_API_KEY", &["MISTRAL_SA_TOKEN_PATH"]),
    ("TOGETHER_AI_API_KEY", &["TOGETHER_API_KEY"]),
    ("VOYAGE_API_KEY", &["VOYAGE_API_KEY_PATH"]),
];

/// Variables by which a provider's own library gets its tokens itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IdentityVariables {
    provider: &'static str,
    /// Names a file with an assertion, which the library reads each time that it wants a token.
    pub file: &'static str,
    /// What else it tells the provider: a parameter of the federation, and the variable for it.
    pub ids: &'static [(&'static str, &'static str)],
}

/// Anthropic's library for Python 2.14.0, read on 30 November 2026.
const IDENTITIES: [IdentityVariables; 1] = [IdentityVariables {
    provider: "anthropic",
    file: "ANTHROPIC_IDENTITY_TOKEN_FILE",
    ids: &[
        ("federation_rule_id", "ANTHROPIC_FEDERATION_RULE_ID"),
        ("organization_id", "ANTHROPIC_ORGANIZATION_ID"),
        ("service_account_id", "ANTHROPIC_SERVICE_ACCOUNT_ID"),
        ("workspace_id", "ANTHROPIC_WORKSPACE_ID"),
    ],
}];

impl IdentityVariables {
    /// Where this variable names such a file of this provider.
    pub(crate) fn of(variable: &str, provider: &Provider) -> Option<&'static Self> {
        let is_of = |known: &&Self| {
            known.file == variable && known.provider.parse().is_ok_and(|known| provider.is_same(&known))
        };
        IDENTITIES.iter().find(is_of)
    }
}

/// The variables that a library would take in the place of this one.
pub(crate) fn outranking(variable: &str) -> &'static [&'static str] {
    OUTRANKED.iter().find(|(outranked, _)| *outranked == variable).map_or(&[], |(_, by)| by)
}

/// The variable with headers that a library sends besides its own, and with which of them instead of
/// its own. It is read by libraries that one generator makes for several providers.
pub(crate) fn headers_beside(variable: &str) -> Option<String> {
    const GENERATED: [&str; 7] =
        ["ANTHROPIC", "CEREBRAS", "FIREWORKS", "GROQ", "OPENAI", "PERPLEXITY", "TOGETHER"];
    let provider = variable.strip_suffix("_API_KEY").filter(|provider| GENERATED.contains(provider))?;
    Some(format!("{provider}_CUSTOM_HEADERS"))
}

/// Whether one of these headers, one in each line, takes the place of a key.
pub(crate) fn holds_credentials(headers: &str) -> bool {
    let name = |line: &str| line.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    headers.lines().any(|line| ["authorization", "x-api-key"].contains(&name(line).as_str()))
}

/// Variables that a system, its shells and its interpreters look at themselves.
const STEERING: [&str; 48] = [
    "PATH",
    "HOME",
    "SHELL",
    "USER",
    "LOGNAME",
    "PWD",
    "OLDPWD",
    "TMPDIR",
    "TERM",
    "TZ",
    "LANG",
    "LANGUAGE",
    "IFS",
    "ENV",
    "BASH_ENV",
    "CDPATH",
    "PS1",
    "PS2",
    "PS4",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "BASHOPTS",
    "ZDOTDIR",
    "FPATH",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "RES_OPTIONS",
    "MALLOC_CONF",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYLIB",
    "RUBYOPT",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "CLASSPATH",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "EDITOR",
    "VISUAL",
    "PAGER",
];

/// Why no secret may stand in a variable: what starts or runs a command looks at it itself.
pub(crate) fn steers(variable: &str) -> Option<&'static str> {
    let begins = |start: &str| variable.starts_with(start);
    if begins("LD_") || begins("DYLD_") {
        return Some("the system's loader looks at it");
    }
    if begins("KEYCTL_") {
        return Some("keyctl itself looks at it");
    }
    if begins("LC_") || begins("BASH_FUNC_") || begins("XDG_") || STEERING.contains(&variable) {
        return Some("it steers how the command itself runs");
    }
    None
}

impl Provider {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn known(&self) -> Option<&'static Known> {
        let plain = self.0.replace(['_', '.'], "-");
        KNOWN.iter().find(|known| known.name == self.0 || known.aliases.contains(&plain.as_str()))
    }

    /// Whether it is one of the providers whose libraries were looked at.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    /// What the providers are called whose libraries were looked at.
    pub(crate) fn known_names() -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|known| known.name)
    }

    /// What the provider is called here, if this is the name of one of its packages: `gemini` for
    /// `google-genai`. Under two names it would be two providers, each with its bindings.
    pub(crate) fn called_otherwise(&self) -> Option<&'static str> {
        self.known().map(|known| known.name).filter(|name| *name != self.0)
    }

    /// Whether both are the same provider, under whichever of its names.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let name = |provider: &Self| provider.called_otherwise().map(str::to_owned);
        name(self).as_ref().unwrap_or(&self.0) == name(other).as_ref().unwrap_or(&other.0)
    }

    /// The environment variables that the provider's own libraries read, at least one:
    /// `ANTHROPIC_API_KEY`.
    pub(crate) fn variables(&self) -> Vec<String> {
        self.known().map_or_else(
            || vec![self.words() + "_API_KEY"],
            |known| known.variables.iter().map(|variable| (*variable).to_owned()).collect(),
        )
    }

    /// The same for a token that is presented as a bearer, where the libraries tell that from a key by its variable.
    pub(crate) fn bearer_variables(&self) -> Vec<String> {
        match self.known().map(|known| known.name) {
            Some("anthropic") => vec!["ANTHROPIC_AUTH_TOKEN".to_owned()],
            _ => self.variables(),
        }
    }

    /// In upper case, with `_` for all that no variable's name holds.
    fn words(&self) -> String {
        let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let first = if self.0.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        first.chars().chain(self.0.chars().map(upper)).collect()
    }
}

impl FromStr for Provider {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_name(text).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn provider(name: &str) -> Provider {
        name.parse().expect("a provider")
    }

    #[test]
    fn a_provider_names_its_variables() {
        for (name, variables) in [
            ("anthropic", &["ANTHROPIC_API_KEY"][..]),
            ("azure-openai", &["AZURE_OPENAI_API_KEY"]),
            ("bedrock", &["AWS_BEARER_TOKEN_BEDROCK"]),
            ("cohere", &["CO_API_KEY", "COHERE_API_KEY"]),
            ("huggingface", &["HF_TOKEN"]),
            ("01.ai", &["_01_AI_API_KEY"]),
            ("lm.studio", &["LM_STUDIO_API_KEY"]),
        ] {
            assert_eq!(provider(name).variables(), variables, "{name}");
        }
        for text in ["", "OpenAI", "open ai", "-x", "a/b"] {
            assert!(text.parse::<Provider>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_steers_a_process_is_known() {
        for variable in [
            "PATH",
            "HOME",
            "IFS",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "LC_ALL",
            "BASH_ENV",
        ] {
            assert!(steers(variable).is_some(), "{variable}");
        }
        for variable in ["KEYCTL_MASTER_KEY", "KEYCTL_STORE", "NODE_OPTIONS", "PYTHONPATH", "XDG_CONFIG_HOME"]
        {
            assert!(steers(variable).is_some(), "{variable}");
        }
        let usual = KNOWN.iter().flat_map(|known| known.variables);
        for variable in
            usual.chain(&["A", "LLM_API_KEY", "PATHS", "HOME_KEY", "DATABASE_URL", "HTTPS_PROXY", "OLD_KEY"])
        {
            assert_eq!(steers(variable), None, "{variable}");
        }
    }

    #[test]
    fn the_names_of_packages_are_known_as_the_provider_s() {
        for (alias, name) in [
            ("google-genai", "gemini"),
            ("google_genai", "gemini"),
            ("mistralai", "mistral"),
            ("hf", "huggingface"),
            ("huggingface_hub", "huggingface"),
            ("together-ai", "together"),
            ("amazon-bedrock", "bedrock"),
            ("voyageai", "voyage"),
            ("cohere-ai", "cohere"),
        ] {
            assert_eq!(provider(alias).called_otherwise(), Some(name), "{alias}");
            assert_eq!(provider(alias).variables(), provider(name).variables(), "{alias}");
            assert!(provider(alias).is_same(&provider(name)) && provider(alias).is_known());
        }
        assert!(!provider("google").is_same(&provider("gemini")));
        assert!(!provider("acme").is_known() && provider("acme").called_otherwise().is_none());
    }

    #[test]
    fn headers_that_take_the_place_of_a_key_are_known() {
        assert_eq!(headers_beside("OPENAI_API_KEY").as_deref(), Some("OPENAI_CUSTOM_HEADERS"));
        assert_eq!(headers_beside("MISTRAL_API_KEY"), None);
        for (headers, holds) in [
            ("Authorization: Bearer x", true),
            ("x-trace: 1\nX-API-Key : y", true),
            ("x-trace: authorization", false),
            ("", false),
        ] {
            assert_eq!(holds_credentials(headers), holds, "{headers}");
        }
    }

    /// What was observed of the libraries, one each in a line: see `scripts/sdk-variables`.
    const OBSERVED: &str = include_str!("../../../tests/sdks/variables.txt");

    #[test]
    fn every_library_that_was_asked_gets_the_secret_that_is_handed_out() {
        let mut seen = std::collections::BTreeSet::new();
        for line in OBSERVED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, _, _, package, read @ ..] = &words[..] else { panic!("{line}") };
            assert!(package.contains(|c: char| c.is_ascii_digit()), "no version: {line}");
            let handed = provider(name).variables();
            let taken = read.iter().position(|variable| handed.iter().any(|handed| handed == variable));
            let before = &read[..taken.unwrap_or_else(|| panic!("it reads none of {handed:?}: {line}"))];
            for winner in before.iter().map(|winner| winner.trim_end_matches('!')) {
                let is_withheld = |handed: &String| outranking(handed).contains(&winner);
                assert!(handed.iter().any(is_withheld), "{winner} would win: {line}");
            }
            seen.insert(*name);
        }
        // Tools read these, and no library: gh and glab.
        let asked = |known: &&Known| !["github", "gitlab"].contains(&known.name);
        let missing: Vec<_> =
            KNOWN.iter().filter(asked).map(|known| known.name).filter(|name| !seen.contains(name)).collect();
        assert!(missing.is_empty(), "nobody asked the libraries of {missing:?}");
    }

    #[test]
    fn every_name_is_of_one_provider() {
        let mut taken = BTreeMap::new();
        for known in &KNOWN {
            for name in known.aliases.iter().chain([&known.name]) {
                assert_eq!(taken.insert(*name, known.name), None, "{name}");
                assert!(name.parse::<Provider>().is_ok(), "{name}");
            }
            assert!(!known.variables.is_empty(), "{}", known.name);
        }
    }
}
