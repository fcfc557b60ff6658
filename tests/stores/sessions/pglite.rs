//! PGlite behind its socket server: one session for all clients, so a transaction of one takes in
//! the statements of all.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use keyctl::runtime::{Options, Reader};

use super::run_at;
use crate::support::cli::Sandbox;
use crate::support::store::Place;

/// Ends with its standard input.
const SERVER: &str = "
    import { PGlite } from '@electric-sql/pglite';
    import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
    import { createServer } from 'node:net';
    const free = createServer().listen(0, '127.0.0.1', async () => {
        const port = free.address().port;
        free.close();
        await new PGLiteSocketServer({ db: await PGlite.create(), port, host: '127.0.0.1', maxConnections: 8 }).start();
        console.log(port);
    });
    process.stdin.on('end', () => process.exit(0)).resume();";

#[test]
fn pglite_is_told_from_postgresql_and_refused() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/typescript");
    assert!(
        packages.join("node_modules/@electric-sql/pglite-socket").is_dir(),
        "run scripts/test, which installs the packages that the reader in TypeScript is tested with"
    );
    let mut server = Command::new("node")
        .args(["--input-type=module", "-e", SERVER])
        .current_dir(packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    let mut port = String::new();
    BufReader::new(server.stdout.take().expect("stdout")).read_line(&mut port).expect("a port");
    let store = format!("postgres://postgres@127.0.0.1:{}/postgres", port.trim_end());

    let sandbox = Sandbox::empty(Place::sqlite());
    for args in [&["store", "init"][..], &["store", "init", "--dry-run"], &["list"], &["mint", "alice"]] {
        let ran = run_at(&sandbox, &store, args, "").expect_code(7);
        assert!(ran.stderr.contains("is PGlite"), "{args:?}: {}", ran.stderr);
    }
    let refused = Reader::open(&store, Options::default()).err().expect("refused");
    assert!(refused.to_string().contains("PGlite"), "{refused}");
    drop(server.stdin.take());
    server.wait().expect("it ends");
}
