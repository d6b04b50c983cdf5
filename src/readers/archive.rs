//! Zips of ticks and minutes: one member, or one a contract month.

use std::io::Cursor;
use std::sync::Arc;

use zip::ZipArchive;
use zip::read::ZipReadOptions;
use zip::result::ZipError;

use super::clock::LocalClock;
use super::error::{Place, ReadError};
use super::lean::{self, Member, Rows};
use super::{Events, ReadOptions, merge};

type Bytes = Cursor<Arc<[u8]>>;

/// An archive held whole as it is packed; its rows are unpacked as they are read.
pub(super) struct Archive {
    place: Place,
    clock: Arc<dyn LocalClock>,
    zip: ZipArchive<Bytes>,
    members: Vec<Opened>,
}

/// A member with a reader of its own, so that members can be merged.
struct Opened {
    index: usize,
    member: Member,
    place: Place,
    bytes: Bytes,
}

impl Archive {
    pub(super) fn open(place: Place, bytes: Vec<u8>, options: &ReadOptions) -> Result<Self, ReadError> {
        let bytes: Bytes = Cursor::new(bytes.into());
        let zip = ZipArchive::new(bytes.clone()).map_err(|error| broken(&place, &error))?;
        let clock = lean::clock(&place, options)?;
        let mut members = Vec::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(|error| broken(&place, &error))?;
            let name = entry.name().map_err(|error| broken(&place, &error))?;
            if entry.is_dir() || !is_wanted(&name, options) {
                continue;
            }
            let member = Member::of(&place, &name, options)?;
            members.push(Opened { index, member, place: place.member(&name), bytes: bytes.clone() });
        }
        if members.is_empty() {
            let help = options.contract.as_ref().map_or("give an archive that is not empty".into(), |month| {
                format!("there is no contract `{month}` in it; write the month as in its names, such as `201312`, or leave it out")
            });
            return Err(place.error(None, "holds nothing to read", help));
        }
        Ok(Self { place, clock, zip, members })
    }

    pub(super) fn events(&mut self) -> Events<'_> {
        let mut sources: Vec<Events<'_>> = Vec::new();
        for Opened { index, member, place, bytes } in &mut self.members {
            let file = self.zip.by_index_data(*index).and_then(|entry| entry.with_reader(bytes, ZipReadOptions::new()));
            sources.push(match file {
                Ok(text) => Box::new(Rows::new(place.clone(), member.clone(), self.clock.clone(), text)),
                Err(error) => Box::new(std::iter::once(Err(broken(&self.place, &error)))),
            });
        }
        merge(sources)
    }
}

fn is_wanted(name: &str, options: &ReadOptions) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    options.contract.as_ref().is_none_or(|month| stem.rsplit('_').next() == Some(month.as_str()))
}

fn broken(place: &Place, error: &ZipError) -> ReadError {
    place.error(None, format!("is a broken zip: {error}"), "check that the file is whole, or get it again")
}
