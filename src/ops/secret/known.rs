//! Which providers are known, so that a slip in a name is noticed before a value is kept under it.

use crate::domain::secret::Provider;
use crate::ops::error::{Error, Result};
use crate::ops::near::nearest;
use crate::store::{SecretFilter, Store};

/// Providers of models and of what agents use beside them, under the names that people give them.
const PROVIDERS: [&str; 73] = [
    "ai21",
    "anthropic",
    "anyscale",
    "apollo",
    "assemblyai",
    "aws",
    "azure",
    "azure-openai",
    "baseten",
    "bedrock",
    "brave",
    "cerebras",
    "cloudflare",
    "cohere",
    "dashscope",
    "databricks",
    "deepgram",
    "deepinfra",
    "deepseek",
    "discord",
    "elevenlabs",
    "exa",
    "firecrawl",
    "fireworks",
    "gemini",
    "github",
    "gitlab",
    "google",
    "google-genai",
    "groq",
    "hf",
    "huggingface",
    "hyperbolic",
    "jina",
    "langfuse",
    "langsmith",
    "letta",
    "linear",
    "litellm",
    "mem0",
    "minimax",
    "mistral",
    "mistralai",
    "modal",
    "moonshot",
    "notion",
    "novita",
    "nvidia",
    "ollama",
    "openai",
    "openrouter",
    "perplexity",
    "pinecone",
    "qdrant",
    "replicate",
    "resend",
    "runpod",
    "sambanova",
    "sendgrid",
    "serpapi",
    "slack",
    "stability",
    "stripe",
    "tavily",
    "telegram",
    "together",
    "together-ai",
    "twilio",
    "vertex",
    "vertex-ai",
    "voyage",
    "watsonx",
    "xai",
];

/// Whether a provider of this name is known to everybody.
pub fn is_known(name: &str) -> bool {
    PROVIDERS.binary_search(&name).is_ok()
}

/// A provider that neither everybody nor the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The one that was probably meant.
    pub meant: Option<&'static str>,
}

/// `None` where the provider is known, or the store has a secret for it.
pub fn unknown(store: &mut Store, provider: &Provider) -> Result<Option<Unknown>> {
    if is_known(provider.as_str()) {
        return Ok(None);
    }
    let filter = SecretFilter { provider: Some(provider.clone()), deleted: false };
    if !store.secrets(&filter, None).map_err(Error::from)?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Unknown { meant: nearest(provider.as_str(), PROVIDERS.to_vec(), |name| name) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_ones_are_sorted_names() {
        assert!(PROVIDERS.is_sorted());
        assert!(PROVIDERS.iter().all(|name| name.parse::<Provider>().is_ok() && is_known(name)));
        assert!(!is_known("team-a"));
    }
}
