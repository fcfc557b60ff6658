//! Rows that were checked, kept on disk until they are written to the store.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write as _};

use super::fields::{End, Row};
use super::more::More;
use super::naming::Naming;
use crate::domain::keys::label::Labels;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::Owner;
use crate::domain::time::Timestamp;

/// Rows are appended.
pub(super) struct Spool {
    out: BufWriter<File>,
    line: String,
    rows: u64,
}

impl Spool {
    pub(super) fn new(file: File) -> Self {
        Self { out: BufWriter::with_capacity(64 * 1024, file), line: String::new(), rows: 0 }
    }

    /// One line for each, with tabs between the fields: none of them has one in it.
    pub(super) fn push(&mut self, row: &Row) -> io::Result<()> {
        let Row { line, hash, owner, naming, subject, name, scopes, roles, not_before, end, labels, more } =
            row;
        let text = &mut self.line;
        text.clear();
        let name = name.as_ref().map_or("", |name| name.as_str());
        let _ = write!(text, "{line}\t{}\t{owner}\t", hash.as_str());
        text.push_str(match naming {
            Naming::Given => "\t",
            Naming::Derived => "derived\t",
            Naming::Numbered => "numbered\t",
        });
        text.push_str(subject.beside(owner).unwrap_or_default());
        let _ = write!(text, "\t{name}\t");
        for scope in scopes.iter() {
            let _ = write!(text, "{scope},");
        }
        text.push('\t');
        for role in roles {
            let _ = write!(text, "{role},");
        }
        text.push('\t');
        if let Some(start) = not_before {
            let _ = write!(text, "{}", start.as_millis());
        }
        let _ = match end {
            End::Default => write!(text, "\t\t"),
            End::Never => write!(text, "\tnever\t"),
            End::At(at) => write!(text, "\t{}\t", at.as_millis()),
        };
        if labels.iter().next().is_some() {
            text.push_str(&labels.to_json());
        }
        if let Some(more) = more {
            text.push('\t');
            text.push_str(&more.to_json());
        }
        text.push('\n');
        self.rows += 1;
        self.out.write_all(text.as_bytes())
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Calls `each` for every row so far; more can be pushed afterwards.
    pub(super) fn each(&mut self, mut each: impl FnMut(Row)) -> io::Result<()> {
        self.out.flush()?;
        // Both share their place in the file, which is its end again afterwards.
        let file = BufReader::with_capacity(64 * 1024, self.out.get_ref().try_clone()?);
        let mut spooled = Spooled { file, place: 0, line: String::new() };
        spooled.seek(0)?;
        while let Some(row) = spooled.next()? {
            each(row);
        }
        Ok(())
    }

    /// From now on it is read.
    pub(super) fn read(self) -> io::Result<Spooled> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let mut spooled =
            Spooled { file: BufReader::with_capacity(64 * 1024, file), place: 0, line: String::new() };
        spooled.seek(0)?;
        Ok(spooled)
    }
}

/// Rows are read.
pub(super) struct Spooled {
    file: BufReader<File>,
    place: u64,
    line: String,
}

impl Spooled {
    /// Where the next row begins.
    pub(super) fn place(&self) -> u64 {
        self.place
    }

    /// Goes on from there.
    pub(super) fn seek(&mut self, place: u64) -> io::Result<()> {
        self.place = place;
        self.file.seek(SeekFrom::Start(place)).map(drop)
    }

    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.file.fill_buf()?.is_empty())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        self.line.clear();
        let read = self.file.read_line(&mut self.line)?;
        self.place += read as u64;
        if read == 0 {
            return Ok(None);
        }
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is not as it was written");
        parse(self.line.trim_end_matches('\n')).map(Some).ok_or_else(damaged)
    }
}

fn parse(line: &str) -> Option<Row> {
    let mut fields = line.split('\t');
    let mut field = || fields.next();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let time = |text: &str| text.parse().ok().and_then(Timestamp::from_millis);
    let (line, hash) = (field()?.parse().ok()?, TokenHash::parse(field()?)?);
    let owner: Owner = field()?.parse().ok()?;
    Some(Row {
        line,
        hash,
        naming: match field()? {
            "derived" => Naming::Derived,
            "numbered" => Naming::Numbered,
            _ => Naming::Given,
        },
        subject: match field()? {
            "" => (&owner).into(),
            text => text.parse().ok()?,
        },
        owner,
        name: some(field()?).map(|name| name.parse()).transpose().ok()?,
        scopes: match field()?.strip_suffix(',') {
            None => Scopes::default(),
            Some(list) => Scopes::parse_lists([list]).ok()?,
        },
        roles: field()?.split_terminator(',').map(str::parse).collect::<Result<_, _>>().ok()?,
        not_before: match field()? {
            "" => None,
            text => Some(time(text)?),
        },
        end: match field()? {
            "" => End::Default,
            "never" => End::Never,
            text => End::At(time(text)?),
        },
        labels: match field()? {
            "" => Labels::default(),
            text => serde_json::from_str(text).ok()?,
        },
        more: match fields.next() {
            None => None,
            Some(text) => Some(Box::new(More::from_json(text)?)),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::network::Networks;
    use crate::ops::imports::more::Previous;

    fn more() -> More {
        More {
            rate: "600/m".parse().ok(),
            quota: "5/day".parse().ok(),
            networks: Networks::parse_lists(["10.0.0.0/8,2001:db8::/32"]).expect("networks"),
            suspended_at: Timestamp::from_millis(3),
            allow_jwt: true,
            parent: Some(("alice".parse().expect("owner"), "laptop".parse().expect("name"))),
            previous: Some(Previous {
                hash: TokenHash::from_digest(&[8; 32]),
                until: Timestamp::from_millis(4).expect("a time"),
            }),
        }
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let row = |line| Row {
            line,
            hash: TokenHash::from_digest(&[7; 32]),
            owner: "alice@example.org".parse().expect("owner"),
            naming: Naming::Derived,
            subject: "auth0|Alice".parse().expect("subject"),
            name: Some("laptop".parse().expect("name")),
            scopes: Scopes::parse_lists(["a,b:c"]).expect("scopes"),
            roles: vec!["reader".parse().expect("role"), "writer".parse().expect("role")],
            not_before: Timestamp::from_millis(5),
            end: End::At(Timestamp::from_millis(9).expect("a time")),
            labels: Labels::parse_all(["team=a;b=\"c\"", "x="]).expect("labels"),
            more: Some(Box::new(more())),
        };
        let plain = Row {
            naming: Naming::Given,
            subject: "alice@example.org".parse().expect("subject"),
            name: None,
            scopes: Scopes::default(),
            roles: Vec::new(),
            not_before: None,
            end: End::Never,
            labels: Labels::default(),
            more: None,
            ..row(2)
        };
        let rows = [row(1), plain.clone(), Row { end: End::Default, ..plain }];
        let mut spool = Spool::new(tempfile::tempfile().expect("a file"));
        for row in &rows {
            spool.push(row).expect("written");
        }
        assert_eq!(spool.rows(), 3);
        let mut spooled = spool.read().expect("readable");
        assert_eq!(spooled.next().expect("read").as_ref(), Some(&rows[0]));
        let second = spooled.place();
        assert_eq!(spooled.next().expect("read").as_ref(), Some(&rows[1]));
        assert_eq!(spooled.next().expect("read").as_ref(), Some(&rows[2]));
        assert_eq!(spooled.next().expect("read"), None);
        spooled.seek(second).expect("sought");
        assert_eq!(spooled.next().expect("read").as_ref(), Some(&rows[1]));
    }
}
