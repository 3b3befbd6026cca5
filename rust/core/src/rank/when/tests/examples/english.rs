//! Times in English, and words that name none in any language.

use super::{check, read, spans};
use crate::rank::when::Asked;

#[test]
fn relative_times_are_read_in_english() {
    check(&[
        ("What did Anna cook yesterday?", "2023-07-18"),
        ("What did she cook the day before yesterday?", "2023-07-17"),
        ("Where do I go tomorrow?", "2023-07-20"),
        ("What did I dream last night?", "2023-07-18"),
        (
            "Which film did we see two weeks ago?",
            "2023-07-02..2023-07-08",
        ),
        ("Which film did we see a couple of days ago?", "2023-07-17"),
        ("Who called a month ago?", "2023-06-04..2023-07-04"),
        ("Where did I live 3 years ago?", "2020-01-01..2020-12-31"),
        ("What did we plan last week?", "2023-07-10..2023-07-16"),
        (
            "What did we plan the week before last?",
            "2023-07-03..2023-07-09",
        ),
        (
            "What is planned for this weekend?",
            "2023-07-22..2023-07-23",
        ),
        ("What did we do over the weekend?", "2023-07-15..2023-07-16"),
        ("Who came this past weekend?", "2023-07-15..2023-07-16"),
        ("Who came two weekends ago?", "2023-07-08..2023-07-09"),
        ("What is planned for next month?", "2023-08-01..2023-08-31"),
        ("Where was Bob last May?", "2023-05-01..2023-05-31"),
        ("Where was Bob last July?", "2022-07-01..2022-07-31"),
        ("Who came last Friday?", "2023-07-14"),
        ("Who came last Wednesday?", "2023-07-12"),
        ("Who came on Wednesday?", "2023-07-19"),
        ("Who came on Monday of last week?", "2023-07-10"),
        (
            "What did I read in the last three days?",
            "2023-07-16..2023-07-19",
        ),
        (
            "What did I spend in the past month?",
            "2023-06-19..2023-07-19",
        ),
        ("Where did we swim last summer?", "2022-06-01..2022-08-31"),
        ("Where do we swim this summer?", "2023-06-01..2023-08-31"),
        (
            "What did I read since last Friday?",
            "2023-07-14..2023-07-19",
        ),
        ("What did I read since Friday?", "2023-07-14..2023-07-19"),
        ("What did I read since May?", "2023-05-01..2023-07-19"),
        ("What did I read since October?", "2022-10-01..2023-07-19"),
        (
            "What did I read since 3 May 2023?",
            "2023-05-03..2023-07-19",
        ),
        ("Who came on the 3rd of last month?", "2023-06-03"),
        ("Where was I in May last year?", "2022-05-01..2022-05-31"),
        ("Where was I on May 3 last year?", "2022-05-03"),
        ("Where was I last year in May?", "2022-05-01..2022-05-31"),
        ("Where was I last year on May 3?", "2022-05-03"),
        ("Where was I last year in Paris?", "2022-01-01..2022-12-31"),
        (
            "What did I do last week and yesterday?",
            "2023-07-10..2023-07-16 2023-07-18",
        ),
    ]);
}

#[test]
fn dates_and_spans_are_read_in_english() {
    check(&[
        (
            "Where was I from May to July 2023?",
            "2023-05-01..2023-07-31",
        ),
        (
            "Where was I from November to February 2023?",
            "2022-11-01..2023-02-28",
        ),
        (
            "Where was I from November 2022 to February?",
            "2022-11-01..2023-02-28",
        ),
        (
            "What happened between 3 and 9 May?",
            "2022-05-03..2022-05-09 2023-05-03..2023-05-09",
        ),
        ("Who was here 12-15 June 2022?", "2022-06-12..2022-06-15"),
        ("Who was here May 3–9, 2023?", "2023-05-03..2023-05-09"),
        (
            "Who was here from the 3rd to the 9th of May 2023?",
            "2023-05-03..2023-05-09",
        ),
        (
            "Who was here between May 3 and June 2, 2023?",
            "2023-05-03..2023-06-02",
        ),
        (
            "Where did I live from 2019 to 2021?",
            "2019-01-01..2021-12-31",
        ),
        (
            "Where did we swim in the summer of 2022?",
            "2022-06-01..2022-08-31",
        ),
        ("Where did we ski in winter 2022?", "2022-12-01..2023-02-28"),
        (
            "Which music of the 1990s does he like?",
            "1990-01-01..1999-12-31",
        ),
        ("Who came on the third of May 2023?", "2023-05-03"),
        (
            "Who came on the twenty-first of June?",
            "2022-06-21 2023-06-21",
        ),
        ("Who came on 19.07.2023?", "2023-07-19"),
        ("Who came on 19/07/2023?", "2023-07-19"),
        ("Who came on 07/19/2023?", "2023-07-19"),
        ("Who came on 2023/07/19?", "2023-07-19"),
        ("Who came on 2023-07-19?", "2023-07-19"),
        ("Who came in 2023-07?", "2023-07-01..2023-07-31"),
        ("Who came in 07/2023?", "2023-07-01..2023-07-31"),
        // Either number may be the month: only the year is certain.
        ("Who came on 03/04/2023?", "2023-01-01..2023-12-31"),
        // Relative to the date that stands beside it.
        (
            "Who had been here last week, as written on 3 May 2023?",
            "2023-05-03",
        ),
        ("Who came on the Sunday before 3 May 2023?", "2023-05-03"),
        ("Who came on Friday, 5 May 2023?", "2023-05-05"),
    ]);
}

#[test]
fn words_with_another_meaning_ask_for_no_time() {
    for question in [
        "I may march to Mars in a second",
        "This may be the last day of school",
        "Where is the second largest city?",
        "How long did the next day last?",
        "Who has two weeks of vacation?",
        "Is fall the best season?",
        "Who goes swimming every Friday?",
        "Who goes swimming on weekends?",
        "Did Autumn call April?",
        "Who watched the last march of the penguins?",
        "Is 1.2.3 newer than 1.10.2?",
        "Which of the 3 to 5 year olds can swim?",
        "What is half of 7/12?",
        "Was ist hier passiert?",
        "Was steht vor der Tür?",
        "Was mache ich am Morgen?",
        "Il y a sept personnes ici ?",
        "Qu'est-ce qu'il a dit de la planète Mars ?",
        "A-t-il été malade ?",
        "¿Quién nada en el mar?",
        "¿Qué hago por la mañana?",
        "¿Qué hace Juan?",
        "Quem mora perto do mar?",
        "Quem saiu de casa e foi às dez?",
        "Hai mai visto il mare?",
        "Che cosa fa Anna?",
        "他什么时候起床？",
        "我们一起去吗？",
        "春樹は何が好きですか？",
        "日本の月はきれいですか？",
    ] {
        assert_eq!(read(question), Asked::default(), "{question}");
    }
}

#[test]
fn a_version_is_no_date() {
    for question in [
        "Which bugs had version 1.2.2023?",
        "Which bugs had v 1.2.2023.4?",
    ] {
        // The number of the year counts by itself, as in the ranking's reference.
        assert_eq!(spans(question), "2023-01-01..2023-12-31", "{question}");
    }
}
