"""A fact must share a stem with its messages, in any inflection, language or spelling."""

from __future__ import annotations

import json

import pytest

from memfast.extraction.facts import Turn
from memfast.extraction.reply import read_reply
from memfast.types import Reply

PARAPHRASED = [
    # Numbers that were spelled out, and other forms of a word.
    ("I'm thirty-two", "User is 32 years old"),
    ("I'm forty", "User is 40"),
    ("I turned twenty-one last week", "User is 21"),
    ("I make ninety five grand", "User earns 95,000"),
    ("My flight leaves at 5pm tomorrow", "User's flight departs on 2025-05-07 at 17:00"),
    ("I ran ten miles this morning", "User ran 16 km on 2025-05-06"),
    ("I live in NYC", "User lives in New York City"),
    ("Got a puppy yesterday!", "User adopted a puppy on 2025-05-05"),
    ("My mum passed away in March", "User's mother died in March 2025"),
    ("I am allergic to cats", "User has a cat allergy"),
    ("I code in Rust", "User is a Rust programmer"),
    ("I can't stand olives", "User dislikes olives"),
    # Accents that are left out, and endings that tell case and gender.
    ("Ich wohne in München", "Der Nutzer wohnt in Munchen"),
    ("Ich habe zwei Katzen", "Der Nutzer hat 2 Katzen"),
    ("Ich hasse Äpfel", "Der Nutzer hasst Apfel"),
    ("Me llamo José", "El usuario se llama Jose"),
    ("Soy médica", "El usuario es medico"),
    ("Je suis infirmière", "L'utilisateur est infirmier"),
    ("J'adore le café", "L'utilisateur adore le cafe"),
    ("Moro em São Paulo", "O usuário mora em Sao Paulo"),
    ("Köpeğim var", "Kullanıcının köpeği var"),
    ("Ankara'da yaşıyorum", "Kullanıcı Ankara'da yaşıyor"),
    ("Меня зовут Пётр", "Имя пользователя — Петр"),
    ("У меня есть собака", "Пользователь завёл собаку"),
    ("Я вегетарианка", "Пользователь — вегетарианец"),
    ("Μένω στην Αθήνα", "Ο χρήστης ζει στην Αθηνα"),
    # Words of one sign, and words with particles around them.
    ("我喜欢猫", "用户喜欢猫"),
    ("我养了狗", "用户有一只狗"),
    ("我吃素", "用户是素食者"),
    ("我爱喝茶", "用户喜好品茶"),
    ("我住在北京", "用户居住在北京"),
    ("猫が好きです", "ユーザーは猫好きである"),
    ("犬を飼っています", "ユーザーは犬がいる"),
    ("お茶が好き", "ユーザーは茶を好む"),
    ("고양이를 키워요", "사용자는 고양이를 키운다"),
    ("저는 의사예요", "사용자의 직업은 의사"),
    ("أسكن بالقاهرة", "يقيم المستخدم في القاهرة"),
    ("أنا طبيبة", "المستخدم طبيب"),
    ("عندي كلب", "المستخدم يمتلك كلبا"),
    ("اسمي أحمد", "اسم المستخدم احمد"),
    ("أحب القهوة", "المستخدم يحب قهوة"),
    ("أعمل مهندساً", "المستخدم مهندس"),
    ("אני גר בחיפה", "המשתמש מתגורר בעיר חיפה"),
    ("मुझे चाय पसंद है", "उपयोगकर्ता को चाय पसंद है"),
    ("ฉันชอบแมว", "ผู้ใช้ชอบแมว"),
]
INVENTED = [
    ("Hello there", "User lives in Paris"),
    ("What's the weather like today?", "User's name is John Doe"),
    ("I like pizza", "User works at Google"),
    ("I'm thirty-two", "User owns a boat"),
    ("Guten Morgen", "Der Nutzer wohnt in Berlin"),
    ("Guten Morgen, der Tag ist schön", "Der Nutzer ist Arzt"),
    ("Bonjour, le temps est beau", "L'utilisateur est à Paris"),
    ("¿Qué es esto y por qué?", "El usuario es médico y vive en Lima"),
    ("Что это на столе?", "Пользователь работает на заводе"),
    ("Как дела?", "Пользователь живёт в Москве"),
    ("我喜欢猫", "用户住在北京"),
    ("我是医生", "用户有一辆车"),
    ("你好", "用户是素食者"),
    ("今天天气怎么样?", "用户住在上海"),
    ("今日はいい天気ですね", "ユーザーは犬を飼っている"),
    ("こんにちは", "ユーザーは医者です"),
    ("안녕하세요", "사용자는 의사입니다"),
    ("صباح الخير", "المستخدم يعيش في القاهرة"),
    ("أعيش في القاهرة", "المستخدم لديه كلب"),
    ("المدرسة كبيرة", "المستخدم يملك سيارة"),
]


def is_accepted(message: str, fact: str) -> bool:
    reading = read_reply(Reply(json.dumps({"facts": [fact]})), [Turn(0, "user", message)], [])
    return bool(reading.decisions)


@pytest.mark.parametrize(("message", "fact"), PARAPHRASED)
def test_a_paraphrased_fact_shares_a_stem_with_its_message(message: str, fact: str) -> None:
    assert is_accepted(message, fact)


@pytest.mark.parametrize(("message", "fact"), INVENTED)
def test_an_invented_fact_shares_no_stem_with_its_message(message: str, fact: str) -> None:
    assert not is_accepted(message, fact)
