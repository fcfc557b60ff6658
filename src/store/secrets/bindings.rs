//! Which secret a key, an owner or the whole store uses for a provider.

use std::convert::Infallible;

use super::{COLUMNS, JOINS, read_secret};
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::nearest::{in_reach, nearest};
use crate::domain::secrets::secret::{Binding, Provider, Secret, SecretId, Subject};
use crate::store::error::Result;
use crate::store::session::{Row, Session, Sql, Statement, Value};
use crate::store::tx::Tx;
use crate::store::{Lookup, Store};

const BINDINGS: &str = "SELECT b.subject_kind, b.subject_id, b.provider, b.secret_id, s.name, b.created_at \
     FROM keyctl.binding b JOIN keyctl.secret s ON s.id = b.secret_id WHERE";

fn read(row: &Row<'_>) -> Result<Binding> {
    let cells = row.of("binding");
    let kind = cells.text(0)?;
    Ok(Binding {
        subject: cells.parsed(1, |id| Subject::parse(kind, id))?,
        provider: cells.parsed(2, |text| text.parse().ok())?,
        secret: cells.parsed(3, SecretId::parse)?,
        name: cells.parsed(4, |text| text.parse().ok())?,
        created_at: cells.time(5)?,
    })
}

fn read_all(session: &mut dyn Session, condition: &str, values: &[Value]) -> Result<Vec<Binding>> {
    let mut bindings = Vec::new();
    session.query(Sql::Built(format!("{BINDINGS} {condition}")), values, &mut |row| {
        bindings.push(read(row)?);
        Ok(())
    })?;
    Ok(bindings)
}

fn subject(subject: &Subject) -> [Value; 2] {
    [subject.kind().into(), subject.id().into()]
}

/// Finding bindings, inside a change and outside of one alike.
pub trait BindingLookup: Lookup {
    /// The secret that this subject itself is bound to, in whatever state it is.
    fn bound_secret(&mut self, to: &Subject, provider: &Provider) -> Result<Option<Secret>> {
        let mut found = None;
        let sql = format!(
            "SELECT {COLUMNS} FROM keyctl.binding b LEFT JOIN keyctl.secret s ON s.id = b.secret_id {JOINS}
             WHERE b.subject_kind = $1 AND b.subject_id = $2 AND b.provider = $3"
        );
        let [kind, id] = subject(to);
        let session = self.reading()?.session();
        session.query(Sql::Built(sql), &[kind, id, provider.as_str().into()], &mut |row| {
            found = Some(read_secret(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The bindings of a subject itself, by provider.
    fn bindings_of(&mut self, to: &Subject) -> Result<Vec<Binding>> {
        let session = self.reading()?.session();
        read_all(session, "b.subject_kind = $1 AND b.subject_id = $2 ORDER BY b.provider", &subject(to))
    }

    /// The binding that decides for a key, for each provider.
    fn bindings_in_reach(&mut self, key: KeyId, owner: &Owner) -> Result<Vec<Binding>> {
        let session = self.reading()?.session();
        let all = read_all(
            session,
            "(b.subject_kind = 'key' AND b.subject_id = $1) OR (b.subject_kind = 'owner' AND b.subject_id = $2)
                OR (b.subject_kind = 'store' AND b.subject_id = '')
             ORDER BY b.provider",
            &[key.to_string().into(), owner.as_str().into()],
        )?;
        let in_reach = in_reach(Some(key), owner);
        let decides = |bound: &[Binding]| {
            let of = |subject: &Subject| bound.iter().find(|binding| binding.subject == *subject).cloned();
            let Ok(found) = nearest(&in_reach, |subject| Ok::<_, Infallible>(of(subject)));
            found.map(|(_, binding)| binding)
        };
        Ok(all.chunk_by(|one, next| one.provider == next.provider).filter_map(decides).collect())
    }

    /// The first bindings of a secret: at most so many.
    fn bindings_to(&mut self, secret: SecretId, limit: u32) -> Result<Vec<Binding>> {
        let session = self.reading()?.session();
        read_all(
            session,
            "b.secret_id = $1 ORDER BY b.subject_kind, b.subject_id LIMIT $2",
            &[secret.to_string().into(), i64::from(limit).into()],
        )
    }
}

impl<L: Lookup> BindingLookup for L {}

impl Store {
    /// Reads up to 500 bindings behind `after`, in the order of their subjects; none mean the end.
    pub fn bindings(&mut self, after: Option<&Binding>) -> Result<Vec<Binding>> {
        let condition = "(b.subject_kind, b.subject_id, b.provider) > ($1, $2, $3)
             ORDER BY b.subject_kind, b.subject_id, b.provider LIMIT 500";
        let [kind, id] = after.map_or(["".into(), "".into()], |after| subject(&after.subject));
        let provider = after.map_or("", |after| after.provider.as_str()).into();
        read_all(self.session(), condition, &[kind, id, provider])
    }
}

impl Tx<'_> {
    /// Binds a subject to a secret in the place of what it was bound to for that provider.
    pub fn bind(&mut self, to: &Subject, secret: &Secret) {
        let now = self.now().as_millis();
        let [kind, id] = subject(to);
        self.pending.push(Statement::new(
            "INSERT INTO keyctl.binding (subject_kind, subject_id, provider, secret_id, created_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (subject_kind, subject_id, provider) DO UPDATE SET secret_id = $4, created_at = $5",
            [kind, id, secret.provider.as_str().into(), secret.id.to_string().into(), now.into()],
        ));
        self.touch_subject(to);
    }

    pub fn unbind(&mut self, to: &Subject, provider: &Provider) {
        let [kind, id] = subject(to);
        self.pending.push(Statement::new(
            "DELETE FROM keyctl.binding WHERE subject_kind = $1 AND subject_id = $2 AND provider = $3",
            [kind, id, provider.as_str().into()],
        ));
        self.touch_subject(to);
    }

    /// Takes all bindings of an owner away: one of the same name that is made later has none.
    pub(in crate::store) fn unbind_owner(&mut self, owner: &Owner) {
        let [kind, id] = subject(&Subject::Owner(owner.clone()));
        self.pending.push(Statement::new(
            "DELETE FROM keyctl.binding WHERE subject_kind = $1 AND subject_id = $2",
            [kind, id],
        ));
    }

    pub fn unbind_all(&mut self, secret: SecretId) {
        let values = [secret.to_string().into()];
        self.pending.push(Statement::new("DELETE FROM keyctl.binding WHERE secret_id = $1", values));
        self.touch_every_key();
    }

    fn touch_subject(&mut self, to: &Subject) {
        let key: Option<KeyId> = if let Subject::Key(id) = to { Some(*id) } else { None };
        match key {
            Some(id) => self.touch(id),
            None => self.touch_every_key(),
        }
    }
}
