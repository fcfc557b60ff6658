//! The documents of clients that nobody registered, from where their ids say that they are.

use std::sync::Arc;

use crate::domain::mcp::client_document::{ClientDocument, ClientDocumentError, ClientIdUrl};
use crate::ops::outbound::Unanswered;

/// Fetches documents, and keeps each for a while.
///
/// Never inside a transaction. What it asks is chosen by whoever wrote a client's id: it reaches no address that is not public,
/// unless a setting names it.
pub(crate) trait ClientDocuments: Send + Sync {
    /// What is known of a client without asking: its document, or why it was none a moment ago. `None` where it is to be asked.
    fn kept(&self, id: &ClientIdUrl) -> Option<Result<Arc<ClientDocument>, Undocumented>>;

    /// The same, and asks where nothing is known. It blocks, for some seconds at most. Of many who want one document at once, one
    /// asks.
    fn fetch(&self, id: &ClientIdUrl) -> Result<Arc<ClientDocument>, Undocumented>;
}

/// Why a client has no document. Nothing of what its server said stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undocumented {
    #[error("the client's document cannot be had: {0}")]
    Unanswered(#[from] Unanswered),
    /// All others but 200 are errors, by the draft.
    #[error("the client's server answered with the status {0}, where its document should be")]
    Status(u16),
    #[error(transparent)]
    Document(#[from] ClientDocumentError),
    #[error("too many documents of clients are fetched at once")]
    Busy,
}

/// Who can put it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Whoever runs the client.
    Client,
    /// Whoever runs this portal: the client may be as it should.
    Operator,
    /// Nobody has to: it may be over in a moment.
    Passing,
}

impl Undocumented {
    /// The word for logs.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Unanswered(unanswered) => unanswered.reason(),
            Self::Status(_) => "status",
            Self::Document(ClientDocumentError::OtherId) => "other_client",
            Self::Document(_) => "document",
            Self::Busy => "busy",
        }
    }

    pub(crate) const fn fault(&self) -> Fault {
        match self {
            // An address that is not public is nobody's whom everybody may use: either it is named, or the client is none.
            Self::Unanswered(Unanswered::NoAuthorities | Unanswered::Private | Unanswered::Plain) => {
                Fault::Operator
            }
            Self::Unanswered(
                Unanswered::Unresolved
                | Unanswered::Unreachable
                | Unanswered::Timeout { .. }
                | Unanswered::Broken,
            )
            | Self::Status(429 | 500..)
            | Self::Busy => Fault::Passing,
            Self::Unanswered(
                Unanswered::Certificate
                | Unanswered::Tls { .. }
                | Unanswered::Redirect
                | Unanswered::Compressed
                | Unanswered::TooLarge(_)
                | Unanswered::NotJson(_),
            )
            | Self::Status(_)
            | Self::Document(_) => Fault::Client,
        }
    }
}
