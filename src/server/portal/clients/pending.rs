//! A request that waits in the browser until somebody is signed in. Nothing but the query of one of two pages of ours is kept so:
//! whoever plants one has somebody asked, as by a link.

use hyper::HeaderMap;
use hyper::header::HeaderValue;

use crate::domain::mcp::request::Asked;
use crate::server::portal::guard;
use crate::server::portal::links;

const NAME: &str = "__Host-keyctl-asked";

/// Seconds: somebody may have to be sent an invitation for it.
const LIVES: i64 = 900;

/// The query as it may stand in a cookie and in an address: written anew, so that nothing in it means anything else there.
pub(super) fn written(query: &str) -> Option<String> {
    let mut written = form_urlencoded::Serializer::new(String::new());
    written.extend_pairs(form_urlencoded::parse(query.as_bytes()));
    Some(written.finish()).filter(|text| text.len() <= Asked::LONGEST)
}

pub(super) fn cookie(query: &str) -> Option<HeaderValue> {
    let query = written(query)?;
    HeaderValue::try_from(format!("{NAME}={query}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LIVES}"))
        .ok()
}

pub(in crate::server::portal) fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-keyctl-asked=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Where a browser goes on to once somebody is signed in; `None` where nothing waits.
pub(in crate::server::portal) fn onward(headers: &HeaderMap) -> Option<String> {
    let query = written(guard::only(headers, NAME)?).filter(|query| !query.is_empty())?;
    // No request of a browser's has one.
    let place = if query.starts_with("user_code=") { links::DEVICE } else { links::AUTHORIZE };
    Some(format!("{place}?{query}"))
}
