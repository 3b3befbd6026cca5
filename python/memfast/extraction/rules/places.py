"""Names of countries, regions and cities, in lower case."""

from __future__ import annotations

from memfast.extraction.rules.words import lexicon

COUNTRIES = lexicon(
    """
    afghanistan albania algeria argentina armenia australia austria azerbaijan bangladesh
    belarus belgium bolivia bosnia botswana brazil britain bulgaria cambodia cameroon canada
    chile china colombia croatia cuba cyprus czechia denmark ecuador egypt england estonia
    ethiopia finland france germany ghana greece guatemala hungary iceland india indonesia iran
    iraq ireland israel italy jamaica japan jordan kazakhstan kenya kosovo latvia lebanon
    lithuania malaysia malta mexico moldova mongolia morocco myanmar nepal netherlands nicaragua
    nigeria norway pakistan panama paraguay peru philippines poland portugal romania russia
    rwanda scotland senegal serbia slovakia slovenia somalia spain sudan sweden switzerland
    syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay uzbekistan venezuela
    vietnam wales yemen zambia zimbabwe uk us usa uae america europe asia africa
    """
) | {
    "costa rica",
    "czech republic",
    "dominican republic",
    "el salvador",
    "new zealand",
    "northern ireland",
    "saudi arabia",
    "south africa",
    "south korea",
    "sri lanka",
    "united arab emirates",
    "united kingdom",
    "united states",
}
REGIONS = lexicon(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia
    hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
    michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon
    pennsylvania tennessee texas utah vermont virginia wisconsin wyoming ontario alberta
    manitoba saskatchewan queensland tasmania bavaria catalonia andalusia tuscany sicily
    sardinia normandy brittany provence cornwall devon kent essex sussex surrey norfolk
    yorkshire lancashire
    """
) | {
    "british columbia",
    "new england",
    "new hampshire",
    "new jersey",
    "new mexico",
    "new south wales",
    "north carolina",
    "north dakota",
    "nova scotia",
    "rhode island",
    "south carolina",
    "south dakota",
    "washington state",
    "west virginia",
}
# Names that are also common words, such as "reading" and "nice", are left out.
CITIES = lexicon(
    """
    aberdeen accra adelaide albuquerque amsterdam ankara antwerp athens atlanta auckland austin
    baltimore bangalore bangkok barcelona basel beijing beirut belfast belgrade bergen berlin
    berkeley birmingham bogota bologna bordeaux boston brisbane bristol brooklyn brussels
    bucharest budapest cairo calgary cambridge canberra cardiff charlotte chennai chicago
    cincinnati cleveland cologne copenhagen dallas delhi denver detroit dhaka dubai dublin
    dresden dundee edinburgh edmonton florence frankfurt geneva genoa ghent glasgow gothenburg
    hamburg hanoi helsinki honolulu houston hyderabad indianapolis istanbul jakarta jerusalem
    johannesburg karachi kolkata krakow kyiv kyoto lagos lahore leeds leicester leipzig lima
    lisbon liverpool ljubljana london lyon madrid malmo manchester manhattan manila marseille
    melbourne memphis miami milan milwaukee minneapolis montreal moscow mumbai munich nairobi
    naples nashville newcastle nottingham oakland oslo orlando osaka ottawa oxford palermo paris
    perth philadelphia phoenix pittsburgh plymouth portland porto prague pune queens quebec riga
    rome rotterdam sacramento salzburg santiago seattle seoul seville shanghai sheffield
    shenzhen singapore sofia southampton stockholm stuttgart sydney tallinn tampa tehran tokyo
    toronto toulouse tucson turin utrecht valencia vancouver venice vienna vilnius warsaw
    washington wellington york zagreb zurich nyc
    """
) | {
    "buenos aires",
    "cape town",
    "hong kong",
    "kuala lumpur",
    "las vegas",
    "los angeles",
    "mexico city",
    "new delhi",
    "new orleans",
    "new york",
    "rio de janeiro",
    "salt lake city",
    "san antonio",
    "san diego",
    "san francisco",
    "san jose",
    "sao paulo",
    "st louis",
    "tel aviv",
}
HOLDS: dict[str, str] = dict.fromkeys(COUNTRIES, "country") | dict.fromkeys(REGIONS, "region")
# Longest first: an alternation takes the first that matches.
KNOWN = "|".join(sorted({*HOLDS, *CITIES}, key=lambda name: (-len(name), name)))
