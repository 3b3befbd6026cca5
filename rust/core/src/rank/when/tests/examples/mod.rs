//! Questions asked on Wednesday, 2023-07-19, of memories from 2022 and 2023.

mod english;
mod languages;

use super::super::{Asked, asked};
use crate::time::{format_day, parse_day};

pub(super) fn read(question: &str) -> Asked {
    let names = |word: &str| ["april", "autumn"].contains(&word);
    asked(question, &[2022, 2023], &names, parse_day("2023-07-19"))
}

/// The spans of a question: `2023-05-03` or `2023-05-03..2023-05-09`, separated by blanks.
pub(super) fn spans(question: &str) -> String {
    let asked = read(question);
    let spans = asked.spans.iter().map(|span| {
        let (first, last) = (format_day(span.first), format_day(span.last));
        if first == last {
            first
        } else {
            format!("{first}..{last}")
        }
    });
    spans.collect::<Vec<_>>().join(" ")
}

pub(super) fn check(table: &[(&str, &str)]) {
    for (question, expected) in table {
        assert_eq!(spans(question), *expected, "{question}");
    }
}

#[test]
fn only_the_words_of_a_time_are_given() {
    for (question, words) in [
        ("What did Anna cook yesterday?", "yesterday"),
        ("Which film did we see two weeks ago?", "two weeks ago"),
        (
            "Where was I from May to July 2023?",
            "from may to july 2023",
        ),
        ("Where was I in 2023?", ""),
        ("Was habe ich letzten Monat gelesen?", "letzten monat"),
        ("Où étais-je le 1er MARS 2023 ?", "1er mars 2023"),
        ("我昨天做了什么？", "昨天"),
        (
            "先週の金曜日に何を食べましたか？",
            "先週 週の の金 金曜 曜日",
        ),
    ] {
        assert_eq!(read(question).words.join(" "), words, "{question}");
    }
}

#[test]
fn longer_spans_have_more_grace_and_years_less_weight() {
    for (question, grace, weight) in [
        ("What did I do yesterday?", 7., 1.),
        ("What did I do last week?", 7., 1.),
        ("What did I do between 3 and 9 May 2023?", 7., 1.),
        ("What did I do last month?", 15., 1.),
        ("What did I do in the last two months?", 15., 1.),
        ("What did I do last summer?", 15., 1.),
        ("What did I do from May to July 2023?", 15., 1.),
        ("What did I do last year?", 15., 0.5),
        ("What did I do from 2019 to 2021?", 15., 0.5),
    ] {
        let spans = read(question).spans;
        let lengths: Vec<_> = spans.iter().map(|span| (span.grace, span.weight)).collect();
        assert_eq!(lengths, [(grace, weight)], "{question}");
    }
}

#[test]
fn without_a_reference_day_only_plain_english_is_read() {
    for question in [
        "What did I do yesterday?",
        "Was war am 3. März?",
        "2023年5月",
        "Who came on 19.07.23?",
    ] {
        let asked = asked(question, &[2022, 2023], &|_| false, None);
        assert_eq!(asked, Asked::default(), "{question}");
    }
    // A day outside the calendar is none.
    let asked = asked("What did I do yesterday?", &[], &|_| false, Some(i32::MAX));
    assert_eq!(asked, Asked::default());
}
