//! Programs that nobody registered, whose id is the address of a document: served over TLS by a site that does whatever it wants.

use std::fs;
use std::io::{BufRead as _, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::scene::{CALLBACK, Request, Scene, Tokens, error, parameter};
use crate::pages::scene::{Portal, get, post};
use crate::secrets::KEY;
use crate::serve::raw::Answer;
use crate::support::both;
use crate::support::store::Place;

/// What it does for a request whose head was read.
type Does = Arc<dyn Fn(&mut dyn Write) + Send + Sync>;

/// The site of a program. It ends with the process.
pub(super) struct Site {
    /// The id of the program.
    pub(super) id: String,
    pub(super) authority: String,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
}

impl Site {
    pub(super) fn start(scene: &Scene) -> Self {
        Self::with_certificate(scene, "localhost")
    }

    fn with_certificate(scene: &Scene, name: &str) -> Self {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = scene.sandbox.home().join(format!("{name}.pem"));
        fs::write(&authority, params.self_signed(&key).expect("a certificate").pem()).expect("a file");
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new([name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.serialize_der().try_into().expect("a key"))
            .expect("a certificate");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let does: Arc<Mutex<Does>> = Arc::new(Mutex::new(Arc::new(|_| {})));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answers, counted) = (Arc::clone(&does), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let (answers, counted) = (Arc::clone(&answers), Arc::clone(&counted));
                thread::spawn(move || {
                    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        // Whoever does not trust it hangs up.
                        if reader.read_line(&mut head).unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    counted.fetch_add(1, Ordering::Relaxed);
                    let does = Arc::clone(&answers.lock().expect("an answer"));
                    let mut stream = reader.into_inner();
                    does(&mut stream);
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                });
            }
        });
        let authority = authority.display().to_string();
        Self { id: format!("https://localhost:{port}/client.json"), authority, does, asked }
    }

    pub(super) fn does(&self, does: impl Fn(&mut dyn Write) + Send + Sync + 'static) {
        *self.does.lock().expect("an answer") = Arc::new(does);
    }

    /// From now on it answers this, under a head with this status and these lines.
    fn answers(&self, head: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        self.does(move |stream| {
            let _ = stream.write_all(text.as_bytes());
        });
    }

    /// The program's document, with this redirect URI.
    fn document(&self, redirect_uri: &str) -> String {
        format!(
            r#"{{"client_id":"{}","client_name":"Terminal <App>","redirect_uris":["{redirect_uri}"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none"}}"#,
            self.id
        )
    }

    pub(super) fn publishes(&self, redirect_uri: &str, cache: &str) {
        let head = format!("200 OK\r\nContent-Type: application/json\r\nCache-Control: {cache}");
        self.answers(&head, &self.document(redirect_uri));
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn request(&self, scene: &Scene) -> Request {
        scene.request().with("client_id", &self.id)
    }
}

/// A portal that asks what is on this machine, and trusts the site's authority.
fn trusting(scene: &mut Scene, authority: &str, allowed: &str) {
    scene.portal.stop();
    let variables =
        [("KEYCTL_MASTER_KEY", KEY), ("KEYCTL_OUTBOUND_ALLOW", allowed), ("SSL_CERT_FILE", authority)];
    scene.portal = Portal::plain_with(&scene.sandbox, &["--issue", "--log-level", "debug"], &variables);
}

fn town(place: Place) -> (Scene, Site) {
    let mut scene = Scene::new(place);
    let site = Site::start(&scene);
    trusting(&mut scene, &site.authority, "127.0.0.0/8,::1/128");
    (scene, site)
}

/// What somebody who is signed in sees who is sent to the portal.
fn shown(scene: &Scene, request: &Request) -> Answer {
    scene.alice().get(&request.target())
}

both!(a_program_that_nobody_registered_is_let_in_and_asked_for_its_document_once, |place| {
    let (scene, site) = town(place);
    site.publishes("http://127.0.0.1/callback", "max-age=600");
    let request = site.request(&scene);
    let page = shown(&scene, &request);
    assert_eq!(page.status, 200, "{page:?}");
    let authority = site.id.split('/').nth(2).expect("an authority");
    for said in [
        "Let Terminal &lt;App&gt; in?",
        "It calls itself so. Anybody can.",
        &format!(">{authority}<"),
        "A program on this computer",
    ] {
        assert!(page.body.contains(said), "{said}: {page:?}");
    }
    let back = scene.says_yes(&scene.alice(), &request, &["files"]);
    assert!(back.starts_with(&format!("{CALLBACK}?code=ska_")), "{back}");
    let code = parameter(&back, "code").expect("a code");
    let own = [("client_id", site.id.as_str())];
    let tokens = Tokens::of(&scene.redeem_with(&code, &own));
    scene.assert_good(&tokens.access);
    let next = Tokens::of(&scene.refresh_with(&tokens.refresh, &own));
    scene.assert_good(&next.access);
    assert_eq!(site.asked(), 1);
    assert_eq!(scene.sandbox.json(&["show", "alice/mcp-terminal-app"])["scopes"][0], "files");
    // Its tokens are another one's as little as those of one that is registered.
    assert_eq!(error(&scene.refresh(&next.refresh)), (400, "invalid_grant".to_owned()));
    scene.check();
});

both!(a_program_that_does_not_say_so_gets_no_refresh_token, |place| {
    let (scene, site) = town(place);
    let document = site.document("http://127.0.0.1/callback").replace(",\"refresh_token\"", "");
    site.answers("200 OK\r\nContent-Type: application/json", &document);
    let (request, own) = (site.request(&scene), [("client_id", site.id.as_str())]);
    let code = |scene: &Scene| {
        let back = scene.says_yes(&scene.alice(), &request, &["files"]);
        parameter(&back, "code").expect("a code")
    };
    let first = code(&scene);
    let answer = scene.redeem_with(&first, &own);
    assert!(answer.json().get("refresh_token").is_none(), "{answer:?}");
    let tokens = Tokens::of(&answer);
    scene.assert_good(&tokens.access);
    // It lasts as long as its token, and a second use of the code ends it all the same.
    let lasts = "SELECT COUNT(*) FROM mcp_sign_in WHERE expires_at - created_at <= 3600000";
    assert_eq!(scene.sandbox.place.sql(lasts).expect("rows").trim(), "1");
    assert_eq!(error(&scene.redeem_with(&first, &own)), (400, "invalid_grant".to_owned()));
    scene.assert_dead(&tokens.access);
    scene.check();
});

both!(redirect_uris_that_were_taken_back_are_gone_once_the_document_was_kept_long_enough, |place| {
    let (scene, site) = town(place);
    site.publishes("http://127.0.0.1/callback", "no-store");
    let request = site.request(&scene);
    assert_eq!(shown(&scene, &request).status, 200);
    site.publishes("https://app.example.com/callback", "no-store");
    assert_eq!((shown(&scene, &request).status, site.asked()), (200, 1), "it is kept for a moment");
    thread::sleep(Duration::from_millis(5_100));
    let gone = shown(&scene, &request);
    assert!(gone.status == 400 && gone.body.contains("none of the client"), "{gone:?}");
    assert!(gone.header("location").is_none());
    let new = request.clone().with("redirect_uri", "https://app.example.com/callback");
    assert_eq!((shown(&scene, &new).status, site.asked()), (200, 2));
    // Nobody is sent on by an address that the program alone vouches for: they go there by themselves.
    let unfit = shown(&scene, &new.clone().with("response_type", "token"));
    assert!(unfit.status == 400 && unfit.header("location").is_none(), "{unfit:?}");
    assert!(
        unfit.body.contains("Nothing was given to it") && !unfit.body.contains("http-equiv"),
        "{unfit:?}"
    );
    assert!(
        unfit.body.contains("href=\"https://app.example.com/callback?error=unsupported_response_type"),
        "{unfit:?}"
    );
    // What was good a moment ago is not used where the site says nothing any more.
    site.answers("503 No\r\nContent-Type: application/json", "{}");
    thread::sleep(Duration::from_millis(5_100));
    let away = shown(&scene, &new);
    assert!(away.status == 503 && away.body.contains("just now"), "{away:?}");
    let page = post("/oauth/consent", &[("form", "x"), ("request", &new.query()), ("say", "yes")]);
    assert_eq!(page.cookie(&scene.alice().cookie).to(&scene.portal).status, 403);
    assert_eq!(site.asked(), 3);
    scene.check();
});

#[test]
fn what_is_no_document_lets_nobody_in_and_says_what_is_wrong_with_it() {
    let (mut scene, _) = town(Place::sqlite());
    type Faulty = fn(&Site);
    let good = "200 OK\r\nContent-Type: application/json";
    let faults: [(Faulty, u16, &str, &str); 9] = [
        (|site| site.answers("404 No\r\nContent-Type: application/json", "{}"), 400, "status 404", "status"),
        (|site| site.answers("302 X\r\nLocation: https://localhost/", ""), 400, "redirect", "redirect"),
        (
            |site| site.answers("200 OK\r\nContent-Type: text/html", &site.document(CALLBACK)),
            400,
            "is no JSON",
            "not_json",
        ),
        (
            |site| {
                site.answers(
                    "200 OK\r\nContent-Type: application/json",
                    &site.document(CALLBACK).replace("client.json", "other.json"),
                )
            },
            400,
            "another client",
            "other_client",
        ),
        (
            |site| {
                site.answers(
                    "200 OK\r\nContent-Type: application/json",
                    &site
                        .document(CALLBACK)
                        .replace("\"client_name\"", "\"client_secret\":\"s3cret-planted\",\"client_name\""),
                )
            },
            400,
            "client_secret",
            "document",
        ),
        (
            |site| {
                site.answers(
                    "200 OK\r\nContent-Type: application/json",
                    &site.document("http://app.example.com/"),
                )
            },
            400,
            "127.0.0.1, [::1] or localhost",
            "document",
        ),
        (
            |site| {
                site.answers(
                    "200 OK\r\nContent-Type: application/json",
                    &site.document(CALLBACK).replace(
                        "\"authorization_code\",\"refresh_token\"",
                        "\"urn:ietf:params:oauth:grant-type:device_code\"",
                    ),
                )
            },
            400,
            "does not say that it takes codes",
            "unauthorized_client",
        ),
        (
            |site| {
                site.does(|stream| {
                    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n";
                    let _ = stream.write_all(head);
                    let block = vec![b' '; 1024 * 1024];
                    let sent = (0..100).take_while(|_| stream.write_all(&block).is_ok()).count();
                    assert!(sent < 50, "{sent} MiB were taken");
                });
            },
            400,
            "larger than 5120 bytes",
            "too_large",
        ),
        (
            |site| {
                site.does(|stream| {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
                    while stream.write_all(b" ").and_then(|()| stream.flush()).is_ok() {
                        thread::sleep(Duration::from_millis(100));
                    }
                });
            },
            503,
            "just now",
            "timeout",
        ),
    ];
    for (fault, status, said, reason) in faults {
        // Another one each time: what is wrong is not asked for again at once.
        let site = Site::start(&scene);
        trusting(&mut scene, &site.authority, "127.0.0.0/8,::1/128");
        fault(&site);
        let page = shown(&scene, &site.request(&scene));
        assert!(page.status == status && page.body.contains(said), "{said}: {page:?}");
        assert!(!page.body.contains("s3cret-planted") && page.header("location").is_none(), "{page:?}");
        let again = shown(&scene, &site.request(&scene));
        assert_eq!((again.status, site.asked()), (status, 1), "{said}");
        let log = scene.portal.log();
        assert!(log.contains(reason) && !log.contains("s3cret-planted"), "{reason}: {log}");
        // It is put right, and that is seen soon.
        site.answers(good, &site.document("http://127.0.0.1/callback"));
    }
    scene.check();
}

#[test]
fn who_is_no_https_site_with_a_certificate_of_its_own_is_no_program() {
    let mut scene = Scene::new(Place::sqlite());
    let site = Site::with_certificate(&scene, "app.example.com");
    trusting(&mut scene, &site.authority, "127.0.0.0/8,::1/128");
    let page = shown(&scene, &site.request(&scene));
    assert!(page.status == 400 && page.body.contains("certificate is not trusted"), "{page:?}");
    assert_eq!(site.asked(), 0);
    for id in [
        site.id.replace("https:", "http:"),
        site.id.replace("/client.json", ""),
        site.id.replace("/client.json", "/a/../client.json"),
        site.id.replace("//", "//me@"),
        format!("{}#a", site.id),
    ] {
        let page = shown(&scene, &scene.request().with("client_id", &id));
        assert!(page.status == 400 && page.header("location").is_none(), "{id}: {page:?}");
    }
}

#[test]
fn a_private_address_is_asked_only_where_the_operator_names_it() {
    let mut scene = Scene::new(Place::sqlite());
    let site = Site::start(&scene);
    site.publishes("http://127.0.0.1/callback", "max-age=600");
    trusting(&mut scene, &site.authority, "10.0.0.0/8");
    let port = site.id.rsplit(':').next().expect("a port").to_owned();
    for host in ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433"] {
        let request = scene.request().with("client_id", &format!("https://{host}:{port}"));
        let page = shown(&scene, &request);
        assert!(page.status == 503 && page.body.contains("whoever runs this"), "{host}: {page:?}");
        assert!(!page.body.contains("private"), "{page:?}");
    }
    assert_eq!(site.asked(), 0);
    let log = scene.portal.log();
    assert!(log.contains("private_address") && log.contains("KEYCTL_OUTBOUND_ALLOW"), "{log}");
}

#[test]
fn nothing_is_asked_for_who_is_signed_out() {
    let (scene, site) = town(Place::sqlite());
    site.publishes("http://127.0.0.1/callback", "max-age=600");
    let request = site.request(&scene);
    let page = request.sent().to(&scene.portal);
    assert!(page.status == 200 && page.body.contains("A program wants to be let in"), "{page:?}");
    let made_up = "A".repeat(43);
    let page = request.sent().cookie(&made_up).to(&scene.portal);
    assert!(page.status == 200 && page.body.contains("Sign in"), "{page:?}");
    let sent = post("/oauth/consent", &[("request", &request.query()), ("say", "no"), ("form", &made_up)]);
    assert_eq!(sent.cookie(&made_up).to(&scene.portal).status, 403);
    assert_eq!(site.asked(), 0);
    // Who signs in comes back to it.
    let waiting = crate::pages::scene::cookie_in(&request.sent().to(&scene.portal), "__Host-keyctl-asked");
    let signed_in = post("/sign-in", &[("key", &scene.key)])
        .with("Cookie", &format!("__Host-keyctl-asked={}", waiting.expect("what waits")))
        .to(&scene.portal);
    let place = signed_in.header("location").expect("a place").to_owned();
    let cookie = crate::pages::scene::cookie_in(&signed_in, "__Host-keyctl").expect("a cookie");
    let page = get(&place).cookie(&cookie).to(&scene.portal);
    assert!(page.body.contains("Let Terminal"), "{page:?}");
    assert_eq!(site.asked(), 1);
}

#[test]
fn who_tries_program_after_program_waits() {
    let (scene, site) = town(Place::sqlite());
    site.answers("404 No\r\nContent-Type: application/json", "{}");
    let alice = scene.alice();
    let statuses: Vec<u16> = (0..15)
        .map(|number| {
            let id = site.id.replace("client.json", &format!("{number}.json"));
            alice.get(&scene.request().with("client_id", &id).target()).status
        })
        .collect();
    assert!(statuses[..10].iter().all(|status| *status == 400) && statuses[14] == 429, "{statuses:?}");
    assert!(site.asked() < 15, "{}", site.asked());
    // Who is registered is let in all the while.
    assert_eq!(alice.get(&scene.request().target()).status, 200);
}
