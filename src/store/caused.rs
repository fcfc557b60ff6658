//! What went wrong, in words, and the error that they were made of.

use std::error::Error;
use std::fmt;

/// A text for people, with what it was made of, where that was an error. Neither holds a secret.
#[derive(Debug)]
pub struct Caused {
    text: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Caused {
    pub(super) fn by(text: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { text: text.into(), cause: Some(cause.into()) }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Caused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Caused {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| &**cause as _)
    }
}

impl From<String> for Caused {
    fn from(text: String) -> Self {
        Self { text, cause: None }
    }
}

impl From<&str> for Caused {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
