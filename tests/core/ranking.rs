//! Ranking against the numbers of a slow, plain reference.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use memfast_core::embed::StaticEmbedder;
use memfast_core::{
    Embedder, Engine, Input, NUMBERS, Op, Options, Provenance, Put, Query, Scope, Selection,
    static_table,
};
use serde_json::Value;

/// What the results may differ from the reference by.
const CLOSE: f64 = 1e-3;

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}

fn lexicon() -> std::path::PathBuf {
    data("python/memfast/data/static_embedder")
}

fn table() -> Arc<StaticEmbedder> {
    static_table(&lexicon()).unwrap()
}

fn embedder(table: &StaticEmbedder) -> Embedder {
    Embedder {
        name: "static".into(),
        dim: table.dim(),
        fingerprint: table.fingerprint().into(),
    }
}

fn engine() -> Engine {
    let options = Options {
        embedder: Some(embedder(&table())),
        lexicon: Some(lexicon()),
        ..Options::default()
    };
    Engine::open(Path::new(":memory:"), options).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// A memory of the fixtures, as `add` stores it.
fn put(number: usize, memory: &Value, session: &str) -> Op {
    let speaker = text(memory, "speaker");
    let day = memory["date"]
        .as_str()
        .and_then(memfast_core::time::parse_day);
    let role = match speaker {
        "" => None,
        "assistant" => Some("assistant"),
        _ => Some("user"),
    };
    let name = (!["", "user", "assistant"].contains(&speaker)).then_some(speaker);
    Op::Put(Put {
        id: Some(format!("{number:04}")),
        scope: Scope {
            user_id: Some("u".into()),
            run_id: Some(session.into()),
            ..Scope::default()
        },
        text: text(memory, "text").into(),
        vector: table().embed(&[text(memory, "text")]),
        provenance: Provenance {
            role: role.map(str::to_owned),
            actor_id: name.map(str::to_owned),
            said_at: day.map(memfast_core::time::midnight),
            ..Provenance::default()
        },
        // A day that no question names.
        created_at: Some(0),
        ..Put::default()
    })
}

fn selection() -> Selection {
    Selection::parse([Some(vec!["u".into()]), None, None], None).unwrap()
}

fn floats(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|value| value.as_f64().unwrap()).collect()
}

/// The sum, the score and the numbers of each memory, by id.
type Found = HashMap<String, (f64, f64, Vec<f64>)>;

fn ask(engine: &Engine, question: &str) -> Found {
    let query = Query {
        explain: true,
        ..Query::new(selection(), question, 1000)
    };
    let hits = engine.search(&query).unwrap().into_iter();
    hits.map(|hit| {
        let explanation = hit.explanation.unwrap();
        let numbers = NUMBERS
            .iter()
            .map(|number| f64::from(explanation.numbers.of(*number)));
        let found = (
            f64::from(explanation.sum),
            f64::from(hit.score),
            numbers.collect(),
        );
        (hit.record.id, found)
    })
    .collect()
}

#[test]
fn every_number_sum_and_score_of_the_fixtures_is_that_of_the_reference() {
    let cases = std::fs::read_to_string(data("tests/data/ranking/fixtures.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        let engine = engine();
        let memories = case["memories"].as_array().unwrap();
        let ops = memories.iter().enumerate();
        let ops: Vec<Op> = ops
            .map(|(number, memory)| put(number, memory, &memory["session"].to_string()))
            .collect();
        engine.apply(ops).unwrap();
        for expected in case["expected"].as_array().unwrap() {
            let question = text(expected, "question");
            let found = ask(&engine, question);
            let (sums, scores) = (floats(&expected["z"]), floats(&expected["score"]));
            for at in 0..memories.len() {
                let (sum, score, numbers) = &found[&format!("{at:04}")];
                compared += 1;
                let mut check = |what: &str, got: f64, want: f64| {
                    if (got - want).abs() > CLOSE {
                        let name = text(case, "name");
                        wrong.push(format!(
                            "{name}: {question:?} {at} {what}: {got}, not {want}"
                        ));
                    }
                };
                check("z", *sum, sums[at]);
                check("score", *score, scores[at]);
                for (number, got) in NUMBERS.iter().zip(numbers) {
                    let want = &expected["numbers"][number.name()];
                    let want = if want.is_null() {
                        0.0
                    } else {
                        floats(want)[at]
                    };
                    check(number.name(), *got, want);
                }
            }
        }
    }
    assert!(compared > 400, "{compared} compared");
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
}

#[test]
fn a_text_without_a_known_word_finds_by_words_alone() {
    let engine = engine();
    engine
        .apply(vec![put(0, &serde_json::json!({"text": "zzzz qqqq"}), "s")])
        .unwrap();
    let query = Query::new(selection(), Input::from("qqqq"), 5);
    assert_eq!(engine.search(&query).unwrap().len(), 1);
}
