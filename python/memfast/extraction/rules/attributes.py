"""Attributes with one value per person: the patterns of their names and values."""

from __future__ import annotations

from memfast.extraction.rules.slot_words import CAPITAL, MONTH, NAME, WORD, before

SORTS = r"(?:work|home|private|personal|office|business|emergency|billing|shipping)"
MONEY = r"\W{0,2}\d[\d.,]*\s?k?(?: ?(?:\W|\w{3}|euros?|dollars?|pounds?))?(?: (?:a|per) \w+)?"
MEASURE = (
    r"\d[\d.,'\u2019\"]*(?: ?(?:cm|m|ft|feet|foot|in|inches|kg|kilos?|lbs?|pounds|stone|\d+)\b)*\"?"
)
BIRTHDAY = (
    rf"(?:on )?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{MONTH})"
    rf"|(?:{MONTH})(?: the)? \d{{1,2}}"
    r"|\d{1,4}[./-]\d)"
)
ATTRIBUTES = {
    "phone number": (
        r"(?:phone|mobile|cell|telephone)(?: (?:number|no\.?))?|number",
        r"\+?[\d(][\d\s()./-]{4,}",
    ),
    "email": (r"e-?mail(?: address)?", r"\S+@\w"),
    "address": (r"address", rf"(?!\d+\.\d+\.)(?:\d|{CAPITAL}.*\d)"),
    "birthday": (r"birthday|birth date|date of birth", BIRTHDAY),
    "hometown": (r"home ?town", NAME + before()),
    "native language": (r"(?:native|first) (?:language|tongue)|mother tongue", WORD + before()),
    "nationality": (r"nationality", WORD + before()),
    "religion": (r"religion", WORD + before()),
    "blood type": (r"blood (?:type|group)", r"(?:AB|A|B|O|0)\b"),
    "height": (r"height", MEASURE + before()),
    "weight": (r"weight", MEASURE + before()),
    "shoe size": (r"shoe size", r"\d[\d.,]*" + before()),
    "time zone": (r"time ?zone", r"(?-i:[A-Z\d])"),
    "username": (r"user ?name|handle|nickname", r"\S+" + before()),
    "job": (r"job title|occupation|profession", r"(?:an? )?[\w'-]+(?: [\w'-]+){0,3}?" + before()),
    "major": (r"major", r"[\w'-]+(?: (?:and )?[\w'-]+){0,2}?" + before()),
    "salary": (r"salary", MONEY + before()),
    "pronouns": (r"pronouns", r"\w+ ?/ ?\w+"),
    "surname": (r"surname|last name|family name", WORD + before()),
    "postcode": (r"post ?code|postal code|zip(?: code)?", r"\w*\d"),
}
# Relations with one person each, by the words for them.
PEOPLE = {
    "wife": "wife",
    "husband": "husband",
    "partner": "partner",
    "girlfriend": "girlfriend",
    "boyfriend": "boyfriend",
    "mother": "mother",
    "mum": "mother",
    "mom": "mother",
    "father": "father",
    "dad": "father",
    "boss": "boss",
    "manager": "boss",
}
