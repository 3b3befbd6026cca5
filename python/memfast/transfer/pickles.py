"""Pickles of plain data, read without running anything that they name.

A pickle is a program. This is not `pickle.Unpickler` with a list of allowed names, because that
still lets a few bytes take all memory (a memo index of 2**31) or end the process (the hash of a
deep tuple). Here are only the instructions that plain data needs, none of them recursive; a name
is never looked up, and an instruction adds no more than it takes from the input.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import ClassVar

# Levels of a value, as deep as metadata may be.
DEPTH = 64
_ITEM = 16
# A float: one byte that says so, and eight; so many are read at once.
_FLOAT_BYTES = 9
_RUN = 4096
_STOP, _BINFLOAT = ord("."), ord("G")
_CALLS: dict[str, Callable[..., object]] = {
    "datetime.date": date,
    "datetime.datetime": datetime,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
}


class PickleError(ValueError):
    """A pickle that is not plain data; the message says what it holds."""


class Made:
    """An object of a class that is not loaded.

    Attributes:
        name: Module and class, with a dot between.
        state: What it was pickled with.
    """

    __slots__ = ("name", "state")

    def __init__(self, name: str) -> None:
        self.name = name
        self.state: dict[str, object] = {}


def read_pickle(data: bytes, classes: frozenset[str]) -> object:
    """Return the value of a pickle of protocol 4 or 5; sets become lists.

    Args:
        data: The pickle.
        classes: Names of the classes whose objects it may hold, which become `Made`. Dates
            and times are read too.

    Raises:
        PickleError: It names something else, is cut off, or is not a pickle.
    """
    try:
        return _Reader(data, classes).run()
    except PickleError:
        raise
    except (IndexError, KeyError, struct.error, TypeError, ValueError, OverflowError) as error:
        raise PickleError(f"it is not a whole pickle ({type(error).__name__}: {error})") from error


def plain(value: object, left: int, depth: int = 0) -> tuple[object, int]:
    """Return a value as a tree of dicts, lists, scalars and `Made`, and what is left of `left`.

    A pickle may hold an object many times at the cost of one, so that a small one could be written
    out only at great length; an item counts 16 against `left`, and a character 1.

    Raises:
        PickleError: It is longer than `left`, nested too deep, contains itself, or holds bytes.
    """
    left -= _ITEM + (len(value) if isinstance(value, str) else 0)
    if left < 0:
        raise PickleError("it is too large")
    if depth > DEPTH:
        raise PickleError(f"it is nested deeper than {DEPTH} levels, or contains itself")
    if isinstance(value, dict):
        table: dict[str, object] = {}
        for key, item in value.items():
            table[key], left = plain(item, left - len(key), depth + 1)
        return table, left
    if isinstance(value, list | tuple):
        items: list[object] = []
        for item in value:
            one, left = plain(item, left, depth + 1)
            items.append(one)
        return items, left
    if isinstance(value, str | int | float | date | Made) or value is None:
        return value, left
    kind = "a name" if isinstance(value, _Name) else type(value).__name__
    raise PickleError(f"it holds {kind}, which metadata cannot")


class _Name:
    """A class or function that a pickle names."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _Reader:
    """The stack machine of a pickle."""

    def __init__(self, data: bytes, classes: frozenset[str]) -> None:
        self._data = data
        self._at = 0
        self._classes = classes
        self._stack: list[object] = []
        self._below: list[list[object]] = []
        self._memo: list[object] = []

    def run(self) -> object:
        data, steps = self._data, self._steps
        while (code := data[self._at]) != _STOP:
            if code == _BINFLOAT:
                self._floats()
                continue
            self._at += 1
            step = steps.get(code)
            if step is None:
                raise PickleError(f"it holds {bytes([code])!r}, not an instruction of plain data")
            step(self)
        return self._stack.pop()

    def _floats(self) -> None:
        """Read a run of floats, such as a vector, at once."""
        codes = self._data[self._at : self._at + _RUN * _FLOAT_BYTES : _FLOAT_BYTES]
        count = len(codes) - len(codes.lstrip(b"G"))
        self._stack += struct.unpack(">" + "xd" * count, self._take(count * _FLOAT_BYTES))

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise PickleError("it is cut off")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _skip(self, count: int) -> None:
        self._take(count)

    def _number(self, width: int) -> int:
        return int.from_bytes(self._take(width), "little")

    def _line(self) -> str:
        line = self._take(self._data.index(b"\n", self._at) + 1 - self._at)
        return line[:-1].decode()

    def _marked(self) -> list[object]:
        """Pop the items since the last mark."""
        items = self._stack
        self._stack = self._below.pop()
        return items

    def _set_pairs(self, pairs: list[object]) -> None:
        table = self._stack[-1]
        if not isinstance(table, dict):
            raise PickleError(f"it puts keys into {type(table).__name__}")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(key, str):
                raise PickleError(f"a key is {type(key).__name__}, not text")
            table[key] = value

    def _extend(self, items: list[object]) -> None:
        table = self._stack[-1]
        if not isinstance(table, list):
            raise PickleError(f"it puts items into {type(table).__name__}")
        table += items

    def _tuple(self, count: int) -> None:
        items = [self._stack.pop() for _ in range(count)]
        self._stack.append(tuple(reversed(items)))

    def _global(self, module: object, name: object) -> None:
        full = f"{module}.{name}"
        if full not in self._classes and full not in _CALLS:
            raise PickleError(f"it names {full[:200]!r}, which is not read")
        self._stack.append(_Name(full))

    def _stack_global(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise PickleError("it names a class without text")
        self._global(module, name)

    def _new(self) -> None:
        arguments, maker = self._stack.pop(), self._stack.pop()
        if not isinstance(maker, _Name) or maker.name not in self._classes or arguments != ():
            raise PickleError("it makes an object in a way that is not known")
        self._stack.append(Made(maker.name))

    def _call(self) -> None:
        arguments, maker = self._stack.pop(), self._stack.pop()
        call = _CALLS.get(maker.name) if isinstance(maker, _Name) else None
        if call is None or not isinstance(arguments, tuple):
            raise PickleError("it calls something other than a date or time")
        self._stack.append(call(*arguments))

    def _build(self) -> None:
        state, made = self._stack.pop(), self._stack[-1]
        if not (isinstance(made, Made) and isinstance(state, dict)):
            raise PickleError("it sets the state of a value that has none")
        made.state = state

    def _mark(self) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _text(self, width: int) -> None:
        self._stack.append(self._take(self._number(width)).decode("utf-8", "surrogatepass"))

    def _bytes(self, width: int) -> None:
        self._stack.append(self._take(self._number(width)))

    def _long(self) -> None:
        digits = self._take(self._number(1))
        self._stack.append(int.from_bytes(digits, "little", signed=True))

    _steps: ClassVar[dict[int, Callable[[_Reader], None]]] = {
        0x80: lambda self: self._skip(1),  # PROTO
        0x95: lambda self: self._skip(8),  # FRAME: its length is that of the input
        ord("N"): lambda self: self._push(None),
        0x88: lambda self: self._push(True),
        0x89: lambda self: self._push(False),
        ord("K"): lambda self: self._push(self._number(1)),
        ord("M"): lambda self: self._push(self._number(2)),
        ord("J"): lambda self: self._push(int.from_bytes(self._take(4), "little", signed=True)),
        0x8A: _long,
        0x8C: lambda self: self._text(1),
        ord("X"): lambda self: self._text(4),
        0x8D: lambda self: self._text(8),
        ord("C"): lambda self: self._bytes(1),
        ord("B"): lambda self: self._bytes(4),
        0x8E: lambda self: self._bytes(8),
        ord("]"): lambda self: self._push([]),
        0x8F: lambda self: self._push([]),  # EMPTY_SET: as a list, nothing is hashed
        ord("}"): lambda self: self._push({}),
        ord(")"): lambda self: self._push(()),
        0x85: lambda self: self._tuple(1),
        0x86: lambda self: self._tuple(2),
        0x87: lambda self: self._tuple(3),
        ord("("): _mark,
        ord("t"): lambda self: self._push(tuple(self._marked())),
        0x91: lambda self: self._push(self._marked()),  # FROZENSET
        ord("a"): lambda self: self._extend([self._stack.pop()]),
        ord("e"): lambda self: self._extend(self._marked()),
        0x90: lambda self: self._extend(self._marked()),  # ADDITEMS
        ord("s"): lambda self: self._set_pairs([self._stack.pop(-2), self._stack.pop()]),
        ord("u"): lambda self: self._set_pairs(self._marked()),
        0x94: lambda self: self._memo.append(self._stack[-1]),
        ord("h"): lambda self: self._push(self._memo[self._number(1)]),
        ord("j"): lambda self: self._push(self._memo[self._number(4)]),
        ord("c"): lambda self: self._global(self._line(), self._line()),
        0x93: _stack_global,
        0x81: _new,
        ord("R"): _call,
        ord("b"): _build,
    }
