//! The files of a journal: segments that follow each other, the last of which is written.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Options;
use super::error::{JournalError, Place};
use super::record::{self, Chain, Kind, NotARecord, Record, SEGMENT_HEAD};
use super::signatures::SecretKey;

/// Where a journal stands: behind which byte of which segment, and the chain up to there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// The number of the segment, from 0.
    pub segment: u64,
    /// The byte in it.
    pub offset: u64,
    /// The hash of everything before.
    pub chain: Chain,
}

/// Writes records behind each other.
#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    file: File,
    path: PathBuf,
    /// Behind the last record that was written whole.
    position: Position,
    /// A segment that is longer is followed by another.
    longest: u64,
    /// Signs what is written.
    key: Option<SecretKey>,
    /// The chain behind the last signature of this writer.
    signed: Option<Chain>,
    /// Records that are not given to the file yet.
    buffer: Vec<u8>,
    /// The chain behind those.
    chain: Chain,
    /// Whether the file and the position may not agree: a write came to no end, and could not be undone.
    unsure: bool,
}

/// The file of a segment.
pub(super) fn file_of(folder: &Path, segment: u64) -> PathBuf {
    folder.join(format!("{segment:010}.journal"))
}

fn failed(doing: &'static str, file: &Path) -> impl FnOnce(std::io::Error) -> JournalError {
    let file = file.to_owned();
    move |error| JournalError::File { doing, file, error }
}

impl Writer {
    /// The first segment of a new journal.
    pub(super) fn create(folder: &Path, options: Options) -> Result<Self, JournalError> {
        let (file, path, position) = begin(folder, 0, [0; 32])?;
        Ok(Self::of(folder, file, path, position, options))
    }

    /// Goes on behind the last record; what stands behind it in the file was never confirmed, and is cut off.
    pub(super) fn resume(folder: &Path, position: Position, options: Options) -> Result<Self, JournalError> {
        let path = file_of(folder, position.segment);
        let mut file = OpenOptions::new().read(true).write(true).open(&path).map_err(failed("open", &path))?;
        if file.metadata().map_err(failed("look at", &path))?.len() != position.offset {
            file.set_len(position.offset).map_err(failed("cut off the end of", &path))?;
            file.sync_all().map_err(failed("sync", &path))?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed("go to the end of", &path))?;
        Ok(Self::of(folder, file, path, position, options))
    }

    fn of(folder: &Path, file: File, path: PathBuf, position: Position, options: Options) -> Self {
        Self {
            folder: folder.to_owned(),
            file,
            path,
            position,
            longest: options.segment_bytes,
            key: options.key,
            signed: None,
            buffer: Vec::new(),
            chain: position.chain,
            unsure: false,
        }
    }

    /// Signs everything that was written, if there is a key and something since the last signature.
    pub(super) fn sign(&mut self) -> Result<(), JournalError> {
        let Some(key) = self.key.filter(|_| self.signed != Some(self.position.chain) && self.position != beginning()) else {
            return Ok(());
        };
        self.add(Kind::Signature, &key.sign(&self.position.chain))?;
        self.write()?;
        self.signed = Some(self.position.chain);
        Ok(())
    }

    /// Behind the last record that was written.
    pub(super) const fn position(&self) -> Position {
        self.position
    }

    /// Adds a record to those that are written next.
    pub(super) fn add(&mut self, kind: Kind, payload: &[u8]) -> Result<(), JournalError> {
        let chain = record::write(&mut self.buffer, &self.chain, kind, payload);
        self.chain = chain.ok_or_else(|| JournalError::Form(format!("a record of {} bytes is too long", payload.len())))?;
        Ok(())
    }

    /// The folder of the journal.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives all records to the file: a process that ends loses none of them, a machine that does may.
    ///
    /// # Errors
    /// When the file system refuses. None of them counts as written then.
    pub(super) fn write(&mut self) -> Result<(), JournalError> {
        if self.unsure {
            return Err(JournalError::Stopped);
        }
        if let Err(error) = self.file.write_all(&self.buffer) {
            self.drop_unwritten();
            return Err(failed("write", &self.path)(error));
        }
        self.position.offset += self.buffer.len() as u64;
        self.position.chain = self.chain;
        self.buffer.clear();
        Ok(())
    }

    /// Forgets what was added and not written, and what of it reached the file.
    pub(super) fn drop_unwritten(&mut self) {
        self.buffer.clear();
        self.chain = self.position.chain;
        let cut = self.file.set_len(self.position.offset).and_then(|()| self.file.seek(SeekFrom::Start(self.position.offset)));
        self.unsure |= cut.is_err();
    }

    /// Waits until what was written is on the disk, where that is asked for, and begins another segment behind
    /// a long one. A segment is on the disk before another is begun: only the last may end early.
    pub(super) fn settle(&mut self, sync: bool) -> Result<(), JournalError> {
        let long = self.position.offset >= self.longest;
        if long {
            self.sign()?;
        }
        if sync || long {
            self.file.sync_data().map_err(failed("sync", &self.path))?;
        }
        if long {
            let (file, path, position) = begin(&self.folder, self.position.segment + 1, self.position.chain)?;
            (self.file, self.path, self.position) = (file, path, position);
        }
        Ok(())
    }
}

#[cfg(test)]
impl Writer {
    /// From now on the disk is full.
    pub(super) fn onto_full_disk(&mut self) {
        self.file = OpenOptions::new().write(true).open("/dev/full").unwrap();
    }

    /// From now on the disk may only be read.
    pub(super) fn onto_disk_that_is_only_read(&mut self) {
        self.file = File::open(&self.path).unwrap();
    }
}

/// Begins a segment; its head, and its name in the folder, are on the disk then.
fn begin(folder: &Path, segment: u64, chain: Chain) -> Result<(File, PathBuf, Position), JournalError> {
    let path = file_of(folder, segment);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed("make", &path))?;
    file.write_all(&record::segment_head(segment, &chain)).map_err(failed("write", &path))?;
    file.sync_all().map_err(failed("sync", &path))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("sync", folder))?;
    Ok((file, path, Position { segment, offset: SEGMENT_HEAD as u64, chain }))
}

impl Position {
    /// The hash of everything before, as people compare it.
    pub fn hash(&self) -> String {
        blake3::Hash::from(self.chain).to_hex().to_string()
    }
}

/// What the end of a journal was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Behind the last whole record.
    pub position: Position,
    /// How many bytes stand behind it: a write that did not come to its end, and was never confirmed.
    pub cut_off: u64,
}

/// Gives each record from a position on to a function, in order, with its place and the position behind it.
pub(super) fn read_from(
    folder: &Path,
    mut position: Position,
    mut each: impl FnMut(Record<'_>, Place, Position) -> Result<(), JournalError>,
) -> Result<End, JournalError> {
    loop {
        let path = file_of(folder, position.segment);
        let bytes = contents(&path)?;
        let is_last = !file_of(folder, position.segment + 1).exists();
        let place = |offset: u64| Place { file: path.clone(), offset };
        let expected = record::segment_head(position.segment, &first_chain(&bytes, position));
        let Some(head) = bytes.first_chunk::<SEGMENT_HEAD>() else {
            // Only the head of the last segment may be cut off, and nothing was confirmed in it then.
            return Err(JournalError::Damaged { place: place(0), what: "a segment ends within its head" });
        };
        if *head != expected {
            return Err(JournalError::Damaged { place: place(0), what: "the head of a segment has changed, or a segment is missing" });
        }
        loop {
            let at = usize::try_from(position.offset).unwrap_or(usize::MAX);
            let rest =
                bytes.get(at..).ok_or_else(|| JournalError::Damaged { place: place(position.offset), what: "the segment ends before" })?;
            match record::read(rest, &position.chain) {
                Ok(None) => break,
                Ok(Some((record, taken))) => {
                    let here = place(position.offset);
                    position = Position { offset: position.offset + taken as u64, chain: record.chain, ..position };
                    each(record, here, position)?;
                }
                Err(NotARecord::CutOff) if is_last => return Ok(End { position, cut_off: rest.len() as u64 }),
                Err(NotARecord::CutOff) => {
                    return Err(JournalError::Damaged {
                        place: place(position.offset),
                        what: "records are missing: the next segment goes on",
                    });
                }
                Err(NotARecord::Damaged(what)) => return Err(JournalError::Damaged { place: place(position.offset), what }),
                Err(NotARecord::Kind(number)) => {
                    let what = format!("a record of kind {number}, which this version does not know");
                    return Err(JournalError::Unknown { place: place(position.offset), what });
                }
            }
        }
        if is_last {
            return Ok(End { position, cut_off: 0 });
        }
        position = Position { segment: position.segment + 1, offset: SEGMENT_HEAD as u64, chain: position.chain };
    }
}

/// The chain that the head of a segment must name: that of the position at its beginning. From a position within
/// it, what it says is taken; the chain of the position holds its records.
fn first_chain(bytes: &[u8], position: Position) -> Chain {
    let told = || bytes.get(16..48).and_then(|chain| chain.try_into().ok());
    if position.offset == SEGMENT_HEAD as u64 { position.chain } else { told().unwrap_or_default() }
}

fn contents(path: &Path) -> Result<Vec<u8>, JournalError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map_err(failed("read", path))?;
    Ok(bytes)
}

/// The position at the very beginning of a journal.
pub(super) const fn beginning() -> Position {
    Position { segment: 0, offset: SEGMENT_HEAD as u64, chain: [0; 32] }
}

/// Removes a last segment whose head did not come to its end: it was begun as the machine went down, and
/// nothing was confirmed in it.
pub(super) fn drop_unborn(folder: &Path) -> Result<(), JournalError> {
    let mut last = 0;
    while file_of(folder, last + 1).exists() {
        last += 1;
    }
    let path = file_of(folder, last);
    let mut head = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(SEGMENT_HEAD as u64 + 1).read_to_end(&mut head));
    read.map_err(failed("read", &path))?;
    let unborn = head.len() < SEGMENT_HEAD || head.iter().all(|byte| *byte == 0);
    if last > 0 && unborn {
        fs::remove_file(&path).map_err(failed("remove the empty segment", &path))?;
    }
    Ok(())
}
