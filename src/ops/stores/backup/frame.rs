//! The form of a backup: a head, and one stream of entries, sealed or not.
//!
//! `keyctl-backup:v1` and a line end; the length of the head as 32 bits, big-endian, and the head in JSON, which says
//! how the rest is sealed; then the stream. Sealed, it is cut into chunks ([`crypto::backup`](crate::crypto::backup)).
//! An entry is a byte that says what it is, the length of its body as 32 bits, big-endian, and its body. The last one
//! has the SHA-256 of everything before it, as it is unsealed, from the file's first byte on.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};

use super::error::{BackupError, Sealed};
use super::sealing::{Sealer, Sealing, UNSEALED};
use crate::crypto::argon2id::OutOfMemory;
use crate::crypto::backup::{BackupKey, CHUNK, Chunks, Digest, FileKey, TAG};
use crate::domain::random::Random;
use crate::domain::secrets::kdf::{Derivation, KdfCost};
use crate::ops::error::{Error, Result};

/// What every backup begins with.
pub(crate) const NAME: [u8; 14] = *b"keyctl-backup:";
const VERSION: &[u8] = b"v1\n";

/// Longer heads are not written.
const LONGEST_HEAD: usize = 1024;

/// Longer entries are not written: an entry has one row.
const LONGEST_ENTRY: usize = 256 * 1024 * 1024;

/// What an entry is.
pub(super) const ABOUT: u8 = b'a';
pub(super) const TABLE: u8 = b't';
pub(super) const ROW: u8 = b'r';
pub(super) const END: u8 = b'e';

/// Type and length.
const ENTRY_HEAD: usize = 5;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    sealed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    derivation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let is_lower = text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    is_lower.then_some(bytes)
}

/// Bytes that are passed on at once, in whole chunks.
const BLOCK: usize = 8 * CHUNK;

/// Writes entries.
pub(super) struct Writer<'w> {
    out: &'w mut dyn Write,
    sealing: Sealing,
    buffer: Vec<u8>,
    written: u64,
}

impl<'w> Writer<'w> {
    /// Writes the head. Without a key, the rest is for everybody.
    pub(super) fn new(
        out: &'w mut dyn Write,
        key: Option<&BackupKey>,
        random: &mut dyn Random,
    ) -> Result<Self> {
        let mut head =
            Head { sealed: Sealed::No.as_str().to_owned(), derivation: None, salt: None, commit: None };
        let mut file_key = None;
        if let Some(key) = key {
            let mut salts = ([0; 32], [0; 16]);
            random.fill(&mut salts.0)?;
            random.fill(&mut salts.1)?;
            let derivation =
                key.is_passphrase().then_some(Derivation { cost: KdfCost::RECOMMENDED, salt: salts.1 });
            let made = key.of_file(derivation.as_ref(), &salts.0)?;
            kind(key).as_str().clone_into(&mut head.sealed);
            head.derivation = derivation.map(|derivation| derivation.to_string());
            head.salt = Some(hex(&salts.0));
            head.commit = made.as_ref().map(|made| hex(&made.commit()));
            file_key = made;
        }
        // Strings alone: serializing them cannot fail.
        let json = serde_json::to_vec(&head).unwrap_or_default();
        let length = u32::try_from(json.len()).unwrap_or_default();
        let bytes = [&NAME, VERSION, &length.to_be_bytes(), &json].concat();
        let mut digest = Digest::new();
        digest.update(&bytes);
        out.write_all(&bytes).map_err(BackupError::Write)?;
        let sealer = Sealer { chunks: file_key.map(|key| key.chunks(&bytes)), digest };
        Ok(Self {
            out,
            sealing: Sealing::new(sealer),
            buffer: Vec::with_capacity(2 * BLOCK),
            written: bytes.len() as u64,
        })
    }

    pub(super) fn entry(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= LONGEST_ENTRY);
        let length = length.ok_or(BackupError::Altered("a row is longer than 256 MiB"))?;
        self.buffer.push(kind);
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.extend_from_slice(body);
        if self.buffer.len() > BLOCK { self.pass_on() } else { Ok(()) }
    }

    /// Passes whole chunks on; something stays for the last one. What was sealed meanwhile is written.
    fn pass_on(&mut self) -> Result<()> {
        let whole = (self.buffer.len() - 1) / CHUNK * CHUNK;
        let mut block = self.sealing.spare();
        block.extend_from_slice(&self.buffer[whole..]);
        std::mem::swap(&mut block, &mut self.buffer);
        block.truncate(whole);
        if let Some(sealed) = self.sealing.pass(block)? {
            self.put(sealed)?;
        }
        Ok(())
    }

    fn put(&mut self, sealed: Vec<u8>) -> Result<()> {
        self.written += sealed.len() as u64;
        self.out.write_all(&sealed).map_err(BackupError::Write)?;
        self.sealing.keep(sealed);
        Ok(())
    }

    /// Writes the end, whose body `end` makes of the digest; returns how many bytes the file has.
    pub(super) fn finish(mut self, end: impl FnOnce([u8; 32]) -> Vec<u8>) -> Result<u64> {
        if self.buffer.len() > CHUNK {
            self.pass_on()?;
        }
        while let Some(sealed) = self.sealing.rest()? {
            self.put(sealed)?;
        }
        let Sealer { mut chunks, mut digest } = self.sealing.end()?;
        digest.update(&self.buffer);
        self.entry_at_end(&end(digest.end()))?;
        let last = (self.buffer.len() - 1) / CHUNK * CHUNK;
        for at in (0..=last).step_by(CHUNK) {
            let mut chunk = self.buffer[at..self.buffer.len().min(at + CHUNK)].to_vec();
            if let Some(chunks) = &mut chunks {
                chunks.seal(&mut chunk, at == last).ok_or(UNSEALED)?;
            }
            self.written += chunk.len() as u64;
            self.out.write_all(&chunk).map_err(BackupError::Write)?;
        }
        self.out.flush().map_err(BackupError::Write)?;
        Ok(self.written)
    }

    /// No digest covers it.
    fn entry_at_end(&mut self, body: &[u8]) -> Result<()> {
        let length = u32::try_from(body.len()).map_err(|_| BackupError::Altered("its end is too long"))?;
        self.buffer.push(END);
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.extend_from_slice(body);
        Ok(())
    }
}

fn kind(key: &BackupKey) -> Sealed {
    if key.is_passphrase() { Sealed::ByPassphrase } else { Sealed::ByKey }
}

/// Reads entries.
pub(crate) struct Reader<'r> {
    input: &'r mut dyn Read,
    sealed: Sealed,
    head: Head,
    head_bytes: Vec<u8>,
    chunks: Option<Chunks>,
    /// Read ahead: what tells that a chunk is not the last one.
    ahead: Vec<u8>,
    digest: Digest,
    buffer: Vec<u8>,
    /// What of the buffer was handed out.
    at: usize,
    is_at_end: bool,
    read: u64,
}

impl<'r> Reader<'r> {
    /// Reads the head.
    pub(crate) fn new(input: &'r mut dyn Read) -> Result<Self> {
        let mut bytes = vec![0; NAME.len() + VERSION.len()];
        let read = fill(input, &mut bytes)?;
        bytes.truncate(read);
        if !bytes.starts_with(&NAME) {
            let is_start = read < NAME.len() && read > 0 && NAME.starts_with(&bytes);
            return Err(if is_start { BackupError::Short } else { BackupError::Foreign }.into());
        }
        let version = &bytes[NAME.len()..];
        if version != VERSION {
            let is_start = VERSION.starts_with(version);
            let named = String::from_utf8_lossy(version).trim().escape_debug().to_string();
            return Err(if is_start { BackupError::Short } else { BackupError::Version(named) }.into());
        }
        let mut length = [0; 4];
        if fill(input, &mut length)? < length.len() {
            return Err(BackupError::Short.into());
        }
        bytes.extend_from_slice(&length);
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST_HEAD {
            return Err(BackupError::Altered("its head is too long").into());
        }
        let mut json = vec![0; length];
        if fill(input, &mut json)? < length {
            return Err(BackupError::Short.into());
        }
        bytes.extend_from_slice(&json);
        let unreadable = || BackupError::Altered("its head cannot be read");
        let head: Head = serde_json::from_slice(&json).map_err(|_| unreadable())?;
        let kinds = [Sealed::No, Sealed::ByKey, Sealed::ByPassphrase];
        let sealed = kinds.into_iter().find(|kind| kind.as_str() == head.sealed).ok_or_else(unreadable)?;
        let mut digest = Digest::new();
        digest.update(&bytes);
        Ok(Self {
            input,
            sealed,
            head,
            read: bytes.len() as u64,
            head_bytes: bytes,
            chunks: None,
            ahead: Vec::new(),
            digest,
            buffer: Vec::new(),
            at: 0,
            is_at_end: false,
        })
    }

    pub(crate) fn sealed(&self) -> Sealed {
        self.sealed
    }

    /// Opens the rest. Without a key, only what is not sealed is read.
    pub(crate) fn unseal(&mut self, key: Option<&BackupKey>) -> Result<()> {
        if self.sealed == Sealed::No {
            return Ok(());
        }
        let key = key.ok_or(BackupError::NoKey(self.sealed))?;
        if kind(key) != self.sealed {
            return Err(BackupError::OtherKind(self.sealed).into());
        }
        let made = self.file_key(key)?.ok_or(BackupError::WrongKey(self.sealed))?;
        self.chunks = Some(made.chunks(&self.head_bytes));
        Ok(())
    }

    /// The key of this file, if the one that is held is right.
    fn file_key(&self, key: &BackupKey) -> Result<Option<FileKey>> {
        let unreadable = || BackupError::Altered("its head cannot be read");
        let bytes = |text: &Option<String>| text.as_deref().and_then(unhex).ok_or_else(unreadable);
        let (salt, commit) = (bytes(&self.head.salt)?, bytes(&self.head.commit)?);
        let derivation: Option<Derivation> =
            self.head.derivation.as_deref().map(str::parse).transpose().map_err(|_| unreadable())?;
        let made =
            key.of_file(derivation.as_ref(), &salt).map_err(|error: OutOfMemory| Error::from(error))?;
        Ok(made.filter(|made| made.is_committed_to(&commit)))
    }

    /// The next entry: what it is, and its body. The last one comes with the digest of all before it.
    pub(super) fn entry(&mut self) -> Result<(u8, &[u8])> {
        self.need(ENTRY_HEAD)?;
        let kind = self.buffer[self.at];
        let mut length = [0; 4];
        length.copy_from_slice(&self.buffer[self.at + 1..self.at + ENTRY_HEAD]);
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST_ENTRY {
            return Err(BackupError::Altered("a row in it is too long").into());
        }
        self.need(ENTRY_HEAD + length)?;
        let whole = self.at..self.at + ENTRY_HEAD + length;
        self.at = whole.end;
        if kind != END {
            self.digest.update(&self.buffer[whole.clone()]);
        }
        Ok((kind, &self.buffer[whole.start + ENTRY_HEAD..whole.end]))
    }

    /// The digest of all entries so far. Nothing may follow.
    pub(super) fn finish(mut self) -> Result<([u8; 32], u64)> {
        if self.at < self.buffer.len() || self.more()? {
            return Err(BackupError::Altered("something follows its end").into());
        }
        Ok((self.digest.end(), self.read))
    }

    /// Sees to it that so many bytes are there.
    fn need(&mut self, length: usize) -> Result<()> {
        while self.buffer.len() - self.at < length {
            if !self.more()? {
                return Err(BackupError::Short.into());
            }
        }
        Ok(())
    }

    /// Reads the next chunk; whether there was one.
    fn more(&mut self) -> Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let most = if self.chunks.is_some() { CHUNK + TAG } else { CHUNK };
        let before = self.ahead.len();
        self.ahead.resize(most + 1, 0);
        let read = before + fill(self.input, &mut self.ahead[before..])?;
        self.read += (read - before) as u64;
        self.ahead.truncate(read);
        let mut chunk = std::mem::take(&mut self.ahead);
        self.is_at_end = chunk.len() <= most;
        if !self.is_at_end {
            self.ahead = chunk.split_off(most);
        }
        if let Some(chunks) = &mut self.chunks {
            chunks.open(&mut chunk, self.is_at_end).ok_or(BackupError::Unauthentic)?;
        }
        self.buffer.extend_from_slice(&chunk);
        Ok(!chunk.is_empty())
    }
}

/// Reads as much as there is, up to the end of `bytes`.
fn fill(input: &mut dyn Read, bytes: &mut [u8]) -> Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match input.read(&mut bytes[read..]) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(BackupError::Read(error).into()),
        }
    }
    Ok(read)
}
