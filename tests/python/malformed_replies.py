"""Malformed replies of language models: each fault, with each set of facts it applies to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from memfast.extraction.decisions import SCHEMA
from memfast.extraction.facts import Turn
from memfast.extraction.instructions import CONTRACT, EXAMPLE, RULES
from memfast.types import Finish

Row = dict[str, Any]
Texts = tuple[str, ...]

AT = datetime(2025, 5, 6, 9, 30, tzinfo=UTC)
TURNS = (
    Turn(0, "user", "Hi, I'm Marta. I live in Lisbon and adopted a greyhound called Pixel.", at=AT),
    Turn(1, "assistant", "Lovely! Do you still work at the bakery?"),
    Turn(2, "user", "No, I started as a nurse at São José hospital. I am allergic to 3 nuts."),
    Turn(3, "user", 'I love "slow" jazz, {braces} [are] fun, my notes are in C:\\temp\\notes.'),
    Turn(4, "user", "Отец живёт в Киеве. 我住在东京的时候喜欢寿司。"),
)
MEMORIES = {
    "m1": "Marta works at a bakery",
    "m2": "Marta lives in Porto",
    "m3": "Marta is learning Greek",
    "m4": "Marta owns a canoe",
    "m5": "Marta drinks oat milk",
    "m6": "Marta plays chess on Sundays",
    "m7": "Marta collects stamps",
    "m8": "Marta dislikes opera",
}
SEEDS: tuple[Texts, ...] = (
    ("Marta adopted a greyhound called Pixel",),
    ("Marta lives in Lisbon", "Marta started as a nurse at São José hospital"),
    ("Marta is allergic to 3 nuts", "Marta loves slow jazz", "Marta's greyhound is called Pixel"),
    ('Marta loves "slow" jazz', "Marta finds that {braces} [are] fun", "Marta said: notes, jazz"),
    ("Marta keeps notes in C:\\temp\\notes", "Отец Марты живёт в Киеве", "用户喜欢寿司"),
)


class Case(NamedTuple):
    name: str
    text: str
    finish: Finish
    verdict: str
    texts: Texts


def row(text: object, **changes: Any) -> Row:
    wanted: Row = {
        "text": text, "event": "ADD", "id": None, "sources": [], "kind": "semantic", "time": None,
        "categories": [], "by": "user",
    }  # fmt: skip
    return {**wanted, **changes}


def reply(*rows: Any, key: str = "facts") -> str:
    return json.dumps({key: list(rows)}, ensure_ascii=False)


def facts(texts: Sequence[str]) -> str:
    return reply(*map(row, texts))


def indented(texts: Sequence[str]) -> str:
    return json.dumps({"facts": [row(text) for text in texts]}, indent=2)


def lines(texts: Sequence[str]) -> list[str]:
    return [json.dumps(row(text)) for text in texts]


def bare(texts: Sequence[str]) -> str:
    """JSON without quotes around its keys."""
    rows = (f"{{text: {json.dumps(text)}, event: 'ADD', id: null}}" for text in texts)
    return f"{{facts: [{', '.join(rows)}]}}"


# Faults that lose no fact.
KEPT: dict[str, Callable[[Texts], str]] = {
    "plain": facts,
    "indented": indented,
    "escaped": lambda t: json.dumps({"facts": [row(text) for text in t]}),
    "fence json": lambda t: f"```json\n{facts(t)}\n```",
    "fence": lambda t: f"```\n{indented(t)}\n```",
    "fence tildes": lambda t: f"~~~\n{facts(t)}\n~~~",
    "fence upper, prose": lambda t: f"Here it is:\n\n```JSON\n{facts(t)}\n```\nAnything else?",
    "fence not closed": lambda t: f"```json\n{facts(t)}",
    "prose before": lambda t: f"Here are the facts I found:\n{facts(t)}",
    "prose after": lambda t: f"{facts(t)}\n\nI left out the greeting.",
    "prose around": lambda t: f"Sure!\n{indented(t)}\nLet me know.",
    "braces in prose": lambda t: f"I filled {{name}} and [1] as {{asked}}:\n{facts(t)} {{done}}",
    "JSON in prose": lambda t: f'You sent {{"user": 1}} and [2, 3].\n{facts(t)}',
    "quotes in prose": lambda t: f'The user\'s "facts" aren\'t many:\n{facts(t)}\nThat\'s "it".',
    "think": lambda t: f"<think>The user says {{things}}.</think>\n{facts(t)}",
    "think with a draft": lambda t: f'<think>{{"facts": ["Marta hates jazz"]}}</think>{facts(t)}',
    "think, opening lost": lambda t: f"The user tells of jazz.\n</think>\n\n{facts(t)}",
    "think upper": lambda t: f"<THINKING>\nhm\n</THINKING>\n```json\n{facts(t)}\n```",
    "think not closed": lambda t: f"<think>They mention jazz, so:\n{facts(t)}",
    "two objects": lambda t: facts(t[:1]) + facts(t[1:]) if t[1:] else facts(t) + "\n" + facts(t),
    "two objects apart": lambda t: f"{facts(t[:1])}\n\nand\n\n{facts(t)}",
    "JSON lines": lambda t: "\n".join(lines(t)),
    "JSON lines with commas": lambda t: ",\n".join(lines(t)),
    "trailing commas": lambda t: facts(t).replace("}]}", "},],}"),
    "trailing comma in items": lambda t: facts(t).replace('"user"}', '"user",}'),
    "missing comma": lambda t: facts(t).replace("}, {", "} {"),
    "Python literal": lambda t: repr({"facts": [row(text) for text in t]}),
    "Python names": lambda t: facts(t).replace("null", "None"),
    "line comments": lambda t: indented(t).replace("[\n", '[ // it\'s "here"\n', 1),
    "block comment": lambda t: facts(t).replace("[", "[ /* all { of them */ ", 1),
    "hash comment": lambda t: indented(t).replace("[\n", "[ # the user's\n", 1),
    "bare keys": bare,
    "curly quotes": lambda t: facts(t).replace('"facts"', "“facts”").replace('"text"', "“text”"),
    "byte order mark": lambda t: "\ufeff" + facts(t),
    "byte order mark as letters": lambda t: "\u00ef\u00bb\u00bf" + facts(t),
    "UTF-16 as bytes": lambda t: facts_ascii(t).encode("utf-16").decode("latin-1"),
    "UTF-16 big end": lambda t: facts_ascii(t).encode("utf-16-be").decode("latin-1"),
    "duplicate keys": lambda t: facts(t).replace('"text":', '"text": "nuts", "text":'),
    "array": lambda t: json.dumps([row(text) for text in t]),
    "array, fence": lambda t: f"```\n{json.dumps([row(text) for text in t])}\n```",
    "array, trailing comma": lambda t: json.dumps([row(text) for text in t])[:-1] + ",]",
    "strings": lambda t: reply(*t),
    "strings in an array": lambda t: json.dumps(list(t)),
    "strings in a broken array": lambda t: json.dumps(list(t))[:-1] + ",]",
    "strings introduced": lambda t: f"The facts:\n{json.dumps(list(t))}\nDone.",
    "key memory": lambda t: reply(*map(row, t), key="memory"),
    "key memories": lambda t: reply(*map(row, t), key="memories"),
    "key results": lambda t: reply(*map(row, t), key="results"),
    "key Facts": lambda t: reply(*map(row, t), key="Facts "),
    "upper keys": lambda t: facts(t).replace('"text"', '"TEXT"').replace('"event"', '"Event"'),
    "items under fact": lambda t: facts(t).replace('"text"', '"fact"'),
    "items under memory": lambda t: facts(t).replace('"text"', '"memory"'),
    "one level too deep": lambda t: json.dumps({"result": {"facts": [row(text) for text in t]}}),
    "facts in facts": lambda t: f'{{"facts": {facts(t)}}}',
    "array in array": lambda t: json.dumps({"facts": [[row(text) for text in t]]}),
    "array of replies": lambda t: f"[{', '.join(facts([text]) for text in t)}]",
    "tool call": lambda t: json.dumps({"name": "facts", "arguments": json.loads(facts(t))}),
    "tool call in text": lambda t: json.dumps({"name": "facts", "arguments": facts(t)}),
    "encoded twice": lambda t: json.dumps(facts(t)),
    "list encoded twice": lambda t: json.dumps({"facts": json.dumps([row(text) for text in t])}),
    "last brackets missing": lambda t: facts(t)[:-2],
    "last brace missing": lambda t: facts(t)[:-1],
    "brace of the last item missing": lambda t: facts(t)[:-3] + "]}",
    "a brace too many": lambda t: facts(t) + "}",
    "event in lower case": lambda t: facts(t).replace('"ADD"', '"add"'),
    "event in blanks": lambda t: facts(t).replace('"ADD"', '" Add "'),
    "event missing": lambda t: reply(*({"text": text} for text in t)),
    "event unknown": lambda t: facts(t).replace('"ADD"', '"MERGE"'),
    "event null": lambda t: facts(t).replace('"ADD"', "null"),
    "event a number": lambda t: facts(t).replace('"ADD"', "1"),
    "update of nothing": lambda t: facts(t).replace('"ADD"', '"UPDATE"'),
    "update of a UUID": lambda t: reply(
        *(row(x, event="UPDATE", id="0191f3c2-7a54-7cc1-8d6f-2f1c6a0b9e11") for x in t)
    ),
    "update of a stranger": lambda t: reply(*(row(x, event="UPDATE", id="m99") for x in t)),
    "update of a number": lambda t: reply(*(row(x, event="UPDATE", id=1) for x in t)),
    "NaN in time": lambda t: facts(t).replace('"time": null', '"time": NaN'),
    "Infinity in sources": lambda t: facts(t).replace('"sources": []', '"sources": [-Infinity]'),
    "1e999 in sources": lambda t: facts(t).replace('"sources": []', '"sources": 1e999'),
    "huge integer": lambda t: facts(t).replace('"sources": []', f'"sources": [{"9" * 5000}]'),
    "sources out of range": lambda t: facts(t).replace('"sources": []', '"sources": [-1, 77]'),
    "sources in text": lambda t: facts(t).replace('"sources": []', '"sources": ["0", "2"]'),
    "sources a dict": lambda t: facts(t).replace('"sources": []', '"sources": {"a": [1]}'),
    "time in words": lambda t: facts(t).replace('"time": null', '"time": "last week"'),
    "time out of range": lambda t: facts(t).replace('"time": null', '"time": "2025-13-41"'),
    "kind unknown": lambda t: facts(t).replace("semantic", "gossip"),
    "categories in text": lambda t: facts(t).replace('"categories": []', '"categories": "a, B"'),
    "further keys": lambda t: facts(t).replace('"by"', '"confidence": 0.9, "by"'),
    "the same fifty times": lambda t: facts([*t, *t] * 25),
    "the same in other case": lambda t: facts(
        [*t, *(f"  {x.upper()}. " for x in t if x.isascii())]
    ),
    "the schema, then the reply": lambda t: f"{json.dumps(SCHEMA)}\n{facts(t)}",
    "answer tag": lambda t: f"<answer>\n{facts(t)}\n</answer>",
    "end of turn": lambda t: f"{facts(t)}<|im_end|>",
    "call in a tag": lambda t: f'<tool_call>\n{{"name": "facts", "arguments": {facts(t)}}}',
    "call in a list": lambda t: f'[TOOL_CALLS][{{"name": "facts", "arguments": {facts(t)}}}]',
    "strings of a call": lambda t: json.dumps({"parameters": json.dumps({"facts": t})}),
    "call of a chat": lambda t: json.dumps(
        {"tool_calls": [{"function": {"name": "facts", "arguments": facts(t)}}]}
    ),
    "message of a chat": lambda t: json.dumps({"choices": [{"message": {"content": facts(t)}}]}),
    "content in parts": lambda t: json.dumps([{"type": "text", "text": facts(t)}]),
    "encoded three times": lambda t: json.dumps(json.dumps(facts(t))),
    "encoded in prose": lambda t: f"So: {json.dumps({'facts': json.dumps([row(x) for x in t])})}.",
    "items encoded": lambda t: reply(*(json.dumps(row(text)) for text in t)),
    "items in items": lambda t: reply(*({"fact": row(text)} for text in t)),
    "numbered items": lambda t: json.dumps({"facts": {str(n): row(x) for n, x in enumerate(t)}}),
    "numbered strings": lambda t: json.dumps({"facts": {f"fact_{n}": x for n, x in enumerate(t)}}),
    "items by subject": lambda t: json.dumps({"facts": {"user": t, "assistant": []}}),
    "under another key": lambda t: json.dumps({"extraction": json.loads(facts(t)), "notes": "-"}),
    "lines in one string": lambda t: json.dumps({"facts": "\n".join(f"- {text}" for text in t)}),
    "marks of a Chinese keyboard": lambda t: (
        facts(t).replace('": ', '"\uff1a').replace('", "', '"\uff0c"')
    ),
    "escaped quotes": lambda t: facts(t).replace('\\"', "").replace('"', '\\"'),
}


# Thoughts with a draft in them, as families of models mark them.
for mark in (
    "[THINK]{}[/THINK]",
    "\u25c1think\u25b7{}\u25c1/think\u25b7",
    "<seed:think>{}</seed:think>",
    "<analysis>{}</analysis>",
    '<thinking type="deep">{}</thinking>',
    "<|begin_of_thought|>{}<|end_of_thought|>",
    "<|channel|>analysis<|message|>{}<|end|><|channel|>final<|message|>",
):
    KEPT[f"draft {mark}"] = lambda t, mark=mark: (  # type: ignore[misc]
        mark.replace("{}", 'Perhaps {"facts": ["Marta hates jazz"]}') + facts(t)
    )


def facts_ascii(texts: Sequence[str]) -> str:
    return json.dumps({"facts": [row(text) for text in texts]})


def kept() -> Iterator[Case]:
    for name, write in KEPT.items():
        for number, seed in enumerate(SEEDS):
            # Without its escapes a quoted text is another one.
            if name == "escaped quotes" and number > 2:
                continue
            yield Case(f"{name}/{number}", write(seed), "stop", "ok", seed)


def lossy() -> Iterator[Case]:
    """Texts that are stored changed: control characters and broken escapes."""
    escapes = {
        "lone high": '"\\ud800 jazz is loved by Marta"',
        "lone low": '"\\udc00 jazz is loved by Marta"',
        "raw": '"\ud800 jazz is loved by Marta"',
        "raw NUL": '"\x00 jazz is loved by Marta"',
        "raw bell": '"\x07 jazz is loved by Marta"',
        "half a code": '"\\ud8 jazz is loved by Marta"',
        "no code": '"\\u jazz is loved by Marta"',
        "escaped NUL": '"\\u0000 jazz is loved by Marta"',
    }
    for name, text in escapes.items():
        for shape in ('{{"facts": [{0}]}}', '{{"facts": [{{"text": {0}}}]}}', "[{0},]"):
            wanted = ("\ufffd jazz is loved by Marta",)
            yield Case(f"{name} {shape}", shape.format(text), "stop", "ok", wanted)
    quoted = {
        "a newline": ("Marta loves\nslow jazz", "Marta loves\nslow jazz"),
        "a tab": ("Marta loves\tslow jazz", "Marta loves\tslow jazz"),
        "quotes": ('Marta loves "slow" jazz', 'Marta loves "slow" jazz'),
        "one quote": ('Marta wants a 3" nurse pin', 'Marta wants a 3" nurse pin'),
        "quotes at its end": ('Marta loves jazz "slow"', 'Marta loves jazz "slow"'),
        "an escape that is none": ("Marta loves \\slow jazz", "Marta loves \\slow jazz"),
    }
    for name, (written, meant) in quoted.items():
        text = f'{{"facts": [{{"text": "{written}", "event": "ADD"}}]}}'
        yield Case(name, text, "stop", "ok", (meant,))
        yield Case(f"{name}, fence", f"```json\n{text}\n```", "stop", "ok", (meant,))
        listed = f'{{"facts": ["{written}", "Marta adopted Pixel"]}}'
        yield Case(f"{name}, listed", listed, "stop", "ok", (meant, "Marta adopted Pixel"))


def cut() -> Iterator[Case]:
    for number, seed in enumerate(SEEDS):
        whole = facts(seed)
        last = whole.rindex('{"text"')
        for name, end in {
            "before the last": last,
            "in its key": last + 4,
            "in its text": last + 20,
            "after its text": whole.index(', "event"', last),
            "in its event": whole.index("ADD", last) + 1,
        }.items():
            kept_texts = seed[:-1]
            yield Case(f"cut {name}/{number}", whole[:end], "length", "split", kept_texts)
            fence = f"```json\n{whole[:end]}"
            yield Case(f"cut {name}, fence/{number}", fence, "length", "split", kept_texts)
            if name != "before the last":
                verdict = "split" if kept_texts else "retry"
                yield Case(f"end {name}/{number}", whole[:end], "stop", verdict, kept_texts)
        yield Case(f"cut, whole items/{number}", whole[:-2], "length", "split", seed)
        yield Case(f"cut, list closed/{number}", whole[:-1], "length", "ok", seed)
        yield Case(f"length, whole/{number}", whole, "length", "ok", seed)
        rows = "\n".join(lines(seed))
        yield Case(f"cut lines/{number}", rows[:-9], "length", "split", seed[:-1])
        yield Case(f"cut after a line/{number}", lines(seed)[0] + "\n", "length", "split", seed[:1])
        loose = repr({"facts": [row(text) for text in seed]})
        yield Case(f"cut Python/{number}", loose[:-9], "length", "split", seed[:-1])
    comma = facts(SEEDS[0])[:-2] + ","
    yield Case("end after a comma", comma, "stop", "split", SEEDS[0])
    quoted = '{"facts": ["Marta adopted Pixel", "Marta loves "'
    yield Case("cut at a quote in a string", quoted, "length", "split", ("Marta adopted Pixel",))
    draft = '<think>Perhaps {"facts": ["Marta hates jazz"]}'
    yield Case("cut after a draft", draft, "length", "split", ())
    yield Case("nothing but a draft", f"{draft}</think>", "stop", "retry", ())
    yield Case("cut in a thought", "<think>The user says", "length", "split", ())
    yield Case("cut in prose", "Let me think about what", "length", "split", ())


def nothing() -> Iterator[Case]:
    """Replies without a fact, by the verdict on them."""
    for text in ("", " ", "\n" * 5000, "\ufeff", "\u200b \u200b", " \t\r\n" * 999, "\0\0\0\0"):
        yield Case(f"blank {text[:4]!r} {len(text)}", text, "stop", "retry", ())
        yield Case(f"blank cut {text[:4]!r} {len(text)}", text, "length", "retry", ())
    pages = ("<!DOCTYPE html><html>", "<html><body>", "<?xml version='1.0'?><e/>", "  <HTML>")
    again = (
        "[{}]", "true", "42", '""', '"text"', "{", "[", "}", '{"facts"',
        '{"facts": 5}', '{"facts": true}', '{"text": null}',
        '{"hechos": [{"texto": "Marta vive en Lisbon"}]}', '{"fakten": ["Marta lebt in Lisbon"]}',
        '{"事实": [{"文本": "用户喜欢寿司"}]}', '{"facts": [{"texto": "Marta vive en Lisbon"}]}',
        "There is nothing new but that Marta moved.", "Nothing else, I guess. Marta loves jazz.",
        "No facts except that Marta loves jazz.", "[DONE]", "```json\n```", "NaN", "[" * 5000,
        '{"a":' * 3000, "{" * 3000, '["' * 3000, '{"facts":[' * 900, "'" * 999, '"' * 999,
        "\\" * 99,
        'data: {"id": "1", "choices": []}\n\ndata: [DONE]', "<think>hm</think>", "<think>hm",
        '<think>It could be {"facts": ["Marta loves jazz"]} but no, wait', "hello {world}",
        json.dumps(SCHEMA), f"```json\n{json.dumps(SCHEMA, indent=1)}\n```",
        json.dumps({"name": "facts", "schema": SCHEMA}), RULES, f"{RULES}\n{CONTRACT[:40]}",
        '{"error": {"message": "overloaded", "code": 529}}', '{"facts": [1, 2.5, true, null]}',
        '{"facts": [{"text": ["Marta", "jazz"]}]}', '{"facts": [{"text": {"a": "jazz"}}]}',
        '{"facts": {"city": "Lisbon", "dog": "Pixel"}}',
        '{"facts": ["{\\"text\\": \\"Marta loves jazz"]}', '{"facts": [{"text": NaN}]}',
        '{"facts": [{"text": 7}]}', '{"facts": [{"event": "ADD"}]}',
    )  # fmt: skip
    for number, text in enumerate((*pages, *again)):
        yield Case(f"again {number} {text[:12]!r}", text, "stop", "retry", ())
    for text in (
        '{"facts": []}', '{"memory": []}', '{ "memories" : [] }', '{"results":[]}', "{'facts': []}",
        '```json\n{"facts": []}\n```', 'Nothing new.\n{"facts": []}', '{"facts": [],}',
        '<think>none</think>{"facts": []}', '{"result": {"facts": []}}', '"{\\"facts\\": []}"',
        # The model states in words, or in JSON without a list, that there is nothing: asking again
        # would bring the same reply.
        "{}", "null", "[]", "[[]]", '{"facts": null}', '{"facts": {}}', '{"facts": ""}',
        '{"data": []}', '{"memory": null}', '{"facts": null, "reason": "small talk"}',
        "```json\n{}\n```", "<think>hm</think>{}", "<think>hm</think>None.",
        "There are no facts to extract.", "There is nothing to keep.", "facts: none", "None",
        "No new facts were found in this conversation.", "N/A", "I found no facts worth keeping.",
        "Okay, there are no facts to extract. The user greets the assistant.", "Nothing new.",
        "The conversation contains no personal information.", "I couldn't find any facts.",
        "No hay hechos nuevos.", "Keine neuen Fakten.",
    ):  # fmt: skip
        yield Case(f"empty {text[:24]!r}", text, "stop", "empty", ())
    yield Case("empty, then a flood", '{"facts": []}' + " " * 9000, "length", "empty", ())


def refused() -> Iterator[Case]:
    for text in (
        "I'm sorry, but I can't help with that.", "I\u2019m sorry, I can\u2019t assist with this.",
        "I cannot help with that request.", "Sorry, I am unable to process this conversation.",
        "I can't comply with that.", "As an AI model, I cannot store personal data.",
        "Unfortunately, I won't be able to do this.", "I must decline to extract facts.",
        '{"refusal": "I cannot do that"}', "I'm afraid I can't do that.",
        reply(row("I'm sorry, but I can't help with that.")), reply("I cannot assist with that."),
        # With words of the messages, so that they are not rejected as unfounded.
        *map(reply, (
            "I apologize, but I cannot store notes on allergies.", "I can't provide hospital data.",
            "My apologies, but I can't keep notes.", "I won't store what you love.",
            "I'm not comfortable storing notes.", "I must refuse to store such notes.",
            "As a language model, I cannot keep notes.", "I will not be able to extract notes.",
            "I'm just an AI and cannot keep notes.", "I'm designed to protect notes of a hospital.",
            "This request goes against my policy on hospitals.",
            "Sorry, but notes of a hospital are against my guidelines.",
            "Lo siento, pero no puedo guardar notes.", "Leider kann ich keine notes speichern.",
            "Je suis désolé, mais je ne peux pas garder de notes.", "抱歉，我无法处理寿司。",
            "申し訳ありませんが、寿司は対応できません。", "Извините, я не могу помочь с отец.",
        )),
    ):  # fmt: skip
        yield Case(f"refused {text[:24]!r}", text, "stop", "refused", ())
    finishes: tuple[Finish, ...] = ("refusal", "filter")
    for finish in finishes:
        for number, text in enumerate(("", "No.", facts(SEEDS[0]), facts(SEEDS[1])[:50])):
            yield Case(f"{finish} {number}", text, finish, "refused", ())


def rejected() -> Iterator[Case]:
    """Items that are rejected, alone and next to one that is kept."""
    example = json.loads(EXAMPLE[EXAMPLE.index("{") :])["facts"][0]
    items: dict[str, Any] = {
        "empty": row(""), "blank": row(" \n "), "emoji": row("🎷🎺"), "marks": row("...?!"),
        "not facts": row("Submarines need plutonium"), "other numbers": row("User has 47 of 99"),
        "common words alone": row("User said that they are"), "too long": row("jazz " * 14_000),
        "too long in letters": row("jazz " + "ж" * 40_000), "placeholder": row("string"),
        "placeholder in brackets": row("<fact>"), "example": {**example, "event": "ADD"},
        "example as update": example, "prompt": row(RULES.splitlines()[0]),
        "part of the prompt": row("Never guess. How a fact reads"),
        "delete of nothing": row("Marta loves jazz", event="DELETE"),
        "delete of a stranger": row("Marta loves jazz", event="DELETE", id="m99"),
        "delete of a UUID": row("Marta loves jazz", event="DELETE", id="0191f3c2-7a54-7cc1"),
        "delete of a number": row("Marta loves jazz", event="DELETE", id=1),
        "delete of a text number": row("Marta loves jazz", event="delete", id="1"),
        "delete of a list": row("Marta loves jazz", event="DELETE", id=["m1"]),
        "delete of two": row("Marta loves jazz", event="DELETE", id="m1, m2"),
        "remove": row("Marta loves jazz", event="REMOVE"),
        "update of a stranger, known": row(MEMORIES["m5"], event="UPDATE", id="m99"),
        "update of a stranger, not facts": row("Submarines dive", event="UPDATE", id="m99"),
        "unknown event, known": row(MEMORIES["m4"], event="MERGE", id="m4"),
        "missing event, known": {"text": MEMORIES["m4"]},
        "update that nothing tells": row("Submarines dive", event="UPDATE", id="m4"),
        "name of the example": row("Ottoline lives in Lisbon"),
        "part of the contract": row('the alias ("m1") for UPDATE, DELETE and NONE'),
        "part of the task": row("The numbers of the messages that tell it."),
        "form": row("Fact 1"), "form in words": row("the user's fact text here"),
        "that there is nothing": row("There are no new facts in these notes."),
        "that nothing was shared": row("The user did not share any facts about jazz."),
    }  # fmt: skip
    for name, item in items.items():
        yield Case(f"rejected {name}", reply(item), "stop", "empty", ())
        both = reply(item, row("Marta adopted Pixel"))
        yield Case(f"rejected {name}, not the other", both, "stop", "ok", ("Marta adopted Pixel",))
    for name, item in {
        "number": 5,
        "JSON": row('{"text": "Marta loves jazz", "event": "ADD"}'),
        "a piece of JSON": row('loves jazz", "event": "ADD'),
        "list": row(["x"]),
        "dict": row({"a": 1}),
        "none": None,
    }.items():
        both = reply("Marta adopted Pixel", {"text": item} if name == "number" else item)
        yield Case(f"rejected {name}, one kept", both, "stop", "ok", ("Marta adopted Pixel",))


def cases() -> list[Case]:
    return [*kept(), *lossy(), *cut(), *nothing(), *refused(), *rejected()]
