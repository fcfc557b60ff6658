//! At which provider people sign in, as `keyctl portal` is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueHint;

use crate::cli::completion::Stored;
use crate::cli::context::{Context, system_clock};
use crate::cli::error::CliError;
use crate::config::master_key;
use crate::domain::credentials::client::ClientId;
use crate::domain::owners::role::RoleName;
use crate::domain::portal::id_token::PersonClaim;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::tokens::audience::Issuer;
use crate::ops::portal::oidc::Provider;
use crate::server::portal::Oidc;

#[derive(Debug, clap::Args)]
pub(super) struct OidcArgs {
    /// People may sign in at this OpenID provider, too, if an owner has their subject: its issuer
    #[arg(long, value_name = "ISSUER", env = "KEYCTL_PORTAL_OIDC", hide_env_values = true)]
    #[arg(requires = "oidc_client_id")]
    oidc: Option<Issuer>,
    /// The client that the portal is there; its redirect URI is that of the pages with /oidc/callback
    #[arg(long, value_name = "ID", env = "KEYCTL_PORTAL_OIDC_CLIENT_ID", hide_env_values = true)]
    #[arg(requires = "oidc")]
    oidc_client_id: Option<ClientId>,
    /// Holds the client's secret; without it the client is a public one
    #[arg(long, value_name = "FILE", env = "KEYCTL_PORTAL_OIDC_CLIENT_SECRET_FILE", hide_env_values = true)]
    #[arg(requires = "oidc", value_hint = ValueHint::FilePath)]
    oidc_client_secret_file: Option<PathBuf>,
    // Not as a comment, where such words would need marks that help does not have.
    #[arg(
        help = "Which claim is an owner's subject: sub, preferred_username, or email if it is verified [default: sub]"
    )]
    #[arg(long, value_name = "CLAIM", env = "KEYCTL_PORTAL_OIDC_CLAIM", hide_env_values = true)]
    #[arg(requires = "oidc")]
    oidc_claim: Option<PersonClaim>,
    /// The role whose scopes they may give to keys that they make [default: none, so they make none]
    #[arg(long, value_name = "ROLE", env = "KEYCTL_PORTAL_OIDC_ROLE", hide_env_values = true)]
    #[arg(requires = "oidc", add = Stored::Roles)]
    oidc_role: Option<RoleName>,
}

impl OidcArgs {
    /// The provider, where there is one.
    pub(super) fn read(&self, context: &Context) -> anyhow::Result<Option<Oidc>> {
        let (Some(issuer), Some(client)) = (&self.oidc, &self.oidc_client_id) else { return Ok(None) };
        let secret = self.oidc_client_secret_file.as_ref().map(|path| secret(context, path)).transpose()?;
        let provider = Provider {
            issuer: issuer.clone(),
            client: client.clone(),
            secret,
            claim: self.oidc_claim.clone().unwrap_or_default(),
            role: self.oidc_role.clone(),
        };
        Ok(Some(Oidc { provider, outbound: Arc::new(context.outbound()), clock: system_clock }))
    }
}

/// A file that nobody else may write, and others read only where secrets are mounted: as a master key's.
fn secret(context: &Context, path: &Path) -> Result<SecretValue, CliError> {
    let shown = master_key::shown(path);
    let file = master_key::read_file(path, master_key::secrets_dir().as_deref()).map_err(|error| {
        let hint = match &error {
            master_key::KeyFileError::Io(_) => {
                "name a file that holds one line, the client's secret".to_owned()
            }
            _ => error.hint(path),
        };
        CliError::invalid(format!("{shown}: {error}"), hint)
    })?;
    if file.warning.is_some() {
        context.ui.warn(&format!("all users can read the client's secret in {shown}"));
    }
    SecretValue::from_bytes(file.text.expose(), false).map_err(|error| {
        let hint = "name a file that holds one line, the client's secret";
        CliError::invalid(format!("{shown}: it is no client's secret: {error}"), hint)
    })
}
