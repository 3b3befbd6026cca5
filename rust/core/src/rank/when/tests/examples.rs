//! Questions by language, asked on Wednesday, 2023-07-19, of memories from 2022 and 2023.

use super::super::{Asked, asked};
use crate::time::{format_day, parse_day};

fn read(question: &str) -> Asked {
    let names = |word: &str| ["april", "autumn"].contains(&word);
    asked(question, &[2022, 2023], &names, parse_day("2023-07-19"))
}

/// The spans of a question: `2023-05-03` or `2023-05-03..2023-05-09`, separated by blanks.
fn spans(question: &str) -> String {
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

fn check(table: &[(&str, &str)]) {
    for (question, expected) in table {
        assert_eq!(spans(question), *expected, "{question}");
    }
}

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

#[test]
fn times_are_read_in_german() {
    check(&[
        ("Was habe ich gestern gekocht?", "2023-07-18"),
        ("Was habe ich vorgestern gekocht?", "2023-07-17"),
        ("Was mache ich morgen?", "2023-07-20"),
        ("Was ist am 3. Mai 2023 passiert?", "2023-05-03"),
        ("Was hat Anna am 3.5.2023 gesagt?", "2023-05-03"),
        ("Was war vom 3. bis 9. Mai 2023?", "2023-05-03..2023-05-09"),
        (
            "Wo war ich zwischen dem 3. und 9. Mai 2023?",
            "2023-05-03..2023-05-09",
        ),
        (
            "Wo war ich von März bis Mai 2023?",
            "2023-03-01..2023-05-31",
        ),
        ("Was war vor zwei Wochen?", "2023-07-02..2023-07-08"),
        ("Was war vor einem Jahr?", "2022-01-01..2022-12-31"),
        (
            "Was habe ich letzten Monat gelesen?",
            "2023-06-01..2023-06-30",
        ),
        (
            "Was habe ich letzte Woche gelesen?",
            "2023-07-10..2023-07-16",
        ),
        (
            "Was war in den letzten drei Tagen?",
            "2023-07-16..2023-07-19",
        ),
        ("Wer kam am Montag?", "2023-07-17"),
        ("Wer kam am 3. letzten Monats?", "2023-06-03"),
        (
            "Was habe ich seit zwei Wochen gelesen?",
            "2023-07-05..2023-07-19",
        ),
        ("Was habe ich seit Mai gelesen?", "2023-05-01..2023-07-19"),
        ("Wer kam letzten Freitag?", "2023-07-14"),
        ("Wer kam am Wochenende?", "2023-07-15..2023-07-16"),
        ("Wo waren wir letzten Sommer?", "2022-06-01..2022-08-31"),
        ("Wo waren wir im Sommer 2022?", "2022-06-01..2022-08-31"),
        (
            "Wo war ich im Mai letzten Jahres?",
            "2022-05-01..2022-05-31",
        ),
        ("Wo war ich letztes Jahr im Mai?", "2022-05-01..2022-05-31"),
        (
            "Wo war ich letztes Jahr im Sommer?",
            "2022-06-01..2022-08-31",
        ),
        ("Wo war ich letztes Jahr am 3. Mai?", "2022-05-03"),
        (
            "Wo war ich im März?",
            "2022-03-01..2022-03-31 2023-03-01..2023-03-31",
        ),
    ]);
}

#[test]
fn times_are_read_in_french() {
    check(&[
        ("Qu'est-ce que j'ai fait hier ?", "2023-07-18"),
        ("Qu'ai-je dit avant-hier ?", "2023-07-17"),
        ("Qu'a-t-il fait aujourd'hui ?", "2023-07-19"),
        ("Qu'a dit Anna le 3 mai 2023 ?", "2023-05-03"),
        ("Qui est venu le 1er mai 2023 ?", "2023-05-01"),
        ("Où étais-je du 3 au 9 mai 2023 ?", "2023-05-03..2023-05-09"),
        ("Où étais-je de mars à mai 2023 ?", "2023-03-01..2023-05-31"),
        (
            "Que s'est-il passé il y a deux semaines ?",
            "2023-07-02..2023-07-08",
        ),
        (
            "Qu'ai-je lu la semaine dernière ?",
            "2023-07-10..2023-07-16",
        ),
        ("Qu'ai-je lu le mois dernier ?", "2023-06-01..2023-06-30"),
        (
            "Où étais-je en mai de l'année dernière ?",
            "2022-05-01..2022-05-31",
        ),
        (
            "Où étais-je l'année dernière en mai ?",
            "2022-05-01..2022-05-31",
        ),
        (
            "Qu'ai-je lu ces trois derniers jours ?",
            "2023-07-16..2023-07-19",
        ),
        ("Qui est venu lundi ?", "2023-07-17"),
        ("Qui est venu le 3 du mois dernier ?", "2023-06-03"),
        ("Qu'ai-je lu depuis mai ?", "2023-05-01..2023-07-19"),
        ("Qui vient le lundi ?", ""),
        ("Où étions-nous l'été dernier ?", "2022-06-01..2022-08-31"),
        (
            "Qui est venu le week-end dernier ?",
            "2023-07-15..2023-07-16",
        ),
        ("Où étais-je en FEVRIER 2023 ?", "2023-02-01..2023-02-28"),
    ]);
}

#[test]
fn times_are_read_in_spanish() {
    check(&[
        ("¿Qué hice ayer?", "2023-07-18"),
        ("¿Qué hice anteayer?", "2023-07-17"),
        ("¿Qué hago mañana?", "2023-07-20"),
        ("¿Qué pasó el 3 de mayo de 2023?", "2023-05-03"),
        (
            "¿Qué pasó entre el 3 y el 9 de mayo de 2023?",
            "2023-05-03..2023-05-09",
        ),
        (
            "¿Qué pasó de mayo a julio de 2023?",
            "2023-05-01..2023-07-31",
        ),
        ("¿Qué hicimos hace dos semanas?", "2023-07-02..2023-07-08"),
        ("¿Qué leí la semana pasada?", "2023-07-10..2023-07-16"),
        (
            "¿Dónde estuve en mayo del año pasado?",
            "2022-05-01..2022-05-31",
        ),
        (
            "¿Dónde estuve el año pasado en mayo?",
            "2022-05-01..2022-05-31",
        ),
        (
            "¿Qué leí en los últimos tres días?",
            "2023-07-16..2023-07-19",
        ),
        ("¿Quién vino el lunes?", "2023-07-17"),
        ("¿Quién vino el 3 del mes pasado?", "2023-06-03"),
        ("¿Qué leí desde hace dos semanas?", "2023-07-02..2023-07-19"),
        (
            "¿Dónde estuve desde marzo hasta mayo de 2023?",
            "2023-03-01..2023-05-31",
        ),
        ("¿Quién vino el viernes pasado?", "2023-07-14"),
        (
            "¿Dónde estuve en el verano de 2022?",
            "2022-06-01..2022-08-31",
        ),
        ("¿Qué haré la próxima semana?", "2023-07-24..2023-07-30"),
        ("¿Qué haré la semana que viene?", "2023-07-24..2023-07-30"),
        (
            "¿Qué hice el fin de semana pasado?",
            "2023-07-15..2023-07-16",
        ),
    ]);
}

#[test]
fn times_are_read_in_portuguese() {
    check(&[
        ("O que fiz ontem?", "2023-07-18"),
        ("O que fiz anteontem?", "2023-07-17"),
        ("O que aconteceu em 3 de maio de 2023?", "2023-05-03"),
        (
            "O que aconteceu no dia primeiro de maio de 2023?",
            "2023-05-01",
        ),
        (
            "O que aconteceu de maio a julho de 2023?",
            "2023-05-01..2023-07-31",
        ),
        ("O que li na semana passada?", "2023-07-10..2023-07-16"),
        ("O que fiz há duas semanas?", "2023-07-02..2023-07-08"),
        ("O que fiz duas semanas atrás?", "2023-07-02..2023-07-08"),
        ("O que li nos últimos três dias?", "2023-07-16..2023-07-19"),
        ("Quem veio na segunda-feira?", "2023-07-17"),
        ("Onde estive no ano passado?", "2022-01-01..2022-12-31"),
        (
            "Onde estive em março do ano passado?",
            "2022-03-01..2022-03-31",
        ),
        (
            "Onde estive no ano passado em março?",
            "2022-03-01..2022-03-31",
        ),
        ("O que farei no próximo mês?", "2023-08-01..2023-08-31"),
    ]);
}

#[test]
fn times_are_read_in_italian() {
    check(&[
        ("Che cosa ho fatto ieri?", "2023-07-18"),
        ("Che cosa ho fatto l'altro ieri?", "2023-07-17"),
        ("Che cosa è successo il 3 maggio 2023?", "2023-05-03"),
        ("Dove ero dal 3 al 9 maggio 2023?", "2023-05-03..2023-05-09"),
        (
            "Dove ero tra marzo e maggio 2023?",
            "2023-03-01..2023-05-31",
        ),
        (
            "Dove sono stato la settimana scorsa?",
            "2023-07-10..2023-07-16",
        ),
        (
            "Che cosa ho fatto due settimane fa?",
            "2023-07-02..2023-07-08",
        ),
        (
            "Che cosa ho letto negli ultimi tre giorni?",
            "2023-07-16..2023-07-19",
        ),
        ("Chi è venuto lunedì?", "2023-07-17"),
        (
            "Dove ero a maggio dell'anno scorso?",
            "2022-05-01..2022-05-31",
        ),
        (
            "Dove ero l'anno scorso in maggio?",
            "2022-05-01..2022-05-31",
        ),
        (
            "Dove siamo stati l'estate scorsa?",
            "2022-06-01..2022-08-31",
        ),
        ("Che cosa farò quest'anno?", "2023-01-01..2023-12-31"),
    ]);
}

#[test]
fn times_are_read_in_chinese() {
    check(&[
        ("我昨天做了什么？", "2023-07-18"),
        ("我前天做了什么？", "2023-07-17"),
        ("2023年5月3日发生了什么？", "2023-05-03"),
        ("二〇二三年五月三日发生了什么？", "2023-05-03"),
        ("5月3号发生了什么？", "2022-05-03 2023-05-03"),
        ("2023年5月发生了什么？", "2023-05-01..2023-05-31"),
        ("2022年我在哪里？", "2022-01-01..2022-12-31"),
        ("从2023年5月3日到9日我在哪里？", "2023-05-03..2023-05-09"),
        ("2023年5月到7月我在哪里？", "2023-05-01..2023-07-31"),
        ("上周我们讨论了什么？", "2023-07-10..2023-07-16"),
        ("上周五我去了哪里？", "2023-07-14"),
        ("周五我去了哪里？", "2023-07-14"),
        ("周末我去了哪里？", "2023-07-15..2023-07-16"),
        ("上个月3号我去了哪里？", "2023-06-03"),
        ("上個星期我去了哪裡？", "2023-07-10..2023-07-16"),
        ("两个星期前我吃了什么？", "2023-07-02..2023-07-08"),
        ("三天前我吃了什么？", "2023-07-16"),
        ("过去三天我做了什么？", "2023-07-16..2023-07-19"),
        ("上个月我读了什么？", "2023-06-01..2023-06-30"),
        ("去年5月我在哪里？", "2022-05-01..2022-05-31"),
        ("去年夏天我在哪里？", "2022-06-01..2022-08-31"),
    ]);
}

#[test]
fn times_are_read_in_japanese() {
    check(&[
        ("昨日何をしましたか？", "2023-07-18"),
        ("一昨日何をしましたか？", "2023-07-17"),
        ("2023年5月3日に何がありましたか？", "2023-05-03"),
        (
            "２０２３年５月に何がありましたか？",
            "2023-05-01..2023-05-31",
        ),
        (
            "2023年5月3日から9日まで何をしましたか？",
            "2023-05-03..2023-05-09",
        ),
        ("先週の金曜日に何を食べましたか？", "2023-07-14"),
        ("金曜日に何を食べましたか？", "2023-07-14"),
        ("先月の3日に何を食べましたか？", "2023-06-03"),
        ("先週何を食べましたか？", "2023-07-10..2023-07-16"),
        ("2週間前に何を食べましたか？", "2023-07-02..2023-07-08"),
        ("3日前に何を食べましたか？", "2023-07-16"),
        ("三ヶ月前に何を食べましたか？", "2023-04-04..2023-05-04"),
        ("この3日間何を食べましたか？", "2023-07-16..2023-07-19"),
        ("来月の予定は何ですか？", "2023-08-01..2023-08-31"),
        ("去年の夏はどこにいましたか？", "2022-06-01..2022-08-31"),
    ]);
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
