//! A folder that nobody else can look into, for what a command is given by a path.
//!
//! It is made anew, under a name that nobody can know before, with its mode from the first moment. What stands there already,
//! a symbolic link too, is never taken for it. It stands where others cannot put another one in its place.

use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::domain::random::Random;

/// What its name begins with.
const NAME: &str = "keyctl-exec-";
const SOCKET: &str = "credentials.sock";

/// The longest path of a socket on Linux: `sun_path` has 108 bytes, with a NUL (unix(7)).
const LONGEST: usize = 107;

/// Names that are tried where one is taken. Of 128 random bits none ever is.
const TRIES: usize = 4;

/// A folder of this process, removed with all that is in it when this is dropped.
#[derive(Debug)]
pub(in crate::cli) struct Private {
    path: PathBuf,
    made: (u64, u64),
}

impl Private {
    /// Below the first of these places that will do.
    pub(in crate::cli) fn make(places: &[PathBuf], random: &mut dyn Random) -> io::Result<Self> {
        let mut last = io::Error::other("there is no folder for it");
        for place in places {
            match Self::below(place, random) {
                Ok(made) => return Ok(made),
                Err(error) => last = io::Error::new(error.kind(), format!("{}: {error}", place.display())),
            }
        }
        Err(last)
    }

    fn below(place: &Path, random: &mut dyn Random) -> io::Result<Self> {
        if !place.is_absolute() {
            return Err(io::Error::other("it is no absolute path"));
        }
        keeps_names(&fs::metadata(place)?).map_err(io::Error::other)?;
        for _ in 0..TRIES {
            let mut bits = [0; 16];
            random.fill(&mut bits).map_err(io::Error::other)?;
            let path = place.join(format!("{NAME}{:032x}", u128::from_le_bytes(bits)));
            if path.as_os_str().len() + 1 + SOCKET.len() > LONGEST {
                return Err(io::Error::other("a socket's path below it would be too long"));
            }
            match Self::at(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn at(path: PathBuf) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).create(&path)?;
        let found = fs::symlink_metadata(&path)?;
        let is_ours = found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o777 == 0o700;
        if !is_ours {
            return Err(io::Error::other("what was made there is not there"));
        }
        Ok(Self { path, made: identity(&found) })
    }

    /// A file in it that its owner alone may read, in the place of what it had; where it is.
    pub(in crate::cli) fn put(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        let (path, next) = (self.path.join(name), self.path.join(format!("{name}.next")));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
        file.write_all(content)?;
        fs::rename(&next, &path)?;
        Ok(path)
    }

    /// Removes such a file.
    pub(in crate::cli) fn take(&self, name: &str) {
        let _ = fs::remove_file(self.path.join(name));
    }

    /// A socket in it that its owner may connect to, and where it is.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody answers at one"))]
    pub(in crate::cli) fn socket(&self) -> io::Result<(UnixListener, PathBuf)> {
        let path = self.path.join(SOCKET);
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok((listener, path))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| identity(&found) == self.made) {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Device and number.
fn identity(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// Whether nobody but its owner can move what is in a folder: others may not write it, or it is sticky.
fn keeps_names(folder: &Metadata) -> Result<(), &'static str> {
    if !folder.is_dir() {
        return Err("it is no folder");
    }
    if ![0, geteuid().as_raw()].contains(&folder.uid()) {
        return Err("it is another user's");
    }
    if folder.mode() & 0o022 != 0 && folder.mode() & 0o1000 == 0 {
        return Err("others may put something else in its place: it is neither private nor sticky");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::domain::random::RandomError;

    /// The same bits so many times, and then others.
    struct Repeating(u8);

    impl Random for Repeating {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            bytes.fill(u8::from(self.0 == 0));
            self.0 = self.0.saturating_sub(1);
            Ok(())
        }
    }

    #[test]
    fn what_stands_under_the_name_is_never_taken_for_it() {
        let (place, aim) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        let taken = place.path().join(format!("{NAME}{}", "0".repeat(32)));
        symlink(aim.path(), &taken).expect("a link");
        let private = Private::make(&[place.path().to_owned()], &mut Repeating(2)).expect("made");
        assert!(private.path != taken && private.path.starts_with(place.path()));
        let (_listener, socket) = private.socket().expect("a socket");
        let mode = |path: &Path| fs::symlink_metadata(path).expect("there").mode() & 0o777;
        assert_eq!((mode(&private.path), mode(&socket)), (0o700, 0o600));
        assert_eq!(fs::read_dir(aim.path()).expect("folder").count(), 0);
        drop(private);
        assert!(!socket.exists() && fs::symlink_metadata(&taken).is_ok());
        assert!(Private::make(&[place.path().to_owned()], &mut Repeating(9)).is_err());
    }

    #[test]
    fn a_place_where_others_could_put_another_one_is_passed_over() {
        let (open, good) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).expect("mode");
        let long = good.path().join("x".repeat(90));
        fs::create_dir(&long).expect("folder");
        let places = [open.path().to_owned(), "relative".into(), long, good.path().to_owned()];
        let private = Private::make(&places, &mut Repeating(0)).expect("made");
        assert_eq!(private.path.parent(), Some(good.path()));
        let error = Private::make(&places[..1], &mut Repeating(0)).expect_err("refused");
        assert!(error.to_string().contains("neither private nor sticky"), "{error}");
    }

    #[test]
    fn what_took_its_place_is_left_alone() {
        let place = tempfile::tempdir().expect("folder");
        let private = Private::make(&[place.path().to_owned()], &mut Repeating(0)).expect("made");
        let path = private.path.clone();
        fs::rename(&path, place.path().join("away")).expect("moved");
        fs::create_dir(&path).expect("another");
        drop(private);
        assert!(path.exists());
    }
}
