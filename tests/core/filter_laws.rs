//! The laws of filters, and a second evaluator written from the grammar alone.
#![allow(
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]

use std::cmp::Ordering;
use std::collections::BTreeSet;

use memfast_core::filter::{
    Filter, ScopeQuery, Select, format_day, format_instant, parse, parse_day, parse_instant,
};
use memfast_core::{Error, Kind, Metadata, Provenance, Record, Scope, Value};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

// ---- Building values --------------------------------------------------------------------------

struct Lit(Value);

impl From<i64> for Lit {
    fn from(int: i64) -> Self {
        Self(Value::Int(int))
    }
}

impl From<f64> for Lit {
    fn from(float: f64) -> Self {
        Self(Value::Float(float))
    }
}

impl From<bool> for Lit {
    fn from(truth: bool) -> Self {
        Self(Value::Bool(truth))
    }
}

impl From<&str> for Lit {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

impl From<Value> for Lit {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

/// Writes a [`Value`] as JSON-like Rust.
macro_rules! v {
    (null) => { Value::Null };
    ([$($item:tt),* $(,)?]) => { Value::List(vec![$(v!($item)),*]) };
    ({$($key:literal : $value:tt),* $(,)?}) => {
        Value::Map(Metadata::from([$(($key.to_owned(), v!($value))),*]))
    };
    ($other:expr) => { Lit::from($other).0 };
}

fn record(metadata: Value) -> Record {
    let Value::Map(metadata) = metadata else {
        panic!("metadata is a dict")
    };
    Record {
        id: "id".to_owned(),
        kind: Kind::Memory,
        scope: Scope {
            user_id: Some("alice".to_owned()),
            agent_id: None,
            run_id: None,
        },
        text: "text".to_owned(),
        hash: [0xAB; 16],
        metadata,
        created_at: NEW_YEAR,
        updated_at: NEW_YEAR + 1,
        revision: 0,
        last_seq: 1,
        provenance: Provenance::default(),
    }
}

fn matches(filter: Value, record: &Record) -> bool {
    parse(&filter).unwrap().matches(record)
}

/// Whether a filter matches a record with this metadata.
fn on(metadata: Value, filter: Value) -> bool {
    matches(filter, &record(metadata))
}

/// Path and problem of a filter that must not parse.
fn refused(filter: Value) -> (String, String) {
    match parse(&filter) {
        Err(Error::Filter { path, problem }) => (path, problem),
        other => panic!("{filter:?} gave {other:?}"),
    }
}

// ---- The naive evaluator ----------------------------------------------------------------------

/// Beyond every `i64`.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
/// 2024-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_704_067_200_000_000;

/// Texts that read as times, with the instants `datetime.fromisoformat` of Python gives.
const TIMES: [(&str, i64); 7] = [
    ("2024-01-01", NEW_YEAR),
    ("2024-01-01T00:00:00Z", NEW_YEAR),
    ("2024-01-01T01:00:00+01:00", NEW_YEAR),
    ("2024-01-01 00:00:00.000001", NEW_YEAR + 1),
    ("2023-12-31T23:59:59.999999", NEW_YEAR - 1),
    ("2024-02-29T12:30", 1_709_209_800_000_000),
    ("0001-01-01", -62_135_596_800_000_000),
];
const DAYS: [(&str, i32); 3] = [
    ("2024-01-01", 19_723),
    ("2023-12-31", 19_722),
    ("0001-01-01", -719_162),
];
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
const HASH: &str = "abababababababababababababababab";

fn naive(filter: &Value, record: &Record) -> bool {
    let Value::Map(map) = filter else {
        panic!("no filter: {filter:?}")
    };
    map.iter().all(|(key, value)| {
        let branches = || match value {
            Value::List(filters) => filters.clone(),
            single => vec![single.clone()],
        };
        match key.as_str() {
            "AND" => branches().iter().all(|part| naive(part, record)),
            "OR" => branches().iter().any(|part| naive(part, record)),
            "NOT" => branches().iter().all(|part| !naive(part, record)),
            field => naive_field(field, value, record),
        }
    })
}

fn naive_field(field: &str, value: &Value, record: &Record) -> bool {
    let held = naive_held(field, record);
    let timed = matches!(field, "created_at" | "updated_at" | "expiration_date");
    match value {
        Value::Map(operators) => operators
            .iter()
            .all(|(name, operand)| naive_operator(timed, &held, name, operand)),
        Value::List(_) => naive_operator(timed, &held, "in", value),
        Value::Text(star) if star == "*" => held != Value::Null,
        scalar => naive_operator(timed, &held, "eq", scalar),
    }
}

/// What a record holds, null where it is missing; times as integers.
fn naive_held(field: &str, record: &Record) -> Value {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    match field {
        "user_id" => text(&record.scope.user_id),
        "agent_id" => text(&record.scope.agent_id),
        "run_id" => text(&record.scope.run_id),
        "actor_id" => text(&record.provenance.actor_id),
        "role" => text(&record.provenance.role),
        "memory_type" => text(&record.provenance.memory_type),
        "hash" => Value::Text(record.hash.map(|byte| format!("{byte:02x}")).concat()),
        "created_at" => Value::Int(record.created_at),
        "updated_at" => Value::Int(record.updated_at),
        "expiration_date" => {
            let day = record.provenance.expires_on;
            day.map_or(Value::Null, |day| {
                Value::Int(i64::from(day) * 86_400_000_000)
            })
        }
        key => match record.metadata.get(key) {
            None | Some(Value::Null) => {
                let mut value = Value::Map(record.metadata.clone());
                for part in key.split('.') {
                    value = match value {
                        Value::Map(map) => map.get(part).cloned().unwrap_or(Value::Null),
                        _ => Value::Null,
                    };
                }
                value
            }
            Some(value) => value.clone(),
        },
    }
}

fn naive_operator(timed: bool, held: &Value, name: &str, operand: &Value) -> bool {
    let missing = *held == Value::Null;
    let equal = |operand: &Value| {
        let operand = if timed {
            naive_time(operand)
        } else {
            operand.clone()
        };
        naive_equal(held, &operand)
    };
    let any = |operand: &Value| match operand {
        Value::List(items) => items.iter().any(equal),
        other => panic!("no list: {other:?}"),
    };
    let order = || {
        let operand = if timed {
            naive_time(operand)
        } else {
            operand.clone()
        };
        match (held, &operand) {
            (Value::Text(left), Value::Text(right)) => {
                Some(match (naive_instant(left), naive_instant(right)) {
                    (Some(left), Some(right)) => left.cmp(&right),
                    _ => left.chars().cmp(right.chars()),
                })
            }
            _ => naive_numbers(held, &operand),
        }
    };
    match name {
        "eq" => equal(operand),
        "ne" => !equal(operand),
        "in" => !missing && any(operand),
        "nin" => missing || !any(operand),
        "gt" => order() == Some(Ordering::Greater),
        "gte" => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        "lt" => order() == Some(Ordering::Less),
        "lte" => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
        "contains" => match (held, operand) {
            (Value::Text(whole), Value::Text(part)) => whole.contains(part),
            (Value::List(items), part) => items.iter().any(|item| naive_equal(item, part)),
            _ => false,
        },
        "icontains" => match (held, operand) {
            (Value::Text(whole), Value::Text(part)) => {
                whole.to_lowercase().contains(&part.to_lowercase())
            }
            (Value::List(items), Value::Text(part)) => items.iter().any(
                |item| matches!(item, Value::Text(text) if text.to_lowercase() == part.to_lowercase()),
            ),
            _ => false,
        },
        other => panic!("no operator: {other}"),
    }
}

fn naive_instant(text: &str) -> Option<i64> {
    TIMES
        .iter()
        .find(|(known, _)| *known == text)
        .map(|(_, instant)| *instant)
}

/// The operand of a time field as microseconds.
fn naive_time(operand: &Value) -> Value {
    match operand {
        Value::Text(text) => Value::Int(naive_instant(text).unwrap_or_else(|| {
            let known = DAYS.iter().find(|(known, _)| known == text);
            i64::from(known.expect("a known day").1) * 86_400_000_000
        })),
        Value::Int(seconds) => Value::Int(seconds * 1_000_000),
        Value::Float(seconds) => Value::Float(seconds * 1e6),
        other => other.clone(),
    }
}

fn naive_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    // Halves are the finest fraction generated; doubled, every number is a whole one.
    let doubled = |value: &Value| match value {
        Value::Int(int) => Some(i128::from(*int) * 2),
        Value::Float(float) => Some((*float * 2.0) as i128),
        _ => None,
    };
    Some(doubled(left)?.cmp(&doubled(right)?))
}

fn naive_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && (0..left.len()).all(|at| naive_equal(&left[at], &right[at]))
        }
        (Value::Map(left), Value::Map(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            keys.iter()
                .all(|key| match (left.get(*key), right.get(*key)) {
                    (Some(left), Some(right)) => naive_equal(left, right),
                    _ => false,
                })
        }
        _ => naive_numbers(left, right).map_or(left == right, Ordering::is_eq),
    }
}

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
    // A dict or list as such is no scalar: only `eq` compares it.
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

const META: &[&str] = &["k", "n", "a", "a.b", "a.a", "l", "d"];

fn leaf() -> impl Strategy<Value = (String, Value)> {
    let ids = || {
        select(vec!["a", "b", "ab", ""])
            .prop_map(|id| Value::Text(id.to_owned()))
            .boxed()
    };
    let id = condition(ids(), ids(), Some(ids()));
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
    let ids = &[
        "user_id",
        "agent_id",
        "run_id",
        "actor_id",
        "role",
        "memory_type",
    ];
    prop_oneof![
        4 => (key(ids), id),
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
    let id = || option::of(key(&["a", "b", "ab"]));
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
        (time(), time(), day, metadata, hash),
    )
        .prop_map(
            |(user_id, agent_id, run_id, actor_id, role, memory_type, rest)| {
                let (created_at, updated_at, expires_on, metadata, hash) = rest;
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

// ---- Laws of meaning --------------------------------------------------------------------------

#[test]
fn keys_are_joined_by_and_and_an_empty_filter_matches_all() {
    assert!(on(v!({"a": 1}), v!({})));
    assert!(on(v!({"a": 1, "b": 2}), v!({"a": 1, "b": 2})));
    assert!(!on(v!({"a": 1, "b": 2}), v!({"a": 1, "b": 3})));
    assert!(on(v!({"n": 5}), v!({"n": {"gt": 4, "lt": 6}})));
    assert!(!on(v!({"n": 5}), v!({"n": {"gt": 4, "lt": 5}})));
}

#[test]
fn groups_take_a_list_or_a_single_filter() {
    for group in [v!([{"a": 1}]), v!({"a": 1})] {
        assert!(on(v!({"a": 1}), v!({"AND": (group.clone())})));
        assert!(on(v!({"a": 1}), v!({"OR": (group.clone())})));
        assert!(!on(v!({"a": 1}), v!({"NOT": (group)})));
    }
}

#[test]
fn not_holds_when_none_of_its_filters_does() {
    assert!(!on(v!({"a": 1}), v!({"NOT": [{"a": 1}, {"a": 2}]})));
    assert!(on(v!({"a": 3}), v!({"NOT": [{"a": 1}, {"a": 2}]})));
}

#[test]
fn and_of_two_ors_keeps_both() {
    let filter = v!({"AND": [{"OR": [{"a": 1}, {"a": 2}]}, {"OR": [{"b": 1}, {"b": 2}]}]});
    assert!(on(v!({"a": 2, "b": 1}), filter.clone()));
    assert!(!on(v!({"a": 3, "b": 1}), filter.clone()));
    assert!(!on(v!({"a": 1, "b": 3}), filter));
}

#[test]
fn a_scope_id_beside_and_is_not_overridden_inside_it() {
    let filter = v!({"user_id": "alice", "AND": [{"user_id": "bob"}]});
    let (parsed, bounds) = Filter::parse_query(&filter).unwrap();
    let mut record = record(v!({}));
    assert!(!parsed.matches(&record));
    record.scope.user_id = Some("bob".to_owned());
    assert!(!parsed.matches(&record));
    assert_eq!(bounds, [Some(Select::In(BTreeSet::new())), None, None]);
}

#[test]
fn a_missing_field_matches_only_negations() {
    for metadata in [v!({}), v!({"k": null})] {
        for (operator, operand) in [
            ("eq", v!(1)),
            ("gt", v!(0)),
            ("gte", v!(0)),
            ("lt", v!(9)),
            ("lte", v!(9)),
            ("in", v!([1])),
            ("contains", v!("")),
            ("icontains", v!("")),
        ] {
            let ops = Value::Map(Metadata::from([(operator.to_owned(), operand)]));
            assert!(
                !on(metadata.clone(), v!({"k": (ops.clone())})),
                "{operator}"
            );
            assert!(on(metadata.clone(), v!({"NOT": {"k": ops}})), "{operator}");
        }
        assert!(on(metadata.clone(), v!({"k": {"ne": 1}})));
        assert!(on(metadata.clone(), v!({"k": {"nin": [1]}})));
    }
}

#[test]
fn null_means_missing_and_star_means_there() {
    for metadata in [v!({}), v!({"k": null})] {
        assert!(on(metadata.clone(), v!({"k": null})));
        assert!(on(metadata.clone(), v!({"k": {"eq": null}})));
        assert!(!on(metadata.clone(), v!({"k": {"ne": null}})));
        assert!(!on(metadata, v!({"k": "*"})));
    }
    assert!(on(v!({"k": false}), v!({"k": "*"})));
    assert!(on(v!({"k": 0}), v!({"k": {"ne": null}})));
    assert!(!on(v!({"k": 0}), v!({"k": null})));
    assert!(on(v!({}), v!({"agent_id": null, "user_id": {"ne": null}})));
}

#[test]
fn a_star_inside_an_operator_or_list_is_text() {
    assert!(on(v!({"k": "*"}), v!({"k": {"eq": "*"}})));
    assert!(!on(v!({"k": "x"}), v!({"k": {"eq": "*"}})));
    assert!(!on(v!({"k": "x"}), v!({"k": ["*"]})));
}

#[test]
fn integers_and_floats_compare_exactly() {
    let edge = 1_i64 << 53;
    assert!(on(v!({"n": 1}), v!({"n": 1.0})));
    assert!(on(v!({"n": (edge + 1)}), v!({"n": {"gt": (edge as f64)}})));
    assert!(!on(v!({"n": (edge + 1)}), v!({"n": (edge as f64)})));
    assert!(on(v!({"n": (i64::MAX)}), v!({"n": {"lt": TWO_63}})));
    assert!(on(v!({"n": (i64::MIN)}), v!({"n": (-TWO_63)})));
    assert!(on(v!({"n": (-1)}), v!({"n": {"gt": (-1.5)}})));
    assert!(on(v!({"n": 0}), v!({"n": (-0.0)})));
}

#[test]
fn a_bool_is_no_number() {
    assert!(!on(v!({"k": true}), v!({"k": 1})));
    assert!(!on(v!({"k": 1}), v!({"k": true})));
    assert!(on(v!({"k": true}), v!({"k": true})));
    assert!(!on(v!({"k": true}), v!({"k": {"gte": 0}})));
}

#[test]
fn a_type_mismatch_matches_only_negations() {
    assert!(!on(v!({"k": "5"}), v!({"k": 5})));
    assert!(!on(v!({"k": "5"}), v!({"k": {"gt": 4}})));
    assert!(!on(v!({"k": "5"}), v!({"k": {"lte": 4}})));
    assert!(on(v!({"k": "5"}), v!({"k": {"ne": 5}})));
    assert!(on(v!({"k": "5"}), v!({"k": {"nin": [5]}})));
    assert!(on(v!({"k": "5"}), v!({"NOT": {"k": {"gt": 4}}})));
}

#[test]
fn a_dotted_key_is_taken_as_written_first_and_then_nested() {
    let both = v!({"a.b": 1, "a": {"b": 2}});
    assert!(on(both.clone(), v!({"a.b": 1})));
    assert!(!on(both, v!({"a.b": 2})));
    assert!(on(v!({"a": {"b": 2}}), v!({"a.b": 2})));
    assert!(on(v!({"a.b": null, "a": {"b": 2}}), v!({"a.b": 2})));
    assert!(on(v!({"a": {"b": {"c": 3}}}), v!({"a.b.c": {"gte": 3}})));
    assert!(!on(v!({"a": 1}), v!({"a.b": "*"})));
}

#[test]
fn a_scalar_never_equals_a_list_that_holds_it() {
    let tags = v!({"tags": ["x", 1]});
    assert!(!on(tags.clone(), v!({"tags": "x"})));
    assert!(!on(tags.clone(), v!({"tags": ["x"]})));
    assert!(!on(tags.clone(), v!({"tags": {"in": ["x", 1]}})));
    assert!(on(tags.clone(), v!({"tags": {"eq": ["x", 1.0]}})));
    assert!(on(tags.clone(), v!({"tags": {"in": [["x", 1]]}})));
    assert!(!on(tags.clone(), v!({"tags": {"eq": [1, "x"]}})));
    assert!(on(v!({"m": {"a": 1}}), v!({"m": {"eq": {"a": 1.0}}})));
}

#[test]
fn contains_is_substring_on_text_and_membership_on_lists() {
    assert!(on(v!({"k": "green tea"}), v!({"k": {"contains": "tea"}})));
    assert!(!on(v!({"k": "green tea"}), v!({"k": {"contains": "Tea"}})));
    assert!(on(v!({"k": ["tea", 2]}), v!({"k": {"contains": 2.0}})));
    assert!(!on(
        v!({"k": ["green tea"]}),
        v!({"k": {"contains": "tea"}})
    ));
    assert!(!on(v!({"k": [true]}), v!({"k": {"contains": 1}})));
    assert!(!on(v!({"k": 123}), v!({"k": {"contains": "2"}})));
    assert!(on(v!({}), v!({"user_id": {"contains": "lic"}})));
}

#[test]
fn icontains_disregards_case_of_every_script() {
    assert!(on(
        v!({"k": "À L'ÉCOLE"}),
        v!({"k": {"icontains": "École"}})
    ));
    assert!(on(v!({"k": ["ÉCOLE"]}), v!({"k": {"icontains": "école"}})));
    assert!(!on(
        v!({"k": ["ÉCOLES"]}),
        v!({"k": {"icontains": "école"}})
    ));
    assert!(on(v!({"k": "ΟΔΟΣ"}), v!({"k": {"icontains": "οδος"}})));
    assert!(on(v!({"k": "οδοσα"}), v!({"k": {"icontains": "ΟΔΟΣ"}})));
}

#[test]
fn an_empty_list_matches_nothing_and_its_negation_all() {
    assert!(!on(v!({"k": 1}), v!({"k": []})));
    assert!(on(v!({"k": 1}), v!({"k": {"nin": []}})));
}

#[test]
fn creation_and_update_compare_as_instants() {
    for same in [
        v!("2024-01-01"),
        v!("2024-01-01T00:00:00"),
        v!("2024-01-01T01:00:00+01:00"),
        v!("2023-12-31T19:30-0430"),
        v!(1_704_067_200),
        v!(1_704_067_200.0),
    ] {
        assert!(on(v!({}), v!({"created_at": (same.clone())})), "{same:?}");
        assert!(on(v!({}), v!({"created_at": [(same.clone())]})), "{same:?}");
        assert!(!on(v!({}), v!({"updated_at": (same.clone())})), "{same:?}");
        assert!(on(v!({}), v!({"updated_at": {"gt": same}})));
    }
    assert!(on(v!({}), v!({"updated_at": 1_704_067_200.000_001})));
    assert!(on(
        v!({}),
        v!({"created_at": {"lt": (i64::MAX), "gt": (i64::MIN)}})
    ));
}

#[test]
fn expiration_compares_as_a_day() {
    let mut record = record(v!({}));
    assert!(matches(v!({"expiration_date": null}), &record));
    assert!(!matches(
        v!({"expiration_date": {"lt": "9999-12-31"}}),
        &record
    ));
    record.provenance.expires_on = Some(19_723);
    assert!(matches(v!({"expiration_date": "2024-01-01"}), &record));
    assert!(matches(
        v!({"expiration_date": {"gt": "2023-12-31"}}),
        &record
    ));
    assert!(!matches(
        v!({"expiration_date": {"gt": "2024-01-01"}}),
        &record
    ));
}

#[test]
fn metadata_text_is_ordered_by_code_points_unless_both_sides_are_times() {
    assert!(on(v!({"k": "b"}), v!({"k": {"gt": "B"}})));
    assert!(on(v!({"k": "10"}), v!({"k": {"lt": "9"}})));
    assert!(on(v!({"k": "\u{10000}"}), v!({"k": {"gt": "\u{ffff}"}})));
    let time = v!({"k": "2024-01-01T01:00:00+01:00"});
    assert!(on(
        time.clone(),
        v!({"k": {"gte": "2024-01-01", "lte": "2024-01-01"}})
    ));
    assert!(on(time.clone(), v!({"k": {"ne": "2024-01-01"}})));
    assert!(on(time, v!({"k": {"gt": "2024-01"}})));
}

#[test]
fn hash_is_lower_case_hex() {
    assert!(on(v!({}), v!({"hash": (HASH)})));
    assert!(!on(v!({}), v!({"hash": (HASH.to_uppercase().as_str())})));
    assert!(on(v!({}), v!({"hash": {"contains": "abab"}})));
}

#[test]
fn only_real_times_are_read() {
    for (text, instant) in TIMES {
        assert_eq!(parse_instant(text), Some(instant), "{text}");
    }
    for text in [
        "",
        "2024",
        "2024-1-01",
        "2024-13-01",
        "2024-00-01",
        "2023-02-29",
        "1900-02-29",
        "0000-01-01",
        "2024-01-01T",
        "2024-01-01T24:00",
        "2024-01-01T12",
        "2024-01-01T12:60",
        "2024-01-01T12:00:60",
        "2024-01-01T12:00.5",
        "2024-01-01T12:00:00.",
        "2024-01-01T12:00:00+1",
        "2024-01-01T12:00+24:00",
        "2024-01-01T12:00+01:60",
        "2024-01-01Z",
        "2024-01-01x12:00",
        "+024-01-01",
        "2024-01-01T12:00:00Zé",
    ] {
        assert_eq!(parse_instant(text), None, "{text}");
    }
    assert_eq!(parse_day("2024-02-29"), Some(19_782));
    assert_eq!(parse_day("9999-12-31"), Some(2_932_896));
    assert_eq!(parse_day("2024-02-29T00:00"), None);
    assert_eq!(
        parse_instant("2024-01-01T00:00:00.1234567Z"),
        Some(NEW_YEAR + 123_456)
    );
    assert_eq!(
        format_instant(1_795_416_660_123_456),
        "2026-11-23T06:51:00.123456+00:00"
    );
    assert_eq!(format_instant(-1), "1969-12-31T23:59:59.999999+00:00");
    assert_eq!(format_day(-719_162), "0001-01-01");
}

// ---- Laws of refusal --------------------------------------------------------------------------

#[test]
fn a_refusal_names_the_place_and_the_value() {
    let filter = v!({"AND": [{"a": 1}, {"price": {"gte": [1]}}]});
    let (path, problem) = refused(filter);
    assert_eq!(path, "AND[1].price.gte");
    assert!(
        problem.contains("a list of 1") && problem.contains("write a number"),
        "{problem}"
    );
    assert_eq!(refused(v!({"OR": {"k": {"in": 3}}})).0, "OR.k.in");
    assert_eq!(refused(v!({"k": [1, null]})).0, "k[1]");
    assert_eq!(refused(v!({"k": {"nin": [null]}})).0, "k.nin[0]");
    assert_eq!(refused(v!(3)).0, "filter");
}

#[test]
fn an_unknown_operator_is_refused_with_what_was_meant() {
    for (given, meant) in [
        (v!({"k": {"$gte": 1}}), "`gte`"),
        (v!({"k": {"GTE": 1}}), "`gte`"),
        (v!({"k": {"not_in": [1]}}), "`nin`"),
        (v!({"$or": [{"k": 1}]}), "`OR`"),
        (v!({"and": [{"k": 1}]}), "`AND`"),
        (v!({"k": {"city": "Rome"}}), "{\"eq\": {...}}"),
        (v!({"k": {"eq": 1, "city": "Rome"}}), "outer.city"),
    ] {
        let (_, problem) = refused(given);
        assert!(problem.contains(meant), "{problem}");
    }
    assert!(on(v!({"and": 1}), v!({"and": 1})));
}

#[test]
fn malformed_shapes_are_refused() {
    for filter in [
        v!(null),
        v!([{"k": 1}]),
        v!({"AND": []}),
        v!({"OR": []}),
        v!({"NOT": []}),
        v!({"AND": "x"}),
        v!({"OR": [1]}),
        v!({"k": {}}),
    ] {
        refused(filter);
    }
}

#[test]
fn operands_of_the_wrong_type_are_refused() {
    for operator in ["gt", "gte", "lt", "lte"] {
        for operand in [v!(null), v!(true), v!([1]), v!({"a": 1}), v!(f64::NAN)] {
            let ops = Value::Map(Metadata::from([(operator.to_owned(), operand)]));
            assert_eq!(refused(v!({"k": ops})).0, format!("k.{operator}"));
        }
    }
    for filter in [
        v!({"k": (f64::INFINITY)}),
        v!({"k": {"in": "x"}}),
        v!({"k": {"nin": null}}),
        v!({"k": {"contains": null}}),
        v!({"k": {"contains": ["x"]}}),
        v!({"k": {"icontains": 1}}),
        v!({"user_id": 1}),
        v!({"user_id": {"contains": 1}}),
        v!({"role": [true]}),
        v!({"hash": {"gt": 1}}),
        v!({"created_at": "yesterday"}),
        v!({"created_at": true}),
        v!({"created_at": {"gte": null}}),
        v!({"created_at": {"gte": (f64::NAN)}}),
        v!({"updated_at": {"contains": "2024"}}),
        v!({"expiration_date": 19_723}),
        v!({"expiration_date": "2024-01-01T00:00"}),
        v!({"expiration_date": {"icontains": "2024"}}),
    ] {
        refused(filter);
    }
}

#[test]
fn depth_and_size_are_limited() {
    let nested = |depth| (1..depth).fold(v!({"k": 1}), |inner, _| v!({"NOT": [(inner)]}));
    assert!(parse(&nested(32)).is_ok());
    assert!(refused(nested(33)).1.contains("32"));
    let list = |depth| (1..depth).fold(v!(1), |inner, _| v!([(inner)]));
    assert!(parse(&v!({"k": {"eq": (list(32))}})).is_ok());
    assert!(refused(v!({"k": {"eq": (list(33))}})).1.contains("32"));

    let wide = |count: i64| {
        let keys = (0..count).map(|key| (format!("k{key}"), Value::Int(key)));
        Value::Map(keys.collect())
    };
    assert!(parse(&wide(256)).is_ok());
    assert!(refused(wide(257)).1.contains("256"));
    assert!(
        refused(v!({"OR": (Value::List(vec![v!({}); 256]))}))
            .1
            .contains("256")
    );
    let ids = (0..10_000).map(Value::Int).collect();
    assert!(parse(&v!({"k": (Value::List(ids))})).is_ok());
}

// ---- Laws of scopes ---------------------------------------------------------------------------

fn among(ids: &[&str]) -> Option<Select> {
    Some(Select::In(ids.iter().map(|id| (*id).to_owned()).collect()))
}

#[test]
fn bounds_are_what_every_match_must_have() {
    for (filter, bounds) in [
        (v!({}), [None, None, None]),
        (v!({"user_id": "a", "k": 1}), [among(&["a"]), None, None]),
        (
            v!({"run_id": {"in": ["a", "b"]}}),
            [None, None, among(&["a", "b"])],
        ),
        (v!({"agent_id": "*"}), [None, Some(Select::Any), None]),
        (
            v!({"AND": [{"user_id": ["a", "b"]}, {"user_id": "b"}]}),
            [among(&["b"]), None, None],
        ),
        (
            v!({"AND": [{"user_id": "*"}, {"user_id": "b"}]}),
            [among(&["b"]), None, None],
        ),
        (
            v!({"OR": [{"user_id": "a"}, {"user_id": "b"}]}),
            [among(&["a", "b"]), None, None],
        ),
        (v!({"OR": [{"user_id": "a"}, {"k": 1}]}), [None, None, None]),
        (
            v!({"OR": [{"user_id": "a"}, {"agent_id": "b"}]}),
            [None, None, None],
        ),
        (v!({"NOT": {"user_id": "a"}}), [None, None, None]),
        (v!({"user_id": {"ne": "a"}}), [None, None, None]),
        (v!({"user_id": null}), [None, None, None]),
    ] {
        assert_eq!(parse(&filter).unwrap().scope_bounds(), bounds, "{filter:?}");
    }
}

#[test]
fn a_scope_is_named_when_every_branch_names_one() {
    let names = |filter: Value| parse(&filter).unwrap().names_scope();
    assert!(names(v!({"OR": [{"user_id": "a"}, {"agent_id": "b"}]})));
    assert!(names(v!({"k": 1, "user_id": "*"})));
    assert!(!names(v!({"OR": [{"user_id": "a"}, {"k": 1}]})));
    assert!(!names(v!({"NOT": {"user_id": "a"}})));
    assert!(!names(v!({"user_id": {"ne": "a"}})));
    assert!(!names(v!({})));
}

#[test]
fn a_star_at_the_top_names_all_scopes_and_is_no_condition() {
    let mut record = record(v!({"k": 1}));
    record.scope = Scope::default();
    let holds = |filter: Value| Filter::parse_query(&filter).unwrap().0.matches(&record);
    assert!(holds(v!({"user_id": "*"})));
    assert!(holds(v!({"user_id": "*", "run_id": "*", "k": 1})));
    assert!(!holds(v!({"user_id": "*", "k": 2})));
    assert!(holds(v!({"AND": [{"AND": [{"user_id": "*"}]}, {"k": 1}]})));
    assert!(!holds(v!({"OR": [{"user_id": "*"}]})));
    assert!(holds(v!({"NOT": {"user_id": "*"}})));
    assert!(!holds(v!({"user_id": {"ne": null}})));
    assert!(!holds(v!({"k.x": "*"})));
    assert!(!matches(v!({"user_id": "*"}), &record));
}

#[test]
fn a_scope_query_needs_a_scope() {
    assert!(matches!(
        ScopeQuery::new(None, None, None),
        Err(Error::NoScope)
    ));
    let scope = Scope {
        user_id: Some("a".to_owned()),
        agent_id: None,
        run_id: Some("r".to_owned()),
    };
    let query = |user: Option<Select>, agent| ScopeQuery::new(user, agent, None).unwrap();
    assert!(ScopeQuery::everything().matches(&scope));
    assert!(query(among(&["a", "b"]), None).matches(&scope));
    assert!(query(among(&["a"]), Some(Select::Any)).matches(&scope));
    assert!(!query(None, among(&["a"])).matches(&scope));
    assert!(!query(among(&[]), None).matches(&scope));
    let both = query(among(&["a", "b"]), None)
        .intersect(&query(among(&["b", "c"]), Some(Select::one("x"))));
    assert_eq!(both, query(among(&["b"]), among(&["x"])));
}
