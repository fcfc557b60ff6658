//! Whoever asks the portal, over one connection that stays, and says exactly what a browser says.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::serve::programs::Program;

pub(super) struct Answer {
    /// Status line and headers.
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn status(&self) -> &str {
        self.head.get(9..12).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// As it came over the wire.
    pub(super) fn bytes(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// What stands in the body between this and the next quotation mark.
    pub(super) fn behind(&self, before: &str) -> anyhow::Result<String> {
        let (_, rest) =
            self.body.split_once(before).with_context(|| format!("no {before}: {}", self.head))?;
        Ok(rest.split('"').next().unwrap_or_default().replace("&amp;", "&"))
    }
}

pub(super) struct Person {
    wire: TcpStream,
    origin: String,
    /// Of the session.
    pub(super) cookie: String,
}

impl Person {
    /// Somebody who has not signed in.
    pub(super) fn new(to: SocketAddr, origin: &str) -> anyhow::Result<Self> {
        let wire = TcpStream::connect(to)?;
        wire.set_nodelay(true)?;
        wire.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { wire, origin: origin.to_owned(), cookie: String::new() })
    }

    /// Who presents this key.
    pub(super) fn sign_in(portal: &Program, origin: &str, key: &str) -> anyhow::Result<Self> {
        let mut person = Self::new(portal.address, origin)?;
        let answer = person.post("/sign-in", &[("key", key)])?;
        ensure!(answer.status() == "303", "no sign-in: {}", answer.head);
        let cookie = answer.header("set-cookie").and_then(|set| set.split(';').next());
        cookie.context("no cookie")?.clone_into(&mut person.cookie);
        Ok(person)
    }

    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let head = self.head("GET", path);
        let answer = self.ask(&format!("{head}\r\n"))?;
        ensure!(answer.status() == "200", "{path}: {}", answer.head);
        Ok(answer)
    }

    pub(super) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        let (head, origin, length) = (self.head("POST", path), &self.origin, form.len());
        let more = format!(
            "Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        );
        self.ask(&format!("{head}{more}\r\n{form}"))
    }

    fn head(&self, method: &str, path: &str) -> String {
        let host = self.origin.split("//").last().unwrap_or_default();
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("Cookie: {}\r\n", self.cookie) };
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}")
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        self.wire.write_all(request.as_bytes())?;
        let (mut read, mut part) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let end = read.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&read[..end]).into_owned();
                let body = String::from_utf8_lossy(&read[end..]).into_owned();
                let answer = Answer { head, body };
                let length = answer.header("content-length").map_or(Ok(0), str::parse::<usize>)?;
                if read.len() >= end + length {
                    return Ok(answer);
                }
            }
            let more = self.wire.read(&mut part)?;
            ensure!(more > 0, "the connection was closed");
            read.extend_from_slice(&part[..more]);
        }
    }
}
