//! Laws of batches with a name: each is committed once, until its scope is erased.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::{Engine, Error, Op, Options, Pending, Put, Receipt, Scope, Selection, Write};

fn user(name: &str, run: Option<&str>) -> Scope {
    Scope {
        user_id: Some(name.to_owned()),
        run_id: run.map(str::to_owned),
        ..Scope::default()
    }
}

fn named(scope: &Scope, key: &str, text: &str) -> Write {
    Write {
        ops: vec![Op::Put(Put {
            scope: scope.clone(),
            text: text.to_owned(),
            vector: vec![1.0, 2.0],
            ..Put::default()
        })],
        receipt: Some(receipt(scope, key)),
        ..Write::default()
    }
}

fn receipt(scope: &Scope, key: &str) -> Receipt {
    Receipt {
        scope: scope.clone(),
        key: key.to_owned(),
        note: format!("note of {key}"),
    }
}

fn open(path: &Path) -> Engine {
    Engine::open(path, Options::default()).unwrap()
}

fn of(name: &str) -> Selection {
    Selection::new(ScopeQuery::new(Some(Select::one(name.to_owned())), None, None).unwrap())
}

fn is_repeated(outcome: &memfast_core::Result<impl Sized>) -> bool {
    matches!(outcome, Err(Error::Repeated { .. }))
}

#[test]
fn a_named_batch_is_committed_once_also_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let ann = user("ann", None);
    let engine = open(directory.path());
    assert!(engine.signed(&receipt(&ann, "a")).unwrap().is_none());
    engine.apply(named(&ann, "a", "one")).unwrap();
    assert!(engine.signed(&receipt(&ann, "a")).unwrap().is_some());
    assert!(is_repeated(&engine.apply(named(&ann, "a", "two"))));
    engine.close().unwrap();
    let engine = open(directory.path());
    assert!(is_repeated(&engine.apply(named(&ann, "a", "three"))));
    engine.apply(named(&ann, "b", "four")).unwrap();
    assert_eq!(engine.count(&of("ann")).unwrap(), 2);
}

#[test]
fn a_name_is_one_of_its_scope() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let scopes = [user("ann", None), user("ann", Some("r")), user("bob", None)];
    for scope in &scopes {
        engine.apply(named(scope, "a", "text")).unwrap();
        assert!(is_repeated(&engine.apply(named(scope, "a", "text"))));
    }
}

#[test]
fn a_batch_that_fails_leaves_no_name_behind() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let ann = user("ann", None);
    let bad = Write {
        processed: vec![77],
        ..named(&ann, "a", "one")
    };
    let mut outcomes = engine
        .apply_each(vec![named(&ann, "b", "two"), bad, named(&ann, "b", "two")])
        .unwrap()
        .into_iter();
    assert!(outcomes.next().unwrap().is_ok());
    assert!(matches!(
        outcomes.next().unwrap(),
        Err(Error::Processed { id: 77 })
    ));
    assert!(is_repeated(&outcomes.next().unwrap()));
    assert!(engine.signed(&receipt(&ann, "a")).unwrap().is_none());
    engine.apply(named(&ann, "a", "one")).unwrap();
}

#[test]
fn a_batch_of_nothing_may_have_a_name() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let ann = user("ann", None);
    let empty = || Write {
        receipt: Some(receipt(&ann, "a")),
        ..Write::default()
    };
    engine.apply(empty()).unwrap();
    assert!(is_repeated(&engine.apply(empty())));
}

#[test]
fn names_are_erased_with_their_scope_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let (ann, run, bob) = (user("ann", None), user("ann", Some("r")), user("bob", None));
    for scope in [&ann, &run, &bob] {
        engine.apply(named(scope, "a", "text")).unwrap();
    }
    let of_run = ScopeQuery::new(
        Some(Select::one("ann".to_owned())),
        None,
        Some(Select::one("r".to_owned())),
    );
    engine.delete_all(&Selection::new(of_run.unwrap())).unwrap();
    let known = |scope: &Scope| engine.signed(&receipt(scope, "a")).unwrap().is_some();
    assert_eq!([known(&ann), known(&run), known(&bob)], [true, false, true]);
    engine.delete_all(&of("ann")).unwrap();
    assert_eq!(
        [known(&ann), known(&run), known(&bob)],
        [false, false, true]
    );
    engine.reset().unwrap();
    assert!(!known(&bob));
}

#[test]
fn what_is_put_aside_is_named_too() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let ann = user("ann", None);
    let waits = || Write {
        pending: vec![Pending {
            id: 0,
            scope: ann.clone(),
            at: 0,
            reason: "no reply".to_owned(),
            body: "hello".to_owned(),
        }],
        receipt: Some(receipt(&ann, "a")),
        ..Write::default()
    };
    engine.apply(waits()).unwrap();
    assert!(is_repeated(&engine.apply(waits())));
    assert_eq!(engine.pending(&of("ann").scope).unwrap().len(), 1);
}

#[test]
fn a_named_batch_keeps_what_became_of_it_until_its_scope_is_erased() {
    let directory = tempfile::tempdir().unwrap();
    let engine = open(directory.path());
    let (ann, run) = (user("ann", None), user("ann", Some("r")));
    for scope in [&ann, &run] {
        engine.apply(named(scope, "a", "text")).unwrap();
    }
    let kept = |engine: &Engine, scope: &Scope| engine.signed(&receipt(scope, "a")).unwrap();
    let signed = kept(&engine, &ann).unwrap();
    assert_eq!(signed.note, "note of a");
    let id = signed.ids[0].clone().unwrap();
    assert_eq!(engine.get(&id).unwrap().unwrap().text, "text");
    engine.close().unwrap();
    let engine = open(directory.path());
    assert_eq!(kept(&engine, &ann), Some(signed));
    engine.delete_all(&of("ann")).unwrap();
    assert_eq!(kept(&engine, &ann), None);
    assert_eq!(kept(&engine, &run), None);
}
