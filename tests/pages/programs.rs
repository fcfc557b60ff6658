//! A program sends somebody's browser to the portal, and has it back: over TLS, with another site in between, by the keyboard alone.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::browser::{Browser, Scripts};
use super::looks::look;
use super::others::Evil;
use super::passing::held;
use super::scene::{Portal, code_of};
use crate::clients::scene::{CHALLENGE, RESOURCE, Scene as Asked, VERIFIER, parameter, registered};
use crate::secrets::{KEY, keyed};
use crate::support::cli::Sandbox;
use crate::support::cluster::free_port;
use crate::support::store::Place;

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const SPACE: &str = " ";

/// Somebody called their program so.
const ODD: &str = "<b>Editor</b> & \"friends\"";

/// A program that waits on this machine for its browser to come back.
struct Program {
    address: SocketAddr,
    came: Receiver<String>,
}

impl Program {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (say, came) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let (mut first, mut line) = (String::new(), String::new());
                let _ = reader.read_line(&mut first);
                while reader.read_line(&mut line).unwrap_or(0) > 2 {
                    line.clear();
                }
                let page = "<!doctype html><title>Editor</title><p>You can close this";
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
                let stream = reader.get_mut();
                let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len());
                if let Some(target) = first.split(' ').nth(1).filter(|target| target.starts_with("/callback"))
                {
                    let _ = say.send(target.to_owned());
                }
            }
        });
        Self { address, came }
    }

    fn callback(&self) -> String {
        format!("http://{}/callback", self.address)
    }

    /// Where the browser came back to.
    fn back(&self) -> String {
        self.came.recv_timeout(Duration::from_secs(30)).expect("it comes back")
    }
}

struct Town {
    sandbox: Sandbox,
    portal: Portal,
    browser: Browser,
    program: Program,
    client: String,
}

impl Town {
    fn new(scripts: Scripts) -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        let address: SocketAddr = (Ipv4Addr::LOCALHOST, free_port().expect("a free port")).into();
        sandbox.ok(&["store", "set", "issuer", &format!("https://localhost:{}", address.port())]);
        sandbox.ok(&["store", "set", "audience", RESOURCE]);
        keyed(&sandbox, &["signing-key", "rotate"], "");
        let client = registered(&sandbox, ODD, "http://127.0.0.1/callback");
        let portal = Portal::over_tls_at(&sandbox, address, &["--issue"], &[("KEYCTL_MASTER_KEY", KEY)]);
        let browser = Browser::start(scripts);
        Self { sandbox, portal, browser, program: Program::start(), client }
    }

    /// Where the program sends the browser.
    fn request(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.client),
            ("redirect_uri", &self.program.callback()),
            ("state", "st ate&"),
            ("scope", "files memories:read"),
            ("resource", RESOURCE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        format!("{}/oauth/authorize?{}", self.portal.origin, query.finish())
    }

    /// A site links there: the browser keeps what it has for the portal to itself on the way.
    fn comes_by_a_link(&self) {
        let link = self.request().replace('&', "&amp;");
        let page =
            format!("<!doctype html><title>elsewhere</title><a id=go href=\"{link}\">let the program in</a>");
        Evil::start().shows(&self.browser, &page);
        self.browser.shows("let the program in");
        self.reach("#go");
        self.browser.press(ENTER);
    }

    /// Goes on by the keyboard until this has the focus, which is seen there.
    fn reach(&self, css: &str) {
        let is_there = format!("return document.activeElement.matches({})", json!(css));
        for _ in 0..40 {
            if self.browser.script(&is_there) == json!(true) {
                let outline = "return getComputedStyle(document.activeElement).outlineStyle";
                assert_ne!(self.browser.script(outline), "none", "{css} has the focus, and nobody sees it");
                return;
            }
            self.browser.press(TAB);
        }
        panic!("the keyboard does not get to {css}: {}", self.browser.text());
    }

    /// What came back is a code that the program gets tokens for: with these scopes.
    fn redeems(&self, target: &str, scopes: &str) {
        assert_eq!(parameter(target, "state").as_deref(), Some("st ate&"), "{target}");
        assert_eq!(parameter(target, "iss").as_deref(), Some(self.portal.origin.as_str()), "{target}");
        let code = parameter(target, "code").unwrap_or_else(|| panic!("no code: {target}"));
        let mut asked = Command::new("curl");
        asked.args(["-sS", "--max-time", "30", "--cacert"]).arg(self.portal.authority());
        for (name, value) in [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.program.callback()),
            ("client_id", &self.client),
            ("code_verifier", VERIFIER),
        ] {
            asked.args(["--data-urlencode", &format!("{name}={value}")]);
        }
        let answer = asked.arg(format!("{}/oauth/token", self.portal.origin)).output().expect("curl runs");
        let text = String::from_utf8(answer.stdout).expect("text");
        let tokens: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(tokens["scope"], scopes, "{tokens}");
    }
}

#[test]
fn the_keyboard_alone_gets_from_a_program_s_request_back_to_the_program() {
    let town = Town::new(Scripts::On);
    let key = town.sandbox.ok(&["mint", "alice/laptop", "--scope", "keyctl:self,files,memories:read"]);
    town.sandbox.ok(&["mint", "alice/desk", "--scope", "files", "-q"]);
    let browser = &town.browser;
    town.comes_by_a_link();
    browser.shows("A program wants to be let in");
    look(browser, "authorize-sign-in");
    town.reach("#key");
    browser.press(&key);
    browser.press(ENTER);
    browser.shows(&format!("Let {ODD} in?"));
    assert_eq!(browser.script("return document.querySelectorAll('main b').length"), 0, "its name is text");
    assert_eq!(browser.script("return document.title"), format!("Let {ODD} in? · Keys"));
    look(browser, "consent");
    town.reach("summary");
    browser.press(ENTER);
    browser.shows("by your key desk");
    look(browser, "consent-keys");
    // One scope is taken away from the first.
    browser.script("document.activeElement.blur()");
    town.reach("input[value='memories:read']");
    browser.press(SPACE);
    town.reach("button[value=yes]");
    browser.press(ENTER);
    browser.shows("You can close this");
    assert!(browser.url().starts_with(&town.program.callback()), "{}", browser.url());
    town.redeems(&town.program.back(), "files");
    // Who is signed in is asked at once, though another site sent them; and no is an answer.
    town.comes_by_a_link();
    browser.shows(&format!("Let {ODD} in?"));
    town.reach("button[value=no]");
    browser.press(ENTER);
    browser.shows("You can close this");
    let back = town.program.back();
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"), "{back}");
    assert_eq!(parameter(&back, "code"), None, "{back}");
    let log = town.portal.log();
    assert!(!log.contains("panicked") && !log.contains(&key), "{log}");
}

#[test]
fn who_has_nothing_but_a_link_is_asked_once_they_are_in() {
    let town = Town::new(Scripts::On);
    let browser = &town.browser;
    let invited = ["invite", "alice", "--scope", "files", "--scope", "memories:read"];
    let code = code_of(&town.sandbox.ok(&invited));
    town.comes_by_a_link();
    browser.shows("A program wants to be let in");
    browser.go(&format!("{}/claim#{code}", town.portal.origin));
    browser.shows("Your code is filled in");
    town.reach("#redeem");
    browser.press(ENTER);
    browser.shows("None of your keys may do what it asks for");
    look(browser, "consent-none");
    town.reach("main a[href='/keys/new']");
    browser.press(ENTER);
    town.reach("#name");
    browser.press("laptop");
    for scope in ["files", "memories:read"] {
        town.reach(&format!("input[value='{scope}']"));
        browser.press(SPACE);
    }
    town.reach("main button.main");
    browser.press(ENTER);
    browser.shows("it is shown this once");
    town.comes_by_a_link();
    browser.shows(&format!("Let {ODD} in?"));
    town.reach("button[value=yes]");
    browser.press(ENTER);
    browser.shows("You can close this");
    town.redeems(&town.program.back(), "files memories:read");
}

#[test]
fn without_scripts_the_browser_comes_back_to_the_program_too() {
    let town = Town::new(Scripts::Off);
    let key = town.sandbox.ok(&["mint", "alice/laptop", "--scope", "keyctl:self,files"]);
    let browser = &town.browser;
    browser.go(&town.request());
    browser.shows("A program wants to be let in");
    browser.write("#key", &key);
    browser.click_text("button", "Sign in");
    browser.shows(&format!("Let {ODD} in?"));
    browser.click_text("button", "Let it in");
    browser.shows("You can close this");
    town.redeems(&town.program.back(), "files");
}

#[test]
fn everybody_can_use_the_page_that_goes_on_to_the_program_and_the_one_that_does_not() {
    let asked = Asked::new(Place::sqlite());
    let back = asked.answer(&asked.alice(), &asked.request(), "yes", &["files"]).body;
    let town = Town::new(Scripts::On);
    let browser = &town.browser;
    browser.go(&town.portal.origin);
    browser.shows("Your API keys");
    let text = json!(held(&back));
    browser.script(&format!("document.open(); document.write({text}); document.close();"));
    browser.shows("A program on this computer");
    look(browser, "back");
    browser.go(&town.request().replace(&town.client, "mcl_01h455vb4pex5vsknk084sn02q"));
    browser.shows("no such");
    look(browser, "no-way-back");
}

/// What a script on a page of another site is let read, and what not.
#[test]
fn a_page_of_another_origin_reads_what_programs_are_told_and_nothing_of_a_person() {
    let town = Town::new(Scripts::On);
    let key = town.sandbox.ok(&["mint", "alice/laptop", "--scope", "keyctl:self,files"]);
    let browser = &town.browser;
    browser.go(&town.portal.origin);
    browser.write("#key", &key);
    browser.click_text("button", "Sign in");
    browser.shows("All keys of alice.");
    let origin = &town.portal.origin;
    let page = format!(
        "<!doctype html><title>inspector</title><p id=said></p><script type=module>
        const seen = [];
        const ask = (path, how) => fetch('{origin}' + path, how).then(
            async answer => seen.push(path + ' ' + answer.status + ' ' + (await answer.text()).slice(0, 60)),
            () => seen.push(path + ' nothing'));
        const headers = {{ 'MCP-Protocol-Version': '2026-07-28' }};
        const form = {{ method: 'POST', headers, body: new URLSearchParams({{ client_id: '{client}', token: 'none', \
         resource: '{RESOURCE}' }}) }};
        await ask('/.well-known/oauth-authorization-server', {{ headers }});
        await ask('/.well-known/jwks.json', {{ headers }});
        await ask('/oauth/token', form);
        await ask('/oauth/revoke', form);
        await ask('/oauth/device_authorization', form);
        for (const path of ['/', '/oauth/authorize', '/device']) {{
            await ask(path, {{}});
            await ask(path, {{ credentials: 'include' }});
        }}
        await ask('/oauth/consent', form);
        await ask('/oauth/token', {{ ...form, credentials: 'include' }});
        said.textContent = seen.join(' | ') + ' | done';
        </script>",
        client = town.client
    );
    Evil::start().shows(browser, &page);
    browser.shows("| done");
    let said = browser.text_of("#said");
    let said: Vec<&str> = said.split(" | ").collect();
    let begin = [
        "/.well-known/oauth-authorization-server 200 {\"issuer\"",
        "/.well-known/jwks.json 200 {\"keys\"",
        "/oauth/token 400 {\"error\":\"invalid_request\"",
        "/oauth/revoke 200",
        "/oauth/device_authorization 200 {\"device_code\"",
        "/ nothing",
        "/ nothing",
        "/oauth/authorize nothing",
        "/oauth/authorize nothing",
        "/device nothing",
        "/device nothing",
        "/oauth/consent nothing",
        "/oauth/token nothing",
        "done",
    ];
    assert_eq!(said.len(), begin.len(), "{said:?}");
    for (said, begin) in said.iter().zip(begin) {
        assert!(said.starts_with(begin), "{said}, and not {begin}");
    }
}
