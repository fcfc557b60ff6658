//! One key of a Kubernetes Secret's manifest.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::dotenv::NO_TOKEN;
use super::place::Place;
use super::{Fault, Places};
use crate::domain::keys::token::Token;
use crate::domain::provisioning::secret_manifest::{self, Target};
use crate::domain::provisioning::sink::{DataKey, NamespaceName, ObjectName, SinkPath};

pub(super) fn target<'s>(
    name: &'s ObjectName,
    namespace: Option<&'s NamespaceName>,
    key: &'s DataKey,
) -> Target<'s> {
    Target { name: name.as_str(), namespace: namespace.map(NamespaceName::as_str), key: key.as_str() }
}

pub(super) fn check(path: &SinkPath, target: &Target<'_>, places: &Places<'_>) -> Result<(), Fault> {
    let place = Place::find(path, places)?;
    secret_manifest::set(&place.text()?, target, NO_TOKEN, NO_TOKEN)
        .map_err(|error| place.refused(&error))?;
    Ok(())
}

pub(super) fn deliver(
    path: &SinkPath,
    target: &Target<'_>,
    token: &Token,
    places: &Places<'_>,
) -> Result<Vec<String>, Fault> {
    let place = Place::find(path, places)?.lock()?;
    let base64 = Zeroizing::new(BASE64_STANDARD.encode(token.expose()));
    let text = secret_manifest::set(&place.text()?, target, token.expose(), &base64);
    let text = text.map_err(|error| place.refused(&error))?;
    place.write(text.as_bytes())
}
