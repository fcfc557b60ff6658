//! Clients that an operator registered.

use crate::domain::mcp::client::Registered;
use crate::domain::mcp::ids::RegisteredId;
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::{Row, Statement};
use crate::store::tx::Tx;

const ALL: &str =
    "SELECT c.id, c.name, c.redirect_uris, c.created_at, c.device FROM keyctl.mcp_client c ORDER BY c.id";

const ONE: &str =
    "SELECT c.id, c.name, c.redirect_uris, c.created_at, c.device FROM keyctl.mcp_client c WHERE c.id = $1";

fn read(row: &Row<'_>) -> Result<Registered> {
    let cells = row.of("mcp_client");
    Ok(Registered {
        id: cells.parsed(0, |text| text.parse().ok())?,
        name: cells.parsed(1, |text| text.parse().ok())?,
        redirect_uris: cells.parsed(2, from_json)?,
        created_at: cells.time(3)?,
        device: cells.int(4)? != 0,
    })
}

fn from_json(text: &str) -> Option<Vec<RedirectUri>> {
    let texts: Vec<String> = serde_json::from_str(text).ok()?;
    texts.iter().map(|text| text.parse().ok()).collect()
}

/// Finding registered clients, inside a change and outside of one alike.
pub(crate) trait ClientLookup: Lookup {
    /// All, the oldest first.
    fn mcp_clients(&mut self) -> Result<Vec<Registered>> {
        let mut clients = Vec::new();
        self.reading()?.session().query(ALL.into(), &[], &mut |row| {
            clients.push(read(row)?);
            Ok(())
        })?;
        Ok(clients)
    }

    fn mcp_client(&mut self, id: RegisteredId) -> Result<Option<Registered>> {
        let mut found = None;
        self.reading()?.session().query(ONE.into(), &[id.to_string().into()], &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}

impl<L: Lookup + ?Sized> ClientLookup for L {}

impl Tx<'_> {
    pub(crate) fn insert_mcp_client(&mut self, client: &Registered) {
        let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.mcp_client (id, name, redirect_uris, created_at, device) VALUES ($1, $2, $3, $4, $5)",
            [
                client.id.to_string().into(),
                client.name.as_str().into(),
                // Texts alone: serializing them cannot fail.
                serde_json::to_string(&uris).unwrap_or_default().into(),
                client.created_at.as_millis().into(),
                i64::from(client.device).into(),
            ],
        ));
    }

    /// Forgets a client. What it was let do is up to the caller.
    pub(crate) fn delete_mcp_client(&mut self, id: RegisteredId) {
        let sql = "DELETE FROM keyctl.mcp_client WHERE id = $1";
        self.pending.push(Statement::new(sql, [id.to_string().into()]));
    }
}
