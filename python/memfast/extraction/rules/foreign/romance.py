"""Words of French, Spanish, Portuguese and Italian for dates."""

from __future__ import annotations

from memfast.extraction.rules.foreign.vocabulary import Vocabulary
from memfast.extraction.rules.words import lexicon

_SLASHED = r"(?P<day>\d{1,2})/(?P<m>\d{1,2})(?:/(?P<year>(?:19|20)?\d\d))?(?![\d/%])"
_END = r"(?=[.,;!]|\Z)"

FRENCH = Vocabulary(
    hints=lexicon(
        """
        hier avant-hier avant demain apr\u00e8s-demain apr\u00e8s aujourd'hui lundi mardi mercredi jeudi
        vendredi samedi dimanche janvier f\u00e9vrier fevrier mars avril mai juin juillet ao\u00fbt aout
        septembre octobre novembre d\u00e9cembre decembre semaine mois jours semaines soir matin
        dernier derni\u00e8re prochain prochaine ans no\u00ebl sylvestre valentin p\u00e2ques l'an week-end le
        """
    ),
    common=lexicon(
        """
        le la les des une un du je il elle nous vous est suis dans pour avec pas mon ma mes sur et
        qui on notre ai a c'est j'ai au aux ce son sa ses de mon
        """
    ),
    months=(
        *("janvier|janv\\.?", "f[\u00e9e]vrier|f[\u00e9e]vr\\.?", "mars", "avril", "mai", "juin"),
        *("juillet", "ao[\u00fbu]t", "septembre|sept\\.?", "octobre|oct\\.?", "novembre|nov\\.?"),
        "d[\u00e9e]cembre|d[\u00e9e]c\\.?",
    ),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    days={
        "avant-hier": -2,
        "hier(?: (?:soir|matin))?|la nuit derni\u00e8re": -1,
        "aujourd'hui|ce (?:soir|matin)|cet apr\u00e8s-midi": 0,
        "apr\u00e8s-demain": 2,
        "demain(?: (?:soir|matin))?": 1,
    },
    numbers={
        "un|une": 1,
        "deux": 2,
        "trois": 3,
        "quatre": 4,
        "cinq": 5,
        "six": 6,
        "sept": 7,
        "huit": 8,
        "neuf": 9,
        "dix": 10,
        "onze": 11,
        "douze": 12,
        "quinze": 14,
    },
    units={"jours?": "day", "semaines?": "week", "mois": "month", "ans?|ann\u00e9es?": "year"},
    ago=("il y a (?:environ )?{n} {unit}", "y a {n} {unit}"),
    ahead=("(?:dans|d'ici) (?:environ )?{n} {unit}",),
    dates=("{day}(?:er)? {month}",),
    slashed=rf"(?:le|du|au) {_SLASHED}",
    alone=(rf"(?:le|au) {{day}}{_END}", "le {day} \u00e0"),
    on=r"(?:,|^|depuis|jusqu'\u00e0|avant|d'ici|pour|(?<!le ))",
    months_in="en|depuis|d\u00e9but|fin|mi-|au mois de|jusqu'en|d'ici",
    turned=("(?:la |le |l')?{what} {turn}",),
    week_days=("{weekday} de la semaine {turn}",),
    turns={"derni(?:er|\u00e8re)|pass\u00e9e?": -1, "prochaine?|qui vient": 1},
    periods={
        "cette semaine": ("week", 0),
        "ce mois-ci": ("month", 0),
        "(?:le )?week-?end dernier": ("weekend", -1),
        "ce week-?end": ("weekend", 0),
        "(?:le )?week-?end prochain": ("weekend", 1),
    },
    named={
        "la veille de no\u00ebl|veille de no\u00ebl|le r\u00e9veillon de no\u00ebl": "christmas eve",
        "no\u00ebl": "christmas",
        "la saint-sylvestre|saint-sylvestre": "new year's eve",
        "le jour de l'an|jour de l'an": "new year's day",
        "la saint-valentin|saint-valentin": "valentine's",
        "lundi de p\u00e2ques": "easter monday",
        "p\u00e2ques": "easter",
        "halloween": "halloween",
    },
    past=(
        r"(?:ai|as|a|avons|avez|ont|suis|es|est|sommes|\u00eates|sont) (?:\w+ )?"
        r"(?!lundi|mardi|mercredi|jeudi|vendredi|samedi|midi|ici|aussi|paris|depuis|puis|dans|du\b)"
        r"(?:\u00e9t\u00e9|eu|mort\w*|\w+(?:\u00e9e?s?|ie?s?|it|ue?s?|erte?))"
        r"|\u00e9tai(?:t|s|ent)|avai(?:t|s|ent)|faisait|allait|fut|naquit"
    ),
    future=(
        r"(?:vais|vas|va|allons|allez|vont) (?:\w+ )?\w+(?:er|ir|re)|\w{2,}(?:rai|ras|ra|rons|rez|ront)"
        r"|doi[st]|devons|pr\u00e9vue?|bient\u00f4t|pars|partons|part|commence|arrive|arrivent|expire|rentre"
        r"|ouvre|report\u00e9e? au|d\u00e9plac\u00e9e? au|r\u00e9serv\u00e9"
    ),
    since="depuis(?: le)?",
    until="jusqu'au|jusqu'\u00e0|avant(?: le)?|d'ici(?: le)?|pour le",
    habit=(
        r"tous les|toutes les|chaque|toujours|souvent|d'habitude|n\u00e9e? le|anniversaire"
        r"|le (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|(?:19|20)\d\d"
    ),
    condition=r"si|s'il|s'ils|au cas o\u00f9",
)
SPANISH = Vocabulary(
    hints=lexicon(
        """
        ayer anoche anteayer hoy ma\u00f1ana pasado lunes martes mi\u00e9rcoles miercoles jueves viernes
        s\u00e1bado sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre
        setiembre octubre noviembre diciembre hace dentro semana mes d\u00edas dias semanas meses a\u00f1os
        nochebuena navidad nochevieja valent\u00edn pascua noche el d\u00eda
        """
    ),
    common=lexicon(
        """
        el la los las una unos del que por para con pero mi mis tu su yo muy m\u00e1s est\u00e1 estoy soy
        tengo en y de un es me se nos al lo le no ha he fue fuimos voy tiene este esta pasado pasada
        viene hermana hermano trabajo ella \u00e9l va a
        """
    ),
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
        *("sep?tiembre", "octubre", "noviembre", "diciembre"),
    ),
    weekdays=(
        *("lunes", "martes", "mi[\u00e9e]rcoles", "jueves", "viernes", "s[\u00e1a]bado", "domingo"),
    ),
    days={
        "anteayer|antes de ayer": -2,
        "ayer(?: por la (?:noche|tarde|ma\u00f1ana))?|anoche": -1,
        "hoy|esta (?:ma\u00f1ana|tarde|noche)": 0,
        "pasado ma\u00f1ana": 2,
        "(?<!la )(?<!esta )(?<!cada )(?<!una )(?<!pasado )ma\u00f1ana(?: por la (?:ma\u00f1ana|tarde|noche))?": 1,
    },
    numbers={
        "un|una": 1,
        "dos": 2,
        "tres": 3,
        "cuatro": 4,
        "cinco": 5,
        "seis": 6,
        "siete": 7,
        "ocho": 8,
        "nueve": 9,
        "diez": 10,
        "once": 11,
        "doce": 12,
        "quince": 14,
    },
    units={"d[\u00edi]as?": "day", "semanas?": "week", "mes(?:es)?": "month", "a\u00f1os?": "year"},
    ago=("hace (?:unos |como )?{n} {unit}",),
    ahead=("(?:dentro de|en) {n} {unit}",),
    dates=("{day} (?:de )?{month}", "{month} {day}"),
    slashed=rf"(?:el|d\u00eda|del|al) {_SLASHED}",
    alone=(rf"(?:el d\u00eda|el) {{day}}{_END}", "el {day} a las?"),
    on=r"^|(?<=, )|(?=\w+ a las)|el|este|desde el|hasta el|antes del|para el|del",
    months_in="en|desde|hasta|a principios de|a finales de|para",
    turned=("(?:el |la )?{turn} {what}", "(?:el |la )?{what} {turn}", "el {what} que {turn}"),
    week_days=(
        "{weekday} de la {turn} semana",
        "{weekday} de la semana {turn}",
        "{weekday} de la semana que {turn}",
    ),
    turns={
        "pasad[oa]|[\u00fau]ltim[oa]": -1,
        "est[ea]": 0,
        "pr[\u00f3o]xim[oa]|viene|que viene": 1,
    },
    periods={
        "(?:el )?fin de semana pasado": ("weekend", -1),
        "este fin de semana": ("weekend", 0),
        "(?:el )?(?:pr[\u00f3o]ximo fin de semana|fin de semana que viene)": ("weekend", 1),
        "a\u00f1o pasado": ("year", -1),
    },
    named={
        "nochebuena": "christmas eve",
        "navidad": "christmas",
        "nochevieja|fin de a\u00f1o": "new year's eve",
        "a\u00f1o nuevo": "new year's day",
        "san valent[\u00edi]n": "valentine's",
        "viernes santo": "good friday",
        "halloween": "halloween",
    },
    past=(
        r"(?!(?:caf|qu|porqu|tambi|s|d|t|beb|est|jos|as|aqu|ah|all|m|comit|ol)[\u00e9\u00ed]\b)\w{2,}[\u00e9\u00f3\u00ed]"
        r"|\w{2,}(?:aron|ieron|aste|iste)|fui|fue|fueron|fuimos|hice|hizo|hicimos|hicieron|tuve"
        r"|tuvo|tuvimos|estuv\w+|vine|vino|vinieron|dije|dijo|puse|puso|vi|vio|dio|pude|pudo"
        r"|(?:he|has|ha|hemos|han) (?:\w+ )?\w+(?:ado|ido|cho|to)|era|eran|estaba\w*|hab\u00eda\w*"
        r"|ten\u00eda\w*"
    ),
    future=(
        r"(?:voy|vas|va|vamos|van) a|\w{2,}(?:[aei]r\u00e9|[aei]r\u00e1|[aei]r\u00e1n|[aei]remos|dr\u00e1|dr\u00e9|dr\u00e1n"
        r"|dremos)|tengo que|tenemos que|tiene que|debo|hay que|vence|quiero|pienso|empieza|empiezo"
        r"|empezamos|salimos|salgo|sale|llega|llegan|viajo|viajamos|reserv\u00e9|abre|termina"
    ),
    since="desde(?: el)?",
    until="hasta(?: el)?|antes del?|para(?: el)?",
    habit=(
        r"todos los|todas las|cada|siempre|normalmente|suelo|solemos|nac[i\u00ed]\w*|cumplea\u00f1os"
        r"|aniversario|los (?:lunes|martes|mi[\u00e9e]rcoles|jueves|viernes|s[\u00e1a]bados|domingos)"
        r"|(?:19|20)\d\d"
    ),
    condition="si|en caso de que",
)
PORTUGUESE = Vocabulary(
    hints=lexicon(
        """
        ontem anteontem hoje amanh\u00e3 amanha segunda ter\u00e7a terca quarta quinta sexta s\u00e1bado sabado
        domingo segunda-feira janeiro fevereiro mar\u00e7o marco abril maio junho julho agosto setembro
        outubro novembro dezembro atr\u00e1s atras h\u00e1 daqui semana m\u00eas dias semanas meses anos natal
        r\u00e9veillon noite dia
        """
    ),
    common=lexicon(
        """
        os uma n\u00e3o eu meu minha em com moro estou o a um no na do da que para e de ao pra por se n\u00f3s
        \u00e9 tenho vou foi nos nas dia passado passada \u00e0 \u00e0s ao fomos vem come\u00e7o novo nova esta tem
        fui mais muito depois seu sua at\u00e9 pela pelo aos comprei ela ele voc\u00ea
        """
    ),
    months=(
        *("janeiro", "fevereiro", "mar\u00e7o", "abril", "maio", "junho", "julho", "agosto"),
        *("setembro", "outubro", "novembro", "dezembro"),
    ),
    weekdays=(
        *(
            "segunda(?:-feira)?",
            "ter[\u00e7c]a(?:-feira)?",
            "quarta(?:-feira)?",
            "quinta(?:-feira)?",
        ),
        *("sexta(?:-feira)?", "s[\u00e1a]bado", "domingo"),
    ),
    days={
        "anteontem": -2,
        "ontem(?: (?:\u00e0 noite|de manh\u00e3|\u00e0 tarde))?": -1,
        "hoje(?: (?:\u00e0 noite|de manh\u00e3|\u00e0 tarde))?|esta (?:manh\u00e3|tarde|noite)": 0,
        "depois de amanh\u00e3": 2,
        "(?<!de )amanh[\u00e3a](?: (?:\u00e0 noite|de manh\u00e3|\u00e0 tarde))?": 1,
    },
    numbers={
        "um|uma": 1,
        "dois|duas": 2,
        "tr\u00eas|tres": 3,
        "quatro": 4,
        "cinco": 5,
        "seis": 6,
        "sete": 7,
        "oito": 8,
        "nove": 9,
        "dez": 10,
        "onze": 11,
        "doze": 12,
        "quinze": 14,
    },
    units={"dias?": "day", "semanas?": "week", "m[\u00eae]s|meses": "month", "anos?": "year"},
    ago=("h[\u00e1a] {n} {unit}(?: atr[\u00e1a]s)?", "faz {n} {unit}", "{n} {unit} atr[\u00e1a]s"),
    ahead=("(?:daqui a|dentro de|em) {n} {unit}",),
    dates=("{day} de {month}", "{day} {month}"),
    slashed=rf"(?:no dia|dia|em|at\u00e9|de) {_SLASHED}",
    alone=(rf"(?:no dia|dia) {{day}}{_END}", "dia {day} \u00e0s"),
    on="^|(?<=, )|na|no|nesta|neste|at\u00e9|desde|desde a|para|pra|at\u00e9 a",
    months_in="em|desde|at\u00e9|no in\u00edcio de|no fim de|no final de",
    turned=("(?:na |no |a |o |da |do )?{turn} {what}", "(?:na |no |a |o )?{what} {turn}"),
    week_days=("{weekday} da {turn} semana", "{weekday} da semana {turn}"),
    turns={
        "passad[oa]|[\u00fau]ltim[oa]": -1,
        "n?est[ea]": 0,
        "pr[\u00f3o]xim[oa]|que vem": 1,
    },
    periods={
        "(?:no )?(?:fim de semana|fds) passado": ("weekend", -1),
        "n?este (?:fim de semana|fds)": ("weekend", 0),
        "(?:no )?(?:pr[\u00f3o]ximo fim de semana|fim de semana que vem)": ("weekend", 1),
    },
    named={
        "v\u00e9spera de natal": "christmas eve",
        "natal": "christmas",
        "r\u00e9veillon|v\u00e9spera de ano novo": "new year's eve",
        "ano novo": "new year's day",
        "sexta-feira santa": "good friday",
        "p\u00e1scoa": "easter",
        "halloween": "halloween",
    },
    past=(
        r"(?!(?:eu|meu|seu|teu|sou|vou|estou|ou|rei|sei|lei|museu|europeu|dou)\b)"
        r"\w{2,}(?:ei|ou|aram|eram|iram|iu|eu)|foi|fui|foram|fomos|fiz|fez|fizemos|fizeram|tive"
        r"|teve|tivemos|estive|esteve|vim|veio|vi|viu|era|eram|estava\w*|tinha\w*|pude"
    ),
    future=(
        r"(?:vou|vai|vamos|v\u00e3o) (?:me |se |nos )?\w+r|\w{2,}(?:[aei]rei|[aei]r\u00e1|[aei]remos|[aei]r\u00e3o)"
        r"|tenho (?:que|de)|temos (?:que|de)|tem que|preciso|devo|vence|quero|come\u00e7a|come\u00e7o|sai"
        r"|chega|chegam|viajo|viajamos|abre|termina|marcad[oa]"
    ),
    since="desde(?: [oa]| o dia)?",
    until="at\u00e9(?: [oa]| o dia)?|antes d[eoa]|para(?: o dia)?",
    habit=(
        r"todos os|todas as|toda|todo|cada|sempre|normalmente|costum\w+|nasc\w+|anivers\u00e1rio"
        r"|[\u00e0a]s (?:segundas|ter\u00e7as|quartas|quintas|sextas)|aos (?:s\u00e1bados|domingos)|(?:19|20)\d\d"
    ),
    condition="se|caso",
)
ITALIAN = Vocabulary(
    hints=lexicon(
        """
        ieri oggi domani dopodomani stasera stamattina luned\u00ec lunedi marted\u00ec martedi mercoled\u00ec
        mercoledi gioved\u00ec giovedi venerd\u00ec venerdi sabato domenica gennaio febbraio marzo aprile
        maggio giugno luglio agosto settembre ottobre novembre dicembre fa tra fra settimana mese
        giorni settimane mesi anni scorso scorsa prossimo prossima natale capodanno silvestro
        valentino pasqua pasquetta
        """
    ),
    common=lexicon(
        """
        il lo gli sono che di non per mio mia della ho abito la le un una e in con del al da si mi
        ci \u00e8 ha abbiamo nel alla dal nostro
        """
    ),
    months=(
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto"),
        *("settembre", "ottobre", "novembre", "dicembre"),
    ),
    weekdays=(
        *(
            "luned[\u00eci]",
            "marted[\u00eci]",
            "mercoled[\u00eci]",
            "gioved[\u00eci]",
            "venerd[\u00eci]",
            "sabato",
        ),
        "domenica",
    ),
    days={
        "l'altro ieri|avantieri|ieri l'altro": -2,
        "ieri(?: (?:sera|mattina|notte))?": -1,
        "oggi|stasera|stamattina|stanotte": 0,
        "dopodomani": 2,
        "domani(?: (?:sera|mattina))?": 1,
    },
    numbers={
        "un|uno|una": 1,
        "due": 2,
        "tre": 3,
        "quattro": 4,
        "cinque": 5,
        "sei": 6,
        "sette": 7,
        "otto": 8,
        "nove": 9,
        "dieci": 10,
        "undici": 11,
        "dodici": 12,
        "quindici": 14,
    },
    units={
        "giorn[oi]": "day",
        "settiman[ae]": "week",
        "mes[ei]": "month",
        "ann[oi]": "year",
    },
    ago=("{n} {unit} fa",),
    ahead=("(?:tra|fra) {n} {unit}",),
    dates=("{day} (?:di )?{month}",),
    slashed=rf"(?:il|del|al|entro il) {_SLASHED}",
    alone=(rf"(?:il|entro il|al) {{day}}{_END}", "il {day} alle"),
    on=r"(?:,|^|da|entro|per|questo|questa|fino a|(?<!il )(?<!la )(?<!di )(?<!ogni ))",
    months_in="a|in|da|entro|fino a|ad|dall'inizio di|a inizio|a fine",
    turned=("(?:la |il |l')?{turn} {what}", "(?:la |il |l')?{what} {turn}"),
    week_days=("{weekday} della {turn} settimana", "{weekday} della settimana {turn}"),
    turns={"scors[oa]|passat[oa]": -1, "quest[oa]|quest'": 0, "prossim[oa]": 1},
    periods={
        "(?:lo |il )?(?:scorso (?:weekend|fine settimana)|(?:weekend|fine settimana) scorso)": (
            "weekend",
            -1,
        ),
        "questo (?:weekend|fine settimana)": ("weekend", 0),
        "(?:il )?(?:prossimo (?:weekend|fine settimana)|(?:weekend|fine settimana) prossimo)": (
            "weekend",
            1,
        ),
    },
    named={
        "(?:la )?vigilia di natale": "christmas eve",
        "natale": "christmas",
        "(?:san )?silvestro": "new year's eve",
        "capodanno": "new year's day",
        "san valentino": "valentine's",
        "pasquetta": "easter monday",
        "pasqua": "easter",
        "halloween": "halloween",
    },
    past=(
        r"(?:ho|hai|ha|abbiamo|avete|hanno|sono|sei|\u00e8|siamo|siete) (?:\w+ )?(?!sabato\b)"
        r"(?:\w+[aiu]t[oaie]|fatto|detto|scritto|rotto|visto|chiesto|rimast\w|preso|pers[oa]|mess[oa]"
        r"|mort[oa]|apert[oa]|vinto|letto|scelto|spes[oa]|chius[oa])"
        r"|er(?:o|a|ano|avamo)|avev\w+|stav\w+|fu|nacque"
    ),
    future=(
        r"\w{2,}(?:r\u00f2|rai|r\u00e0|remo|rete|ranno)|devo|deve|dobbiamo|voglio|vorrei|vogliamo|scade|parto"
        r"|partiamo|parte|comincia|comincio|inizia|inizio|arriva|arrivano|apre|finisce|si sposano"
        r"|mi sposo|ci sposiamo|spostat[oa] al?|prenotat[oa]"
    ),
    since="da|dal|dallo|dalla",
    until="entro(?: il)?|fino al?|prima del?|per il",
    habit=(
        r"ogni|tutti i|tutte le|sempre|di solito|spesso|nat[oa] il|nat[oa] a|compleanno|anniversario"
        r"|(?:il|la|di) (?:luned[\u00eci]|marted[\u00eci]|mercoled[\u00eci]|gioved[\u00eci]|venerd[\u00eci]|sabato|domenica)"
        r"(?! (?:scors|prossim))|(?:19|20)\d\d"
    ),
    condition="se|qualora",
)
