"""Words of Chinese and Japanese for dates."""

from __future__ import annotations

from memfast.extraction.rules.foreign.vocabulary import Vocabulary

KANJI = "\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341"
_NUMERALS = {
    **{sign: value for value, sign in enumerate(KANJI, start=1)},
    "\u4e24|\u5169": 2,
    "\u5341\u4e00": 11,
    "\u5341\u4e8c": 12,
}
# Months and days are digits or numerals: "5月20日", "五月二十号".
_MONTHS = tuple(
    rf"(?<![\d{KANJI}]){month}|(?<![\d{KANJI}]){numeral}"
    for month, numeral in enumerate([*KANJI, "\u5341\u4e00", "\u5341\u4e8c"], start=1)
)


def _week(prefix: str, signs: str, suffix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}[{sign}]{suffix}" for sign in signs.split())


CHINESE = Vocabulary(
    hints=frozenset(),
    common=frozenset(),
    months=tuple(f"(?:{month})\u6708" for month in _MONTHS),
    weekdays=_week(
        "(?:\u661f\u671f|\u5468|\u9031|\u793c\u62dc)",
        "\u4e00 \u4e8c \u4e09 \u56db \u4e94 \u516d \u65e5\u5929",
    ),
    days={
        "\u524d\u5929": -2,
        "\u6628\u5929(?:\u665a\u4e0a|\u65e9\u4e0a|\u4e0b\u5348|\u4e0a\u5348)?|\u6628\u665a": -1,
        "\u4eca\u5929(?:\u665a\u4e0a|\u65e9\u4e0a|\u4e0b\u5348|\u4e0a\u5348)?|\u4eca\u665a|\u4eca\u65e9": 0,
        "\u5927\u540e\u5929": 3,
        "\u540e\u5929|\u5f8c\u5929": 2,
        "\u660e\u5929(?:\u665a\u4e0a|\u65e9\u4e0a|\u4e0b\u5348|\u4e0a\u5348)?|\u660e\u665a|\u660e\u65e9": 1,
    },
    numbers=_NUMERALS,
    units={
        "\u5929": "day",
        "(?:\u4e2a|\u500b)?(?:\u661f\u671f|\u793c\u62dc)|\u5468|\u9031": "week",
        "(?:\u4e2a|\u500b)\u6708": "month",
        "\u5e74": "year",
    },
    ago=("{n}{unit}(?:\u4ee5|\u4e4b)?\u524d",),
    ahead=("{n}{unit}(?:\u4ee5|\u4e4b)?(?:\u540e|\u5f8c)(?!\u9762)",),
    dates=("{month}{day}(?:\u65e5|\u53f7|\u865f)",),
    slashed=(
        r"(?P<year>(?:19|20)\d\d)\u5e74(?P<m>\d{1,2})\u6708(?P<day>\d{1,2})(?:\u65e5|\u53f7)?"
    ),
    alone=("(?<!\u6708){day}\u53f7(?!\u697c|\u7ebf|\u9662|\u623f|\u8f66)",),
    on="",
    months_in="",
    turned=("{turn}(?:\u4e2a|\u500b)?{what}",),
    week_days=(),
    turns={"\u4e0a": -1, "\u8fd9|\u9019|\u672c": 0, "\u4e0b": 1},
    periods={
        "\u4e0a(?:\u4e2a)?\u5468\u672b": ("weekend", -1),
        "(?:\u8fd9\u4e2a?|\u672c)\u5468\u672b": ("weekend", 0),
        "\u4e0b(?:\u4e2a)?\u5468\u672b": ("weekend", 1),
        "\u4e0a(?:\u5468|\u9031|\u4e2a\u661f\u671f)(?![\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5\u5929])": (
            "week",
            -1,
        ),
        "(?:\u8fd9|\u672c)(?:\u5468|\u4e2a\u661f\u671f)(?![\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5\u5929])": (
            "week",
            0,
        ),
        "\u4e0b(?:\u5468|\u9031|\u4e2a\u661f\u671f)(?![\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u65e5\u5929])": (
            "week",
            1,
        ),
        "\u4e0a(?:\u4e2a|\u500b)\u6708": ("month", -1),
        "(?:\u8fd9\u4e2a|\u672c)\u6708": ("month", 0),
        "\u4e0b(?:\u4e2a|\u500b)\u6708": ("month", 1),
        "\u53bb\u5e74": ("year", -1),
        "\u660e\u5e74": ("year", 1),
    },
    named={
        "\u5e73\u5b89\u591c": "christmas eve",
        "\u5723\u8bde\u8282": "christmas",
        "\u5143\u65e6": "new year's day",
        "\u60c5\u4eba\u8282": "valentine's",
        "\u4e07\u5723\u8282": "halloween",
    },
    past="\u4e86|\u8fc7|\u66fe|\u5df2\u7ecf|\u521a|\u5f53\u65f6|\u51fa\u751f",
    future=(
        "\u8981(?!\u662f)|\u5c06|\u4f1a|\u6253\u7b97|\u8ba1\u5212|\u51c6\u5907|\u9884\u5b9a|\u9884\u7ea6|\u622a\u6b62"
        "|\u5230\u671f|\u6539\u5230|\u63a8\u8fdf\u5230"
    ),
    since="\u81ea\u4ece|\u81ea|\u4ece",
    until="\u5230|\u76f4\u5230|\u622a\u81f3",
    habit="\u6bcf|\u603b\u662f|\u7ecf\u5e38|\u5e73\u65f6|\u751f\u65e5\u662f|(?:19|20)\\d\\d\u5e74",
    condition="\u5982\u679c|\u8981\u662f|\u5047\u5982",
    spaced=False,
)
JAPANESE = Vocabulary(
    hints=frozenset(),
    common=frozenset(),
    months=tuple(f"(?:{month})\u6708" for month in _MONTHS),
    weekdays=_week("", "\u6708 \u706b \u6c34 \u6728 \u91d1 \u571f \u65e5", "\u66dc\u65e5?"),
    days={
        "\u4e00\u6628\u65e5|\u304a\u3068\u3068\u3044": -2,
        "\u6628\u65e5|\u304d\u306e\u3046|\u6628\u591c|\u6628\u6669": -1,
        "\u4eca\u65e5|\u304d\u3087\u3046|\u4eca\u671d|\u4eca\u591c|\u4eca\u6669": 0,
        "\u660e\u5f8c\u65e5|\u3042\u3055\u3063\u3066": 2,
        "\u660e\u65e5|\u3042\u3057\u305f(?!\u306e\u30b8\u30e7\u30fc)": 1,
    },
    numbers=_NUMERALS,
    units={
        "\u65e5(?:\u9593)?": "day",
        "\u9031\u9593?": "week",
        "(?:\u304b|\u30f6|\u30ab|\u30b1|\u7b87)\u6708": "month",
        "\u5e74": "year",
    },
    ago=("{n}{unit}(?:\u307b\u3069)?\u524d",),
    ahead=("{n}{unit}(?:\u5f8c|\u3057\u305f\u3089)",),
    dates=("{month}{day}\u65e5",),
    slashed=(r"(?P<year>(?:19|20)\d\d)\u5e74(?P<m>\d{1,2})\u6708(?P<day>\d{1,2})\u65e5"),
    alone=("(?<!\u6708){day}\u65e5(?=\u306b|\u307e\u3067|\u306e|\u306f)(?!\u9593)",),
    on="",
    months_in="",
    turned=("{turn}\u306e?{what}",),
    week_days=(),
    turns={"\u5148\u9031": -1, "\u4eca\u9031": 0, "\u6765\u9031": 1},
    periods={
        "\u5148\u9031\u672b|\u5148\u9031\u306e\u9031\u672b": ("weekend", -1),
        "\u4eca\u9031\u672b|\u3053\u306e\u9031\u672b": ("weekend", 0),
        "\u6765\u9031\u672b|\u6765\u9031\u306e\u9031\u672b": ("weekend", 1),
        "\u5148\u3005\u9031": ("week", -2),
        "\u518d\u6765\u9031": ("week", 2),
        "\u5148\u9031": ("week", -1),
        "\u4eca\u9031": ("week", 0),
        "\u6765\u9031": ("week", 1),
        "\u5148\u6708": ("month", -1),
        "\u4eca\u6708": ("month", 0),
        "\u6765\u6708": ("month", 1),
        "\u53bb\u5e74|\u6628\u5e74": ("year", -1),
        "\u6765\u5e74": ("year", 1),
    },
    named={
        "\u30af\u30ea\u30b9\u30de\u30b9\u30a4\u30d6": "christmas eve",
        "\u30af\u30ea\u30b9\u30de\u30b9": "christmas",
        "\u5927\u6666\u65e5": "new year's eve",
        "\u5143\u65e5|\u5143\u65e6": "new year's day",
        "\u30d0\u30ec\u30f3\u30bf\u30a4\u30f3\u30c7\u30fc": "valentine's",
        "\u30cf\u30ed\u30a6\u30a3\u30f3": "halloween",
    },
    past=(
        "(?:\u3057|\u3063|\u3044|\u3093|\u304d|\u3048|\u3051|\u3052|\u3066|\u3081|\u308c|\u305b|\u306d|\u3079|\u307f|\u308a|\u3058)"
        "(?:\u305f|\u3060(?<=\u3093\u3060))(?=[\u3002\uff01!\u3001,\\s\u3093\u306e\u3088\u306d\u304b\u3051]|\\Z)"
    ),
    future=(
        "\u4e88\u5b9a|\u3064\u3082\u308a|\u7de0\u3081?\u5207\u308a?|\u671f\u9650|\u3057\u305f\u3044|\u307e\u3057\u3087\u3046"
        "|\u307e\u3059(?=[\u3002\uff01!\u3088\u306d\u304b\u304c]|\\Z)|[\u308b\u3046\u304f\u3059\u3064\u3080](?=[\u3002\uff01!]|\\Z)"
    ),
    since="(?!)",
    until="(?!)",
    habit="\u6bce|\u3044\u3064\u3082|\u8a95\u751f\u65e5\u306f|\u666e\u6bb5|(?:19|20)\\d\\d\u5e74",
    condition="\u3082\u3057",
    spaced=False,
)
