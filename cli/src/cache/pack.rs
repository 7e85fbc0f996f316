//! A file with the code of many functions.
//!
//! It begins with a magic number and the hash of who wrote it. Then come the entries, each after the hash of its key and
//! bytes; then records of key, offset and length, ascending by key; at last the offset and number of the records, and the
//! hash of all that is not entries. Numbers are 64 bits, little-endian.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::SystemTime;

use nativize_compiler::Key;
use rustix::fs::OFlags;
use tempfile::NamedTempFile;

use super::belongs_to_user_alone;

/// Of finished packs.
pub(super) const EXTENSION: &str = "pack";
/// What the names of unfinished ones begin with.
pub(super) const TEMPORARY: &str = ".nativize-pack-";

const MAGIC: [u8; 8] = *b"nzpack01";
const HASH: usize = blake3::OUT_LEN;
const HEADER: usize = MAGIC.len() + HASH;
const RECORD: usize = HASH + 16;
const TRAILER: usize = 16 + HASH;

/// A finished pack.
pub(crate) struct Pack {
    pub(super) path: PathBuf,
    file: File,
    used: SystemTime,
    records: Vec<u8>,
    /// The positions of the records that were found.
    hits: Mutex<Vec<usize>>,
}

impl Pack {
    /// Opens a pack that this build of nativize wrote, if it can be trusted.
    pub(crate) fn open(path: &Path, build: &blake3::Hash) -> Option<Self> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd: OwnedFd = rustix::fs::open(path, flags, rustix::fs::Mode::empty()).ok()?;
        let file = File::from(fd);
        let found = file.metadata().ok()?;
        if !found.is_file() || !belongs_to_user_alone(&found, 0o022) {
            return None;
        }
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).ok()?;
        if header != self::header(build) {
            return None;
        }
        let end = found.len().checked_sub(TRAILER as u64)?;
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, end).ok()?;
        let (place, hash) = trailer.split_last_chunk::<HASH>()?;
        let (start, count) = (number(&place[..8])?, number(&place[8..])?);
        let size = count.checked_mul(RECORD as u64)?;
        if start.checked_add(size)? != end {
            return None;
        }
        let mut records = vec![0; usize::try_from(size).ok()?];
        file.read_exact_at(&mut records, start).ok()?;
        if seal(&header, &records, place) != *hash {
            return None;
        }
        Some(Pack {
            path: path.to_owned(),
            file,
            used: found.modified().ok()?,
            records,
            hits: Mutex::default(),
        })
    }

    pub(super) fn used(&self) -> SystemTime {
        self.used
    }

    /// How many entries were found.
    pub(super) fn hits(&self) -> usize {
        self.hits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// Says that the pack was used.
    pub(super) fn touch(&self) {
        // Without that it is removed sooner.
        let _ = self.file.set_modified(SystemTime::now());
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let (records, _) = self.records.as_chunks::<RECORD>();
        let position = records
            .binary_search_by(|record| record[..HASH].cmp(key))
            .ok()?;
        let bytes = self.read(&records[position])?;
        let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        hits.push(position);
        Some(bytes)
    }

    /// All that was found.
    pub(super) fn found(&self) -> Vec<(Key, Vec<u8>)> {
        let (records, _) = self.records.as_chunks::<RECORD>();
        let hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = hits.iter().filter_map(|&position| {
            let record = &records[position];
            Some((*record.first_chunk()?, self.read(record)?))
        });
        entries.collect()
    }

    fn read(&self, record: &[u8; RECORD]) -> Option<Vec<u8>> {
        let (key, place) = record.split_first_chunk::<HASH>()?;
        let (start, len) = (number(&place[..8])?, number(&place[8..])?);
        let mut bytes = vec![0; usize::try_from(len).ok()?.checked_add(HASH)?];
        self.file.read_exact_at(&mut bytes, start).ok()?;
        let bytes_only = bytes.split_off(HASH);
        (bytes == entry_hash(key, &bytes_only)).then_some(bytes_only)
    }
}

/// A pack that is being written.
pub(crate) struct Writer {
    file: BufWriter<NamedTempFile>,
    header: [u8; HEADER],
    position: u64,
    /// Offset and length of each entry.
    entries: BTreeMap<Key, (u64, u64)>,
}

impl Writer {
    pub(crate) fn new(folder: &Path, build: &blake3::Hash) -> io::Result<Self> {
        let file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(folder)?;
        let header = header(build);
        let mut file = BufWriter::with_capacity(1 << 16, file);
        file.write_all(&header)?;
        Ok(Writer {
            file,
            header,
            position: HEADER as u64,
            entries: BTreeMap::new(),
        })
    }

    pub(crate) fn add(&mut self, key: &Key, bytes: &[u8]) -> io::Result<()> {
        if self.entries.contains_key(key) {
            return Ok(());
        }
        self.file.write_all(&entry_hash(key, bytes))?;
        self.file.write_all(bytes)?;
        let len = bytes.len() as u64;
        self.entries.insert(*key, (self.position, len));
        self.position += HASH as u64 + len;
        Ok(())
    }

    /// Completes the pack and gives it its name, that of its keys: two builds that made the same overwrite each other.
    pub(crate) fn finish(mut self, folder: &Path) -> io::Result<()> {
        let mut records = Vec::with_capacity(self.entries.len() * RECORD);
        for (key, (start, len)) in &self.entries {
            records.extend_from_slice(key);
            records.extend_from_slice(&start.to_le_bytes());
            records.extend_from_slice(&len.to_le_bytes());
        }
        let count = self.entries.len() as u64;
        let place = [self.position.to_le_bytes(), count.to_le_bytes()].concat();
        let hash = seal(&self.header, &records, &place);
        for part in [&records[..], &place, &hash] {
            self.file.write_all(part)?;
        }
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let name = blake3::Hash::from_bytes(hash).to_hex();
        file.persist(folder.join(format!("{name}.{EXTENSION}")))
            .map_err(|error| error.error)?;
        Ok(())
    }
}

fn header(build: &blake3::Hash) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..MAGIC.len()].copy_from_slice(&MAGIC);
    header[MAGIC.len()..].copy_from_slice(build.as_bytes());
    header
}

fn entry_hash(key: &Key, bytes: &[u8]) -> [u8; HASH] {
    *blake3::keyed_hash(key, bytes).as_bytes()
}

fn seal(header: &[u8; HEADER], records: &[u8], place: &[u8]) -> [u8; HASH] {
    *blake3::Hasher::new()
        .update(header)
        .update(records)
        .update(place)
        .finalize()
        .as_bytes()
}

fn number(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_le_bytes)
}
