//! Where tokens are handed out, and as whom they are asked for there.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::{LeaseError, LeaseFault};
use crate::config::credentials;
use crate::config::master_key::LONGEST;
use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::misplaced;

/// What the code of a service says of it. The environment says the rest.
#[derive(Debug)]
pub(in crate::runtime) struct Configured {
    pub(in crate::runtime) socket: Option<PathBuf>,
    pub(in crate::runtime) key: Option<SecretValue>,
    pub(in crate::runtime) owner: Option<u32>,
}

/// A socket, as it was when it was looked at.
#[derive(Debug)]
pub(super) struct Place {
    socket: PathBuf,
    owner: Option<u32>,
}

impl Place {
    pub(super) fn of(configured: &Configured) -> Result<Self, LeaseError> {
        let socket = match &configured.socket {
            Some(path) => path.clone(),
            None => credentials::socket().ok_or(LeaseError::Unconfigured)?,
        };
        if misplaced::is_no_path(&socket.to_string_lossy()) {
            let what = format!(
                "{} has the form of a key or password, where a path is expected",
                credentials::SOCKET
            );
            return Err(LeaseFault::Socket.because(what));
        }
        // As serve's --listen has it.
        if let Some(path) = socket.to_str().and_then(|text| text.strip_prefix("unix:")) {
            let what = format!("{} is the path alone, without unix: before it: {path}", credentials::SOCKET);
            return Err(LeaseFault::Socket.because(what));
        }
        let owner = match configured.owner {
            Some(owner) => Some(owner),
            None => credentials::owner().map(|text| number(text.to_str())).transpose()?,
        };
        Ok(Self { socket, owner })
    }

    /// Its path, after a look at whose it is: whoever made it gets the service's key, and says what tokens are.
    pub(super) fn checked(&self) -> Result<&Path, LeaseError> {
        let shown = self.socket.display();
        let found = fs::metadata(&self.socket)
            .map_err(|error| LeaseFault::Unreachable.because(format!("{shown}: {error}")))?;
        if !found.file_type().is_socket() {
            return Err(LeaseFault::Socket.because(format!("{shown} is no Unix socket")));
        }
        let (uid, own) = (found.uid(), rustix::process::geteuid().as_raw());
        if uid == 0 || uid == own || Some(uid) == self.owner {
            return Ok(&self.socket);
        }
        Err(LeaseFault::Socket.because(format!(
            "{shown} belongs to uid {uid}, which is neither root nor this service's user ({own}): where that is the user \
             of keyctl serve, say so by {}={uid}",
            credentials::OWNER
        )))
    }
}

fn number(text: Option<&str>) -> Result<u32, LeaseError> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        LeaseFault::Socket
            .because(format!("{} is the number of a user, as id -u prints it", credentials::OWNER))
    })
}

/// The service's own key, read anew, so that it may be rotated; `None` where nothing names one, as at the socket of
/// `keyctl exec --oauth`.
pub(super) fn key(configured: &Configured) -> Result<Option<Zeroizing<String>>, LeaseError> {
    if let Some(key) = &configured.key {
        return visible(key.expose().as_bytes(), "Options::credentials_key").map(Some);
    }
    let Some(read) = credentials::key() else { return Ok(None) };
    let text = read.map_err(|why| LeaseFault::CredentialsKey.because(why))?;
    visible(text.expose(), credentials::KEY_FILE).map(Some)
}

/// What else could stand in a header, and in which other one.
fn visible(bytes: &[u8], origin: &str) -> Result<Zeroizing<String>, LeaseError> {
    let is_good = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    let text = str::from_utf8(bytes).ok().filter(|_| is_good);
    text.map(|text| Zeroizing::new(text.to_owned())).ok_or_else(|| {
        LeaseFault::CredentialsKey
            .because(format!("{origin}: it is no key: one line of visible ASCII characters"))
    })
}
