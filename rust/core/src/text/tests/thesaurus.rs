use std::fs;

use proptest::prelude::*;

use super::*;
use crate::error::Error;

fn shipped() -> Thesaurus {
    Thesaurus::open(&root().join("python/memfast/data/static_embedder")).unwrap()
}

/// A thesaurus file of this content.
fn file(body: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |n, byte| n << 8 | u64::from(*byte))
    };
    let mut numbers: Vec<u64> = body.chunks(4).map(number).collect();
    for at in 1..numbers.len() {
        numbers[at] += numbers[at - 1];
    }
    let checksum: u64 = numbers.iter().sum();
    [body, &checksum.to_le_bytes()].concat()
}

/// Opens a thesaurus file of this content.
fn open(body: &[u8]) -> Result<Thesaurus, Error> {
    open_file(&file(body))
}

fn open_file(file: &[u8]) -> Result<Thesaurus, Error> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesaurus.bin"), file).unwrap();
    Thesaurus::open(dir.path())
}

fn assert_corrupt(opened: Result<Thesaurus, Error>, case: &str) {
    match opened {
        Err(error @ Error::Corrupt { .. }) => {
            assert!(
                error.to_string().contains("thesaurus.bin"),
                "{case}: {error}"
            );
        }
        other => panic!("{case}: {other:?}"),
    }
}

/// Three stems: `cat` and `car` are neighbours (cosine 0.9998), `dog` has `cat` (0.35), which does
/// not have `dog`.
fn small() -> Vec<u8> {
    let mut body = b"MEMTHES1\x03\x00\x02\x00\x00\x00\x00ca\xf2\x02\xf4\x00do\xe7".to_vec();
    let mut counts = vec![0_u8; 2 * 6501];
    counts[2 * 2] = 1;
    counts[2 * 6500] = 1;
    body.extend(counts);
    body.extend((1_u32 << 15 | 3 << 30).to_le_bytes());
    body.extend((1_u32 | 2 << 15 | 1 << 31).to_le_bytes());
    body
}

fn near(thesaurus: &Thesaurus, stem: &str) -> Vec<(Term, f32)> {
    thesaurus.near(term(stem)).collect()
}

#[test]
fn the_shipped_thesaurus_has_the_neighbours_of_the_reference() {
    let thesaurus = shipped();
    assert_eq!(
        format!("{thesaurus:?}"),
        "Thesaurus(13739 stems, 203545 pairs)"
    );
    // Computed in float32, the file in float64: some cosines are rounded to the other side.
    let cases: Vec<(String, Vec<(f32, String)>)> = read("tests/data/text/thesaurus.json");
    assert!(cases.len() > 15);
    for (stem, want) in cases {
        let mut found = near(&thesaurus, &stem);
        assert_eq!(found.len(), want.len(), "{stem}");
        assert!(found.is_sorted_by(|(_, a), (_, b)| a >= b), "{stem}");
        for (cosine, other) in want {
            let at = found
                .iter()
                .position(|(found, share)| {
                    *found == term(&other) && (share.sqrt() - cosine).abs() < 1.5e-4
                })
                .unwrap_or_else(|| panic!("{other}, {cosine} is not near {stem}"));
            found.remove(at);
        }
    }
    assert!(near(&thesaurus, "the").is_empty());
    assert!(near(&thesaurus, "").is_empty());
    assert!(near(&thesaurus, "кошка").is_empty());
}

#[test]
fn a_neighbour_counts_in_the_direction_that_the_file_names() {
    let thesaurus = open(&small()).unwrap();
    assert_eq!(thesaurus.len(), 3);
    assert_eq!(near(&thesaurus, "car"), [(term("cat"), 0.999_600_04)]);
    assert_eq!(near(&thesaurus, "cat"), [(term("car"), 0.999_600_04)]);
    assert_eq!(near(&thesaurus, "dog"), [(term("cat"), 0.1225)]);
    let empty = [b"MEMTHES1\0\0\0\0\0\0".as_slice(), &[0; 2 * 6501]].concat();
    assert!(open(&empty).unwrap().is_empty());
}

#[test]
fn a_damaged_thesaurus_is_an_error_that_names_the_file() {
    let body = small();
    let with = |at: usize, byte: u8| {
        let mut body = body.clone();
        body[at] = byte;
        body
    };
    let last = body.len() - 1;
    let cases = [
        ("nothing", Vec::new()),
        ("other magic", with(7, b'2')),
        ("more stems", with(8, 4)),
        ("fewer stems", with(8, 2)),
        ("more pairs", with(10, 3)),
        ("shares more letters than there are", with(18, 9)),
        ("repeats a stem", with(19, 0xf2)),
        ("more cosines", with(24, 1)),
        ("a pair of a stem beyond the last", with(last - 7, 3)),
        ("a pair of one stem with itself", with(last - 7, 1)),
        ("one byte more", [body.as_slice(), &[0]].concat()),
        (
            "one pair more",
            [body.as_slice(), &[1, 0, 1, 0x80]].concat(),
        ),
        ("the end of a stem missing", body[..20].to_vec()),
    ];
    for (case, body) in &cases {
        assert_corrupt(open(body), case);
    }
    let file = file(&body);
    for at in [0, 9, 21, 600, file.len() - 20, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        assert_corrupt(open_file(&changed), &format!("byte {at} changed"));
        assert_corrupt(open_file(&file[..at]), &format!("cut at {at}"));
    }
    let nowhere = tempfile::tempdir().unwrap();
    assert!(matches!(
        Thesaurus::open(nowhere.path()),
        Err(Error::Io { .. })
    ));
}

proptest! {
    #[test]
    fn any_content_with_its_checksum_opens_or_is_refused(
        changes in prop::collection::vec((0_usize..13_100, any::<u8>()), 0..6),
        cut in 0_usize..13_100,
    ) {
        let mut body = small();
        for (at, byte) in changes {
            if let Some(slot) = body.get_mut(at) {
                *slot = byte;
            }
        }
        for body in [&body[..], &body[..cut.min(body.len())]] {
            if let Ok(thesaurus) = open(body) {
                for stem in ["car", "cat", "dog"] {
                    prop_assert!(near(&thesaurus, stem).len() <= 4);
                }
            }
        }
    }
}
