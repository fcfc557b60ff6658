//! A browser that somebody signs in with: it keeps cookies, follows redirects, and fills in oidc-provider's forms.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[derive(Default)]
pub struct Browser {
    /// Name, value, and the path below which it is sent.
    cookies: Vec<(String, String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Its lines, in small letters up to the colon.
    pub head: String,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Sends these bytes to the host of a URL, and reads until the end.
pub fn exchange(url: &str, request: &str) -> Page {
    let (host, _) = parts(url);
    let mut stream = TcpStream::connect(host).expect("connected");
    stream.write_all(request.as_bytes()).expect("sent");
    read(stream)
}

pub fn read(mut stream: TcpStream) -> Page {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let small = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        format!("{}: {value}", name.to_ascii_lowercase())
    };
    let head = head.lines().skip(1).map(small).collect::<Vec<_>>().join("\n");
    Page { status, head, body: body.to_owned() }
}

/// `127.0.0.1:8080` and `/a?b` of a URL.
pub fn parts(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").expect("plain http");
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn agree(browser: &mut Browser, at: &str, prompt: &str) -> Page {
    let form = if prompt == "login" { "prompt=login&login=alice&password=x" } else { "prompt=consent" };
    browser.post(at, form)
}

impl Browser {
    pub fn get(&mut self, url: &str) -> Page {
        self.send("GET", url, "")
    }

    pub fn post(&mut self, url: &str, form: &str) -> Page {
        self.send("POST", url, form)
    }

    fn send(&mut self, method: &str, url: &str, form: &str) -> Page {
        let (host, target) = parts(url);
        let path = target.split('?').next().unwrap_or_default();
        let sent = self.cookies.iter().filter(|(_, _, below)| path.starts_with(below.as_str()));
        let cookies = sent.map(|(name, value, _)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let page = exchange(
            url,
            &format!(
                "{method} {target} HTTP/1.0\r\nHost: {host}\r\nCookie: {cookies}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                form.len()
            ),
        );
        for line in page.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (pair, rest) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            let path = rest.split(';').find_map(|part| part.trim().strip_prefix("path=")).unwrap_or("/");
            self.cookies.retain(|(known, _, below)| (known.as_str(), below.as_str()) != (name, path));
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned(), path.to_owned()));
            }
        }
        page
    }

    /// Signs in as alice and agrees to everything; returns where the browser is sent in the end, which it does not open.
    pub fn sign_in(&mut self, url: &str) -> String {
        let page = self.get(url);
        self.go_on(url, page, agree).0
    }

    /// Goes back without signing in.
    pub fn cancel(&mut self, url: &str) -> String {
        let page = self.get(url);
        self.go_on(url, page, |browser, at, _| browser.get(&format!("{at}/abort"))).0
    }

    /// Types a code, and agrees or not; returns the last page.
    pub fn confirm(&mut self, url: &str, yes: bool) -> Page {
        let page = self.get(url);
        let value = |name: &str| {
            let rest = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name);
            rest.split('"').next().expect(name).to_owned()
        };
        let action = url.split('?').next().expect("an address").to_owned();
        let answer = if yes { "confirm=yes" } else { "abort=yes" };
        let form = format!("xsrf={}&user_code={}&{answer}", value("xsrf"), value("user_code"));
        let page = self.post(&action, &form);
        if page.header("location").is_none() {
            return page;
        }
        self.go_on(&action, page, agree).1
    }

    /// Follows redirects, and answers each form, until another host comes, which is not asked, or a page that asks nothing.
    fn go_on(
        &mut self,
        from: &str,
        mut page: Page,
        answer: impl Fn(&mut Self, &str, &str) -> Page,
    ) -> (String, Page) {
        let host = parts(from).0;
        for _ in 0..12 {
            let location = page.header("location").unwrap_or_else(|| panic!("no way on: {page:?}"));
            let at = if location.starts_with('/') {
                format!("http://{host}{location}")
            } else {
                location.to_owned()
            };
            if parts(&at).0 != host {
                return (at, page);
            }
            page = self.get(&at);
            let prompt = page.body.split("name=\"prompt\" value=\"").nth(1);
            match prompt.and_then(|rest| rest.split('"').next()).map(str::to_owned) {
                Some(prompt) => page = answer(self, &at, &prompt),
                None if page.status == 200 => return (at, page),
                None => {}
            }
        }
        panic!("it goes on and on: {page:?}")
    }
}
