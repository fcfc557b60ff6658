//! A PostgreSQL server of the bench's own, whose data outlives the run.
//!
//! The tests' server throws its data away and logs every statement, so it is not used here.
//! Settings are the defaults but for a buffer that a server of a million keys would be given.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context as _;

use super::cluster::{self, Running};
use super::{Bench, say};

pub(crate) const USER: &str = "bench";
pub(crate) const PASSWORD: &str = "bench-password";

pub(crate) struct Server {
    port: u16,
    /// The authority that signed its certificate, for `localhost` and 127.0.0.1.
    authority: PathBuf,
    /// The real program, not Debian's wrapper, which is a Perl script.
    pub(crate) psql: PathBuf,
    /// Dropping it waits for the shutdown, so that the next start has nothing to recover.
    _running: Running,
}

impl Server {
    /// Starts it, with a new data directory if there is none yet.
    pub(crate) fn start(bench: &Bench) -> anyhow::Result<Self> {
        let tools = cluster::tools(&["initdb", "postgres", "psql"])?;
        let folder = bench.data.join("postgres");
        let user = cluster::unprivileged()?;
        if !folder.join("ready").exists() {
            say("making a PostgreSQL server …");
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(folder.join("data"))?;
            cluster::certificates(&folder, "keyctl bench")?;
            fs::write(folder.join("password"), PASSWORD)?;
            cluster::give(user, &folder, &["", "data", "server.key", "password"])?;
            cluster::initialize(&tools, user, &folder, USER, &[])?;
            fs::write(folder.join("ready"), "")?;
        }
        let port = cluster::free_port()?;
        let settings = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "shared_buffers=1GB".to_owned(),
            "max_wal_size=4GB".to_owned(),
        ];
        let settings = [&settings[..], &cluster::tls(&folder)].concat();
        let log = folder.join("log");
        let _ = fs::remove_file(&log);
        let postgres = cluster::postgres(&tools, user, &folder, &settings);
        let server = Self {
            port,
            authority: folder.join("authority.pem"),
            psql: tools.join("psql"),
            _running: Running::start(&postgres, &log, "INT", None)?,
        };
        cluster::wait_until(&log, || server.sql("postgres", "SELECT 1").is_ok())?;
        Ok(server)
    }

    /// The address of a database, without the password.
    pub(crate) fn address(&self, database: &str, tls: bool) -> String {
        let mode = if tls {
            format!("verify-full&sslrootcert={}", self.authority.display())
        } else {
            "disable".to_owned()
        };
        format!("postgres://{USER}@127.0.0.1:{}/{database}?sslmode={mode}", self.port)
    }

    /// The same with the password in it.
    pub(crate) fn secret_address(&self, database: &str) -> String {
        self.address(database, false).replace('@', &format!(":{PASSWORD}@"))
    }

    /// Runs a script, which `fill` writes; returns what it printed, or the error.
    pub(crate) fn script(
        &self,
        database: &str,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<String> {
        cluster::psql(&self.psql, &[&self.address(database, false)], PASSWORD, fill).context("psql")
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        self.script(database, |out| writeln!(out, "{sql};"))
    }
}
