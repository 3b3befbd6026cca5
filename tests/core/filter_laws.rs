//! The laws of filters.
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

use std::collections::BTreeSet;

use memfast_core::filter::{Filter, ScopeQuery, Select, parse};
use memfast_core::time::{format_day, format_instant, parse_day, parse_instant};
use memfast_core::{Error, Metadata, Scope, Value};
use values::{HASH, Lit, NEW_YEAR, TIMES, TWO_63, matches, on, record, refused};

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
fn a_list_equals_what_any_of_its_items_does() {
    let tags = v!({"tags": ["x", 1, null]});
    for condition in [v!("x"), v!(1.0), v!(["x"]), v!(["y", 1]), v!({"eq": "x"})] {
        assert!(on(tags.clone(), v!({"tags": (condition)})));
    }
    for condition in [
        v!({"ne": "x"}),
        v!({"nin": ["y", 1]}),
        v!({"eq": "y"}),
        v!(null),
    ] {
        assert!(!on(tags.clone(), v!({"tags": (condition)})));
    }
    for condition in [v!({"ne": "y"}), v!({"nin": ["y", 2]}), v!({"ne": null})] {
        assert!(on(tags.clone(), v!({"tags": (condition)})));
    }
    // An order asks for one value.
    assert!(!on(tags, v!({"tags": {"gte": 0}})));
    assert!(on(v!({"k": [["x"], "y"]}), v!({"k": {"eq": ["x"]}})));
    assert!(!on(v!({"k": []}), v!({"k": {"in": ["x"]}})));
    assert!(!on(v!({"k": "ab"}), v!({"k": "a"})));
}

#[test]
fn categories_are_those_of_the_memory_or_else_of_its_metadata() {
    let mut known = record(v!({"categories": ["work"]}));
    let filter = |value| parse(&v!({"categories": (value)})).unwrap();
    assert!(filter(v!("work")).matches(&known));
    known.provenance.categories = vec!["food".to_owned(), "health".to_owned()];
    assert!(filter(v!("food")).matches(&known));
    assert!(filter(v!({"contains": "health"})).matches(&known));
    assert!(filter(v!({"eq": ["food", "health"]})).matches(&known));
    assert!(!filter(v!("work")).matches(&known));
}

#[test]
fn scope_ids_are_compared_as_calls_take_them() {
    let mut known = record(v!({}));
    known.scope.user_id = Some("42".to_owned());
    for value in [v!(42), v!(" 42\n"), v!({"in": [42]}), v!("*"), v!(" * ")] {
        let filter = parse(&v!({"user_id": (value)})).unwrap();
        assert!(filter.matches(&known));
    }
    for value in [
        v!(""),
        v!(" "),
        v!("a\nb"),
        v!(true),
        v!(1.5),
        v!({"eq": {"a": 1}}),
    ] {
        let (path, problem) = refused(v!({"AND": [{"run_id": (value)}]}));
        assert!(path.starts_with("AND[0].run_id"), "{path}");
        assert!(problem.starts_with("Invalid run_id: "), "{problem}");
    }
}

#[test]
fn whole_lists_and_dicts_are_compared_item_by_item() {
    let tags = v!({"tags": ["x", 1]});
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
        v!({"actor_id": 1}),
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
