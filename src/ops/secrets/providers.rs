//! Which providers are known, so that a slip in a name is noticed before a value is kept under it.

use crate::domain::secrets::secret::Provider;
use crate::domain::texts::near::nearest_name;
use crate::ops::error::{Error, Result};
use crate::store::{SecretFilter, Store};

/// Providers of models and of what agents use beside them whose libraries were not looked at, under the
/// names that people give them.
const OTHERS: [&str; 43] = [
    "anyscale",
    "apollo",
    "aws",
    "azure",
    "baseten",
    "brave",
    "cloudflare",
    "dashscope",
    "databricks",
    "deepinfra",
    "discord",
    "exa",
    "firecrawl",
    "hyperbolic",
    "jina",
    "langfuse",
    "langsmith",
    "letta",
    "linear",
    "litellm",
    "mem0",
    "minimax",
    "modal",
    "moonshot",
    "notion",
    "novita",
    "nvidia",
    "ollama",
    "pinecone",
    "qdrant",
    "resend",
    "runpod",
    "sambanova",
    "sendgrid",
    "serpapi",
    "stability",
    "stripe",
    "tavily",
    "telegram",
    "twilio",
    "vertex",
    "vertex-ai",
    "watsonx",
];

/// Whether a provider of this name is known to everybody.
pub(crate) fn is_known(provider: &Provider) -> bool {
    provider.is_known() || OTHERS.contains(&provider.as_str())
}

/// A provider that neither everybody nor the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// The one that was probably meant.
    pub meant: Option<&'static str>,
}

/// `None` where the provider is known, or the store has a secret for it.
pub(crate) fn unknown(store: &mut Store, provider: &Provider) -> Result<Option<Unknown>> {
    if is_known(provider) {
        return Ok(None);
    }
    let filter = SecretFilter { provider: Some(provider.clone()), deleted: false };
    if !store.secrets(&filter, None).map_err(Error::from)?.is_empty() {
        return Ok(None);
    }
    let names = Provider::known_names().chain(OTHERS).collect();
    Ok(Some(Unknown { meant: nearest_name(provider.as_str(), names, |name: &&'static str| name) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_provider_is_listed_once() {
        assert!(OTHERS.is_sorted());
        for name in OTHERS {
            let provider: Provider = name.parse().expect("a name");
            assert!(is_known(&provider) && !provider.is_known(), "{name}");
        }
        assert!(Provider::known_names().all(|name| is_known(&name.parse().expect("a name"))));
        assert!(!is_known(&"team-a".parse().expect("a name")));
    }
}
