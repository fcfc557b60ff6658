//! Another https site, in the browser of somebody who is signed in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::browser::{Browser, Scripts};
use super::scene::Portal;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// It shows the page that is set, at `https://evil.example` and its port. It ends with the process.
pub struct Evil {
    port: u16,
    page: Arc<Mutex<String>>,
}

impl Evil {
    pub fn start() -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["evil.example".to_owned()]).expect("parameters");
        let certificate = params.self_signed(&key).expect("a certificate").der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.serialize_der().try_into().expect("a key"))
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let page = Arc::new(Mutex::new(String::new()));
        let shown = Arc::clone(&page);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, shown) = (Arc::clone(&config), Arc::clone(&shown));
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("a connection");
                    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
                    let mut line = String::new();
                    while reader.read_line(&mut line).unwrap_or(0) > 2 {
                        line.clear();
                    }
                    let page = shown.lock().expect("a page").clone();
                    let mut stream = reader.into_inner();
                    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
                    let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len());
                    let _ = stream.flush();
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                });
            }
        });
        Self { port, page }
    }

    pub fn shows(&self, browser: &Browser, page: &str) {
        page.clone_into(&mut self.page.lock().expect("a page"));
        browser.go(&format!("https://evil.example:{}/", self.port));
    }
}

/// Alice, who is signed in.
fn alice() -> (Sandbox, Portal, Browser, Evil) {
    let sandbox = Sandbox::with_store(Place::sqlite());
    let portal = Portal::over_tls(&sandbox, &[]);
    let browser = Browser::start(Scripts::On);
    let key = sandbox.ok(&["mint", "alice/login", "--scope", "keyctl:self", "--scope", "memories"]);
    browser.go(&portal.origin);
    browser.write("#key", &key);
    browser.click_text("button", "Sign in");
    browser.shows("All keys of alice.");
    (sandbox, portal, browser, Evil::start())
}

#[test]
fn another_site_s_form_does_nothing_whatever_it_knows() {
    let (sandbox, portal, browser, evil) = alice();
    // Also with what only a page of alice's own could know.
    browser.go(&format!("{}/keys/new", portal.origin));
    let form_token = browser.value_of("input[name=form]");
    let page = format!(
        "<form method=post action='{}/keys/new'><input name=form value='{form_token}'><input name=name value=forged>\
         <input name=scope value=memories></form><script>document.forms[0].submit()</script>",
        portal.origin
    );
    evil.shows(&browser, &page);
    browser.shows("This form did not come from a page of yours");
    let page = format!(
        "<p id=done>no</p><script>fetch('{}/keys/new', {{method: 'POST', mode: 'no-cors', credentials: 'include',\
         body: new URLSearchParams({{form: '{form_token}', name: 'forged', scope: 'memories'}})}})\
         .finally(() => done.textContent = 'asked')</script>",
        portal.origin
    );
    evil.shows(&browser, &page);
    browser.shows("asked");
    assert!(!sandbox.ok(&["list", "alice"]).contains("forged"));
    // She is signed in still.
    browser.go(&portal.origin);
    browser.shows("All keys of alice.");
}

#[test]
fn no_page_is_shown_in_another_site_s_frame() {
    let (_sandbox, portal, browser, evil) = alice();
    evil.shows(
        &browser,
        &format!("<p>evil</p><iframe src='{}/' width=900 height=600></iframe>", portal.origin),
    );
    browser.shows("evil");
    let shown = browser.text_in_frame("iframe");
    assert!(!shown.contains("keys"), "{shown}");
}

#[test]
fn a_name_of_another_site_that_leads_here_shows_nothing() {
    let (_sandbox, portal, browser, _evil) = alice();
    browser.go(&format!("https://rebound.example:{}/", portal.address.port()));
    browser.shows("These pages have another address");
    assert!(!browser.text().contains("alice"));
}

#[test]
fn whoever_comes_by_a_link_on_another_site_is_one_step_from_their_keys() {
    let (_sandbox, portal, browser, evil) = alice();
    evil.shows(&browser, &format!("<a href='{}/'>to the keys</a>", portal.origin));
    browser.click_text("a", "to the keys");
    // The browser keeps the cookie to itself, since another site sent it.
    browser.shows("Signed in already?");
    browser.click_text("a", "Open my keys");
    browser.shows("All keys of alice.");
}
