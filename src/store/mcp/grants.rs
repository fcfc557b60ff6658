//! What people let clients do: the children that stand for it.

use crate::domain::id::KeyId;
use crate::domain::mcp::client::ClientRef;
use crate::domain::mcp::sign_in::Grant;
use crate::domain::portal::made_by::MadeBy;
use crate::domain::tokens::audience::Audience;
use crate::store::Lookup;
use crate::store::error::Result;
use crate::store::session::{Row, Statement, Value};
use crate::store::tx::Tx;

/// Rows read at once.
const PAGE: usize = 500;

const OF_KEY: &str =
    "SELECT g.key_id, g.client, g.client_name, g.resource, g.created_at FROM keyctl.mcp_grant g
     WHERE g.key_id = $1";

const OF_PARENT: &str = "SELECT g.key_id, g.client, g.client_name, g.resource, g.created_at
     FROM keyctl.key k JOIN keyctl.mcp_grant g ON g.key_id = k.id
     WHERE k.parent = $1 AND k.revoked_at IS NULL AND g.client = $2 AND g.resource = $3 AND k.made_by = $4
     ORDER BY k.id DESC LIMIT 1";

const LIVE_OF_CLIENT: &str = "SELECT g.key_id, g.client, g.client_name, g.resource, g.created_at
     FROM keyctl.mcp_grant g JOIN keyctl.key k ON k.id = g.key_id
     WHERE g.client = $1 AND k.revoked_at IS NULL ORDER BY g.key_id";

const BEHIND: &str =
    "SELECT g.key_id, g.client, g.client_name, g.resource, g.created_at FROM keyctl.mcp_grant g
     WHERE g.key_id > $1 ORDER BY g.key_id LIMIT 500";

fn read(row: &Row<'_>) -> Result<Grant> {
    let cells = row.of("mcp_grant");
    Ok(Grant {
        key: cells.parsed(0, |text| text.parse().ok())?,
        client: cells.parsed(1, |text| text.parse().ok())?,
        client_name: cells.parsed(2, |text| text.parse().ok())?,
        resource: cells.parsed(3, |text| text.parse().ok())?,
        created_at: cells.time(4)?,
    })
}

/// Finding grants, inside a change and outside of one alike.
pub(crate) trait GrantLookup: Lookup {
    fn mcp_grant(&mut self, key: KeyId) -> Result<Option<Grant>> {
        Ok(grants(self, OF_KEY, &[key.to_string().into()])?.pop())
    }

    /// What a key lets a client do at a resource by the word of who signed in with this, if its child there was not revoked.
    fn mcp_grant_of(
        &mut self,
        parent: KeyId,
        client: &ClientRef,
        resource: &Audience,
        made_by: &MadeBy,
    ) -> Result<Option<Grant>> {
        let values = [
            parent.to_string().into(),
            client.to_string().into(),
            resource.as_str().into(),
            made_by.to_string().into(),
        ];
        Ok(grants(self, OF_PARENT, &values)?.pop())
    }

    /// Those of a client whose child was not revoked.
    fn live_mcp_grants(&mut self, client: &ClientRef) -> Result<Vec<Grant>> {
        grants(self, LIVE_OF_CLIENT, &[client.to_string().into()])
    }

    /// Calls `each` for all, in flat memory.
    fn each_mcp_grant(&mut self, each: &mut dyn FnMut(&Grant)) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = grants(self, BEHIND, &[after.into()])?;
            page.iter().for_each(&mut *each);
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.key.to_string(),
                _ => return Ok(()),
            }
        }
    }
}

impl<L: Lookup + ?Sized> GrantLookup for L {}

fn grants(store: &mut (impl Lookup + ?Sized), sql: &'static str, values: &[Value]) -> Result<Vec<Grant>> {
    let mut grants = Vec::new();
    store.reading()?.session().query(sql.into(), values, &mut |row| {
        grants.push(read(row)?);
        Ok(())
    })?;
    Ok(grants)
}

impl Tx<'_> {
    /// Says for whom a child is; it is there.
    pub(crate) fn insert_mcp_grant(&mut self, grant: &Grant) {
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.mcp_grant (key_id, client, client_name, resource, created_at) VALUES ($1, $2, $3, $4, $5)",
            [
                grant.key.to_string().into(),
                grant.client.to_string().into(),
                grant.client_name.as_str().into(),
                grant.resource.as_str().into(),
                grant.created_at.as_millis().into(),
            ],
        ));
    }
}
