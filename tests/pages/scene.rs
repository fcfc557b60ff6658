//! A store with the pages over it, and a client that sends exactly what it is told.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::serve::raw::{self, Answer};
use crate::support::cli::{PROGRAM, Sandbox};
use crate::support::cluster::{Running, certificates, free_port, wait_until};
use crate::support::store::Place;

/// What the pages are called where no browser looks.
pub const ORIGIN: &str = "https://keys.example.com";
pub const HOST: &str = "keys.example.com";

/// The pages as a process.
pub struct Portal {
    pub address: SocketAddr,
    pub origin: String,
    log: PathBuf,
    _folder: TempDir,
    running: Option<Running>,
}

impl Portal {
    /// Without TLS, as behind a proxy.
    pub fn plain(sandbox: &Sandbox, flags: &[&str]) -> Self {
        Self::plain_with(sandbox, flags, &[])
    }

    /// The same with more variables of the environment.
    pub fn plain_with(sandbox: &Sandbox, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let address = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        Self::start(sandbox, tempfile::tempdir().expect("folder"), address, Some(ORIGIN), flags, variables)
    }

    /// Without TLS, at an address of this machine by which clients get there, too: browsers take that for safe.
    pub fn on_this_machine(
        sandbox: &Sandbox,
        address: SocketAddr,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let (folder, origin) = (tempfile::tempdir().expect("folder"), format!("http://{address}"));
        Self::start(sandbox, folder, address, Some(&origin), flags, variables)
    }

    /// Over TLS, at `https://localhost` and a port: what a browser opens.
    pub fn over_tls(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let address = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        Self::over_tls_at(sandbox, address, flags, &[])
    }

    /// The same where somebody else knows the address already.
    pub fn over_tls_at(
        sandbox: &Sandbox,
        address: SocketAddr,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        certificates(folder.path(), "keyctl tests").expect("certificates");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (certificate, key) = (path("server.pem"), path("server.key"));
        let tls = ["--tls-cert", &certificate, "--tls-key", &key];
        Self::start(sandbox, folder, address, None, &[&tls, flags].concat(), variables)
    }

    fn start(
        sandbox: &Sandbox,
        folder: TempDir,
        address: SocketAddr,
        origin: Option<&str>,
        flags: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let origin = origin.map_or_else(|| format!("https://localhost:{}", address.port()), str::to_owned);
        let log = folder.path().join("log");
        let mut program = Command::new("env");
        program.arg("-i");
        for (name, value) in sandbox.command::<&OsStr>(&[]).get_envs() {
            let mut pair = name.to_owned();
            pair.push("=");
            pair.push(value.unwrap_or_default());
            program.arg(pair);
        }
        program.args(variables.iter().map(|(name, value)| format!("{name}={value}")));
        program.args([PROGRAM, "portal", "--origin", &origin, "--listen", &address.to_string()]).args(flags);
        let running = Running::start(&program, &log, "TERM", None).expect("starts");
        let begins = || std::fs::read_to_string(&log).unwrap_or_default().contains("the pages are at");
        wait_until(&log, begins).expect("ready");
        Self { address, origin, log, _folder: folder, running: Some(running) }
    }

    /// Ends it, and returns what it wrote.
    pub fn stop(&mut self) -> String {
        self.running = None;
        self.log()
    }

    /// Where it stands by whom its certificate is.
    pub fn authority(&self) -> PathBuf {
        self.log.with_file_name("authority.pem")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

/// A request to a portal, as a browser sends it from a page of the portal's own.
pub struct Sent {
    method: &'static str,
    target: String,
    host: String,
    lines: Vec<(String, String)>,
    form: Option<String>,
}

pub fn get(target: &str) -> Sent {
    Sent { method: "GET", target: target.to_owned(), host: HOST.to_owned(), lines: Vec::new(), form: None }
}

pub fn post(target: &str, fields: &[(&str, &str)]) -> Sent {
    let mut form = String::new();
    for (name, value) in fields {
        let escape = |byte: u8| {
            if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        let value: String = value.bytes().map(escape).collect();
        form += &format!("{}{name}={value}", if form.is_empty() { "" } else { "&" });
    }
    let sent = Sent { method: "POST", form: Some(form), ..get(target) };
    sent.with("Origin", ORIGIN).with("Content-Type", "application/x-www-form-urlencoded")
}

impl Sent {
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.lines.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.lines.retain(|(found, _)| found != name);
        self
    }

    pub fn host(self, host: &str) -> Self {
        Self { host: host.to_owned(), ..self }
    }

    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn body(self, body: &str) -> Self {
        Self { form: Some(body.to_owned()), ..self }
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.with("Cookie", &format!("__Host-keyctl={cookie}"))
    }

    pub fn to(&self, portal: &Portal) -> Answer {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            self.method, self.target, self.host
        );
        for (name, value) in &self.lines {
            text += &format!("{name}: {value}\r\n");
        }
        if let Some(form) = &self.form {
            text += &format!("Content-Length: {}\r\n", form.len());
        }
        text += "\r\n";
        text += self.form.as_deref().unwrap_or_default();
        raw::one(portal.address, text.as_bytes())
    }
}

/// A store with the pages, and what alice has there.
pub struct Scene {
    pub sandbox: Sandbox,
    pub portal: Portal,
}

impl Scene {
    pub fn new(place: Place) -> Self {
        let sandbox = Sandbox::with_store(place);
        let portal = Portal::plain(&sandbox, &[]);
        Self { sandbox, portal }
    }

    /// A key that signs in, with what it may give on.
    pub fn key(&self, owner: &str, more: &[&str]) -> String {
        self.sandbox.ok(&[&["mint", owner, "--scope", "keyctl:self"], more].concat())
    }

    /// Whoever presents this key.
    pub fn sign_in(&self, key: &str) -> Session<'_> {
        let answer = post("/sign-in", &[("key", key)]).to(&self.portal);
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(answer.header("location"), Some("/"));
        Session::of(&self.portal, &answer)
    }

    /// The code of an invitation's link.
    pub fn invite(&self, owner: &str, more: &[&str]) -> String {
        code_of(&self.sandbox.ok(&[&["invite", owner], more].concat()))
    }

    pub fn claim(&self, code: &str) -> Session<'_> {
        let answer = post("/claim", &[("code", code)]).to(&self.portal);
        assert_eq!(answer.status, 303, "{answer:?}");
        Session::of(&self.portal, &answer)
    }
}

/// The code in what `keyctl invite` prints.
pub fn code_of(printed: &str) -> String {
    let at = printed.find("skc_").unwrap_or_else(|| panic!("no code: {printed}"));
    printed[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect()
}

/// Somebody who is signed in.
pub struct Session<'p> {
    portal: &'p Portal,
    pub cookie: String,
}

impl<'p> Session<'p> {
    fn of(portal: &'p Portal, answer: &Answer) -> Self {
        Self { portal, cookie: cookie_in(answer, "__Host-keyctl").expect("a cookie") }
    }

    /// Whoever presents this cookie.
    pub fn with(portal: &'p Portal, cookie: &str) -> Self {
        Self { portal, cookie: cookie.to_owned() }
    }

    pub fn get(&self, target: &str) -> Answer {
        get(target).cookie(&self.cookie).to(self.portal)
    }

    /// What shows that a form is one of this session.
    pub fn form_token(&self) -> String {
        form_token(&self.get("/keys/new"))
    }

    pub fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let form_token = self.form_token();
        let fields = [&[("form", form_token.as_str())], fields].concat();
        post(target, &fields).cookie(&self.cookie).to(self.portal)
    }

    /// Makes a key and returns its token.
    pub fn make(&self, name: &str, scopes: &[&str]) -> String {
        let scopes: Vec<_> = scopes.iter().map(|scope| ("scope", *scope)).collect();
        let answer = self.post("/keys/new", &[&[("name", name)], &scopes[..]].concat());
        assert_eq!(answer.status, 200, "{answer:?}");
        token_in(&answer)
    }

    /// The path of the page of a key.
    pub fn page_of(&self, name: &str) -> String {
        let page = self.get("/").body;
        let row = page.split("<tr").find(|row| row.contains(&format!(">{name}<"))).expect("a row");
        let at = row.find("/keys/").expect("a link");
        row[at..].split('"').next().expect("a path").to_owned()
    }
}

/// The value of a cookie that an answer sets.
pub fn cookie_in(answer: &Answer, name: &str) -> Option<String> {
    let before = format!("set-cookie: {name}=");
    let set = answer.head.lines().find_map(|line| line.strip_prefix(&before))?;
    set.split(';').next().map(str::to_owned)
}

pub fn form_token(page: &Answer) -> String {
    let name = "name=\"form\" value=\"";
    let at = page.body.find(name).unwrap_or_else(|| panic!("no form: {page:?}"));
    page.body[at + name.len()..].split('"').next().expect("a value").to_owned()
}

/// The token that a page shows.
pub fn token_in(page: &Answer) -> String {
    let at = page.body.find("id=\"token\"").unwrap_or_else(|| panic!("no token: {page:?}"));
    let rest = &page.body[at..];
    rest[rest.find('>').expect("a tag") + 1..].split('<').next().expect("a token").to_owned()
}
