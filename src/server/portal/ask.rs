//! A request that may be answered: who sent it, and what its form says.

use std::cell::{Cell, OnceCell};
use std::net::IpAddr;
use std::sync::Arc;

use hyper::Method;
use hyper::http::request::Parts;

use super::answers::Told;
use super::guard;
use super::pages::shell::{Said, Visitor};
use super::site::Site;
use super::stop::Stop;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::secret::SessionSecret;
use crate::domain::portal::session::Person;
use crate::ops::env::Env;
use crate::ops::portal::{Refused, forms, who};
use crate::server::form::Form;

pub(super) struct Ask<'a> {
    pub(super) site: &'a Site,
    pub(super) parts: &'a Parts,
    pub(super) client: Option<IpAddr>,
    session: Option<SessionSecret>,
    form: Option<Form>,
    form_token: OnceCell<String>,
    /// Whose session it is, once that is known: for the log.
    owner: Cell<Option<Owner>>,
    /// Whether the session that was presented is over, so that the browser may forget it.
    is_over: Cell<bool>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(site: &'a Site, parts: &'a Parts, client: Option<IpAddr>, form: Option<Form>) -> Self {
        let session = guard::session(&parts.headers);
        let (form_token, owner, is_over) = (OnceCell::new(), Cell::new(None), Cell::new(false));
        Self { site, parts, client, session, form, form_token, owner, is_over }
    }

    pub(super) fn is_post(&self) -> bool {
        self.parts.method == Method::POST
    }

    /// Who it is, for the log.
    pub(super) fn is(&self, person: &Person) {
        self.owner.set(Some(person.owner.clone()));
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        self.owner.take()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    /// A field of the form; empty where there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        self.form.as_ref().and_then(|form| form.get(name)).unwrap_or_default()
    }

    /// A field that may stand there again and again.
    pub(super) fn fields(&self, name: &str) -> Vec<String> {
        self.form.iter().flat_map(|form| form.all(name)).map(str::to_owned).collect()
    }

    /// A parameter of the address; empty where there is none.
    pub(super) fn parameter(&self, name: &str) -> String {
        let query = self.parts.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Whether a session is presented, be it over or not.
    pub(super) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// The session that is presented, to be ended.
    pub(super) fn presented(&self) -> Option<SessionSecret> {
        self.session.as_ref().and_then(|secret| SessionSecret::parse(secret.expose()))
    }

    /// Whether a form shows that it came from a page of this session.
    pub(super) fn check_form(&self) -> Result<(), Stop> {
        let session = self.session.as_ref().ok_or(Stop::SignedOut)?;
        if forms::is_of(session, self.field("form")) { Ok(()) } else { Err(Stop::NotFromHere("form_token")) }
    }

    /// Has something done for whoever is signed in, in one go with looking who that is. Nothing is done for a while where too
    /// much was refused.
    pub(super) async fn signed_in<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env, &Person) -> Result<T, Refused> + Send + 'static,
    ) -> Result<(Person, T), Stop> {
        let secret = self.presented().ok_or(Stop::SignedOut)?;
        let (refusals, now) = (Arc::clone(&self.site.refusals), self.site.seconds());
        if let Some(seconds) = refusals.of_session(&secret, now) {
            return Err(Stop::TooMany(seconds));
        }
        let bounded =
            move |env: &mut Env, person: &Person| match refusals.of_person(&secret, &person.owner, now) {
                Some(seconds) => Ok(Err(Stop::TooMany(seconds))),
                None => job(env, person).map(Ok),
            };
        let (person, done) = self.signed_in_still(bounded).await?;
        Ok((person, done?))
    }

    /// The same however much was refused.
    pub(super) async fn signed_in_still<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env, &Person) -> Result<T, Refused> + Send + 'static,
    ) -> Result<(Person, T), Stop> {
        let secret = self.presented().ok_or(Stop::SignedOut)?;
        let client = self.client;
        let run = move |env: &mut Env| {
            let found = who::who(&mut env.store, secret.expose(), client)?;
            let Some(person) = found else { return Ok(None) };
            let done = job(env, &person);
            Ok(Some((person, done)))
        };
        let Some((person, done)) = self.site.run(run).await? else {
            self.is_over.set(true);
            return Err(Stop::SignedOut);
        };
        self.is(&person);
        match done {
            Ok(done) => Ok((person, done)),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Counts what whoever is signed in was refused.
    pub(super) fn was_refused(&self, owner: &Owner, status: u16) {
        if let Some(secret) = self.session.as_ref().filter(|_| !matches!(status, 429 | 503)) {
            self.site.refusals.count(secret, owner, self.site.seconds());
        }
    }

    /// The same, and whoever is signed in also where it was refused, so that a form can be shown again.
    pub(super) async fn tried<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Env, &Person) -> Result<T, Refused> + Send + 'static,
    ) -> Result<(Person, Result<T, Stop>), Stop> {
        let done = self.signed_in(|env, person| Ok(job(env, person))).await?;
        let (person, done) = done;
        Ok((person, done.map_err(Stop::from)))
    }

    /// Whoever is signed in, as pages name them.
    pub(super) fn visitor<'p>(&'p self, person: &'p Person) -> Visitor<'p> {
        let form_token =
            self.form_token.get_or_init(|| self.session.as_ref().map(forms::of).unwrap_or_default());
        Visitor { person, form_token }
    }

    /// What was done before the browser was sent here.
    pub(super) fn said(&self) -> Option<Said> {
        let word = self.parameter("said");
        guard::is_told_by_us(&self.parts.headers).then(|| Told::of(&word)).flatten().map(Told::said)
    }
}
