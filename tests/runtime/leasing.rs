//! Tokens of credentials that a service gets from a real `keyctl serve`, over its Unix socket.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyctl::runtime::{
    LeaseError, LeaseFault, LeaseOptions, LeasedToken, Options, Present, Provider, Reader, SecretValue,
};
use rustix::process::Signal;
use serde_json::json;

use super::address;
use crate::credentials::{add_with, command};
use crate::secrets::KEY;
use crate::serve::process::{Server, eventually};
use crate::support::both;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

const CHILD: &str = "runtime::leasing::what_a_service_gets";
/// Nobody is there, and nobody is asked unless a test wants it.
const ENDPOINT: &str = "http://127.0.0.1:9/token";

struct Scene {
    sandbox: Sandbox,
    server: Server,
    socket: PathBuf,
    service: String,
}

impl Scene {
    /// Serve, with a credential for github.
    fn new(place: Place, more: &[&str]) -> Self {
        let sandbox = Sandbox::with_store(place);
        let service = sandbox.ok(&["mint", "service", "--scope", "keyctl:lease"]).trim_end().to_owned();
        let tokens = json!({ "access_token": "planted-1", "refresh_token": "planted-r", "expires_in": 3600 });
        add_with(&sandbox, "hub", ENDPOINT, &tokens.to_string(), more);
        sandbox.ok(&["secret", "bind", "hub", "--default"]);
        let socket = sandbox.home().join("keyctl.sock");
        let listen = format!("unix:{}=internal", socket.display());
        let store = sandbox.place.text();
        let flags = ["--listen", &listen, "--lease-store", &store];
        let variables = [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_OUTBOUND_ALLOW", "127.0.0.0/8")];
        let server = Server::keyed(&sandbox, "", &flags, &variables);
        let scene = Self { sandbox, server, socket, service };
        let no_token = LeaseFault::NoToken;
        eventually(
            "it leases",
            || matches!(scene.fault("slack"), LeaseError::Unavailable { fault, .. } if fault == no_token),
        );
        scene
    }

    fn reader(&self) -> Reader {
        self.reader_with(&self.socket, Some(&self.service))
    }

    fn reader_with(&self, socket: &Path, key: Option<&str>) -> Reader {
        let credentials_key = key.map(|key| SecretValue::from_bytes(key.as_bytes(), false).expect("a key"));
        let options =
            Options { credentials_socket: Some(socket.to_owned()), credentials_key, ..Options::default() };
        Reader::open(&address(&self.sandbox.place), options).expect("opens")
    }

    fn fault(&self, of: &str) -> LeaseError {
        self.reader().lease(&provider(of), &LeaseOptions::default()).expect_err("no token")
    }

    fn held(&self) -> usize {
        self.sandbox.json(&["lease", "list"]).as_array().expect("a list").len()
    }
}

fn provider(name: &str) -> Provider {
    name.parse().expect("a provider")
}

fn github(reader: &Reader) -> Result<LeasedToken, LeaseError> {
    reader.lease(&provider("github"), &LeaseOptions::default())
}

#[track_caller]
fn unavailable(got: Result<LeasedToken, LeaseError>, expected: LeaseFault) -> String {
    match got {
        Err(error @ LeaseError::Unavailable { fault, .. }) if fault == expected => {
            assert_eq!((error.error_type(), error.status()), ("KEY_UNAVAILABLE", 503));
            assert_eq!(error.reason(), expected.as_str());
            format!("{error}\n{error:?}")
        }
        other => panic!("{other:?}"),
    }
}

both!(a_token_that_nobody_ends_has_no_lease, |place| {
    let scene = Scene::new(place, &[]);
    let mut token = github(&scene.reader()).expect("a token");
    assert_eq!((token.expose(), token.credential(), token.version()), ("planted-1", "hub", 1));
    let (name, value) = token.header();
    assert_eq!(
        (token.present(), name, value.expose()),
        (Present::Bearer, "Authorization", "Bearer planted-1")
    );
    assert_eq!(token.lease(), None);
    assert!(token.expires_at().is_some());
    assert!(!format!("{token:?} {value:?}").contains("planted"), "{token:?}");
    token.renew(None).expect("nothing to hold");
    token.release().expect("nothing to give up");
});

both!(a_lease_is_held_renewed_and_given_up_when_it_is_dropped, |place| {
    let scene = Scene::new(place, &["--refresh-invalidates"]);
    let (reader, github) = (scene.reader(), provider("github"));
    let asked = LeaseOptions { hold_for: Some(Duration::from_secs(60)), ..LeaseOptions::default() };
    let mut token = reader.lease(&github, &asked).expect("a token");
    let before = token.lease().expect("a lease").clone();
    assert_eq!(token.expires_at(), Some(before.expires_at));
    assert_eq!(scene.sandbox.json(&["lease", "list"])[0]["lease"], before.id);
    token.renew(Some(Duration::from_secs(120))).expect("renewed");
    let after = token.lease().expect("a lease").clone();
    assert!(after.id == before.id && after.expires_at > before.expires_at, "{before:?} {after:?}");
    assert_eq!(token.expires_at(), Some(after.expires_at));
    assert!(
        !format!("{token:?}").contains("planted") && !format!("{token:?}").contains("holder"),
        "{token:?}"
    );
    let other = reader.lease(&github, &asked).expect("a token");
    assert!(other.lease().expect("a lease").fence > before.fence);
    assert_eq!(scene.held(), 2);
    other.release().expect("given up");
    assert_eq!(scene.held(), 1);
    drop(token);
    assert_eq!(scene.held(), 0);
    // Also where whoever has it panics.
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _token = reader.lease(&github, &asked).expect("a token");
        std::panic::resume_unwind(Box::new("in between"));
    }));
    assert!(panicked.is_err());
    assert_eq!(scene.held(), 0);
    // A lease that was broken.
    let mut token = reader.lease(&github, &asked).expect("a token");
    scene.sandbox.ok(&["--yes", "lease", "break", &token.lease().expect("a lease").id]);
    let ended = token.renew(None).expect_err("it was broken");
    assert_eq!((ended.error_type(), ended.reason(), ended.status()), ("CONFLICT", "lease_ended", 409));
    assert_eq!(token.release(), Err(LeaseError::Ended));
    let long = LeaseOptions { hold_for: Some(Duration::from_secs(100_000)), ..asked };
    assert!(matches!(reader.lease(&github, &long), Err(LeaseError::Asked(why)) if why.contains("12 hours")));
});

#[test]
fn an_asynchronous_service_does_the_same() {
    let scene = Scene::new(Place::sqlite(), &["--refresh-invalidates"]);
    let (reader, github) = (scene.reader(), provider("github"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut token = reader.lease_async(&github, &LeaseOptions::default()).await.expect("a token");
        let before = token.expires_at();
        tokio::time::sleep(Duration::from_millis(5)).await;
        token.renew_async(None).await.expect("renewed");
        assert!(token.expires_at() > before);
        drop(token);
        let until = Instant::now() + Duration::from_secs(10);
        while scene.held() > 0 {
            assert!(Instant::now() < until, "it is given up in the background");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let token = reader.lease_async(&github, &LeaseOptions::default()).await.expect("a token");
        token.release_async().await.expect("given up");
        assert_eq!(scene.held(), 0);
    });
}

/// Ended with the value.
struct Refresh(Child);

impl Drop for Refresh {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn busy_is_asked_again_until_the_wait_is_over() {
    let scene = Scene::new(Place::sqlite(), &["--refresh-invalidates"]);
    let (reader, github) = (scene.reader(), provider("github"));
    let mut token = reader.lease(&github, &LeaseOptions::default()).expect("a token");
    let mut refresh = command(&scene.sandbox, &["oauth", "refresh", "--force", "hub"]);
    let refresh = Refresh(refresh.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts"));
    eventually("a refresh is announced", || {
        scene.sandbox.place.sql("SELECT announced FROM oauth_use").expect("rows") == "1"
    });
    let asked = LeaseOptions { wait: Some(Duration::from_secs(2)), ..LeaseOptions::default() };
    let start = Instant::now();
    let busy = reader.lease(&github, &asked).expect_err("busy");
    assert_eq!((busy.error_type(), busy.reason(), busy.status()), ("BUSY", "busy", 503));
    assert!((Duration::from_millis(900)..Duration::from_secs(8)).contains(&start.elapsed()));
    assert_eq!(token.renew(None), Err(LeaseError::Busy));
    drop(token);
    // It failed for certain, and said so: the token of before does.
    let patient = LeaseOptions { wait: Some(Duration::from_secs(40)), ..LeaseOptions::default() };
    assert_eq!(reader.lease(&github, &patient).expect("a token").expose(), "planted-1");
    drop(refresh);
}

#[test]
fn a_key_that_serve_does_not_take_is_the_service_s_fault_and_a_client_s_token_the_client_s() {
    let scene = Scene::new(Place::sqlite(), &[]);
    let ask = |key: Option<&str>| github(&scene.reader_with(&scene.socket, key));
    let other = scene.sandbox.ok(&["mint", "other", "--scope", "memories"]);
    let said = unavailable(ask(Some(other.trim_end())), LeaseFault::CredentialsKey);
    assert!(said.contains("lacks the scope keyctl:lease") && !said.contains(other.trim_end()), "{said}");
    assert!(
        unavailable(ask(Some("wrong")), LeaseFault::CredentialsKey).contains("KEYCTL_CREDENTIALS_KEY_FILE")
    );
    unavailable(ask(None), LeaseFault::CredentialsKey);
    unavailable(ask(Some("two words")), LeaseFault::CredentialsKey);
    let alice = scene.sandbox.ok(&["mint", "alice", "--scope", "memories"]);
    let of = |api_key| LeaseOptions { api_key: Some(api_key), ..LeaseOptions::default() };
    let (reader, github) = (scene.reader(), provider("github"));
    assert_eq!(reader.lease(&github, &of(alice.trim_end())).expect("a token").credential(), "hub");
    let denied = reader.lease(&github, &of("planted-client")).expect_err("denied");
    assert_eq!((denied.error_type(), denied.reason(), denied.status()), ("UNAUTHORIZED", "refused", 401));
    assert!(!format!("{:?}", of("planted-client")).contains("planted"));
    unavailable(reader.lease(&provider("slack"), &LeaseOptions::default()), LeaseFault::NoToken);
}

#[test]
fn a_server_that_is_not_there_and_a_socket_that_is_none() {
    let scene = Scene::new(Place::sqlite(), &["--refresh-invalidates"]);
    let token = github(&scene.reader()).expect("a token");
    scene.server.signal(Signal::KILL);
    eventually("it is dead", || std::os::unix::net::UnixStream::connect(&scene.socket).is_err());
    let said = unavailable(github(&scene.reader()), LeaseFault::Unreachable);
    assert!(said.contains("keyctl.sock"), "{said}");
    // It ends by itself.
    drop(token);
    assert_eq!(scene.held(), 1);
    let at = |path: &Path| github(&scene.reader_with(path, Some(&scene.service)));
    unavailable(at(&scene.sandbox.home().join("none")), LeaseFault::Unreachable);
    unavailable(at(scene.sandbox.home()), LeaseFault::Socket);
    let said = unavailable(at(Path::new(&scene.service)), LeaseFault::Socket);
    assert!(!said.contains(&scene.service), "{said}");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    std::os::unix::fs::chown(&scene.socket, Some(65534), None).expect("given away");
    let said = unavailable(github(&scene.reader()), LeaseFault::Socket);
    assert!(said.contains("KEYCTL_CREDENTIALS_OWNER=65534"), "{said}");
    let trusting = Options {
        credentials_socket: Some(scene.socket.clone()),
        credentials_owner: Some(65534),
        ..Options::default()
    };
    let reader = Reader::open(&address(&scene.sandbox.place), trusting).expect("opens");
    unavailable(github(&reader), LeaseFault::Unreachable);
}

/// Not a test by itself: run with a service's environment, it prints what the service would log.
#[test]
#[ignore = "run by the other one"]
#[expect(clippy::print_stdout, reason = "a service's log")]
fn what_a_service_gets() {
    let store = std::env::var("KEYCTL_STORE").expect("a store");
    let reader = Reader::open(&store, Options::default()).expect("opens");
    match github(&reader) {
        Ok(token) => println!("SERVICE {}", token.expose()),
        Err(error) => println!("SERVICE {}\n{error}\n{error:?}", error.reason()),
    }
}

#[test]
fn the_environment_names_socket_and_key_and_the_key_is_read_anew() {
    let scene = Scene::new(Place::sqlite(), &[]);
    let file = scene.sandbox.home().join("service.key");
    let run = |variables: &[(&str, &str)]| {
        let mut service = Command::new(std::env::current_exe().expect("a program"));
        service.args([CHILD, "--exact", "--ignored", "--nocapture"]).env_clear();
        service.env("KEYCTL_STORE", scene.sandbox.place.text()).envs(variables.iter().copied());
        let output = service.output().expect("run");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.split_once("SERVICE ").expect("what a service says").1.to_owned()
    };
    let socket = ("KEYCTL_CREDENTIALS_SOCKET", scene.socket.to_str().expect("a text"));
    let key = ("KEYCTL_CREDENTIALS_KEY_FILE", file.to_str().expect("a text"));
    let said = run(&[key]);
    assert!(said.starts_with("unconfigured\n"), "{said}");
    for hint in ["keyctl serve --lease-store", "KEYCTL_CREDENTIALS_SOCKET", "keyctl exec --oauth"] {
        assert!(said.contains(hint), "{said}");
    }
    assert!(run(&[socket, key]).contains("cannot be read"));
    let write = |text: &str, mode| {
        std::fs::write(&file, text).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    write(&format!("{}\n", scene.service), 0o600);
    assert!(run(&[socket, key]).starts_with("planted-1\n"));
    write("two planted words\n", 0o600);
    let said = run(&[socket, key]);
    assert!(said.contains("it is no key") && !said.contains("planted"), "{said}");
    write(&scene.service, 0o644);
    assert!(run(&[socket, key]).contains("all users can read it"));
    let said = run(&[socket, ("KEYCTL_CREDENTIALS_KEY_FILE", &scene.service)]);
    assert!(said.starts_with("credentials_key\n") && !said.contains(&scene.service), "{said}");
    let as_listened_at = format!("unix:{}", socket.1);
    let said = run(&[("KEYCTL_CREDENTIALS_SOCKET", as_listened_at.as_str()), key]);
    assert!(said.starts_with("socket\n") && said.contains("without unix: before it"), "{said}");
    let said = run(&[socket, ("KEYCTL_CREDENTIALS_OWNER", "nobody")]);
    assert!(said.starts_with("socket\n"), "{said}");
}
