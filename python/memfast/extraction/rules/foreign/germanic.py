"""Words of German for dates."""

from __future__ import annotations

from memfast.extraction.rules.foreign.vocabulary import Vocabulary
from memfast.extraction.rules.words import lexicon

_PARTICIPLE = (
    r"(?-i:\w{0,6}ge\w{2,}(?:t|en)|\w{3,}iert|(?:be|ver|er|ent|zer|\u00fcber|unter)\w{2,}(?:t|en))"
)

GERMAN = Vocabulary(
    hints=lexicon(
        """
        heute gestern vorgestern morgen \u00fcbermorgen uebermorgen montag dienstag mittwoch donnerstag
        freitag samstag sonnabend sonntag mo di mi do fr sa januar j\u00e4nner februar m\u00e4rz maerz april
        mai juni juli august september oktober november dezember vor tagen wochen monaten woche
        monat jahr wochenende heiligabend weihnachten silvester neujahr valentinstag ostern
        ostermontag karfreitag
        """
    ),
    common=lexicon(
        """
        ich wir der die das den dem und ist sind hat haben habe war nicht mit f\u00fcr auf mein meine im
        zu von am um uns er sie ein eine einen mir mich es bei nach zum zur beim
        """
    ),
    months=(
        *(r"januar|j\u00e4nner|jan\.?", r"februar|feb\.?", r"m\u00e4rz|maerz", r"april|apr\.?"),
        *("mai", "juni", "juli", r"august|aug\.?", r"september|sept?\.?", r"oktober|okt\.?"),
        *(r"november|nov\.?", r"dezember|dez\.?"),
    ),
    weekdays=(
        *("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag|sonnabend"),
        "sonntag",
    ),
    days={
        r"vorgestern(?: abend)?": -2,
        r"gestern(?: (?:abend|morgen|nacht|mittag|nachmittag))?|letzte nacht": -1,
        r"heute(?: (?:abend|morgen|fr\u00fch|nacht|mittag|nachmittag))?": 0,
        r"\u00fcbermorgen|uebermorgen": 2,
        (
            r"(?<!guten )(?<!am )(?<!jeden )(?<!jedem )(?<!der )(?<!den )(?<!dem )(?<!eines )"
            r"(?-i:\bmorgen|(?:^|(?<=[.!?] ))Morgen)(?: (?:abend|fr\u00fch|mittag|nachmittag))?"
        ): 1,
    },
    numbers={
        "ein|eine|einem|einer|einen": 1,
        "zwei": 2,
        "drei": 3,
        "vier": 4,
        "f\u00fcnf": 5,
        "sechs": 6,
        "sieben": 7,
        "acht": 8,
        "neun": 9,
        "zehn": 10,
        "elf": 11,
        "zw\u00f6lf": 12,
        "vierzehn": 14,
    },
    units={
        "tag(?:en?)?": "day",
        "wochen?": "week",
        "monat(?:en?)?": "month",
        "jahr(?:en?)?": "year",
        "stunden?": "hour",
    },
    ago=("vor (?:etwa |rund |genau )?{n} {unit}",),
    ahead=("in (?:etwa |rund |genau )?{n} {unit}", "heute in {n} {unit}"),
    dates=(r"{day}\.? ?{month}",),
    slashed=r"(?P<day>\d{1,2})\.(?P<m>\d{1,2})\.(?P<year>(?:19|20)?\d\d)?(?!\d)",
    alone=(r"(?:am|zum|bis zum|ab|seit dem|den) {day}\.",),
    on=r"am|bis|bis zum|ab|seit|auf|f\u00fcr|vom|^|(?<=, )|(?=\w+ um \d)",
    months_in="im|seit|bis|ab|anfang|ende|mitte",
    turned=("(?:am |im |in der |zum )?{turn} {what}",),
    week_days=("{turn} woche (?:am )?{weekday}", "{weekday} {turn} woche"),
    turns={
        "letzte[nrsm]?|vergangene[nrsm]?|vorige[nrsm]?": -1,
        "diese[nrsm]?": 0,
        "n\u00e4chste[nrsm]?|naechste[nrsm]?|kommende[nrsm]?": 1,
    },
    periods={
        "(?:letztes|vergangenes|voriges) wochenende|(?:am )?(?:letzten|vergangenen) wochenende": (
            "weekend",
            -1,
        ),
        "(?:dieses|am) wochenende": ("weekend", 0),
        "(?:n\u00e4chstes|kommendes|am n\u00e4chsten|am kommenden) wochenende": ("weekend", 1),
        "vorletzte[nr]? woche": ("week", -2),
        "\u00fcbern\u00e4chste[nr]? woche": ("week", 2),
    },
    named={
        "heiligabend|heiligen abend": "christmas eve",
        "weihnachten": "christmas",
        "silvester": "new year's eve",
        "neujahr": "new year's day",
        "valentinstag": "valentine's",
        "karfreitag": "good friday",
        "ostermontag": "easter monday",
        "ostern|ostersonntag": "easter",
        "halloween": "halloween",
    },
    past=(
        rf"(?:hab|habe|hast|hat|haben|habt)(?=\b.{{0,120}}\b{_PARTICIPLE}\b)"
        rf"|(?:bin|bist|ist|sind|seid)(?=\b.{{0,120}}\b(?-i:\w{{0,6}}ge\w{{2,}}(?:t|en)|verreist|passiert)\b)"
        r"|war|waren|warst|hatten?|wurden?|ging(?:en)?|kam(?:en)?|fuhr(?:en)?|zog(?:en)?"
        r"|bekam(?:en)?|fand(?:en)?|machten?|kauften?|begann(?:en)?|starb|konnten?|musste[n]?"
        r"|wollten?|heirateten?|flog(?:en)?|traf(?:en)?|gab|sah(?:en)?|verlor(?:en)?|lief(?:en)?"
        r"|brach|sagten?|feierten?|zuletzt"
    ),
    future=(
        r"werde|wirst|wird|werden|soll|sollen|muss|m\u00fcssen|will|wollen|m\u00f6chten?|plane|planen"
        r"|f\u00e4llig|bald|demn\u00e4chst|sp\u00e4testens|steht an|geplant|gebucht|verschoben auf|beginnt"
        r"|startet|f\u00e4hrt|fliege|fliegen|fahre|fahren|heiraten|f\u00e4ngt|l\u00e4uft ab|endet"
    ),
    since="seit|seit dem",
    until="bis|bis zum|zum|f\u00fcr den",
    habit=(
        "jede[nrsm]?|immer|meistens|normalerweise|oft|j\u00e4hrlich|geboren|geburtstag|jahrestag"
        r"|(?:19|20)\d\d"
    ),
    condition="wenn|falls|sofern",
)
