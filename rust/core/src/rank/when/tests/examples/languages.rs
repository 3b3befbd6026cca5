//! Times in the other languages.

use super::check;

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
fn a_few_words_show_their_language() {
    check(&[
        ("gestern?", "2023-07-18"),
        ("Et hier ?", "2023-07-18"),
        ("ayer", "2023-07-18"),
        ("ontem", "2023-07-18"),
        ("ieri", "2023-07-18"),
        ("3. Mai 2023", "2023-05-03"),
        ("le 3 mai 2023", "2023-05-03"),
        ("3 maggio 2023", "2023-05-03"),
        ("la semana pasada", "2023-07-10..2023-07-16"),
        ("semana passada", "2023-07-10..2023-07-16"),
        ("la settimana scorsa", "2023-07-10..2023-07-16"),
        ("la semaine dernière", "2023-07-10..2023-07-16"),
        ("Berlin letzten Sommer", "2022-06-01..2022-08-31"),
    ]);
}
