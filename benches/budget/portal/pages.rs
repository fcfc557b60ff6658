//! How soon a page is there, in a browser that never saw it: beside nginx, which has the same bytes as files and says the same of
//! them. New connections, nothing kept, plain HTTP both.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::ensure;

use super::browser::Browser;
use super::people::{Answer, Person};
use crate::jwts::run;
use crate::pairs::{Budget, Line, Measure, line};
use crate::serve::programs::Program;
use crate::serve::request;
use crate::{Bench, big_sqlite, fixture};

const PAIRS: usize = 41;
/// Keys of whoever is signed in, used all.
const KEYS: usize = 10;
/// In bytes.
const MOST: f64 = 40_000.0;

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(&bench.data)?;
    let file = folder.path().join("keys.db");
    fixture::init(&big_sqlite::location(&file))?;
    let key = run(bench, &file, "mint alice/laptop --scope keyctl:self --scope memories", "")?;
    let store = file.display().to_string();
    let serve = Program::serve(bench, &store, &[])?;
    let mut load = serve.load(1)?;
    for number in 1..KEYS {
        let key = run(bench, &file, &format!("mint alice/program-{number} --scope memories:read"), "")?;
        let asking = request("/auth/nginx/memories:read", &format!("Bearer {key}"));
        ensure!(load.status(&asking)? == *b"200", "a good token was refused");
    }
    // It writes down the uses as it ends.
    drop((load, serve));

    let portal = Program::portal(bench, &store, None, &[], &[])?;
    let origin = format!("http://localhost:{}", portal.address.port());
    let browser = Browser::start()?;
    let mut stranger = Person::new(portal.address, &origin)?;
    lines.extend(page("the sign-in page", &browser, &origin, &mut stranger, folder.path())?);
    let mut alice = Person::sign_in(&portal, &origin, &key)?;
    browser.keep(&origin, &alice.cookie)?;
    lines.extend(page("ten keys of mine", &browser, &origin, &mut alice, folder.path())?);
    Ok(())
}

fn page(
    what: &str,
    browser: &Browser,
    origin: &str,
    person: &mut Person,
    folder: &Path,
) -> anyhow::Result<[Line; 3]> {
    let home = person.get("/")?;
    let [style, script] = [home.behind("rel=\"stylesheet\" href=\"")?, home.behind("<script src=\"")?];
    let all = [("/", home), (&style, person.get(&style)?), (&script, person.get(&script)?)];
    let wire: usize = all.iter().map(|(_, answer)| answer.bytes()).sum();
    let bodies: u64 = all.iter().map(|(_, answer)| answer.body.len() as u64).sum();
    let nginx = Program::nginx(folder, &same(&all, folder)?)?;
    let ours = format!("{origin}/");
    let theirs = format!("http://localhost:{}/", nginx.address.port());

    let loaded = [RefCell::new(Vec::new()), RefCell::new(Vec::new())];
    let load = |url: &str, loaded: &RefCell<Vec<f64>>| {
        let page = browser.load(url)?;
        // How long ago a key was used is told in other words as time goes by.
        let is_whole = page.bodies.abs_diff(bodies) * 100 < bodies;
        ensure!(is_whole, "{url}: {} bytes in place of {bodies}", page.bodies);
        loaded.borrow_mut().push(page.loaded.as_secs_f64());
        Ok(page.interactive)
    };
    let warm = RefCell::new(Vec::new());
    for _ in 0..3 {
        load(&ours, &warm)?;
        load(&theirs, &warm)?;
    }
    let row = Measure {
        what: &format!("portal, {what}: interactive"),
        reference: "nginx, the same bytes",
        budget: Budget::AtMost(1.5),
        pairs: PAIRS,
        batch: 1,
    };
    let interactive = row.run_cold(|| load(&ours, &loaded[0]), || load(&theirs, &loaded[1]))?;
    let [ours, theirs] = loaded.map(RefCell::into_inner);
    let loaded = line(format!("portal, {what}: loaded"), row.reference, row.budget, &ours, &theirs);
    Ok([interactive, loaded, on_the_wire(what, wire)])
}

fn on_the_wire(what: &str, bytes: usize) -> Line {
    #[allow(clippy::cast_precision_loss, reason = "pages are small")]
    let bytes = bytes as f64;
    let shown = |bytes: f64| format!("{:.1} kB", bytes / 1e3);
    Line {
        what: format!("portal, {what}: heads and bodies of all that is asked for"),
        reference: "what is promised".to_owned(),
        ours: shown(bytes),
        theirs: shown(MOST),
        ratio: bytes / MOST,
        seconds: None,
        budget: Budget::AtMost(1.0),
    }
}

/// A server of the same bytes with the same headers.
fn same(all: &[(&str, Answer)], folder: &Path) -> anyhow::Result<String> {
    let mut block = format!("server {{ LISTEN root {}; etag off; types {{}} ", folder.display());
    for (number, (path, answer)) in all.iter().enumerate() {
        let file = format!("{}-{number}", answer.body.len());
        fs::write(folder.join(&file), &answer.body)?;
        let kind = answer.header("content-type").unwrap_or_default();
        write!(block, "location = {path} {{ try_files /{file} =404; default_type \"{kind}\"; ")?;
        for (name, value) in answer.head.lines().filter_map(|line| line.split_once(": ")) {
            if !["content-type", "content-length", "date"].contains(&name) {
                write!(block, "add_header {name} \"{value}\"; ")?;
            }
        }
        block += "} ";
    }
    Ok(block + "}")
}
