"""Facts by rules: which sentences of a message become facts, and in what form."""

from __future__ import annotations

import re
import string
import sys
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memfast.extraction.facts import Turn
from memfast.extraction.rules import extract
from memfast.extraction.rules.commands import COMMAND, LIKE_COMMAND, TEXT_REQUEST, TEXT_VERBS
from memfast.extraction.rules.sentences import splitting
from memfast.extraction.rules.spans import MONTHS
from memfast.extraction.rules.words import lowered, sentence_of, words_of
from memfast.extraction.slices import at_once
from tests.python.talks import MONDAY, WEDNESDAY, facts, texts, turn


def split(text: str) -> list[str]:
    return [sentence for sentence, _ in at_once(splitting(text))]


FIRST = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I met Dr. Lee. She is kind.", ["I met Dr. Lee.", "She is kind."]),
        ("It cost 3.50 euros. Cheap!", ["It cost 3.50 euros.", "Cheap!"]),
        ("See https://a.org/b.html?x=1 first. Then call.", None),
        ("I like fruit, e.g. Apples. And nuts.", ["I like fruit, e.g. Apples.", "And nuts."]),
        ("J. R. Miller wrote it.", ["J. R. Miller wrote it."]),
        ("Wait... what I mean is tea.", ["Wait... what I mean is tea."]),
        ("She said “I am here.” Then she left.", ["She said “I am here.”", "Then she left."]),
        ("My cats 🐱🐱 They are old", ["My cats 🐱🐱", "They are old"]),
        ("I ❤️ NY. We ❤️ Rome.", ["I ❤️ NY.", "We ❤️ Rome."]),
        ("no. 5 is my house", ["no. 5 is my house"]),
        ("- milk\n- two eggs\n3. bread", ["milk", "two eggs", "bread"]),
        ("I wrapped this\nline by hand.", ["I wrapped this line by hand."]),
        ("I run:\n```\nrm -rf x. Y\n```\nIt works.", ["I run:", "It works."]),
        ("> you said so\nI did not.", ["I did not."]),
        ("我住在北京。我喜欢茶。", ["我住在北京。", "我喜欢茶。"]),
        ("I call:\nrun(x);\nIt works.", ["I call:", "It works."]),
        ("**Good news!** It is *his* 2**3.", ["Good news!", "It is *his* 2**3."]),
        ("Here it is. [image: a dog. Two]", None),
        ("I own 27. They are red - all of them.", ["I own 27.", "They are red - all of them."]),
        ("1. milk - 2 pints", ["milk - 2 pints"]),
        ("I pay the U.S. Treasury. It is slow.", ["I pay the U.S. Treasury.", "It is slow."]),
        ("It is at 10 a.m. I will be there.", ["It is at 10 a.m.", "I will be there."]),
        ("We saw Washington D.C. Then we left.", ["We saw Washington D.C.", "Then we left."]),
        ("", []),
    ],
)
def test_text_splits_into_sentences(text: str, sentences: list[str] | None) -> None:
    if sentences is None:
        sentences = {
            "S": ["See https://a.org/b.html?x=1 first.", "Then call."],
            "H": ["Here it is. [image: a dog. Two]"],
        }[text[0]]
    assert split(text) == sentences


@pytest.mark.parametrize(
    "line",
    [
        "def area(r):",
        "    return pi * r(2)",
        "const port = 8080;",
        "console.log(port);",
        "if (port > 1) {",
        "}",
        '{"port": 8080}',
        '  "port": 8080,',
        "self.run(3)",
        "main()",
        "except KeyError as error:",
        '<div class="wide">',
        "<b>wide</b>",
        "SELECT name FROM ports WHERE id = 3;",
        "Traceback (most recent call last):",
        '  File "main.py", line 3, in run',
        "$ make all",
        "> you said so",
        "Subject: Re: the boat",
        "From: Ann <ann@example.org>",
        "On Mon, May 8, 2023 at 9:12 AM Ann <ann@example.org> wrote:",
        "Best regards,\nAnn Lee",
        "--- Original Message ---\nI sold it.",
    ],
)
def test_code_and_email_heads_are_not_extracted(line: str) -> None:
    assert split(f"I have a boat.\n{line}") == ["I have a boat."]


@pytest.mark.parametrize(
    "line",
    [
        "I like the cat(s)",
        "If (and only if) it rains I stay",
        "return it's fine",
        "$ 5 was the price",
        "From now on I cook;",
        "Thanks, Ann",
        "For Ann in Rome",
        "Best wishes to your mother from us",
        "I bought milk; eggs; bread;",
        "[image: a boat]",
        "I love it :}",
        "On Sunday my son wrote: I win",
        "import duty was high",
        "Leo(7)",
        '"Dune": finally read it',
        "except on Sundays, of course:",
    ],
)
def test_prose_that_resembles_code_is_extracted(line: str) -> None:
    assert " ".join(split(f"I have a boat.\n{line}")) == f"I have a boat. {line}"


def test_a_quoted_article_yields_no_facts_about_the_user() -> None:
    assert texts("I own a boat.\nHere's the article I read:\n\nI was born in Rome.") == [
        "I own a boat."
    ]
    assert texts("Here's my e-mail:\nann@example.org") == ["Here's my e-mail: ann@example.org"]


@pytest.mark.parametrize(
    ("message", "memories"),
    [
        (
            "- likes tea\n- hates coffee\n- lives in Rome",
            ["likes tea", "hates coffee", "lives in Rome"],
        ),
        ("1. I own a boat\n2) I own a car", ["I own a boat", "I own a car"]),
        ("\u2022 likes tea\n\u2022 hates coffee", ["likes tea", "hates coffee"]),
        ("name: Ana\nage: 30", ["name: Ana", "age: 30"]),
        ("Diet: vegan\nShoe size: 42", ["Diet: vegan", "Shoe size: 42"]),
        ("Ana:\n- likes tea\n- hates coffee", ["Ana: likes tea", "Ana: hates coffee"]),
        (
            "My plans:\n- visit Rome\n- learn Go\nI also own a boat.",
            ["My plans: visit Rome", "My plans: learn Go", "I also own a boat."],
        ),
        ("- I own a boat. It is red.\n- I ski", ["I own a boat. It is red.", "I ski"]),
        ("I have one thing\nto say: I ski.", ["I have one thing to say: I ski."]),
    ],
)
def test_each_list_item_becomes_one_memory(message: str, memories: list[str]) -> None:
    assert texts(message) == memories


def test_a_sentence_of_more_than_400_characters_is_split_after_a_comma() -> None:
    parts = split("we walked along the river, " * 40)
    assert all(len(part) <= 400 and part.endswith(",") for part in parts)


def test_a_wrapped_paragraph_without_punctuation_is_one_sentence() -> None:
    assert len(split("we walked and walked " * 18)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Hi!",
        "Hey Anna, how are you?",
        "Good morning!",
        "Thanks so much, Bob!",
        "Thank you for your help.",
        "ok",
        "Sounds great!",
        "That's awesome, Mel!",
        "Wow, that sounds really nice.",
        "lol",
        "😀😀",
        "See you tomorrow!",
        "Good luck with your exam!",
        "You're welcome.",
        "I totally agree with you.",
        "No problem at all.",
        "Have a great weekend!",
        "I'm glad to hear that.",
        "brb",
        "Whaaat congrats!!",
        "sooo cooool",
        "idk tbh",
        "hmm let me think",
        "sounds good to me",
        "I hope you have a good trip!",
        "I'm so sorry for your loss.",
        "Take your time.",
        "Never mind.",
        "That makes sense.",
        "I don't know.",
        "I'm not sure.",
        "I'm good, how are you?",
        "I need your help.",
        "You look amazing!",
        "Danke für deine Hilfe!",
        "Merci beaucoup !",
        "Muchas gracias.",
        "Guten Morgen!",
        "Vale, gracias.",
        "谢谢你的帮助！",
        "ありがとうございます！",
        "<image>",
        "[voice message]",
        "*laughs*",
        "...",
        "",
        "   \n ",
    ],
)
def test_greetings_thanks_and_reactions_yield_no_facts(text: str) -> None:
    assert texts(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "What time is it in Tokyo?",
        "how do i boil an egg",
        "Do you know a good film?",
        "Is it true that cats sleep all day?",
        "Should I move to Oslo?",
        "My name is Ann, right?",
        "do you like tea",
        "Write me a poem about the sea.",
        "Please translate this sentence.",
        "Write a poem, I want it short.",
        "Is my mother on Monday here?",
        "Can you explain recursion?",
        "Summarise the text above.",
        "Tell me a joke.",
        "I was wondering if you know the weather.",
        "Do you remember my name?",
        "Alexa, add milk to my list.",
        "Provide a list of five tools.",
        "I was wondering, do you know a good film?",
        "I need you to write a poem, can you do that?",
        "I should take which bus?",
        "why does this loop never end",
        "why is the sky blue",
        "who won the game last night",
        "explain quantum physics",
        "Please proofread my essay.\n\nLast year I saw Greece. I live in Madrid.",
        "how much is a ticket",
        "how long does it take to boil an egg",
        "is the shop open on Sundays",
        "play some jazz",
        "turn off the lights in the kitchen",
        "Act as a pirate.",
        "Could you please translate this: I live in Rome",
        "Correct this: i live in rome",
        "Fix the grammar:\nI lives in Rome.",
        "Translate to French: I live in London and my dog is old.",
        "Rewrite this e-mail:\n\nDear Bob, I quit my job. I live in Rome.",
        "Please summarize the following text.\nI was born in Rome. I like tea.",
    ],
)
def test_questions_and_commands_yield_no_facts(text: str) -> None:
    assert texts(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Find me a hotel in Rome, we arrive late with two kids",
        "Suggest a gift for my wife, she loves orchids",
        "Let me know if Sunday works, my flight is at 9",
        "Create a plan for me: I weigh 90 kg",
        "Give me a minute, my dog ran off",
        "Set my home address to 12 Oak Street.",
        "And when I'm off work, I paint",
        "Remind me to call my mother on Friday.",
        "Remember that my passport expires in June.",
        "Always answer me in French.",
        "When I was ten we lived on a farm.",
        "Help me write a card, my sister is getting married.",
        "I'm allergic to peanuts.",
        "Priya adopted a second cat.",
        "The new bakery near us is wonderful.",
        "We have decided to sell the boat.",
        "i hate mondays",
        "It's Shia Labeouf!",
        "This is Bob",
        "I know Bob",
        "I hope you come to my wedding",
        "I'm not sure my boss likes me",
        "I don't know how to swim",
        "Gracias, pero vivo en Roma.",
        "Hola, soy Ana de Lima.",
        "I want to improve my running.\nI live in Rome.",
        "I need to fix one thing: my roof leaks",
        "My list is:\nFix the sink\nI call Ann",
        "My list is:\nSummarize the report\nI call Ann",
        "I summarize my 10:30 meeting daily. I live in Rome.",
        "My plans are:\nRun a race\nFind a new flat\nI am ready",
    ],
)
def test_statements_about_people_are_kept_unchanged(text: str) -> None:
    assert " ".join(texts(text)).startswith(" ".join(text.rstrip(".?").split()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Did you know I moved to Oslo?", "I moved to Oslo"),
        ("We're vegetarians, so can you find us a place to eat?", "We're vegetarians"),
        ("Should I tell my boss that I'm pregnant?", "I'm pregnant"),
        ("How can I help my daughter Lily with her stutter?", "my daughter Lily with her stutter"),
        ("Is it normal that my 3-year-old does not talk?", "my 3-year-old does not talk"),
        ("I just got a puppy, do you have any tips?", "I just got a puppy"),
        ("My knee hurts - should I still run?", "My knee hurts"),
        ("And btw, I opened my own shop, pretty cool, huh?", "I opened my own shop"),
        (
            "I have a 5 year old son and I was wondering if you know a school?",
            "I have a 5 year old son",
        ),
        ("Can you suggest a dish, because I am vegan?", "I am vegan"),
        ("I moved to Oslo, remember?", "I moved to Oslo"),
        ("Where do I find a gift for my aunt, who is 90?", "a gift for my aunt, who is 90"),
        ("Can you recommend shoes for flat feet?", "shoes for flat feet"),
        ("¿Qué le regalo a mi padre, que tiene 68 años?", "mi padre, que tiene 68 años"),
    ],
)
def test_questions_are_cut_off_the_facts_they_carry(text: str, told: str) -> None:
    assert texts(text) == [told]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I like tea", "semantic"),
        ("I went to Rome", "episodic"),
        ("My flight leaves tomorrow", "episodic"),
        ("Always reply in French", "procedural"),
        ("When the build fails, run make clean", "procedural"),
        ("Never call me before nine", "procedural"),
        ("Whenever I say stop, stop", "procedural"),
        ("Do not use emoji", "procedural"),
        ("Please keep it short from now on", "procedural"),
        ("Never been to Asia", "semantic"),
        ("Always wanted to see Japan", "episodic"),
        ("Don't know why it rains here", "semantic"),
        ("First day at work was hard", "episodic"),
        ("Every time I see him I smile", "semantic"),
        ("To be honest, she cooks better", "semantic"),
    ],
)
def test_each_statement_gets_its_kind(text: str, kind: str) -> None:
    assert facts(text)[0].kind == kind


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I prefer tea", "preference"),
        ("My sister is ill", "relation"),
        ("My sister is ill", "health"),
        ("I have a new job", "work"),
        ("We live near a lake", "place"),
        ("I bought a bike", "possession"),
        ("I plan to learn Dutch", "plan"),
    ],
)
def test_each_statement_gets_its_category(text: str, category: str) -> None:
    assert category in facts(text)[0].categories


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["I like tea.", "I LIKE TEA!"], "I like tea."),
        (["I like tea.", "I really like tea."], "I really like tea."),
        (["Well, I really like tea.", "I like tea."], "Well, I really like tea."),
    ],
)
def test_duplicates_merge_into_one_fact_with_all_sources(said: list[str], kept: str) -> None:
    assert [(fact.text, fact.sources) for fact in facts(*said)] == [(kept, (0, 1))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I like tea", "I do not like tea"),
        ("Ann likes Bo", "Bo likes Ann"),
        ("I have two dogs", "I have three dogs"),
        ("I like tea", "We like tea"),
        ("I write C", "I write C++"),
        ("I write C#", "I write C++"),
        ("I got an A+", "I got an A-"),
        ("It was -5 degrees", "It was 5 degrees"),
        ("I paid $5", "I paid \u20ac5"),
        ("I own 5%", "I own 5"),
        ("I paid 3.50", "I paid 35.0"),
    ],
)
def test_statements_of_different_meaning_are_not_merged(one: str, other: str) -> None:
    assert len(facts(one, other)) == 2


def test_a_value_that_returns_is_the_last_fact() -> None:
    found = facts("I live in Oslo.", "I moved to Rome.", "I live in Oslo.", "I LIVE in Oslo!")
    assert [fact.sources for fact in found] == [(0,), (1,), (2, 3)]


def test_events_with_different_dates_are_not_merged() -> None:
    later = MONDAY + timedelta(days=3)
    turns = [turn("I ran yesterday", 0), Turn(1, "user", "I ran yesterday", None, later)]
    assert len(extract(turns)) == 2


def test_equal_statements_of_two_speakers_are_not_merged() -> None:
    turns = [turn("I like tea", 0, name="Ann"), turn("I like tea", 1, name="Bo")]
    assert [fact.sources for fact in extract(turns)] == [(0,), (1,)]


@pytest.mark.parametrize("recalled", ["I like tea", "Ann: i like TEA!", "Ann: I like tea."])
def test_recalled_memories_are_not_extracted_again(recalled: str) -> None:
    turns = [turn("I like tea. My dog is called Rex.", name="Ann")]
    assert [fact.text for fact in extract(turns, recalled=[recalled])] == [
        "Ann: My dog is called Rex."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Ich wohne in Berlin und arbeite als Lehrer.",
        "Me gusta mucho el café con leche por la mañana.",
        "J'habite à Lyon avec mes deux enfants.",
        "Я живу в Москве и люблю чай.",
        "我住在北京，我喜欢喝茶。",
        "私は東京に住んでいます。",
        "أنا أعيش في القاهرة مع عائلتي.",
        "Mieszkam w Krakowie i nie jem mięsa.",
    ],
)
def test_statements_in_other_languages_are_kept_verbatim(text: str) -> None:
    assert texts(text) == [text]


@pytest.mark.parametrize("text", ["¡Hola!", "Wie heißt du und wo ist der Bahnhof?", "你好吗？"])
def test_greetings_and_questions_in_other_languages_yield_no_facts(text: str) -> None:
    assert texts(text) == []


TELLING = st.sampled_from(
    [
        "I moved to Oslo last week.",
        "My brother Tom bought a boat yesterday!",
        "I don't eat meat any more.",
        "Do you have children?",
        "Yes, two.",
        "Thanks!",
        "We’re planning a trip to Peru next month…",
        "So you like jazz.",
        "That's right.",
        "- I own a kayak\n- I sing",
        "I live in Rome and I work at Acme.",
        "Ich habe einen Hund und eine Katze.",
    ]
)
CONTENT = st.lists(TELLING | st.text(max_size=30), max_size=5).map(" ".join)
TURNS = st.lists(
    st.tuples(
        st.sampled_from(["user", "assistant", "tool", "narrator"]),
        CONTENT,
        st.sampled_from([None, "Ann", "Bo"]),
        st.sampled_from([None, MONDAY, WEDNESDAY, FIRST, LAST]),
    ),
    max_size=6,
).map(lambda rows: [Turn(index, *row) for index, row in enumerate(rows)])
RESOLVED = re.compile(
    r" \((?:(?:week|weekend) of )?(?:\d{1,2} )?(?:(?:" + "|".join(MONTHS) + r") )?\d{1,4}\)"
)


@given(TURNS, st.booleans())
def test_every_word_of_a_fact_comes_from_its_messages(turns: list[Turn], agent: bool) -> None:
    frame = set(words_of("Assistant Ann Bo User Narrator asked said"))
    for fact in extract(turns, agent=agent):
        said = {word for index in fact.sources for word in words_of(turns[index].content)}
        assert set(words_of(RESOLVED.sub("", fact.text))) <= said | frame


@given(TURNS, st.booleans())
def test_facts_have_text_and_sources_in_message_order(turns: list[Turn], agent: bool) -> None:
    found = extract(turns, agent=agent)
    for fact in found:
        assert fact.text.strip()
        assert list(fact.sources) == sorted(set(fact.sources))
        assert set(fact.sources) <= set(range(len(turns)))
        assert fact.kind in {"semantic", "episodic", "procedural"}
        assert fact.attributed_to in {"user", "assistant"}
    assert found == extract(turns, agent=agent)
    # Facts come in the order of their messages; answers and duplicates have several.
    plain = [fact.sources[0] for fact in found if len(fact.sources) == 1]
    assert plain == sorted(plain)


@given(TURNS)
def test_facts_passed_as_recalled_are_not_extracted_again(turns: list[Turn]) -> None:
    extracted = {fact.text for fact in extract(turns)}
    again = {fact.text for fact in extract(turns, recalled=extracted)}
    assert not extracted & again


@given(st.text(max_size=400), st.sampled_from([None, MONDAY, FIRST, LAST]))
def test_extraction_accepts_any_text_and_time(text: str, at: datetime | None) -> None:
    assert len(extract([Turn(0, "user", text, None, at)])) <= len(text)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "?",
            "? x",
            "...",
            "[a. ",
            "hi, ",
            "so ",
            "and I ",
            "yesterday ",
            "on Friday, ",
            "1 May ",
        ),
        *(
            "2023-05-40 ",
            "e.g. ",
            "A. ",
            "```\n",
            "> q\n",
            "x\n",
            "😀 A",
            "’s ",
            "my a ",
            "because I ",
            "I am ",
            "my dog ",
            "translate ",
            "please ",
            "hmm ",
            "fix a ",
            "before last ",
            "by Friday ",
            '"',
            "U.S. ",
            "---\n",
            "Regards,\n",
            "return a(\n",
            "A: x\n",
            "Ann: hi\nBob: I sail\n",
            "1:1 - \n",
            "**a ",
            "hope you ",
            "<a> ",
        ),
    ],
)
def test_extraction_of_endless_repetition_terminates(part: str) -> None:
    # A pattern that backtracks over the run would take minutes.
    text = part * 20_000 + "x"
    assert all(fact.sources == (0,) for fact in extract([turn(text)]))


def test_lowered_text_matches_what_the_text_matches_without_regard_to_case() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    low = lowered(every)
    assert len(low) == len(every)
    for letter in string.ascii_lowercase:
        ignoring_case = [match.start() for match in re.finditer(letter, every, re.IGNORECASE)]
        assert [match.start() for match in re.finditer(letter, low)] == ignoring_case


@settings(max_examples=40)
@given(st.from_regex(COMMAND))
def test_every_command_passes_the_fast_check(text: str) -> None:
    assert COMMAND.match(text) is None or LIKE_COMMAND.match(lowered(text)) is not None


@settings(max_examples=40)
@given(st.from_regex(TEXT_REQUEST))
def test_every_text_request_has_one_of_its_verbs(text: str) -> None:
    assert TEXT_REQUEST.match(text) is None or not TEXT_VERBS.isdisjoint(sentence_of(text).parts)


@given(st.text(alphabet="aB1_' .\u2019\u00e9\u0130-"))
def test_words_are_the_runs_of_letters_that_apostrophes_join(text: str) -> None:
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    assert words_of(text) == tuple(re.findall(r"\w+(?:'\w+)*", plain.casefold()))
