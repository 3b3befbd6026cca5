//! Laws of ranking: what a memory's sum may depend on, and what it may not.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use memfast_core::time::{DAY_MICROS, midnight, parse_day};
use memfast_core::{
    Durability, Embedder, Engine, Kind, Mode, Number, Op, Options, Patch, Provenance, Put, Query,
    Rewrite, Scope, Selection, Told, Weights, static_table,
};
use proptest::prelude::*;

const WORDS: [&str; 12] = [
    "bicycle", "bike", "Lyon", "bought", "pottery", "class", "the", "running", "coffee", "dog",
    "Tobias", "August",
];
const QUESTIONS: [&str; 5] = [
    "Where did Ann buy the bicycle?",
    "coffee dog",
    "What happened in August?",
    "Which class did you recommend?",
    "the",
];

fn lexicon() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/memfast/data/static_embedder")
}

fn options(cache_bytes: usize) -> Options {
    let table = static_table(&lexicon()).unwrap();
    Options {
        embedder: Some(Embedder {
            name: "static".into(),
            dim: table.dim(),
            fingerprint: table.fingerprint().into(),
        }),
        durability: Durability::None,
        cache_bytes,
        lexicon: Some(lexicon()),
        ..Options::default()
    }
}

/// A memory as the model knows it.
#[derive(Debug, Clone)]
struct Memory {
    text: String,
    run: u8,
    speaker: u8,
    day: u8,
    kept: bool,
}

fn memory() -> impl Strategy<Value = Memory> {
    let text = prop::collection::vec(prop::sample::select(&WORDS[..]), 1..9);
    (text, 0_u8..3, 0_u8..4, 0_u8..90, prop::bool::weighted(0.1)).prop_map(
        |(words, run, speaker, day, kept)| Memory {
            text: words.join(" "),
            run,
            speaker,
            day,
            kept,
        },
    )
}

fn put(id: usize, user: &str, memory: &Memory) -> Op {
    let (role, name) = match memory.speaker {
        0 => (None, None),
        1 => (Some("assistant"), None),
        2 => (Some("user"), Some("Ann")),
        _ => (Some("user"), Some("Tobias Berg")),
    };
    let day = i64::from(memory.day) + 19_500;
    Op::Put(Put {
        id: Some(format!("{user}{id:05}")),
        kind: if memory.kept {
            Kind::Message
        } else {
            Kind::Memory
        },
        scope: Scope {
            user_id: Some(user.into()),
            run_id: Some(memory.run.to_string()),
            ..Scope::default()
        },
        text: memory.text.clone(),
        vector: vector(&memory.text),
        provenance: Provenance {
            role: role.map(str::to_owned),
            actor_id: name.map(str::to_owned),
            said_at: Some(day * DAY_MICROS),
            told: Told {
                event_at: (memory.run == 1).then_some((day + 40) * DAY_MICROS),
                worth: f64::from(memory.speaker) / 4.0,
                ..Told::default()
            },
            ..Provenance::default()
        },
        created_at: Some(0),
        ..Put::default()
    })
}

fn vector(text: &str) -> Vec<f32> {
    static_table(&lexicon()).unwrap().embed(&[text])
}

fn of(user: &str) -> Selection {
    let selection = Selection::parse([Some(vec![user.into()]), None, None], None).unwrap();
    Selection {
        include_messages: true,
        ..selection
    }
}

/// Sum and score of each memory that a user's searches find, for each question.
fn sums(engine: &Engine, selection: &Selection) -> Vec<BTreeMap<String, (f32, f32)>> {
    let sums = QUESTIONS.iter().map(|question| {
        let query = Query {
            explain: true,
            ..Query::new(selection.clone(), *question, 10_000)
        };
        let hits = engine.search(&query).unwrap().into_iter();
        hits.map(|hit| (hit.record.id, (hit.explanation.unwrap().sum, hit.score)))
            .collect()
    });
    sums.collect()
}

#[derive(Debug, Clone)]
enum Step {
    Add(Memory),
    /// Deletes the memory that is so far along.
    Delete(usize),
    /// Gives the memory that is so far along another text.
    Rewrite(usize, String),
    /// A search, after which the words are kept up with each commit.
    Search,
    /// Other users' memories.
    Other(Memory),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => memory().prop_map(Step::Add),
        2 => any::<prop::sample::Index>().prop_map(|at| Step::Delete(at.index(1000))),
        2 => (any::<prop::sample::Index>(), memory()).prop_map(|(at, m)| Step::Rewrite(at.index(1000), m.text)),
        2 => Just(Step::Search),
        1 => memory().prop_map(Step::Other),
        1 => Just(Step::Reopen),
    ]
}

fn rounds() -> u32 {
    std::env::var("MEMFAST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .map_or(40, |cases: u32| cases / 50)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(rounds()))]

    #[test]
    fn sums_are_those_of_a_store_that_never_had_anything_else(
        steps in prop::collection::vec(step(), 1..60),
        cache in prop_oneof![Just(usize::MAX / 2), Just(1_usize)],
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = Engine::open(directory.path(), options(cache)).unwrap();
        let mut model: BTreeMap<usize, Memory> = BTreeMap::new();
        let mut others = 0;
        for (number, step) in steps.into_iter().enumerate() {
            let chosen = |at: usize| model.keys().nth(at % model.len().max(1)).copied();
            match step {
                Step::Add(memory) => {
                    engine.apply(vec![put(number, "u", &memory)]).unwrap();
                    model.insert(number, memory);
                }
                Step::Delete(at) => if let Some(id) = chosen(at) {
                    engine.apply(vec![Op::Delete(format!("u{id:05}"))]).unwrap();
                    model.remove(&id);
                },
                Step::Rewrite(at, text) => if let Some(id) = chosen(at) {
                    engine.apply(vec![Op::Patch(Patch {
                        id: format!("u{id:05}"),
                        rewrite: Some(Rewrite::Text { vector: vector(&text), text: text.clone() }),
                        ..Patch::default()
                    })]).unwrap();
                    if let Some(memory) = model.get_mut(&id) {
                        memory.text = text;
                    }
                },
                Step::Search => { sums(&engine, &of("u")); }
                Step::Other(memory) => {
                    others += 1;
                    engine.apply(vec![put(others, "v", &memory)]).unwrap();
                }
                Step::Reopen => {
                    engine.close().unwrap();
                    engine = Engine::open(directory.path(), options(cache)).unwrap();
                }
            }
        }
        let fresh = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
        let puts: Vec<Op> = model.iter().map(|(id, memory)| put(*id, "u", memory)).collect();
        fresh.apply(puts).unwrap();
        prop_assert_eq!(sums(&engine, &of("u")), sums(&fresh, &of("u")));
    }

    #[test]
    fn sessions_may_be_stored_in_any_order(memories in prop::collection::vec(memory(), 1..30)) {
        let by_run = |order: [u8; 3]| {
            let engine = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
            for run in order {
                let of_run = memories.iter().enumerate().filter(|(_, memory)| memory.run == run);
                let puts: Vec<Op> = of_run.map(|(id, memory)| put(id, "u", memory)).collect();
                engine.apply(puts).unwrap();
            }
            sums(&engine, &of("u"))
        };
        prop_assert_eq!(by_run([0, 1, 2]), by_run([2, 0, 1]));
    }

    #[test]
    fn a_narrower_search_only_removes(memories in prop::collection::vec(memory(), 1..40), limit in 1_usize..9) {
        let engine = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
        let puts: Vec<Op> = memories.iter().enumerate().map(|(id, memory)| put(id, "u", memory)).collect();
        engine.apply(puts).unwrap();
        let all = sums(&engine, &of("u"));
        let run = Selection::parse([Some(vec!["u".into()]), None, Some(vec!["1".into()])], None).unwrap();
        for (narrow, wide) in sums(&engine, &run).into_iter().zip(&all) {
            for (id, found) in narrow {
                prop_assert_eq!(Some(&found), wide.get(&id));
            }
        }
        // The best of a short list are the first of the whole one.
        for (question, wide) in QUESTIONS.iter().zip(&all) {
            let mut order: Vec<(&String, &(f32, f32))> = wide.iter().collect();
            order.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then_with(|| a.0.cmp(b.0)));
            let hits = engine.search(&Query::new(of("u"), *question, limit)).unwrap();
            let found: Vec<&String> = hits.iter().map(|hit| &hit.record.id).collect();
            let best: Vec<&String> = order.iter().take(limit).map(|(id, _)| *id).collect();
            prop_assert_eq!(found, best);
        }
    }

    #[test]
    fn a_threshold_cuts_at_the_score(memories in prop::collection::vec(memory(), 1..40), threshold in 0.0_f32..0.9) {
        let engine = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
        let puts: Vec<Op> = memories.iter().enumerate().map(|(id, memory)| put(id, "u", memory)).collect();
        engine.apply(puts).unwrap();
        for mode in [Mode::Hybrid, Mode::Lexical, Mode::Semantic] {
            let query = Query { mode, ..Query::new(of("u"), QUESTIONS[0], 1000) };
            let all = engine.search(&query).unwrap();
            let cut = engine.search(&Query { threshold: Some(threshold), ..query }).unwrap();
            let reach: Vec<_> = all.into_iter().filter(|hit| threshold <= 0.0 || hit.score >= threshold).collect();
            prop_assert_eq!(cut, reach);
        }
    }
}

/// The hits of a question over notes of one text that were said on a day, tell a day and have a
/// worth: id, number and part.
fn notes(
    notes: &[(Option<&str>, Option<&str>, f64)],
    question: &str,
    number: Number,
) -> Vec<(String, f32, f32)> {
    let engine = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
    let at = |day: Option<&str>| day.and_then(parse_day).map(midnight);
    let text = "The pottery class in Lyon";
    let put = |(id, (said, event, worth)): (usize, &(Option<&str>, Option<&str>, f64))| {
        Op::Put(Put {
            id: Some(id.to_string()),
            scope: Scope {
                user_id: Some("u".into()),
                ..Scope::default()
            },
            text: text.into(),
            vector: vector(text),
            provenance: Provenance {
                said_at: at(*said),
                told: Told {
                    event_at: at(*event),
                    worth: *worth,
                    ..Told::default()
                },
                ..Provenance::default()
            },
            created_at: Some(0),
            ..Put::default()
        })
    };
    let puts: Vec<Op> = notes.iter().enumerate().map(put).collect();
    engine.apply(puts).unwrap();
    let query = Query {
        explain: true,
        ..Query::new(of("u"), question, 10)
    };
    let weights = Weights::default();
    let hits = engine.search(&query).unwrap().into_iter();
    hits.map(|hit| {
        let numbers = hit.explanation.unwrap().numbers;
        let part = numbers.parts(&weights).find(|(one, _)| *one == number);
        (hit.record.id, numbers.of(number), part.unwrap().1)
    })
    .collect()
}

#[test]
fn a_memory_is_dated_by_the_nearer_of_when_it_was_said_and_when_it_happened() {
    let said = "2024-03-01";
    let hits = notes(
        &[
            (Some(said), None, 0.0),
            (Some("2024-05-07"), None, 0.0),
            (Some(said), Some("2024-05-07"), 0.0),
            (Some("2024-05-07"), Some(said), 0.0),
            (None, Some("2024-05-07"), 0.0),
            (Some(said), Some("1990-01-01"), 0.0),
        ],
        "Which class was on 7 May 2024?",
        Number::Date,
    );
    let dates: BTreeMap<&str, f32> = hits.iter().map(|hit| (hit.0.as_str(), hit.1)).collect();
    let on_the_day = dates["1"];
    assert!(on_the_day > 0.9, "{dates:?}");
    for id in ["2", "3", "4"] {
        assert_eq!(dates[id], on_the_day, "{id}");
    }
    assert!(dates["0"] < on_the_day / 2.0, "{dates:?}");
    assert_eq!(dates["5"], dates["0"]);
}

#[test]
fn of_two_memories_alike_the_one_of_greater_worth_comes_first_and_none_counts_0() {
    let hits = notes(
        &[(None, None, 0.0), (None, None, 0.5), (None, None, 1.0)],
        "Where is the pottery class?",
        Number::Worth,
    );
    let weight = Weights::default().of(Number::Worth);
    assert!(weight > 0.0);
    let found: Vec<_> = hits.iter().map(|hit| (hit.0.as_str(), hit.2)).collect();
    assert_eq!(found, [("2", weight), ("1", weight * 0.5), ("0", 0.0)]);
}

#[test]
fn a_search_over_a_large_store_ranks_the_nearest_by_all_numbers() {
    let engine = Engine::open(Path::new(":memory:"), options(usize::MAX / 2)).unwrap();
    let filler = Memory {
        text: "running dog".into(),
        run: 0,
        speaker: 0,
        day: 1,
        kept: false,
    };
    let plain = vector(&filler.text);
    for block in 0..11 {
        let puts = (0..10_000).map(|at| {
            let Op::Put(put) = put(block * 10_000 + at, "v", &filler) else {
                unreachable!("a put")
            };
            Op::Put(Put {
                vector: plain.clone(),
                ..put
            })
        });
        engine.apply(puts.collect::<Vec<_>>()).unwrap();
    }
    for (id, text) in ["Lyon pottery class", "bought pottery in Lyon", "coffee"]
        .into_iter()
        .enumerate()
    {
        engine
            .apply(vec![put(
                id,
                "u",
                &Memory {
                    text: text.into(),
                    ..filler.clone()
                },
            )])
            .unwrap();
    }
    let all = Selection::parse([Some(vec!["*".into()]), None, None], None).unwrap();
    let query = Query::new(all, "Where is the pottery class?", 2);
    assert_eq!(engine.candidates(&query).unwrap(), Some(1000));
    let exact = Query {
        exact: true,
        ..query.clone()
    };
    assert_eq!(engine.candidates(&exact).unwrap(), None);
    let one = Query {
        selection: of("v"),
        ..query.clone()
    };
    assert_eq!(engine.candidates(&one).unwrap(), None);
    for query in [query, exact] {
        let hits = engine.search(&query).unwrap();
        let texts: Vec<&str> = hits.iter().map(|hit| hit.record.text.as_str()).collect();
        assert_eq!(texts, ["Lyon pottery class", "bought pottery in Lyon"]);
    }
}
