//! A headless Chromium that loads a page as if it had never seen it, driven over `WebDriver` (W3C).

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{Running, free_port, wait_until};

pub(super) struct Browser {
    /// Where the session is.
    session: String,
    agent: ureq::Agent,
    _driver: Running,
    _folder: TempDir,
}

/// What it says of a page that it loaded, from the begin of the navigation (Navigation Timing §4.2).
pub(super) struct Load {
    pub(super) interactive: Duration,
    pub(super) loaded: Duration,
    /// Bodies of the page and of all that it asked for.
    pub(super) bodies: u64,
}

const TIMES: &str = "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter(one => one.name.startsWith('http'));
    return { interactive: all[0].domInteractive, loaded: all[0].loadEventEnd, bodies: all.map(one => one.encodedBodySize),
        wire: all.map(one => one.transferSize) }";

fn program(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| format!("{name} is missing"))
}

impl Browser {
    pub(super) fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (port, log) = (free_port()?, folder.path().join("log"));
        let mut driver = Command::new("env");
        driver.arg("-i").arg(format!("HOME={}", folder.path().display())).arg("PATH=/usr/bin:/bin");
        driver.arg(program("chromedriver")?).arg(format!("--port={port}"));
        let running = Running::start(&driver, &log, "TERM", None)?;
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_mins(1)));
        let agent: ureq::Agent = config.build().into();
        let base = format!("http://127.0.0.1:{port}");
        wait_until(&log, || agent.get(format!("{base}/status")).call().is_ok())?;
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": {
            "binary": program("chromium")?,
            // As root, and in containers, it has no sandbox of its own; these pages are ours.
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--host-resolver-rules=MAP localhost 127.0.0.1", "--window-size=1280,900"],
        } } } });
        let mut browser =
            Self { session: format!("{base}/session"), agent, _driver: running, _folder: folder };
        let made = browser.send("", &wanted)?;
        browser.session = format!("{base}/session/{}", made["sessionId"].as_str().context("no session")?);
        Ok(browser)
    }

    fn send(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let asked = self.agent.post(format!("{}{path}", self.session)).content_type("application/json");
        let mut answer = asked.send(body.to_string()).with_context(|| format!("the driver, {path}"))?;
        let mut answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        Ok(answer["value"].take())
    }

    fn go(&self, url: &str) -> anyhow::Result<()> {
        self.send("/url", &json!({ "url": url })).map(drop)
    }

    fn script(&self, script: &str) -> anyhow::Result<Value> {
        self.send("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    fn devtools(&self, command: &str, parameters: &Value) -> anyhow::Result<()> {
        self.send("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters })).map(drop)
    }

    /// Cookies know no port: it is sent to every server of this machine.
    pub(super) fn keep(&self, origin: &str, cookie: &str) -> anyhow::Result<()> {
        let (name, value) = cookie.split_once('=').context("a cookie")?;
        let cookie = json!({ "name": name, "value": value, "url": format!("{origin}/"), "path": "/", "secure": true,
            "httpOnly": true, "sameSite": "Strict" });
        self.devtools("Network.setCookie", &cookie)
    }

    /// Over a new connection, with nothing of it kept.
    pub(super) fn load(&self, url: &str) -> anyhow::Result<Load> {
        self.go("chrome://net-internals/#sockets")?;
        self.script("chrome.send('closeIdleSockets'); chrome.send('flushSocketPools')")?;
        self.devtools("Network.clearBrowserCache", &json!({}))?;
        self.go(url)?;
        let times = self.script(TIMES)?;
        let after = |name: &str| {
            let millis = times[name].as_f64().filter(|millis| *millis > 0.0);
            let millis = millis.with_context(|| format!("{url}: no {name}: {times}"))?;
            anyhow::Ok(Duration::from_secs_f64(millis / 1e3))
        };
        let sizes = |name: &str| -> Vec<u64> {
            times[name].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
        };
        let (bodies, wire) = (sizes("bodies"), sizes("wire"));
        ensure!(wire.len() == 3 && wire.iter().all(|size| *size > 0), "{url}: kept, or not whole: {times}");
        Ok(Load { interactive: after("interactive")?, loaded: after("loaded")?, bodies: bodies.iter().sum() })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
    }
}
