//! A real headless Chromium, driven over WebDriver (W3C), which its own `chromedriver` speaks.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::cluster::{Running, free_port, wait_until};

/// A machine may be loaded; whoever waits so long waits for nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the member of an element is called (WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Browser {
    /// Where the session is.
    session: String,
    agent: ureq::Agent,
    _driver: Running,
    _folder: TempDir,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is missing: run scripts/test, which installs it"))
}

impl Browser {
    pub fn start(scripts: Scripts) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let (port, log) = (free_port().expect("a free port"), folder.path().join("log"));
        let mut driver = Command::new("env");
        driver.arg("-i").arg(format!("HOME={}", folder.path().display())).arg("PATH=/usr/bin:/bin");
        driver.arg(program("chromedriver")).arg(format!("--port={port}"));
        let running = Running::start(&driver, &log, "TERM", None).expect("starts");
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        let agent: ureq::Agent = config.build().into();
        let base = format!("http://127.0.0.1:{port}");
        wait_until(&log, || agent.get(format!("{base}/status")).call().is_ok()).expect("ready");
        let scripts = if scripts == Scripts::On { 1 } else { 2 };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "acceptInsecureCerts": true,
            "goog:chromeOptions": {
                "binary": program("chromium"),
                // As root, and in containers, it has no sandbox of its own; these pages are ours.
                "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                    "--host-resolver-rules=MAP *.example 127.0.0.1", "--window-size=1280,900"],
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
        } } });
        let mut browser =
            Self { session: format!("{base}/session"), agent, _driver: running, _folder: folder };
        let made = browser.send("", &wanted);
        let id = made["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {made}"));
        browser.session = format!("{base}/session/{id}");
        browser
    }

    fn send(&self, path: &str, body: &Value) -> Value {
        self.try_send(path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_send(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let answer = self.agent.post(format!("{}{path}", self.session)).content_type("application/json");
        Self::value(answer.send(body.to_string()))
    }

    fn ask(&self, path: &str) -> Value {
        Self::value(self.agent.get(format!("{}{path}", self.session)).call()).expect("an answer")
    }

    fn value(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, Value> {
        let mut answer = answer.expect("the driver answers");
        let text = answer.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string().expect("text");
        let mut text: Value = serde_json::from_str(&text).expect("JSON");
        let value = text["value"].take();
        if answer.status().is_success() { Ok(value) } else { Err(value) }
    }

    pub fn go(&self, url: &str) {
        self.send("/url", &json!({ "url": url }));
    }

    pub fn url(&self) -> String {
        self.ask("/url").as_str().expect("a URL").to_owned()
    }

    /// What is shown of a page.
    pub fn text(&self) -> String {
        self.text_of("body")
    }

    pub fn text_of(&self, css: &str) -> String {
        self.ask(&format!("/element/{}/text", self.find(css))).as_str().expect("text").to_owned()
    }

    /// What is shown in a frame.
    pub fn text_in_frame(&self, css: &str) -> String {
        let frame = self.find(css);
        self.send("/frame", &json!({ "id": { ELEMENT: frame } }));
        let text = self.text();
        self.send("/frame", &json!({ "id": null }));
        text
    }

    /// What a field holds.
    pub fn value_of(&self, css: &str) -> String {
        let value = self.ask(&format!("/element/{}/property/value", self.find(css)));
        value.as_str().unwrap_or_default().to_owned()
    }

    pub fn is_shown(&self, css: &str) -> bool {
        self.found(css).is_some_and(|id| self.ask(&format!("/element/{id}/displayed")) == json!(true))
    }

    fn found(&self, css: &str) -> Option<String> {
        let found = self.try_send("/element", &json!({ "using": "css selector", "value": css })).ok()?;
        found[ELEMENT].as_str().map(str::to_owned)
    }

    /// The one element, once it is there.
    fn find(&self, css: &str) -> String {
        let start = Instant::now();
        loop {
            if let Some(id) = self.found(css) {
                return id;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "no {css}: {} {}", self.url(), self.source());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn source(&self) -> String {
        self.ask("/source").as_str().unwrap_or_default().to_owned()
    }

    pub fn click(&self, css: &str) {
        self.send(&format!("/element/{}/click", self.find(css)), &json!({}));
    }

    /// What has this text, of such elements.
    pub fn click_text(&self, tag: &str, text: &str) {
        let path = format!("//{tag}[normalize-space(.)=\"{text}\"]");
        let found = self.send("/element", &json!({ "using": "xpath", "value": path }));
        self.send(&format!("/element/{}/click", found[ELEMENT].as_str().expect("an element")), &json!({}));
    }

    pub fn write(&self, css: &str, text: &str) {
        self.send(&format!("/element/{}/value", self.find(css)), &json!({ "text": text }));
    }

    /// Presses keys wherever the focus is.
    pub fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        self.send("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
    }

    /// Waits until the page shows this.
    pub fn shows(&self, text: &str) {
        // While the next page comes, the one before is gone in the middle of a question.
        let shown = || {
            let body = self.found("body")?;
            let shown = self.agent.get(format!("{}/element/{body}/text", self.session)).call();
            Self::value(shown).ok()?.as_str().map(|shown| shown.contains(text))
        };
        let start = Instant::now();
        while shown() != Some(true) {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "not shown: {text}: {} {}",
                self.url(),
                self.text()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn script(&self, script: &str) -> Value {
        self.send("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.send("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    /// As a window so wide, in light or dark.
    pub fn look(&self, width: u32, is_dark: bool) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// The whole page as a picture, for people to look at.
    pub fn picture(&self, place: &Path) {
        let height =
            self.script("return Math.ceil(document.documentElement.scrollHeight)").as_u64().unwrap_or(900);
        let width = self.script("return innerWidth").as_u64().unwrap_or(1280);
        let metrics = json!({ "width": width, "height": height.clamp(600, 5000), "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let picture = self.ask("/screenshot");
        let bytes = STANDARD.decode(picture.as_str().expect("a picture")).expect("base64");
        std::fs::write(place, bytes).expect("written");
    }

    /// What axe-core finds: each rule with the elements that break it.
    pub fn faults(&self) -> Vec<String> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("target/gateways/axe/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe)
            .unwrap_or_else(|error| panic!("{}: {error}: run tests/serve/install", axe.display()));
        let script = axe
            + "; const done = arguments[arguments.length - 1];
            axe.run().then(found => done(found.violations.map(one =>
                `${one.id}: ${one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | ')}`)), error => done([`${error}`]));";
        let found = self.send("/execute/async", &json!({ "script": script, "args": [] }));
        let found = found.as_array().expect("a list");
        found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
    }
}
