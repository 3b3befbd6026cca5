//! Filters against a second evaluator, written from the grammar alone.
#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

#[allow(dead_code)] // each test file uses its part
#[macro_use]
#[path = "support/values.rs"]
mod values;
#[path = "support/naive.rs"]
mod naive;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;

use memfast_core::filter::{Filter, ScopeQuery, Select, parse};
use memfast_core::time::{format_day, format_instant, parse_day, parse_instant};
use memfast_core::{
    Engine, Metadata, Op, Options, Patch, Provenance, Put, Query, Record, Scope, Selection, Value,
};
use naive::{DAYS, naive, naive_numbers};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use values::{HASH, Lit, NEW_YEAR, TIMES, TWO_63, matches, record};

const WORDS: [&str; 12] = [
    "",
    "*",
    "a",
    "A",
    "alpha",
    "ALPHA beta",
    "École",
    "éCOLE",
    "2024",
    "2024-13-01",
    "2024-01",
    "1",
];

// ---- Random filters and records ---------------------------------------------------------------

fn text() -> impl Strategy<Value = Value> {
    let times = TIMES.map(|(time, _)| time);
    prop_oneof![select(WORDS.as_slice()), select(times.to_vec())]
        .prop_map(|text| Value::Text(text.to_owned()))
}

fn num() -> impl Strategy<Value = Value> {
    let edge = 1_i64 << 53;
    prop_oneof![
        4 => (-2..3_i64).prop_map(Value::Int),
        4 => (-4..6_i32).prop_map(|half| Value::Float(f64::from(half) / 2.0)),
        2 => (edge - 2..edge + 3).prop_map(Value::Int),
        2 => (edge - 2..edge + 3).prop_map(|int| Value::Float(int as f64)),
        1 => select(vec![i64::MIN, i64::MAX, i64::MAX - 1]).prop_map(Value::Int),
        1 => select(vec![-TWO_63, TWO_63, 1e30, -0.0])
            .prop_map(Value::Float),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![4 => text(), 4 => num(), 1 => any::<bool>().prop_map(Value::Bool)]
}

/// A metadata value; never null, which not every operator takes.
fn value() -> impl Strategy<Value = Value> {
    let nullable = prop_oneof![9 => scalar(), 1 => Just(Value::Null)].boxed();
    let map = btree_map(key(&["a", "b"]), nullable.clone(), 0..3)
        .prop_map(Value::Map)
        .boxed();
    let list = vec(prop_oneof![5 => nullable, 1 => map.clone()], 0..3).prop_map(Value::List);
    prop_oneof![6 => scalar(), 2 => list, 1 => map]
}

fn key(keys: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(keys).prop_map(str::to_owned)
}

fn one_op(
    name: &'static str,
    operand: impl Strategy<Value = Value>,
) -> impl Strategy<Value = (String, Value)> {
    operand.prop_map(move |operand| (name.to_owned(), operand))
}

/// What may stand after a key: given its values, its ordered values, and what it may contain.
fn condition(
    value: BoxedStrategy<Value>,
    ordered: BoxedStrategy<Value>,
    part: Option<BoxedStrategy<Value>>,
) -> BoxedStrategy<Value> {
    let list = vec(value.clone(), 0..4).prop_map(Value::List);
    let nullable = prop_oneof![5 => value.clone(), 1 => Just(Value::Null)].boxed();
    let mut ops = vec![
        one_op("eq", nullable.clone()).boxed(),
        one_op("ne", nullable).boxed(),
        one_op("in", list.clone()).boxed(),
        one_op("nin", list.clone()).boxed(),
    ];
    ops.extend(["gt", "gte", "lt", "lte"].map(|name| one_op(name, ordered.clone()).boxed()));
    if let Some(part) = part {
        ops.push(one_op("contains", part).boxed());
        ops.push(one_op("icontains", text()).boxed());
    }
    let operators = vec(proptest::strategy::Union::new(ops), 1..3)
        .prop_map(|ops| Value::Map(ops.into_iter().collect()));
    // A dict or list as such is not a scalar: only `eq` compares it.
    let bare = value.prop_filter("a scalar", |value| {
        !matches!(value, Value::Map(_) | Value::List(_))
    });
    prop_oneof![
        4 => bare,
        1 => Just(Value::Null),
        1 => Just(Value::Text("*".to_owned())),
        2 => list,
        6 => operators,
    ]
    .boxed()
}

const META: &[&str] = &["k", "n", "a", "a.b", "a.a", "l", "d", "categories"];

fn leaf() -> impl Strategy<Value = (String, Value)> {
    let ids = || {
        select(vec!["a", "b", "ab", ""])
            .prop_map(|id| Value::Text(id.to_owned()))
            .boxed()
    };
    let actor = condition(ids(), ids(), Some(ids()));
    let owners = || {
        let texts = ["a", "b", " ab\t", "7"].map(|id| Value::Text(id.to_owned()));
        prop_oneof![select(texts.to_vec()), Just(Value::Int(7))].boxed()
    };
    let owner = condition(owners(), owners(), Some(ids()));
    let hash = || {
        select(vec![HASH, "ab"])
            .prop_map(|hash| Value::Text(hash.to_owned()))
            .boxed()
    };
    let hash = condition(hash(), hash(), Some(hash()));
    let times = prop_oneof![
        select(TIMES.map(|(time, _)| Value::Text(time.to_owned())).to_vec()),
        (1_704_067_199..1_704_067_202_i64).prop_map(Value::Int),
        (3_408_134_398..3_408_134_404_i64).prop_map(|half| Value::Float(half as f64 / 2.0)),
    ]
    .boxed();
    let time = condition(times.clone(), times, None);
    let days = select(DAYS.map(|(day, _)| Value::Text(day.to_owned())).to_vec()).boxed();
    let day = condition(days.clone(), days, None);
    let ordered = prop_oneof![text(), num()].boxed();
    let meta = condition(value().boxed(), ordered, Some(scalar().boxed()));
    let numbers = condition(num().boxed(), num().boxed(), None);
    prop_oneof![
        4 => (key(&["user_id", "agent_id", "run_id"]), owner),
        2 => (key(&["actor_id", "role", "memory_type"]), actor),
        1 => (key(&["hash"]), hash),
        2 => (key(&["created_at", "updated_at"]), time),
        1 => (key(&["expiration_date"]), day),
        2 => (key(&["n"]), numbers),
        8 => (key(META), meta),
    ]
}

fn filter() -> impl Strategy<Value = Value> {
    let leaves = btree_map_of(leaf().boxed(), 0..3);
    leaves.prop_recursive(4, 24, 3, |inner| {
        let filters = prop_oneof![
            4 => vec(inner.clone(), 1..4).prop_map(Value::List),
            1 => inner,
        ];
        let group = (key(&["AND", "OR", "NOT"]), filters);
        btree_map_of(prop_oneof![1 => leaf(), 2 => group].boxed(), 1..3)
    })
}

fn btree_map_of(
    entry: BoxedStrategy<(String, Value)>,
    size: std::ops::Range<usize>,
) -> BoxedStrategy<Value> {
    vec(entry, size)
        .prop_map(|entries| Value::Map(entries.into_iter().collect()))
        .boxed()
}

fn any_record() -> impl Strategy<Value = Record> {
    let id = || option::of(key(&["a", "b", "ab", "7"]));
    let time = || {
        prop_oneof![
            select(TIMES.map(|(_, instant)| instant).to_vec()),
            select(vec![
                NEW_YEAR + 500_000,
                NEW_YEAR + 1_000_000,
                i64::MAX,
                i64::MIN
            ]),
        ]
    };
    let day = option::of(prop_oneof![
        select(DAYS.map(|(_, day)| day).to_vec()),
        19_720..19_726
    ]);
    let held = prop_oneof![8 => value(), 1 => Just(Value::Null)];
    let metadata = (btree_map(key(META), held, 0..6), option::of(num()));
    let metadata = metadata.prop_map(|(mut metadata, number)| {
        metadata.extend(number.map(|number| ("n".to_owned(), number)));
        metadata
    });
    let hash = select(vec![[0xAB_u8; 16], [1; 16]]);
    (
        id(),
        id(),
        id(),
        id(),
        id(),
        id(),
        (
            time(),
            time(),
            day,
            metadata,
            hash,
            vec(key(&["a", "alpha"]), 0..3),
        ),
    )
        .prop_map(
            |(user_id, agent_id, run_id, actor_id, role, memory_type, rest)| {
                let (created_at, updated_at, expires_on, metadata, hash, categories) = rest;
                let mut record = record(Value::Map(metadata));
                record.scope = Scope {
                    user_id,
                    agent_id,
                    run_id,
                };
                record.hash = hash;
                record.created_at = created_at;
                record.updated_at = updated_at;
                record.provenance = Provenance {
                    actor_id,
                    role,
                    memory_type,
                    expires_on,
                    categories,
                    ..Provenance::default()
                };
                record
            },
        )
}

fn config() -> ProptestConfig {
    let cases = std::env::var("MEMFAST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut config = ProptestConfig::with_cases(cases.unwrap_or(20_000));
    config.failure_persistence = None;
    config
}

fn selects(bounds: &[Option<Select>; 3]) -> ScopeQuery {
    let [user, agent, run] = bounds.clone();
    ScopeQuery::everything()
        .intersect(&ScopeQuery::new(user, agent, run).unwrap_or_else(|_| ScopeQuery::everything()))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn filters_mean_what_the_grammar_says(filter in filter(), record in any_record()) {
        let parsed = parse(&filter).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(parsed.matches(&record), naive(&filter, &record));
        // Bounds let every match through.
        if parsed.matches(&record) {
            prop_assert!(selects(&parsed.scope_bounds()).matches(&record.scope));
        }
        // Naming scopes drops nothing but existence of scope ids.
        let (query, bounds) = Filter::parse_query(&filter).unwrap();
        prop_assert_eq!(&bounds, &parsed.scope_bounds());
        prop_assert!(!parsed.matches(&record) || query.matches(&record));
        let whole = record.scope.user_id.is_some()
            && record.scope.agent_id.is_some()
            && record.scope.run_id.is_some();
        if whole {
            prop_assert_eq!(parsed.matches(&record), query.matches(&record));
        }
    }

    #[test]
    fn numbers_compare_without_rounding(left in num(), right in num()) {
        let record = record(v!({"n": (left.clone())}));
        let order = naive_numbers(&left, &right);
        let holds = |name: &str| {
            let ops = Value::Map(Metadata::from([(name.to_owned(), right.clone())]));
            matches(v!({"n": ops}), &record)
        };
        prop_assert_eq!(holds("eq"), order == Some(Ordering::Equal));
        prop_assert_eq!(holds("lt"), order == Some(Ordering::Less));
        prop_assert_eq!(holds("gt"), order == Some(Ordering::Greater));
    }

    #[test]
    fn days_and_instants_read_as_they_are_written(day in -719_162..=2_932_896_i32, micros in 0..86_400_000_000_i64) {
        prop_assert_eq!(parse_day(&format_day(day)), Some(day));
        let instant = i64::from(day) * 86_400_000_000 + micros;
        prop_assert_eq!(parse_instant(&format_instant(instant)), Some(instant));
    }

    #[test]
    fn reading_any_text_as_a_time_never_panics(text in "[0-9TZ:+. é-]{0,30}") {
        let _ = (parse_day(&text), parse_instant(&text));
    }
}

/// The ids that a search over a scope finds with a filter, and those that match by the record.
fn by_columns_and_by_records(
    engine: &Engine,
    scope: &ScopeQuery,
    filter: &Filter,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let all = Selection {
        show_expired: true,
        ..Selection::new(scope.clone())
    };
    let stored = engine.scan(&all, None, 10_000).unwrap().records;
    let query = Query::new(
        Selection {
            filter: Some(filter.clone()),
            ..all
        },
        vec![1.0, 0.5],
        10_000,
    );
    let found = engine.search(&query).unwrap();
    let matching = stored.into_iter().filter(|record| filter.matches(record));
    (
        found.into_iter().map(|hit| hit.record.id).collect(),
        matching.map(|record| record.id).collect(),
    )
}

fn put(record: &Record) -> Op {
    let mut scope = record.scope.clone();
    if scope.is_empty() {
        scope.user_id = Some("a".to_owned());
    }
    Op::Put(Put {
        scope,
        text: record.text.clone(),
        vector: vec![1.0, 0.0],
        metadata: record.metadata.clone(),
        provenance: record.provenance.clone(),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        ..Put::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 40, ..config() })]

    #[test]
    fn a_search_finds_by_columns_what_matches_by_the_record(
        records in vec(any_record(), 1..60),
        later in vec(any_record(), 0..40),
        filters in vec(filter(), 1..4),
        change in any::<proptest::sample::Index>(),
    ) {
        let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
        let apply = |ops: Vec<Op>| engine.apply(ops).unwrap();
        let scopes = [ScopeQuery::everything(), ScopeQuery::new(Some(Select::one("a")), None, None).unwrap()];
        let parsed: Vec<Filter> = filters.iter().map(|filter| parse(filter).unwrap()).collect();
        let check = || {
            for (filter, scope) in parsed.iter().flat_map(|filter| scopes.iter().map(move |scope| (filter, scope))) {
                let (found, matching) = by_columns_and_by_records(&engine, scope, filter);
                prop_assert_eq!(found, matching, "{:?}", filter);
            }
            Ok(())
        };
        let added = apply(records.iter().map(put).collect());
        check()?;
        // The columns made by the first searches must not be believed of what changed since.
        apply(later.iter().map(put).collect());
        let target = added[change.index(added.len())].after.clone().unwrap();
        apply(vec![Op::Patch(Patch {
            id: target.id.clone(),
            metadata: later.first().map(|record| record.metadata.clone()),
            expires_on: Some(None),
            ..Patch::default()
        })]);
        check()?;
        apply(vec![Op::Delete(target.id.clone())]);
        check()?;
    }
}
