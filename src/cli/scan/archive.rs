//! Archives in archives, no deeper and no larger than is reasonable.

use std::io::{BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::budget::{Budget, Counted, Trouble};
use super::kind::Kind;
use super::report::Why;
use super::searcher::Searcher;
use super::source::Source;
use crate::domain::leaks::place::Place;

/// Archives in archives; a compressed tar archive is two.
const DEEPEST: u32 = 8;
/// A zip file inside of an archive is read into memory up to this, since its table stands at its end.
const NESTED_ZIP: u64 = 64 * 1024 * 1024;

impl Searcher {
    /// Searches an archive of any kind that can only be read once.
    pub(super) fn opened(
        &mut self,
        kind: Kind,
        reader: &mut dyn Read,
        base: &Place,
        depth: u32,
        budget: &Budget,
    ) -> Result<(), Trouble> {
        if depth > DEEPEST {
            return Err(Trouble::Skip(Why::TooDeep));
        }
        match kind {
            Kind::Packed => Err(Trouble::Skip(Why::Packed)),
            Kind::Zip => {
                let mut whole = zeroize::Zeroizing::new(Vec::new());
                reader.take(NESTED_ZIP + 1).read_to_end(&mut whole)?;
                if whole.len() as u64 > NESTED_ZIP {
                    return Err(Trouble::Skip(Why::TooLarge));
                }
                self.zip(Source::Memory(&whole), base, depth, budget)
            }
            Kind::Plain | Kind::Wide(_) | Kind::Gzip | Kind::Tar => {
                self.unpack(kind, reader, base, depth, budget)
            }
        }
    }

    /// Searches what is read from its beginning to its end.
    pub(super) fn unpack(
        &mut self,
        kind: Kind,
        reader: &mut dyn Read,
        base: &Place,
        depth: u32,
        budget: &Budget,
    ) -> Result<(), Trouble> {
        let reader = BufReader::with_capacity(64 * 1024, reader);
        if kind == Kind::Tar {
            return self.tar(reader, base, depth, budget);
        }
        let mut inner = Counted { inner: MultiGzDecoder::new(reader), budget };
        self.member(&mut inner, base, depth + 1, budget)
    }

    /// Searches one file of an archive, and goes on behind what cannot be searched of it alone; says whether it was searched.
    pub(super) fn entry(
        &mut self,
        reader: &mut dyn Read,
        base: &Place,
        name: &str,
        depth: u32,
        budget: &Budget,
    ) -> Result<bool, Trouble> {
        let place = inside(base, name);
        self.collector.look_at_name(name, &place);
        match self.member(reader, &place, depth + 1, budget) {
            Err(Trouble::Skip(why)) => {
                self.report.skip(&place.to_string(), why);
                Ok(false)
            }
            searched => searched.map(|()| true),
        }
    }
}

/// The place of a file in an archive.
pub(super) fn inside(base: &Place, name: &str) -> Place {
    let name = crate::domain::leaks::place::masked(name);
    let member = base.member.as_ref().map_or_else(|| name.clone(), |outer| format!("{outer}/{name}"));
    Place { member: Some(member), ..base.clone() }
}
