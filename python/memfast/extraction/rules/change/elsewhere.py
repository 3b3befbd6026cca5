"""Ends and moves in other languages than English."""

from __future__ import annotations

import re

from memfast.extraction.rules.words import lexicon, words_of

PLACE = r"(?P<place>[^\W\d_][\w'-]*)"
# Where the speaker lives, and whereto the speaker moved.
LIVES = re.compile(
    rf"\b(?:(?:wohne|lebe|wohnen|leben)n?(?: jetzt| nun| seit \w+)? in {PLACE}"
    rf"|(?:vivo|vivimos|resido) en {PLACE.replace('place', 'p2')}"
    rf"|j'habite (?:\xe0|en|au) {PLACE.replace('place', 'p3')}"
    rf"|(?:habitons|vivons|je vis) (?:\xe0|en|au) {PLACE.replace('place', 'p4')}"
    rf"|(?:moro|moramos) em {PLACE.replace('place', 'p5')}"
    rf"|(?:abito|abitiamo|viviamo|vivo) a {PLACE.replace('place', 'p6')}"
    rf"|(?:woon|wonen)(?: nu)? in {PLACE.replace('place', 'p7')})"
    r"|住在(?P<p8>[^\s,。、\uff0c\uff01]{2,4})|(?P<p9>[^\s、。はがも私]{2,6})に住んで"
)
MOVED = re.compile(
    rf"\b(?:(?:bin|sind) (?:[\w' ]{{0,60}} )?nach {PLACE} (?:um)?gezogen"
    rf"|(?:nos mudamos|me mud\xe9|me he mudado|nos hemos mudado) a {PLACE.replace('place', 'p2')}"
    rf"|(?:d\xe9m\xe9nag\xe9|emm\xe9nag\xe9) (?:\xe0|au|en) {PLACE.replace('place', 'p3')}"
    rf"|(?:mudei|nos mudamos|mudamos|me mudei) (?:para|pra) {PLACE.replace('place', 'p4')}"
    rf"|(?:trasferit[oiae]|ci siamo trasferiti|mi sono trasferit[oa]) a {PLACE.replace('place', 'p5')}"
    rf"|(?:ben|zijn) (?:[\w' ]{{0,60}} )?naar {PLACE.replace('place', 'p6')} verhuisd)"
    r"|搬(?:家)?到了?(?P<p7>[^\s,。、\uff0c\uff01了]{2,4})|(?P<p8>[^\s、。]{2,6})(?:に|へ)引っ越し(?!た[いく])"
)
ENDED = re.compile(
    r"\b(?:nicht mehr|kein(?:e|en|er|em)? (?:[\w-]+ ){1,2}mehr|verkauft|gek\xfcndigt|aufgeh\xf6rt"
    r"|aufgegeben|weggegeben|abgesagt|storniert|ya no|dej\xe9 de|dejamos de|he dejado|vend\xed|vendimos"
    r"|hemos vendido|he vendido|cancel\xe9|n(?:e |')(?:\w+ ){1,2}plus|j'ai arr\xeat\xe9|avons arr\xeat\xe9"
    r"|ai vendu|avons vendu|ai r\xe9sili\xe9|j\xe1 n\xe3o|n\xe3o \w+ mais|parei de|deixei de|vendi|vendemos"
    r"|non (?:\w+ ){1,2}pi\xf9|ho smesso|ho venduto|abbiamo venduto|niet meer|geen (?:[\w-]+ ){1,2}meer"
    r"|verkocht|gestopt met|weggegeven|opgezegd)\b"
    r"|不再|卖了|卖掉|卖给|戒了|戒掉|辞职|不\S{1,4}了|没有?\S{0,4}了|もう\S+ない|もう\S+ません|(?:を|は)やめ|辞め|売った|売りました"
)
DOUBTFUL = re.compile(
    r"\b(?:wenn|falls|vielleicht|m\xf6chte|w\xfcrde|werde|wollen|will|si|quiz\xe1s?|quiero|queremos|voy a"
    r"|tal vez|peut-\xeatre|je veux|voudrais|se|talvez|quero|vou|forse|vorrei|voglio|als|misschien"
    r"|wil|zou|tempor\xe4r|vor\xfcbergehend|heute|hoy|aujourd'hui|hoje|oggi|vandaag"
    r"|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|sonntags?|lundi|mardi|mercredi"
    r"|jeudi|vendredi|samedi|dimanche|lunes|martes|mi\xe9rcoles|jueves|viernes|s\xe1bados?|domingos?)\b"
    r"|\?|\uff1f|如果|也许|想要?|もし|かも|たい"
)
# A person who is not the speaker.
OTHERS = re.compile(
    r"\b(?:meine?[rnms]?|mi|mis|mon|ma|mes|meu|minha|mio|mia|mijn) (?:kleine[rn]? |gro\xdfe[rn]? )?"
    r"(?:schwester|bruder|mutter|vater|mama|papa|freund\w*|chef\w*|nachbar\w*|kolleg\w*|sohn|tochter"
    r"|oma|opa|eltern|padre|madre|hermano|hermana|amig\w*|vecin\w*|jef[ea]|hij[oa]|abuel[oa]|novi[oa]"
    r"|s\u0153ur|fr\xe8re|m\xe8re|p\xe8re|ami|amie|voisin\w*|fils|fille|irm\xe3o?|irm\xe3|m\xe3e|pai|filh[oa]"
    r"|fratello|sorella|amic[oa]|figli[oa]|zus|broer|moeder|vader|vriend\w*|buur\w*|zoon|dochter)\b"
    r"|\b(?:er|sie|\xe9l|ella|il|elle|ele|ela|lui|lei|hij|zij)\b|妈妈|爸爸|姐姐|妹妹|哥哥|弟弟|朋友|他|她|彼|母|父|姉|妹|兄|弟|友達"
)
COMMON = lexicon(
    """
    mich mein meine meinen wir unser unsere unseren habe haben hatte einen eine nicht mehr kein
    keine keinen jeden jede para con una unos nuestro nuestra como desde este esta dans avec notre
    nous avons plus est mais nosso nossa uma por della nostro abbiamo sono mijn onze hebben heb geen
    niet meer een het verkauft gekündigt aufgehört aufgegeben weggegeben verkocht gestopt
    weggegeven opgezegd vendu vendido vendimos vendí venduto januar februar märz april juni juli
    august enero febrero marzo abril mayo junio julio janvier mars avril mai juin juillet janeiro
    fevereiro março maio junho julho gennaio febbraio aprile maggio giugno luglio
    """
)
IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]{2,}|[\u30a0-\u30ff]{2,}")
PREFIX = 5
FEWEST = 3


def moved_away(new: str, old: str) -> bool:
    """Return whether a text in lower case says that its speaker moved from where an old one lives."""
    came = MOVED.search(new)
    if came is None or OTHERS.search(new) or DOUBTFUL.search(new):
        return False
    lived = LIVES.search(old) or MOVED.search(old)
    if lived is None or OTHERS.search(old):
        return False
    return _place(came) != _place(lived)


def has_ended(new: str, old: str) -> bool:
    """Return whether a text in lower case ends what an old one states of the speaker."""
    ended = ENDED.search(new)
    if ended is None or ENDED.search(old):
        return False
    if any(pattern.search(text) for pattern in (OTHERS, DOUBTFUL) for text in (new,)):
        return False
    if OTHERS.search(old):
        return False
    if ended.group()[0] >= "\u3000":
        return not _pairs(new).isdisjoint(_pairs(old))
    mine, theirs = _content(new), _content(old)
    return len(mine - theirs) <= 1 and not mine.isdisjoint(theirs)


def _place(match: re.Match[str]) -> str:
    return next(place for place in match.groupdict().values() if place)


def _content(low: str) -> frozenset[str]:
    return frozenset(
        word[:PREFIX] for word in words_of(low) if len(word) > FEWEST and word not in COMMON
    )


def _pairs(text: str) -> frozenset[str]:
    return frozenset(
        run[at : at + 2] for run in IDEOGRAPHS.findall(text) for at in range(len(run) - 1)
    )
