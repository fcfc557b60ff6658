//! A manifest as text.

use crate::domain::provisioning::manifest::Manifest;

/// As YAML, with what it is above it.
pub(crate) fn yaml(manifest: &Manifest) -> String {
    // Strings, booleans, and maps with string keys: serializing them cannot fail.
    let text = serde_saphyr::to_string(manifest).unwrap_or_default();
    format!(
        "# What the store holds, without a token and without a secret. See keyctl plan.\n{}\n",
        text.trim_end()
    )
}

/// As JSON, which is a manifest, too.
pub(crate) fn json(manifest: &Manifest) -> String {
    serde_json::to_string_pretty(manifest).unwrap_or_default() + "\n"
}
