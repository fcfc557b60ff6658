//! A file with an assertion, from which the command's own library gets its tokens: written anew ahead of the assertion's end
//! while the command runs, and removed with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use super::private::Private;
use crate::domain::secrets::secret::SecretValue;
use crate::ops;

const NAME: &str = "identity.jwt";

/// An assertion lives for five minutes, so whoever reads the file has four of them left.
pub(in crate::cli) const EVERY: Duration = Duration::from_mins(1);

/// Signs what stands in the file next.
pub(in crate::cli) type Sign = Box<dyn FnMut() -> Result<Arc<SecretValue>, ops::Error> + Send>;

/// The file, until this is dropped.
pub(in crate::cli) struct IdentityFile {
    path: PathBuf,
    end: Sender<()>,
    thread: Option<JoinHandle<()>>,
    /// The last one that has it removes it.
    _folder: Arc<Private>,
}

impl IdentityFile {
    /// With this in it. `say` is told what whoever started the command should know, and the same once.
    pub(in crate::cli) fn start(
        folder: Private,
        first: &SecretValue,
        every: Duration,
        mut sign: Sign,
        say: impl Fn(&str) + Send + 'static,
    ) -> io::Result<Self> {
        let path = folder.put(NAME, first.expose().as_bytes())?;
        let folder = Arc::new(folder);
        let (end, ended) = mpsc::channel();
        let kept = Arc::clone(&folder);
        let run = move || {
            let mut said = String::new();
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let put = |value: Arc<SecretValue>| kept.put(NAME, value.expose().as_bytes()).map(drop);
                let why = match sign() {
                    Ok(value) => put(value).err().map(|error| error.to_string()),
                    Err(error) => {
                        // Whoever may not be signed for any more is not handed what was.
                        if !matches!(error, ops::Error::Store(_)) {
                            kept.take(NAME);
                        }
                        Some(error.to_string())
                    }
                };
                let why = why.unwrap_or_default();
                if !why.is_empty() && why != said {
                    say(&format!("the command's identity could not be signed anew: {why}"));
                }
                said = why;
            }
        };
        let thread = thread::Builder::new().name("keyctl-identity".to_owned()).spawn(run)?;
        Ok(Self { path, end, thread: Some(thread), _folder: folder })
    }

    pub(in crate::cli) fn path(&self) -> PathBuf {
        self.path.clone()
    }
}

impl Drop for IdentityFile {
    fn drop(&mut self) {
        drop(mem::replace(&mut self.end, mpsc::channel().0));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::sync::Mutex;

    use super::*;
    use crate::ops::env::SystemRandom;

    fn value(text: &str) -> SecretValue {
        SecretValue::from_opened(text.as_bytes()).expect("a value")
    }

    fn until(what: &str, is_so: impl Fn() -> bool) {
        for _ in 0..500 {
            if is_so() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{what}: not in time");
    }

    #[test]
    fn the_file_is_written_anew_taken_away_from_whoever_may_not_have_it_and_removed_at_the_end() {
        let place = tempfile::tempdir().expect("folder");
        let folder = Private::make(&[place.path().to_owned()], &mut SystemRandom).expect("made");
        let (next, said) = (Arc::new(Mutex::new(Ok("second"))), Arc::new(Mutex::new(Vec::new())));
        let (signs, says) = (Arc::clone(&next), Arc::clone(&said));
        let sign: Sign = Box::new(move || match *signs.lock().expect("next") {
            Ok(text) => Ok(Arc::new(value(text))),
            Err(message) => {
                Err(ops::Error::KeyUnavailable { message: String::from(message), hint: String::new() })
            }
        });
        let say = move |text: &str| says.lock().expect("said").push(text.to_owned());
        let file = IdentityFile::start(folder, &value("first"), Duration::from_millis(20), sign, say)
            .expect("started");
        let path = file.path();
        let read = || fs::read_to_string(&path).ok();
        assert!(matches!(read().as_deref(), Some("first" | "second")));
        until("it is written anew", || read().as_deref() == Some("second"));
        assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, 0o600);
        *next.lock().expect("next") = Err("revoked");
        until("it is taken away", || read().is_none());
        thread::sleep(Duration::from_millis(100));
        assert_eq!(said.lock().expect("said").len(), 1, "once");
        *next.lock().expect("next") = Ok("third");
        until("it is there again", || read().as_deref() == Some("third"));
        drop(file);
        assert_eq!(fs::read_dir(place.path()).expect("folder").count(), 0);
    }
}
