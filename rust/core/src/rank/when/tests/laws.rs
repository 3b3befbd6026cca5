//! Laws over any question, date and reference day.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::languages::{LANGUAGES, UNSPACED};
use super::super::lexicon::folded;
use super::super::{Asked, Span, asked};
use crate::text::composed;
use crate::time::{Day, days_to_civil, real_day};

/// The first and last day of the calendar.
fn calendar() -> (Day, Day) {
    (real_day(1, 1, 1).unwrap(), real_day(9999, 12, 31).unwrap())
}

fn read(question: &str, reference: Day) -> Asked {
    asked(question, &[2022, 2023], &|_| false, Some(reference))
}

/// The only span of a question.
fn only(question: &str, reference: Day) -> Span {
    let spans = read(question, reference).spans;
    assert_eq!(spans.len(), 1, "{question}: {spans:?}");
    spans[0]
}

fn days(question: &str, reference: Day) -> (Day, Day) {
    let span = only(question, reference);
    (span.first, span.last)
}

/// Pieces of questions: every word of the tables, numbers, and anything else.
fn pieces() -> impl Strategy<Value = String> {
    let tables = LANGUAGES.iter().map(|language| language.words);
    let rows = tables.chain(UNSPACED).flatten();
    let words = rows.flat_map(|(_, words)| words.split_whitespace());
    let words: Vec<String> = words.map(|word| word.replace('_', " ")).collect();
    let number = prop_oneof![0..40_i32, 1900..2100_i32, 0..10_000_i32];
    let signs = select(vec![
        "-", ".", "/", ", ", "?", "'", "st", "th", "年", "月", "日", "\u{301}", "–",
    ]);
    prop_oneof![
        4 => select(words),
        3 => number.prop_map(|number| number.to_string()),
        2 => signs.prop_map(str::to_owned),
        1 => "\\PC{0,6}",
    ]
}

fn questions() -> impl Strategy<Value = String> {
    let gap = select(vec![" ", " ", " ", "", "-", ", ", ". "]);
    proptest::collection::vec((pieces(), gap), 0..14)
        .prop_map(|pieces| pieces.into_iter().map(|(piece, gap)| piece + gap).collect())
}

proptest! {
    #[test]
    fn spans_lie_in_the_calendar_and_words_in_the_question(
        question in questions(),
        reference in proptest::option::of(prop_oneof![
            any::<Day>(),
            calendar().0..=calendar().1,
            18_000..20_000_i32,
        ]),
        years in proptest::collection::vec(prop_oneof![2000..2030_i32, any::<i32>()], 0..3),
    ) {
        let asked = asked(&question, &years, &|word| word == "april", reference);
        for span in asked.spans {
            prop_assert!(span.first <= span.last, "{:?}", span);
            prop_assert!(calendar().0 <= span.first && span.last <= calendar().1, "{:?}", span);
            let known = [(7., 1.), (15., 1.), (15., 0.5)].contains(&(span.grace, span.weight));
            prop_assert!(known, "{:?}", span);
        }
        let held = folded(&composed(&question)).into_owned();
        for word in asked.words {
            prop_assert!(held.contains(folded(&word).as_ref()), "{:?} {:?}", word, held);
        }
    }

    #[test]
    fn a_written_date_is_read_in_every_language(
        day in real_day(1900, 1, 1).unwrap()..real_day(2100, 1, 1).unwrap(),
        reference in 18_000..20_000_i32,
    ) {
        let (year, month, of_month) = days_to_civil(day);
        let index = usize::try_from(month - 1).unwrap();
        let word = |language: usize| {
            let mut rows = LANGUAGES[language].words.iter();
            rows.nth(index).unwrap().1.split(' ').next().unwrap()
        };
        for question in [
            format!("What happened on {of_month} {} {year}?", word(0)),
            format!("What happened on {} {of_month}, {year}?", word(0)),
            format!("Was ist am {of_month}. {} {year} passiert?", word(1)),
            format!("Que s'est-il passé le {of_month} {} {year} ?", word(2)),
            format!("¿Qué pasó el {of_month} de {} de {year}?", word(3)),
            format!("O que aconteceu em {of_month} de {} de {year}?", word(4)),
            format!("Che cosa è successo il {of_month} {} {year}?", word(5)),
            format!("{year}年{month}月{of_month}日发生了什么？"),
            format!("{year}年{month}月{of_month}日に何がありましたか？"),
            format!("What happened on {of_month:02}.{month:02}.{year}?"),
            format!("Was ist am {of_month}.{month}.{year} passiert?"),
            format!("What happened on {year}/{month:02}/{of_month:02}?"),
            format!("What happened on {year:04}-{month:02}-{of_month:02}?"),
        ] {
            prop_assert_eq!(days(&question, reference), (day, day), "{}", question);
        }
    }

    #[test]
    fn a_count_of_days_or_weeks_is_subtracted(reference in -500_000..2_000_000_i32, count in 1..9999_i32) {
        let days_ago = days(&format!("What did I say {count} days ago?"), reference);
        prop_assert_eq!(days_ago, (reference - count, reference - count));
        let weeks_ago = days(&format!("What did I say {count} weeks ago?"), reference);
        prop_assert_eq!(weeks_ago, (reference - 7 * count - 3, reference - 7 * count + 3));
        let window = days(&format!("What did I say in the last {count} days?"), reference);
        prop_assert_eq!(window, (reference - count, reference));
    }

    #[test]
    fn a_count_of_months_keeps_the_day_of_the_month(reference in calendar().0 + 400_000..calendar().1, count in 1..9999_i32) {
        let (year, month, day) = days_to_civil(reference);
        let months = year * 12 + month - 1 - i64::from(count);
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        // A month that is too short ends before.
        let about = (0..4).find_map(|less| real_day(year, month, day - less)).unwrap();
        let (first, last) = days(&format!("What did I say {count} months ago?"), reference);
        prop_assert_eq!((first, last), (about - 15, about + 15));
        let window = days(&format!("What did I say in the last {count} months?"), reference);
        prop_assert_eq!(window, (about, reference));
    }

    #[test]
    fn weekdays_and_weeks_are_around_the_reference(reference in -500_000..2_000_000_i32, weekday in 0..7_usize) {
        // 1970-01-05 was a Monday.
        let of = |day: Day| usize::try_from((day - 4).rem_euclid(7)).unwrap();
        let name = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][weekday];
        let at = |which: &str| {
            let (first, last) = days(&format!("What is on our list {which} {name}?"), reference);
            assert_eq!((first, of(first)), (last, weekday));
            first - reference
        };
        prop_assert!((-7..0).contains(&at("last")));
        prop_assert!((1..8).contains(&at("next")));
        prop_assert!((-6..1).contains(&at("on")));
        let (monday, sunday) = days("What did we do this week?", reference);
        prop_assert!(monday <= reference && reference <= sunday);
        prop_assert_eq!((of(monday), of(sunday), sunday - monday), (0, 6, 6));
        prop_assert_eq!(days("What did we do last week?", reference), (monday - 7, monday - 1));
        prop_assert_eq!(days("What did we do last weekend?", reference), (monday - 2, monday - 1));
        let this = at("this") + reference;
        prop_assert!((monday..=sunday).contains(&this));
    }

    #[test]
    fn months_and_years_are_around_the_reference(reference in -500_000..2_000_000_i32) {
        let (year, month, _) = days_to_civil(reference);
        let first_of = |months: i64| {
            let months = year * 12 + month - 1 + months;
            real_day(months.div_euclid(12), months.rem_euclid(12) + 1, 1).unwrap()
        };
        prop_assert_eq!(days("What did we do last month?", reference), (first_of(-1), first_of(0) - 1));
        prop_assert_eq!(days("What did we do this month?", reference), (first_of(0), first_of(1) - 1));
        prop_assert_eq!(days("What did we do next month?", reference), (first_of(1), first_of(2) - 1));
        let last_year = (real_day(year - 1, 1, 1).unwrap(), real_day(year - 1, 12, 31).unwrap());
        prop_assert_eq!(days("What did we do last year?", reference), last_year);
        let (may, end) = days("What did we do last May?", reference);
        prop_assert!(end < reference && reference - may < 366 + 31);
        let (june, end) = days("What did we do last summer?", reference);
        prop_assert!(end < reference && reference - june < 366 + 92);
    }
}

#[test]
fn long_questions_are_read_to_their_end() {
    let reference = real_day(2023, 7, 19).unwrap();
    for piece in [
        "3 May ",
        "from the of ",
        "12-",
        "last ",
        "五月",
        "1.2.",
        "who said ",
        "the of the's ",
        "二十",
    ] {
        let question = piece.repeat(100_000 / piece.len());
        let asked = read(&format!("{question}? What did I say yesterday?"), reference);
        let yesterday = asked.spans.iter().any(|span| span.first == reference - 1);
        assert!(yesterday, "{piece}");
    }
}
