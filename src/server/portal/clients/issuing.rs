//! What the operator decided of tokens for clients, and who the clients are that nobody registered.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::spawn_blocking;

pub(super) use super::slots::Fetcher;
use super::slots::Slots;
use crate::domain::mcp::client::{Client, ClientRef};
use crate::domain::mcp::client_document::Grant;
use crate::domain::mcp::request::NoWayBack;
use crate::domain::tokens::audience::Issuer;
use crate::ops::master_keys::Ring;
use crate::ops::portal::clients::documents::ClientDocuments;
use crate::runtime::short_lived::KeySet;
use crate::server::portal::jobs::Undone;
use crate::server::portal::stop::Stop;

/// Where tokens are from, what opens the key that signs them, and who fetches documents of clients.
pub(crate) struct Issuing {
    pub(crate) issuer: Issuer,
    pub(crate) ring: Arc<Ring>,
    pub(crate) documents: Arc<dyn ClientDocuments>,
}

/// The same while requests are answered.
pub(in crate::server::portal) struct AtIssuer {
    pub(super) issuer: Issuer,
    pub(super) ring: Arc<Ring>,
    documents: Arc<dyn ClientDocuments>,
    slots: Arc<Slots>,
    /// The set of keys as it was read last: it is answered while the store is away, too.
    keys: Mutex<Option<KeySet>>,
}

impl AtIssuer {
    pub(in crate::server::portal) fn new(issuing: Issuing) -> Self {
        let Issuing { issuer, ring, documents } = issuing;
        Self { issuer, ring, documents, slots: Arc::default(), keys: Mutex::default() }
    }

    /// What a client that nobody registered says of itself, if it comes for tokens in this way; `None` of one that an operator
    /// registered.
    pub(super) async fn document(
        &self,
        id: &ClientRef,
        grant: Grant,
        fetcher: Fetcher,
    ) -> Result<Option<Client>, Stop> {
        let ClientRef::Document(id) = id else { return Ok(None) };
        let known = if let Some(known) = self.documents.kept(id) {
            known
        } else {
            let slot = Slots::take(&self.slots, fetcher).ok_or(Stop::Undone(Undone::Overloaded))?;
            let (documents, id) = (Arc::clone(&self.documents), id.clone());
            let known = spawn_blocking(move || {
                let _slot = slot;
                documents.fetch(&id)
            });
            known.await.map_err(|_| Stop::Undone(Undone::Overloaded))?
        };
        let document = known.map_err(|why| Stop::Undocumented(Box::new(why)))?;
        if !document.asks_with(grant) {
            return Err(NoWayBack::OtherGrant.into());
        }
        let client = Client::try_from(&*document).map_err(|_| NoWayBack::UnknownClient)?;
        Ok(Some(client))
    }

    /// Whether a client says itself what it is, and that is not known just now.
    pub(super) fn is_to_be_asked(&self, id: &ClientRef) -> bool {
        matches!(id, ClientRef::Document(id) if self.documents.kept(id).is_none())
    }

    pub(super) fn kept_keys(&self) -> Option<KeySet> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep_keys(&self, keys: KeySet) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    }
}
