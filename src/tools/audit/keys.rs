//! The keys of a journal's signatures.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use super::super::{Exit, render};
use crate::journal::{self, PublicKey, SecretKey, Signed};

/// Writes a new secret key to a file that only its owner may read, and tells the public one.
pub(super) fn new(file: &Path) -> Result<Exit, String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random numbers: {error}"))?;
    let key = SecretKey::of(bytes);
    write(file, &key.reveal()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{} is there already: a key is not overwritten", file.display()),
        _ => format!("cannot write {}: {error}", file.display()),
    })?;
    render::note(&format!("the secret key is in {}: the host signs with it; the public key is", file.display()));
    render::line(&key.public().to_string());
    Ok(Exit::Ok)
}

fn write(file: &Path, digits: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(format!("{digits}\n").as_bytes())
}

/// Tells of each segment that is not signed to its end with one of the keys.
pub(super) fn signed(folder: &Path, keys: &[PublicKey]) -> Result<Exit, String> {
    let segments = journal::signatures(folder, keys).map_err(|error| error.to_string())?;
    let mut exit = Exit::Ok;
    for (number, segment) in segments.iter().enumerate() {
        let what = match segment.signed {
            Signed::Whole => continue,
            Signed::Not { records } => {
                let records = render::counted(records, "record", "records");
                let is_last = number + 1 == segments.len();
                let mend = if is_last { "; the host signs at `commit`, at a snapshot, and at the end of a segment" } else { "" };
                format!("not signed: the last {records}{mend}")
            }
            Signed::ByOther(other) => format!("it is signed with another key, {other}"),
            Signed::Wrongly => "a signature in it is not of the key that it names".into(),
        };
        render::error(&format!("{}: {what}", segment.file.display()));
        exit = Exit::Found;
    }
    if exit == Exit::Ok {
        render::line(&format!("signed to the end: {}", render::counted(segments.len() as u64, "segment", "segments")));
    }
    Ok(exit)
}
