//! A copy by another process while the owner merges: the listing it began with is out of date.

use crate::backup::walk;
use crate::files::Dir;
use crate::{Clock, Options, Sample, Store, copy, verify};

const SECOND: i64 = 1_000_000;
const NOW: i64 = 1_800_000_000 * SECOND;

fn store(path: &std::path::Path) -> Store {
    let options = Options {
        clock: Clock::new(|| NOW),
        ..Options::default()
    };
    Store::open(path, options).unwrap()
}

/// A store with one sample in its log.
fn watched(path: &std::path::Path) -> Store {
    let owner = store(path);
    let sample = Sample::new(1_u64, NOW - SECOND, 0.5);
    assert_eq!(owner.append(&[sample]).unwrap().stored, 1);
    owner
}

#[test]
fn a_copy_begins_anew_when_a_file_has_gone_or_a_block_has_come() {
    let home = super::home();
    let (path, target) = (home.path().join("series"), home.path().join("copy"));
    let owner = watched(&path);
    let dir = Dir::new(&path);
    let before = dir.names().unwrap();
    owner.flush().unwrap();
    // Listed before the log became a block.
    assert_eq!(walk(&dir, &target, &before).unwrap(), None);
    // The log went before the listing came to it, the block came after: neither is in the list.
    let now = dir.names().unwrap();
    let both: Vec<String> = before
        .into_iter()
        .filter(|name| now.contains(name))
        .collect();
    assert_eq!(walk(&dir, &target, &both).unwrap(), None);
    std::fs::remove_dir_all(&target).unwrap();

    let snapshot = copy(&path, &target).unwrap();
    assert_eq!((snapshot.blocks, snapshot.segments), (1, 0));
    assert_eq!(verify(&target).unwrap().samples, 1);
    let points = store(&target)
        .range(1_u64.into(), NOW - 2 * SECOND, NOW)
        .unwrap();
    assert_eq!(points.len(), 1);
}

#[test]
fn a_record_that_is_still_being_written_is_left_out() {
    let home = super::home();
    let (path, target) = (home.path().join("series"), home.path().join("copy"));
    let _owner = watched(&path);
    let names = Dir::new(&path).names().unwrap();
    let log = names.iter().find(|name| name.starts_with("wal-")).unwrap();
    let whole = std::fs::read(path.join(log)).unwrap();
    std::fs::write(path.join(log), [&whole[..], &whole[22..30]].concat()).unwrap();
    copy(&path, &target).unwrap();
    assert_eq!(std::fs::read(target.join(log)).unwrap(), whole);
    assert!(verify(&target).unwrap().problems.is_empty());
}
