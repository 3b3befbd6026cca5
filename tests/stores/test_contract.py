"""What flows rely on, written against the protocol: every store must pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memfast.errors import (
    ConflictError,
    DimensionError,
    MemoryNotFoundError,
    StoreClosedError,
    ValidationError,
    VectorStoreError,
)
from memfast.stores.protocol import (
    EVERYTHING,
    Blend,
    Deferred,
    Delete,
    KeepText,
    Order,
    Patch,
    Put,
    Query,
    Receipt,
    Revector,
    Rewrite,
    Scope,
    Selection,
    Told,
    Write,
)

if TYPE_CHECKING:
    from memfast.stores.protocol import Operation, Store

ANN, BOB = Scope(user_id="ann"), Scope(user_id="bob")
OF_ANN, OF_BOB = Selection(("ann",)), Selection(("bob",))
EAST, NORTH, NORTHEAST = [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]


def put(store: Store, *puts: Put) -> list[str]:
    return [change.id for change in store.write(Write(puts, store.identity().space))]


def texts(store: Store, selection: Selection = OF_ANN) -> list[str]:
    return [item["memory"] for item in store.scan(selection).items]


def found(store: Store, vector: list[float], selection: Selection = OF_ANN) -> list[str]:
    hits = store.search(Query(selection, vectors=[vector], space=store.identity().space))[0]
    return [hit["memory"] for hit in hits]


def test_a_written_memory_is_returned_by_its_id_with_what_it_was_given(store: Store) -> None:
    memory = Put(
        ANN,
        "She lives in Oslo",
        EAST,
        "m1",
        metadata={"list": [1, 2.5, None], "flag": True},
        created_at=1_700_000_000_000_000,
        said_at=1_600_000_000_000_000,
        expires_on=30_000,
        memory_type="semantic",
        categories=["place"],
        told=Told(
            1_500_000_000_000_000, 0.5, "untrusted", ["m0"], "she", "live", "Oslo", ["Oslo", "Ann"]
        ),
        role="user",
        actor_id="ann",
    )
    (change,) = store.write(Write([memory]))
    assert change == ("m1", "ADD", None)
    (item,) = store.get(["m1"])
    assert item is not None
    assert item["memory"] == "She lives in Oslo"
    assert item["metadata"] == {"list": [1, 2.5, None], "flag": True}
    assert item["created_at"].startswith("2023-11-14T22:13:20")
    assert item.get("user_id") == "ann"
    assert item.get("said_at", "").startswith("2020-09-13")
    assert item.get("event_time", "").startswith("2017-07-14")
    assert (item.get("worth"), item.get("trust")) == (0.5, "untrusted")
    assert item.get("may_contradict") == ["m0"]
    assert (item.get("subject"), item.get("attribute"), item.get("value")) == (
        "she",
        "live",
        "Oslo",
    )
    assert item.get("entities") == ["Oslo", "Ann"]
    assert item.get("expiration_date") == "2052-02-20"
    assert (item.get("memory_type"), item.get("categories")) == ("semantic", ["place"])
    assert (item.get("role"), item.get("actor_id")) == ("user", "ann")
    assert "agent_id" not in item


def test_ids_that_are_not_there_are_returned_as_none_in_their_place(store: Store) -> None:
    one, two = put(store, Put(ANN, "a", EAST), Put(BOB, "b", EAST))
    assert [item and item["memory"] for item in store.get([two, "none", one])] == ["b", None, "a"]
    assert [item and item["memory"] for item in store.get([two, one], OF_ANN)] == [None, "a"]


def test_new_ids_differ_and_an_id_in_use_is_refused(store: Store) -> None:
    ids = put(store, *(Put(ANN, str(number), EAST) for number in range(20)))
    assert len(set(ids)) == 20
    with pytest.raises(ValidationError):
        put(store, Put(BOB, "other", EAST, ids[0]))
    assert store.count(OF_BOB) == 0


def test_a_search_returns_the_best_hits_of_its_scope_in_order(store: Store) -> None:
    put(store, Put(ANN, "east", EAST), Put(ANN, "north", NORTH), Put(BOB, "bob", EAST))
    assert found(store, EAST) == ["east", "north"]
    assert found(store, NORTHEAST, OF_BOB) == ["bob"]
    query = Query(
        OF_ANN, vectors=[EAST, NORTH], space=store.identity().space, limit=1, threshold=0.5
    )
    answers = store.search(query)
    assert [[hit["memory"] for hit in hits] for hits in answers] == [["east"], ["north"]]
    assert [hits[0]["score"] for hits in answers] == [1.0, 1.0]


def test_equal_scores_are_ordered_by_id(store: Store) -> None:
    put(store, *(Put(ANN, key, EAST, key) for key in ("c", "a", "b")))
    assert found(store, EAST) == ["a", "b", "c"]


def test_a_filter_never_widens_the_scope(store: Store) -> None:
    put(store, Put(ANN, "a", EAST, metadata={"n": 1}), Put(BOB, "b", EAST, metadata={"n": 1}))
    for filters in ({"n": 1}, {"OR": [{"n": 1}, {"user_id": "bob"}]}, {"user_id": ["ann", "bob"]}):
        selection = OF_ANN._replace(filters=filters)
        assert found(store, EAST, selection) == texts(store, selection) == ["a"]
        assert store.count(selection) == 1


def test_an_exact_scope_leaves_out_memories_with_more_ids(store: Store) -> None:
    put(store, Put(ANN, "a", EAST), Put(Scope("ann", "bot"), "with agent", EAST))
    assert texts(store) == ["a", "with agent"]
    assert found(store, EAST, OF_ANN._replace(exact_scope=True)) == ["a"]


def test_an_exact_scope_may_have_any_run(store: Store) -> None:
    put(
        store,
        Put(ANN, "a", EAST),
        Put(Scope("ann", None, "1"), "run", EAST),
        Put(Scope("ann", "bot", "1"), "agent", EAST),
    )
    selection = OF_ANN._replace(run_id=("*",), exact_scope=True)
    assert sorted(found(store, EAST, selection)) == sorted(texts(store, selection)) == ["a", "run"]


def test_erasing_a_run_reopens_what_it_had_replaced(store: Store) -> None:
    said = ["I live there"]
    first, second = (Scope("ann", None, run) for run in "12")
    [old] = put(store, Put(first, "old", EAST, sources=said))
    [new] = put(store, Put(second, "new", NORTH, sources=said))
    store.write(Write([Patch(old, valid_to=1, superseded_by=new)]))
    assert texts(store) == ["new"]
    assert store.erase(Selection(("ann",), None, ("2",))) == 1
    [item] = store.scan(OF_ANN).items
    assert (item["memory"], item.get("valid_to"), item.get("superseded_by")) == ("old", None, None)


def test_a_search_over_runs_shows_the_newest_copy_of_a_fact(store: Store) -> None:
    runs = [Scope("ann", None, run) for run in "123"]
    put(store, *(Put(run, "same", EAST, sources=["said"]) for run in runs))
    put(store, Put(runs[0], "other", NORTHEAST, sources=["said"]))
    query = Query(OF_ANN, vectors=[EAST], mode="semantic", space=store.identity().space, limit=2)
    [hits] = store.search(query)
    assert [(hit["memory"], hit["run_id"]) for hit in hits] == [("same", "3"), ("other", "1")]
    assert store.count(OF_ANN) == 4


def test_a_call_without_a_scope_is_refused(store: Store) -> None:
    for selection in (Selection(), Selection(filters={"n": 1})):
        with pytest.raises(ValidationError):
            store.count(selection)


def test_vectors_of_another_space_or_size_are_refused(store: Store) -> None:
    space = store.identity().space
    with pytest.raises(VectorStoreError):
        store.write(Write([Put(ANN, "a", EAST)], space + 1))
    with pytest.raises(VectorStoreError):
        store.search(Query(OF_ANN, vectors=[EAST], space=space + 1))
    with pytest.raises(DimensionError):
        store.write(Write([Put(ANN, "a", [1.0, 2.0, 3.0])], space))
    assert store.count(EVERYTHING) == 0


def test_a_write_is_all_or_nothing(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    broken: list[Operation] = [Put(ANN, "b", EAST), Patch(one, metadata={"n": 1}), Delete("none")]
    with pytest.raises(MemoryNotFoundError):
        store.write(Write(broken, pending=[Deferred(ANN, "why", "{}")]))
    assert texts(store) == ["a"]
    assert store.scan(OF_ANN).items[0]["metadata"] == {}
    assert store.pending(EVERYTHING) == []


def test_later_operations_of_a_write_see_earlier_ones(store: Store) -> None:
    operations: list[Operation] = [
        Put(ANN, "a", EAST, "m"),
        Patch("m", rewrite=Rewrite("b", NORTH), metadata={"n": 1}),
        Delete("m"),
        Put(ANN, "c", EAST, "m"),
    ]
    changes = store.write(Write(operations))
    assert [(change.event, change.previous) for change in changes] == [
        ("ADD", None),
        ("UPDATE", "a"),
        ("DELETE", "b"),
        ("ADD", None),
    ]
    assert texts(store) == ["c"]


def test_writes_at_the_same_time_succeed_and_fail_each_by_itself(store: Store) -> None:
    outcomes = store.write_each(
        [Write([Put(ANN, "a", EAST)]), Write([Delete("none")]), Write([Put(ANN, "b", EAST)])]
    )
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, True, False]
    assert texts(store) == ["a", "b"]


def test_a_new_text_comes_with_its_vector(store: Store) -> None:
    (one,) = put(store, Put(ANN, "east", EAST))
    store.write(Write([Patch(one, rewrite=Rewrite("north", NORTH))]))
    query = Query(OF_ANN, vectors=[NORTH], space=store.identity().space)
    assert [(hit["memory"], hit["score"]) for hit in store.search(query)[0]] == [("north", 1.0)]


def test_a_change_decided_on_another_text_is_refused(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    (item,) = store.get([one])
    assert item is not None
    store.write(Write([Patch(one, rewrite=KeepText("a"), metadata={"n": 1})]))
    store.write(Write([Patch(one, rewrite=Revector("a", NORTH))]))
    store.write(Write([Patch(one, rewrite=Rewrite("b", EAST), expects=item["hash"])]))
    for stale in (
        Patch(one, rewrite=KeepText("a")),
        Patch(one, rewrite=Revector("a", EAST)),
        Patch(one, metadata={"n": 2}, expects=item["hash"]),
    ):
        with pytest.raises(ConflictError):
            store.write(Write([stale]))
    assert store.scan(OF_ANN).items[0]["metadata"] == {"n": 1}


def test_a_patch_changes_what_it_names_and_nothing_else(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST, metadata={"x": 1}, expires_on=30_000))
    store.write(Write([Patch(one, metadata={"y": 2})]))
    (item,) = store.get([one])
    assert item is not None
    assert item["metadata"] == {"x": 1, "y": 2}
    assert item.get("expiration_date") == "2052-02-20"
    store.write(Write([Patch(one, sets_expiry=True)]))
    (item,) = store.get([one])
    assert item is not None
    assert "expiration_date" not in item


def test_patches_and_deletions_reach_no_memory_outside_their_scope(store: Store) -> None:
    one, other = put(store, Put(ANN, "a", EAST), Put(BOB, "b", EAST))
    for operation in (Delete(other), Patch(other, metadata={"n": 1})):
        with pytest.raises(MemoryNotFoundError):
            store.write(Write([operation], within=OF_ANN))
    with pytest.raises(ValidationError):
        store.write(Write([Put(ANN, "c", EAST, other, existing="update")], within=OF_ANN))
    store.write(Write([Delete(one)], within=OF_ANN))
    assert texts(store, EVERYTHING) == ["b"]


def test_a_put_that_keeps_leaves_the_same_text_of_its_scope_alone(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    same, other = Put(ANN, "a", NORTH, existing="keep"), Put(BOB, "a", NORTH, existing="keep")
    changes = store.write(Write([same, other]))
    assert [change.event for change in changes] == ["NONE", "ADD"]
    assert changes[0].id == one


def test_a_put_that_updates_changes_the_memory_with_its_id(store: Store) -> None:
    memory = Put(ANN, "a", EAST, "m", metadata={"x": 1}, expires_on=30_000, existing="update")
    store.write(Write([memory]))
    changed = memory._replace(text="b", metadata={"y": 2}, expires_on=None)
    assert store.write(Write([changed])) == [("m", "UPDATE", "a")]
    (item,) = store.get(["m"])
    assert item is not None
    assert (item["memory"], item["metadata"]) == ("b", {"x": 1, "y": 2})
    assert "expiration_date" in item
    store.write(Write([changed._replace(sets_expiry=True)]))
    (item,) = store.get(["m"])
    assert item is not None
    assert "expiration_date" not in item


def test_an_archived_version_is_a_superseded_memory_with_its_vector(store: Store) -> None:
    (one,) = put(store, Put(ANN, "east", EAST, metadata={"n": 1}, sources=["said"], role="user"))
    put(store, Put(ANN, "said", EAST, kind="message"))
    until = 1_900_000_000_000_000
    store.write(Write([Patch(one, rewrite=Rewrite("north", NORTH), archive_to=until)]))
    assert texts(store) == ["north"]
    everything = OF_ANN._replace(include_superseded=True)
    query = Query(everything, vectors=[EAST], space=store.identity().space, limit=1)
    ((old,),) = store.search(query)
    assert (old["memory"], old["score"], old["metadata"]) == ("east", 1.0, {"n": 1})
    assert old.get("superseded_by") == one
    assert old.get("valid_from") == old["created_at"]
    assert old.get("valid_to", "").startswith("2030-03-17")
    assert old.get("role") == "user"
    assert [message["memory"] for message in store.sources(old["id"])] == ["said"]


def test_a_version_is_archived_until_its_begin_at_the_earliest(store: Store) -> None:
    begin = 1_800_000_000_000_000
    (one,) = put(store, Put(ANN, "a", EAST, valid_from=begin))
    store.write(Write([Patch(one, rewrite=Rewrite("b", EAST), archive_to=begin - 5_000_000)]))
    everything = OF_ANN._replace(include_superseded=True)
    (old,) = [item for item in store.scan(everything).items if item["memory"] == "a"]
    assert old.get("valid_to") == old.get("valid_from")


def test_a_version_is_not_archived_where_its_change_is_refused(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    stale = Patch(one, rewrite=Rewrite("b", EAST), archive_to=0, expects="0" * 32)
    with pytest.raises(ConflictError):
        store.write(Write([stale]))
    assert store.count(OF_ANN._replace(include_superseded=True)) == 1


def test_a_blended_vector_lies_between_its_own_and_those_of_its_messages(store: Store) -> None:
    plain, blended = Put(ANN, "plain", EAST), Put(ANN, "blended", Blend(EAST, ((NORTH,),)))
    put(store, plain, blended)
    (hits,) = store.search(Query(OF_ANN, vectors=[NORTH], space=store.identity().space))
    assert [hit["memory"] for hit in hits] == ["blended", "plain"]
    assert 0 < hits[0]["score"] < 1


def test_expired_superseded_and_message_rows_are_shown_only_where_asked_for(store: Store) -> None:
    put(
        store,
        Put(ANN, "live", EAST),
        Put(ANN, "expired", EAST, expires_on=1),
        Put(ANN, "superseded", EAST, valid_to=1),
        Put(ANN, "message", EAST, kind="message"),
    )
    assert texts(store) == ["live"]
    assert texts(store, OF_ANN._replace(show_expired=True)) == ["live", "expired"]
    assert texts(store, OF_ANN._replace(include_superseded=True)) == ["live", "superseded"]
    assert texts(store, OF_ANN._replace(include_messages=True)) == ["live", "message"]


def test_a_scan_in_pages_returns_each_memory_once(store: Store) -> None:
    put(store, *(Put(ANN, str(number), EAST) for number in range(7)))
    seen: list[str] = []
    after = None
    while True:
        page = store.scan(OF_ANN, after=after, limit=3)
        seen += [item["memory"] for item in page.items]
        if (after := page.after) is None:
            break
    assert seen == [str(number) for number in range(7)]


def test_a_slice_is_ordered_and_says_how_many_there_are(store: Store) -> None:
    ages = {"old": 1, "new": 3, "middle": 2}
    put(store, *(Put(ANN, text, EAST, created_at=age) for text, age in ages.items()))
    latest = store.slice(OF_ANN, order=Order("created_at", descending=True), limit=2)
    assert [item["memory"] for item in latest.items] == ["new", "middle"]
    rest = store.slice(OF_ANN, order=Order("created_at"), offset=1)
    assert [item["memory"] for item in rest.items] == ["middle", "new"]
    assert latest.total == rest.total == 3


def test_every_change_of_a_memory_is_an_event_also_after_its_deletion(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    store.write(Write([Patch(one, rewrite=Rewrite("b", NORTH))]))
    store.write(Write([Delete(one)]))
    events = store.events(one)
    assert [(event["event"], event["new_memory"]) for event in events] == [
        ("ADD", "a"),
        ("UPDATE", "b"),
        ("DELETE", None),
    ]
    assert store.events(one, OF_ANN) == events
    assert store.events(one, OF_BOB) == store.events("none") == []


def test_sources_are_the_kept_messages_and_none_of_other_scopes(store: Store) -> None:
    put(store, Put(ANN, "said", EAST, kind="message"))
    (one,) = put(store, Put(ANN, "fact", EAST, sources=["said", "not kept"]))
    assert [message["memory"] for message in store.sources(one)] == ["said"]
    for within, key in ((OF_BOB, one), (None, "none")):
        with pytest.raises(MemoryNotFoundError):
            store.sources(key, within)


def test_two_writes_cannot_process_the_same_pending_input(store: Store) -> None:
    store.write(Write(pending=[Deferred(ANN, "first", "1"), Deferred(BOB, "second", "2")]))
    first, second = store.pending(EVERYTHING)
    assert [(one.scope, one.reason, one.body) for one in (first, second)] == [
        (ANN, "first", "1"),
        (BOB, "second", "2"),
    ]
    assert store.pending(OF_BOB) == [second]
    store.write(Write([Put(ANN, "a", EAST)], processed=[first.id]))
    with pytest.raises(ConflictError):
        store.write(Write([Put(ANN, "b", EAST)], processed=[first.id]))
    assert store.pending(EVERYTHING) == [second]
    assert texts(store) == ["a"]


def test_a_named_write_is_committed_once_in_its_scope(store: Store) -> None:
    receipt = Receipt(ANN, "key", "note")
    assert store.knows(receipt) is None
    (change,) = store.write(Write([Put(ANN, "a", EAST)], receipt=receipt))
    with pytest.raises(ConflictError):
        store.write(Write([Put(ANN, "b", EAST)], receipt=receipt._replace(note="other")))
    assert store.knows(receipt) == ([change.id], "note")
    store.write(Write([Put(BOB, "b", EAST)], receipt=receipt._replace(scope=BOB)))
    assert texts(store) == ["a"]


def test_erasing_a_scope_deletes_all_of_it_and_nothing_else(store: Store) -> None:
    put(
        store,
        Put(ANN, "a", EAST, expires_on=1),
        Put(ANN, "b", EAST, valid_to=1),
        Put(ANN, "c", EAST, kind="message"),
        Put(BOB, "bob", EAST),
    )
    receipt = Receipt(ANN, "key")
    store.write(Write(pending=[Deferred(ANN, "why", "{}")], receipt=receipt))
    assert store.erase(OF_ANN) == 3
    everything = EVERYTHING._replace(
        show_expired=True, include_superseded=True, include_messages=True
    )
    assert texts(store, everything) == ["bob"]
    assert store.pending(EVERYTHING) == []
    assert store.knows(receipt) is None


def test_a_reset_store_is_empty_and_has_another_log(store: Store) -> None:
    (one,) = put(store, Put(ANN, "a", EAST))
    before = store.identity()
    store.reset()
    after = store.identity()
    assert store.count(EVERYTHING) == 0
    assert store.events(one) == []
    assert before.log_id != after.log_id
    assert before.dim == after.dim == 2


def test_stats_count_memories_and_events(store: Store) -> None:
    (one, _) = put(store, Put(ANN, "a", EAST), Put(ANN, "b", EAST))
    store.write(Write([Delete(one)]))
    stats = store.stats()
    assert (stats["records"], stats["events"]) == (1, 3)


def test_a_closed_store_refuses_every_call(store: Store) -> None:
    store.flush()
    store.close()
    store.close()
    for call in (
        lambda: store.get(["a"]),
        lambda: store.write(Write([Put(ANN, "a", EAST)])),
        lambda: store.count(EVERYTHING),
        store.flush,
        store.reset,
    ):
        with pytest.raises(StoreClosedError):
            call()


def test_the_last_messages_are_those_of_a_selection_oldest_first(store: Store) -> None:
    for at in range(4):
        put(store, Put(ANN, f"said {at}", EAST, kind="message"))
        put(store, Put(ANN, f"fact {at}", EAST), Put(BOB, f"other {at}", EAST, kind="message"))
    of_ann = Selection(user_id=("ann",), include_messages=True, exact_scope=True)
    found = store.latest(of_ann, limit=3)
    assert [message["memory"] for message in found] == ["said 1", "said 2", "said 3"]
    before = store.latest(of_ann, until=found[1]["id"], limit=2)
    assert [message["memory"] for message in before] == ["said 1", "said 2"]
    assert store.latest(of_ann, until="00000000-0000-0000-0000-000000000000") == []
    assert store.latest(of_ann, limit=0) == []
