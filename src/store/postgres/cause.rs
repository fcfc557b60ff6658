//! What the client reports, in a form that may be shown.

use std::error::Error;
use std::fmt;

use tokio_postgres::error::DbError;

/// One link of the chain, and the next. Of what a server says, these are the severity, the message and the code:
/// its DETAIL, HINT and CONTEXT may hold values of rows.
#[derive(Debug)]
pub(super) struct Cause {
    text: String,
    next: Option<Box<Self>>,
}

impl Cause {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let text = match error.downcast_ref::<DbError>() {
            Some(from) => format!("{}: {} ({})", from.severity(), from.message(), from.code().code()),
            None => error.to_string(),
        };
        Self { text, next: error.source().map(|next| Box::new(Self::of(next))) }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_ref().map(|next| &**next as _)
    }
}
