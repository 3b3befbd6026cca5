//! Laws of input that waits, and of changes that depend on what their caller has seen.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use memfast_core::filter::{ScopeQuery, Select};
use memfast_core::{
    Engine, Error, Op, Options, Patch, Pending, Put, Rewrite, Scope, Selection, Write,
};

fn user(name: &str) -> Scope {
    Scope {
        user_id: Some(name.to_owned()),
        ..Scope::default()
    }
}

fn of(name: &str) -> ScopeQuery {
    ScopeQuery::new(Some(Select::one(name.to_owned())), None, None).unwrap()
}

fn waiting(name: &str, body: &str) -> Pending {
    Pending {
        id: 0,
        scope: user(name),
        at: 0,
        reason: "no reply".to_owned(),
        body: body.to_owned(),
    }
}

fn put(name: &str, text: &str) -> Op {
    Op::Put(Put {
        scope: user(name),
        text: text.to_owned(),
        vector: vec![1.0, 2.0],
        ..Put::default()
    })
}

fn bodies(engine: &Engine, scope: &ScopeQuery) -> Vec<String> {
    let pending = engine.pending(scope).unwrap();
    pending.into_iter().map(|one| one.body).collect()
}

#[test]
fn pending_input_is_kept_until_a_write_processes_it_or_its_scope_is_erased() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Engine::open(directory.path(), Options::default()).unwrap();
    let engine = open();
    engine
        .apply(Write {
            ops: vec![put("ann", "one")],
            pending: vec![
                waiting("ann", "a"),
                waiting("ann", "b"),
                waiting("bob", "c"),
            ],
            ..Write::default()
        })
        .unwrap();
    engine.close().unwrap();
    let engine = open();
    assert_eq!(bodies(&engine, &of("ann")), ["a", "b"]);
    let first = engine.pending(&of("ann")).unwrap().remove(0);
    assert!(first.at > 0);
    engine
        .apply(Write {
            processed: vec![first.id],
            ..Write::default()
        })
        .unwrap();
    assert_eq!(bodies(&engine, &of("ann")), ["b"]);
    engine.delete_all(&Selection::new(of("ann"))).unwrap();
    assert_eq!(bodies(&engine, &of("ann")), Vec::<String>::new());
    assert_eq!(bodies(&engine, &of("bob")), ["c"]);
    engine.reset().unwrap();
    assert_eq!(bodies(&engine, &of("bob")), Vec::<String>::new());
}

#[test]
fn two_writes_cannot_process_the_same_pending_input_and_no_number_is_reused() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Engine::open(directory.path(), Options::default()).unwrap();
    let queue = |engine: &Engine, body: &str| {
        let pending = vec![waiting("ann", body)];
        let batch = Write {
            pending,
            ..Write::default()
        };
        engine.apply(batch).unwrap();
        engine.pending(&of("ann")).unwrap().remove(0).id
    };
    let engine = open();
    let first = queue(&engine, "a");
    let settle = |engine: &Engine, ops: Vec<Op>| {
        engine.apply(Write {
            ops,
            processed: vec![first],
            ..Write::default()
        })
    };
    settle(&engine, Vec::new()).unwrap();
    engine.close().unwrap();
    let engine = open();
    assert_ne!(queue(&engine, "b"), first);
    let late = settle(&engine, vec![put("ann", "one")]);
    assert!(matches!(late, Err(Error::Processed { id }) if id == first));
    assert_eq!(bodies(&engine, &of("ann")), ["b"]);
    assert_eq!(engine.count(&Selection::new(of("ann"))).unwrap(), 0);
}

#[test]
fn a_failed_write_queues_none_of_its_pending_input() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let failed = engine.apply(Write {
        ops: vec![put("ann", "one"), Op::Delete("nobody".to_owned())],
        pending: vec![waiting("ann", "a")],
        ..Write::default()
    });
    assert!(matches!(failed, Err(Error::NotFound { .. })));
    assert_eq!(bodies(&engine, &of("ann")), Vec::<String>::new());
    assert_eq!(engine.last_seq().unwrap(), 0);
}

#[test]
fn a_patch_that_expects_another_hash_is_refused() {
    let engine = Engine::open(Path::new(":memory:"), Options::default()).unwrap();
    let apply = |ops: Vec<Op>| engine.apply(ops);
    let added = apply(vec![put("ann", "one")]).unwrap().remove(0);
    let record = added.after.unwrap();
    let seen = |expects, text: Option<&str>, valid_to| {
        Op::Patch(Patch {
            id: record.id.clone(),
            rewrite: text.map(|text| Rewrite::Text {
                text: text.to_owned(),
                vector: vec![2.0, 1.0],
            }),
            expects: Some(expects),
            valid_to,
            ..Patch::default()
        })
    };
    let stale = apply(vec![put("ann", "x"), seen([0; 16], Some("two"), None)]);
    assert!(matches!(stale, Err(Error::Changed { .. })));
    assert_eq!(engine.last_seq().unwrap(), 1);
    let changed = apply(vec![seen(record.hash, Some("two"), None)]).unwrap();
    let hash = changed[0].after.as_ref().unwrap().hash;
    apply(vec![seen(hash, None, Some(5))]).unwrap();
    // It ceased to hold: nobody who saw it hold may change it now.
    let late = apply(vec![seen(hash, Some("three"), None)]);
    assert!(matches!(late, Err(Error::Changed { .. })));
    assert_eq!(engine.count(&Selection::new(of("ann"))).unwrap(), 0);
    let ended = Selection {
        include_superseded: true,
        ..Selection::new(of("ann"))
    };
    let mut export = engine.export(ended, true).unwrap();
    let versions = engine.export_next(&mut export, 9).unwrap();
    let vectors: Vec<&[f32]> = versions.iter().map(|one| &*one.vector).collect();
    assert!(vectors.contains(&&[2.0, 1.0][..]));
}
