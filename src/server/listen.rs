//! Where serve listens, and what it serves there.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};
use tokio::net;

use crate::config::serve::listener::{Address, Listener, Serves};

/// A socket that is listened on. Workers have copies of it.
pub(super) struct Bound {
    socket: Socket,
    pub(super) surface: Serves,
    /// As it is said: with the port that the system chose.
    pub(super) shown: String,
    /// Where it is, if it is no file.
    pub(super) tcp: Option<SocketAddr>,
    pub(super) is_beyond_loopback: bool,
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, Arc<Unlink>),
}

/// Removes a socket's file when nobody listens on it any more, if it is still that one.
pub(super) struct Unlink {
    path: PathBuf,
    made: Option<(u64, u64)>,
}

impl Unlink {
    fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), made: identity(path) }
    }
}

impl Drop for Unlink {
    fn drop(&mut self) {
        if self.made.is_some() && identity(&self.path) == self.made {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Device and number of what is there.
fn identity(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|found| (found.dev(), found.ino()))
}

/// A worker's copy.
pub(super) struct Entrance {
    socket: Socket,
    pub(super) surface: Serves,
}

/// The same where connections are taken.
pub(super) enum Accepting {
    Tcp(net::TcpListener),
    Unix(net::UnixListener, #[expect(dead_code, reason = "kept as long as it is listened on")] Arc<Unlink>),
}

/// A connection, and from where. A Unix socket has no address.
pub(super) enum Accepted {
    Tcp(net::TcpStream, IpAddr),
    Unix(net::UnixStream),
}

impl Bound {
    pub(super) fn bind(listener: &Listener) -> io::Result<Self> {
        let surface = listener.serves;
        match &listener.address {
            Address::Tcp(address) => {
                let socket = TcpListener::bind(address)?;
                socket.set_nonblocking(true)?;
                let bound = Listener { address: Address::Tcp(socket.local_addr()?), ..listener.clone() };
                let shown = bound.to_string();
                let (tcp, is_beyond_loopback) = (socket.local_addr().ok(), listener.is_beyond_loopback());
                Ok(Self { socket: Socket::Tcp(socket), surface, shown, tcp, is_beyond_loopback })
            }
            Address::Unix(path) => {
                let _turn = Turn::take(path)?;
                remove_dead(path)?;
                let socket = UnixListener::bind(path)?;
                let file = Unlink::of(path);
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(OWNER_AND_GROUP))?;
                socket.set_nonblocking(true)?;
                let socket = Socket::Unix(socket, Arc::new(file));
                let shown = listener.to_string();
                Ok(Self { socket, surface, shown, tcp: None, is_beyond_loopback: false })
            }
        }
    }

    /// A copy for one worker.
    pub(super) fn entrance(&self) -> io::Result<Entrance> {
        let socket = match &self.socket {
            Socket::Tcp(socket) => Socket::Tcp(socket.try_clone()?),
            Socket::Unix(socket, file) => Socket::Unix(socket.try_clone()?, Arc::clone(file)),
        };
        Ok(Entrance { socket, surface: self.surface })
    }
}

impl Entrance {
    /// Inside of the worker's runtime.
    pub(super) fn accepting(self) -> io::Result<Accepting> {
        Ok(match self.socket {
            Socket::Tcp(socket) => Accepting::Tcp(net::TcpListener::from_std(socket)?),
            Socket::Unix(socket, file) => Accepting::Unix(net::UnixListener::from_std(socket)?, file),
        })
    }
}

/// Who may connect: a gateway of another user is made a member of the group.
const OWNER_AND_GROUP: u32 = 0o660;

/// How long another one that starts may take.
const TURN: Duration = Duration::from_secs(2);
const LOOKED_AT: Duration = Duration::from_millis(10);

/// The lock of a socket's folder. Of several that start at one moment, one after the other looks whether somebody listens
/// and binds: else two would remove what is dead, and the second one what the first has just made.
struct Turn(#[expect(dead_code, reason = "it is locked until it is closed")] OwnedFd);

impl Turn {
    fn take(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(folder, flags, Mode::empty())?;
        let mut waited = Duration::ZERO;
        loop {
            match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self(folder)),
                Err(Errno::WOULDBLOCK) if waited < TURN => {}
                Err(Errno::WOULDBLOCK) => {
                    return Err(io::Error::other("another process has locked its folder"));
                }
                Err(error) => return Err(error.into()),
            }
            std::thread::sleep(LOOKED_AT);
            waited += LOOKED_AT;
        }
    }
}

/// What an earlier process left is removed; what somebody listens on, or is no socket, is not.
fn remove_dead(path: &Path) -> io::Result<()> {
    let is_socket = path.symlink_metadata().is_ok_and(|found| found.file_type().is_socket());
    if !is_socket {
        return Ok(());
    }
    match knock(path) {
        // So many wait there already that there is no room for one more.
        Ok(()) | Err(Errno::AGAIN) => Err(io::Error::from(io::ErrorKind::AddrInUse)),
        Err(Errno::CONNREFUSED) => std::fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

/// Connects, and does not wait for it.
fn knock(path: &Path) -> Result<(), Errno> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)
}

impl Accepting {
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(socket) => {
                let (stream, address) = socket.accept().await?;
                // Refused where the client is gone already, which is seen soon enough.
                let _ = stream.set_nodelay(true);
                Ok(Accepted::Tcp(stream, address.ip().to_canonical()))
            }
            Self::Unix(socket, _) => Ok(Accepted::Unix(socket.accept().await?.0)),
        }
    }
}
