//! What devices ask for, found by the hashes of their codes. It is use: no change is made by it, and no record.

use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::mcp::address_group::AddressGroup;
use crate::domain::mcp::device::DeviceRequest;
use crate::domain::mcp::pkce::Challenge;
use crate::domain::time::{Span, Timestamp};
use crate::store::Lookup;
use crate::store::Store;
use crate::store::error::Result;
use crate::store::session::{Row, Statement, Value};

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT d.code_hash, d.client, d.client_name, d.scopes, d.resource, d.challenge, d.created_at, d.expires_at, \
             d.polled_at, d.wait_seconds, d.denied_at, d.refreshes, d.asked_from FROM keyctl.mcp_device d WHERE ",
            $which
        )
    };
}

const BY_CODE: &str = select!("d.code_hash = $1");
const BY_USER_CODE: &str = select!("d.user_hash = $1");

/// How long one that is over is kept, in milliseconds: for the program that asks once more.
const KEPT: i64 = 600_000;

/// A request, and the hash of its device code.
fn read(row: &Row<'_>) -> Result<(TokenHash, DeviceRequest)> {
    let cells = row.of("mcp_device");
    let wait = Span::from_secs(cells.int(9)?).ok_or_else(|| cells.corrupt(9))?;
    let request = DeviceRequest {
        client: cells.parsed(1, |text| text.parse().ok())?,
        client_name: cells.parsed(2, |text| text.parse().ok())?,
        scopes: cells.opt_parsed(3, Scopes::from_json)?,
        resource: cells.parsed(4, |text| text.parse().ok())?,
        challenge: cells.parsed(5, Challenge::parse)?,
        created_at: cells.time(6)?,
        expires_at: cells.time(7)?,
        polled_at: cells.opt_time(8)?,
        wait,
        denied_at: cells.opt_time(10)?,
        refreshes: cells.int(11)? != 0,
        asked_from: cells.parsed(12, AddressGroup::parse)?,
    };
    Ok((cells.parsed(0, TokenHash::parse)?, request))
}

/// Finding what devices ask for, inside a change and outside of one alike. What is compared is a hash, in an index.
pub(crate) trait DeviceLookup: Lookup {
    fn mcp_device(&mut self, code: &TokenHash) -> Result<Option<DeviceRequest>> {
        Ok(one(self, BY_CODE, code)?.map(|(_, request)| request))
    }

    /// By what a person types; with the hash of its device code.
    fn mcp_device_by_user_code(&mut self, code: &TokenHash) -> Result<Option<(TokenHash, DeviceRequest)>> {
        one(self, BY_USER_CODE, code)
    }
}

impl<L: Lookup + ?Sized> DeviceLookup for L {}

fn one(
    store: &mut (impl Lookup + ?Sized),
    sql: &'static str,
    hash: &TokenHash,
) -> Result<Option<(TokenHash, DeviceRequest)>> {
    let mut found = None;
    let hash: [Value; 1] = [hash.as_str().into()];
    store.reading()?.session().query(sql.into(), &hash, &mut |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Those that wait for somebody: of all, and of one network.
macro_rules! waiting {
    ($also:literal) => {
        concat!(
            "SELECT COUNT(*) FROM keyctl.mcp_device d WHERE d.expires_at > CAST($1 AS BIGINT) AND d.denied_at IS NULL",
            $also
        )
    };
}

const WAITING: &str = waiting!("");
const WAITING_OF_GROUP: &str = waiting!(" AND d.asked_from = $2");

/// The oldest of which the client has not asked again, where it had the time to: of all, or of one network.
macro_rules! give_way {
    ($also:literal) => {
        concat!(
            "DELETE FROM keyctl.mcp_device WHERE code_hash = (SELECT d.code_hash FROM keyctl.mcp_device d
             WHERE d.polled_at IS NULL AND d.denied_at IS NULL AND d.created_at <= CAST($1 AS BIGINT)
                AND NOT EXISTS (SELECT 1 FROM keyctl.mcp_sign_in s WHERE s.code_hash = d.code_hash)",
            $also,
            " ORDER BY d.created_at LIMIT 1)"
        )
    };
}

const GIVE_WAY: &str = give_way!("");
const GIVE_WAY_OF_GROUP: &str = give_way!(" AND d.asked_from = $2");

impl Store {
    /// Keeps what a device asks for, and forgets what is over for long enough. `false` if too many wait for somebody already, of
    /// all or of its network, and none of them gives way.
    pub(crate) fn insert_mcp_device(
        &mut self,
        request: &DeviceRequest,
        (code, user_code): (&TokenHash, &TokenHash),
    ) -> Result<bool> {
        let now = request.created_at.as_millis();
        let before = Statement::new(
            "DELETE FROM keyctl.mcp_device WHERE expires_at <= $1",
            [now.saturating_sub(KEPT).into()],
        );
        self.use_one(before)?;
        let gone = now.saturating_sub(DeviceRequest::GIVES_WAY.as_secs().saturating_mul(1000));
        let group = request.asked_from.to_string();
        let of_group = self.devices(WAITING_OF_GROUP, &[now.into(), group.as_str().into()])?;
        if of_group >= i64::from(DeviceRequest::MOST_OF_GROUP)
            && !self.use_one(Statement::new(GIVE_WAY_OF_GROUP, [gone.into(), group.as_str().into()]))?
        {
            return Ok(false);
        }
        if self.devices(WAITING, &[now.into()])? >= i64::from(DeviceRequest::MOST)
            && !self.use_one(Statement::new(GIVE_WAY, [gone.into()]))?
        {
            return Ok(false);
        }
        self.use_one(Statement::new(
            "INSERT INTO keyctl.mcp_device (code_hash, user_hash, challenge, client, client_name, scopes, resource, created_at,
                                            expires_at, wait_seconds, refreshes, asked_from)
             SELECT $1, $2, $3, $4, $5, $6, $7, CAST($8 AS BIGINT), CAST($9 AS BIGINT), CAST($10 AS BIGINT), CAST($12 AS BIGINT), $13
             WHERE (SELECT COUNT(*) FROM keyctl.mcp_device d WHERE d.expires_at > CAST($8 AS BIGINT) AND d.denied_at IS NULL)
                 < CAST($11 AS BIGINT)",
            [
                code.as_str().into(),
                user_code.as_str().into(),
                request.challenge.as_str().into(),
                request.client.to_string().into(),
                request.client_name.as_str().into(),
                request.scopes.as_ref().map(Scopes::to_json).into(),
                request.resource.as_str().into(),
                now.into(),
                request.expires_at.as_millis().into(),
                request.wait.as_secs().into(),
                i64::from(DeviceRequest::MOST).into(),
                i64::from(request.refreshes).into(),
                group.into(),
            ],
        ))
    }

    fn devices(&mut self, sql: &'static str, values: &[Value]) -> Result<i64> {
        let mut count = 0;
        self.session().query(sql.into(), values, &mut |row| {
            count = row.of("mcp_device").int(0)?;
            Ok(())
        })?;
        Ok(count)
    }

    /// The client asked at this moment, and waits so long until it asks again. `false` if it asked since it was read.
    pub(crate) fn poll_mcp_device(
        &mut self,
        code: &TokenHash,
        before: Option<Timestamp>,
        (now, wait): (Timestamp, Span),
    ) -> Result<bool> {
        self.use_one(Statement::new(
            "UPDATE keyctl.mcp_device SET polled_at = $2, wait_seconds = $3
             WHERE code_hash = $1 AND COALESCE(polled_at, -1) = $4",
            [
                code.as_str().into(),
                now.as_millis().into(),
                wait.as_secs().into(),
                before.map_or(-1, Timestamp::as_millis).into(),
            ],
        ))
    }

    /// A person said no; what was said first stays.
    pub(crate) fn deny_mcp_device(&mut self, code: &TokenHash, now: Timestamp) -> Result<bool> {
        self.use_one(Statement::new(
            "UPDATE keyctl.mcp_device SET denied_at = $2 WHERE code_hash = $1 AND denied_at IS NULL",
            [code.as_str().into(), now.as_millis().into()],
        ))
    }
}
