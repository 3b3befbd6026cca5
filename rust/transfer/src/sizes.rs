//! Bytes of the rows of Arrow arrays; a value that several rows share counts in each.

use arrow_array::cast::AsArray;
use arrow_array::{Array, OffsetSizeTrait, RecordBatch};
use arrow_schema::DataType;

/// Bytes of some rows of a batch.
pub(crate) fn of(batch: &RecordBatch, start: usize, rows: usize) -> usize {
    let columns = batch.columns().iter();
    columns.fold(0, |sum: usize, column| {
        sum.saturating_add(span(column, start, rows))
    })
}

/// How many of the first rows, at most `limit`, fit into `room` bytes, and their bytes. With `must`
/// the first row is taken even if it does not fit.
pub(crate) fn fitting(
    batch: &RecordBatch,
    limit: usize,
    room: usize,
    must: bool,
) -> (usize, usize) {
    let limit = limit.min(batch.num_rows());
    let all = of(batch, 0, limit);
    if all <= room {
        return (limit, all);
    }
    let mut taken = 0_usize;
    for row in 0..limit {
        let bytes = of(batch, row, 1);
        let next = taken.saturating_add(bytes);
        if next > room && !(must && row == 0) {
            return (row, taken);
        }
        taken = next;
    }
    (limit, taken)
}

/// Bytes of some values of an array.
#[allow(clippy::wildcard_enum_match_arm)] // other types have a fixed width, or are not readable
fn span(array: &dyn Array, start: usize, length: usize) -> usize {
    match array.data_type() {
        DataType::Utf8 => between(array.as_string::<i32>().value_offsets(), start, length).1,
        DataType::LargeUtf8 => between(array.as_string::<i64>().value_offsets(), start, length).1,
        DataType::Binary => between(array.as_binary::<i32>().value_offsets(), start, length).1,
        DataType::LargeBinary => between(array.as_binary::<i64>().value_offsets(), start, length).1,
        DataType::Utf8View => {
            let views = array.as_string_view().lengths().skip(start).take(length);
            views.fold(0, |sum: usize, view| sum.saturating_add(view as usize))
        }
        DataType::List(_) => {
            let lists = array.as_list::<i32>();
            let (first, count) = between(lists.value_offsets(), start, length);
            span(lists.values(), first, count)
        }
        DataType::LargeList(_) => {
            let lists = array.as_list::<i64>();
            let (first, count) = between(lists.value_offsets(), start, length);
            span(lists.values(), first, count)
        }
        DataType::FixedSizeList(_, _) => {
            let lists = array.as_fixed_size_list();
            let width = usize::try_from(lists.value_length()).unwrap_or(0);
            span(lists.values(), start * width, length.saturating_mul(width))
        }
        DataType::Struct(_) => {
            let columns = array.as_struct().columns().iter();
            columns.fold(0, |sum: usize, column| {
                sum.saturating_add(span(column, start, length))
            })
        }
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let values = dictionary.values();
            let keys = dictionary.keys();
            (start..start + length).fold(0, |sum: usize, index| {
                let bytes = match crate::cell::key(keys, index) {
                    Some(key) if key < values.len() => span(values, key, 1),
                    _ => 0,
                };
                sum.saturating_add(bytes)
            })
        }
        other => other.primitive_width().unwrap_or(1).saturating_mul(length),
    }
}

/// The first item of some lists, and how many items they have.
fn between<T: OffsetSizeTrait>(offsets: &[T], start: usize, length: usize) -> (usize, usize) {
    let first = offsets[start].as_usize();
    (
        first,
        offsets[start + length].as_usize().saturating_sub(first),
    )
}
