//! What is signed in a journal, and what is not.

use super::super::segments::file_of;
use super::super::{Journaled, Kind, Options, PublicKey, SecretKey, Signed, Sync, read, signatures, verify};
use super::{Folder, event, places, program, written};

/// How far each segment is signed.
fn signed(folder: &Folder, keys: &[PublicKey]) -> Vec<Signed> {
    signatures(&folder.0, keys).unwrap().into_iter().map(|segment| segment.signed).collect()
}

#[test]
fn each_segment_is_signed_at_its_end_and_the_last_at_a_commit() {
    let folder = Folder::new("signed");
    let (old, new) = (SecretKey::of([1; 32]), SecretKey::of([2; 32]));
    let options = Options { sync: Sync::System, segment_bytes: 4_096, key: Some(old) };
    let mut engine = Journaled::create(&folder.0, options).unwrap();
    engine.load(&program()).unwrap();
    (0..100).for_each(|number| drop(engine.apply(&event(number)).unwrap().to_vec()));
    engine.commit().unwrap();
    let keys = [old.public()];
    let all = signed(&folder, &keys);
    assert!(all.len() > 4 && all.iter().all(|signed| *signed == Signed::Whole), "{all:?}");
    let end = engine.position();
    engine.commit().unwrap();
    assert_eq!(engine.position(), end, "nothing is signed twice");

    // Two events that lead to an outcome or not stand behind the signature; one less record is told than there is with one more.
    engine.apply(&event(100)).unwrap();
    let (mut records, last) = (0, all.len() - 1);
    read(&folder.0, |record, place| {
        records += u64::from(record.kind != Kind::Signature && place.file == file_of(&folder.0, end.segment) && place.offset >= end.offset);
        Ok(())
    })
    .unwrap();
    assert!(records > 0);
    assert_eq!(signed(&folder, &keys)[last], Signed::Not { records });
    drop(engine);

    // The host goes on with another key: both are needed from then on.
    let (mut engine, recovery) = Journaled::open(&folder.0, Options { key: Some(new), ..options }).unwrap();
    assert_eq!(recovery.events, 101);
    (101..200).for_each(|number| drop(engine.apply(&event(number)).unwrap().to_vec()));
    engine.snapshot().unwrap();
    drop(engine);
    let both = signed(&folder, &[old.public(), new.public()]);
    assert!(both.len() > all.len() && both.iter().all(|signed| *signed == Signed::Whole), "{both:?}");
    assert_eq!(signed(&folder, &keys)[both.len() - 1], Signed::ByOther(new.public()));
    assert_eq!(verify(&folder.0).unwrap().events, 200);
    assert_eq!(Journaled::open(&folder.0, options).unwrap().1.events, 0, "the snapshot stands behind a signature");
}

#[test]
fn what_is_signed_by_nobody_by_others_or_wrongly_is_told() {
    let folder = Folder::new("unsigned");
    written(&folder, 100);
    let key = SecretKey::of([1; 32]);
    let none = signed(&folder, &[key.public()]);
    let records = none.iter().map(|signed| if let Signed::Not { records } = signed { *records } else { panic!("{none:?}") });
    assert!(none.len() > 3);
    assert_eq!(records.sum::<u64>(), places(&folder).len() as u64);
    // Somebody without the key writes a signature under its name, and the host a right one behind it.
    let options = Options { sync: Sync::System, key: Some(key), ..Options::default() };
    let (mut engine, _) = Journaled::open(&folder.0, options).unwrap();
    let forged = [key.sign(&[0; 32])[..32].to_vec(), SecretKey::of([3; 32]).sign(&engine.position().chain)[32..].to_vec()].concat();
    engine.writer.add(Kind::Signature, &forged).unwrap();
    engine.writer.write().unwrap();
    engine.commit().unwrap();
    drop(engine);
    assert_eq!(signed(&folder, &[key.public()]).last(), Some(&Signed::Wrongly));
}

#[test]
fn a_signature_that_came_to_no_end_is_cut_off_and_made_again() {
    let folder = Folder::new("half-signed");
    let key = SecretKey::of([1; 32]);
    let options = Options { sync: Sync::System, key: Some(key), ..Options::default() };
    let mut engine = Journaled::create(&folder.0, options).unwrap();
    engine.load(&program()).unwrap();
    engine.apply(&event(0)).unwrap();
    let before = engine.position().offset;
    engine.commit().unwrap();
    let behind = engine.position().offset;
    drop(engine);
    // Its record: 16 bytes of head, 32 of the key, 64 of the signature, 32 of the chain.
    assert_eq!(behind - before, 144);
    for end in before..behind {
        let file = std::fs::OpenOptions::new().write(true).open(file_of(&folder.0, 0)).unwrap();
        file.set_len(end).unwrap();
        let (mut engine, recovery) = Journaled::open(&folder.0, options).unwrap();
        assert_eq!((recovery.events, recovery.cut_off), (1, end - before));
        engine.commit().unwrap();
        drop(engine);
        assert_eq!(signed(&folder, &[key.public()]), [Signed::Whole]);
    }
}
