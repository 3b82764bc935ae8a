"""Pickles that would run code if `pickle.loads` read them; ours must only refuse."""

import builtins
import copyreg
import io
import os
import pickle
import pickletools
import struct
import tracemalloc
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actscope._errors import ActscopeError
from actscope.tutorial._machine import Machine
from actscope.tutorial._pickle_reader import read_layers


def machine(content, names=None):
    def call(called, arguments):
        return ("called", called, arguments)

    return Machine(content, names or {}, call, lambda target, state: target.append(state)).run()


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": (1, -1, 255, 256, 65536, -(2**31), 2**40, -(2**63)), "b": {"c": ()}},
        {"text": ("ä" * 300, "x" * 70_000), "bytes": (b"", b"y" * 300)},
        {f"key {n}": (None, True, False, (n,), (n, n), (n, n, n), (n,) * 4) for n in range(300)},
    ],
)
def test_plain_values_as_python_reads_them(value, protocol):
    assert machine(pickle.dumps(value, protocol)) == value


def test_a_shared_value_stays_shared():
    inner = {"x": 1}
    found = machine(pickle.dumps({"a": inner, "b": inner}))
    assert found["a"] is found["b"]


def test_only_the_one_who_runs_it_gives_a_name_its_meaning():
    content = b"cmodule\nname\n(K\x01tR."
    with pytest.raises(ActscopeError, match=r"the name 'module\.name'"):
        machine(content)
    assert machine(content, {"module name": "meaning"}) == ("called", "meaning", (1,))


class Gadget:
    """Pickles as a call of whatever it is given."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def gadgets(canary):
    """Pickles that ask `pickle.loads` for what they must not, most of them to make `canary`."""
    touch = f"open({str(canary)!r}, 'w').close()"
    shell = f"touch {canary}"
    quoted = f"V{touch}\n".encode()
    ran = b"(" + quoted + b"t"
    nested = Gadget(str, (Gadget(eval, (touch,)),))
    return {
        "system": pickle.dumps(Gadget(os.system, (shell,))),
        "system, protocol 0": pickle.dumps(Gadget(os.system, (shell,)), 0),
        "eval": pickle.dumps(Gadget(eval, (touch,))),
        "exec": pickle.dumps(Gadget(exec, (touch,))),
        "nested": pickle.dumps(nested),
        "partial": pickle.dumps(Gadget(partial(eval, touch), ())),
        "getattr": pickle.dumps(Gadget(getattr, (Path, "touch"))),
        "a later value": pickle.dumps({"params": {"a": Gadget(eval, (touch,))}}),
        "stack global": b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93" + quoted + b"\x85R.",
        "global": b"cbuiltins\neval\n" + ran + b"R.",
        "inst": b"(" + quoted + b"ibuiltins\neval\n.",
        "obj": b"(cbuiltins\neval\n" + quoted + b"o.",
        "newobj": b"\x80\x02cbuiltins\neval\n" + quoted + b"\x85\x81.",
        "memo": b"cbuiltins\neval\nq\x000h\x00" + ran + b"R.",
        "memo, overwritten": b"cnumpy\nndarray\nq\x00cbuiltins\neval\nq\x000h\x00" + ran + b"R.",
        "duplicated": b"cbuiltins\neval\n2" + ran + b"R.",
        "dotted": b"\x80\x04\x8c\x05numpy\x8c\x0blib.npyio.\x93" + ran + b"R.",
        "dotted through an allowed module": b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.",
        "setitems on a call": b"cbuiltins\neval\n" + ran + b"RN(Vx\nNu.",
        "hidden in a state": b"cnumpy\ndtype\n(X\x02\x00\x00\x00f4\x89\x88tRcbuiltins\neval\n"
        + ran
        + b"Rb.",
        "after the first": pickle.dumps({}) + pickle.dumps(Gadget(eval, (touch,))),
        "in a slot state": b"cnumpy\nndarray\n(N}X\x08\x00\x00\x00__dict__cbuiltins\neval\nstb.",
        "dispatch table": _dispatched(touch),
        "copyreg": pickle.dumps(Path(canary), 2),
        "copyreg, protocol 0": pickle.dumps(Gadget(copyreg._reconstructor, (Gadget, object, None))),
    }


def _dispatched(touch):
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    pickler.dispatch_table = copyreg.dispatch_table.copy()
    pickler.dispatch_table[Gadget] = lambda _: (builtins.eval, (touch,))
    pickler.dump(Gadget())
    return buffer.getvalue()


NAMES = sorted(gadgets(Path("canary")))


@pytest.mark.parametrize("name", NAMES)
def test_a_pickle_that_runs_code_is_refused_and_does_not_run(name, tmp_path):
    canary = tmp_path / "canary"
    with pytest.raises(ActscopeError, match="nothing in it was run"):
        read_layers(gadgets(canary)[name])
    assert not canary.exists()


@pytest.mark.parametrize("name", ["system", "eval", "nested", "inst", "obj", "memo", "global"])
def test_these_gadgets_are_real(name, tmp_path):
    canary = tmp_path / "canary"
    pickle.loads(gadgets(canary)[name])
    assert canary.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("persistent id", b"Pname\n."),
        ("persistent id, binary", b"Nq\x00Q."),
        ("extension registry", b"\x82\x01."),
        ("extension registry, two bytes", b"\x83\x01\x00."),
        ("extension registry, four bytes", b"\x84\x01\x00\x00\x00."),
        ("next buffer", b"\x97."),
        ("readonly buffer", b"N\x98."),
        ("newobj with keywords", b"cnumpy\nndarray\n)}\x92."),
        ("a set", b"\x8f."),
        ("a list", b"]."),
    ],
)
def test_other_instructions_are_refused(name, content):
    with pytest.raises(ActscopeError, match="the pickle instruction"):
        read_layers(content)


def test_every_other_instruction_of_the_format_is_refused():
    from actscope.tutorial import _machine

    known = {opcode.code.encode("latin-1") for opcode in pickletools.opcodes}
    assert set(_machine._STEPS) < known
    for code in known - set(_machine._STEPS) - {pickle.STOP}:
        with pytest.raises(ActscopeError, match="the pickle instruction"):
            read_layers(code + b"\0" * 8)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "cut off"),
        (b"N", "cut off"),
        (b"\x80", "cut off"),
        (b"X\xff\xff\xff\xff.", "cut off"),
        (b"\x8e" + b"\xff" * 8 + b".", "cut off"),
        (b"cnumpy", "cut off"),
        (b"cnumpy\nndarray", "cut off"),
        (b"N.N", "1 bytes after its end"),
        (b"NN.", "2 values at its end"),
        (b".", "0 values at its end"),
        (b"(N.", "1 values at its end"),
        (b"t.", "without a mark"),
        (b"\x85.", "without a value"),
        (b"N(\x86.", "without a value"),  # the mark is not crossed
        (b"Ns.", "without a value"),
        (b"h\x00.", "memo 0, which was never set"),
        (b"j\xff\xff\xff\xff.", "memo 4294967295"),
        (b"}NNs.", "None as the key"),
        (b"}))s.", "a tuple as the key"),
        (b"}(Nu.", "entries for a dict"),
        (b"N(NNu.", "entries for None"),
        (b"X\x01\x00\x00\x00\xff.", "not UTF-8"),
        (b"\x80\x04NN\x93.", "the name ''"),
        (b"cnumpy\nndarray\nNR.", "None for arguments"),
    ],
)
def test_broken_pickles(content, found):
    with pytest.raises(ActscopeError, match=found):
        read_layers(content)


def test_text_of_a_stranger_is_shown_escaped_and_short():
    module = b"\x1b[31m" + b"m" * 10_000
    with pytest.raises(ActscopeError) as error:
        read_layers(b"c" + module + b"\nname\n.")
    assert "\x1b" not in str(error.value)
    assert r"'\x1b[31m" in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.heavy
@pytest.mark.parametrize(
    "content",
    [
        b"N" * 20_000 + b".",
        b"N" + b"\x85" * 20_000 + b".",  # a tuple in a tuple in a tuple
        b")" + b"q\x00h\x00h\x00\x86" * 6_000 + b".",  # each twice as large as the last
        b"}r\xff\xff\xff\xff.",  # a memo of four thousand million entries
    ],
    ids=["many", "deep", "doubling", "memo"],
)
def test_a_bomb_takes_little_memory(content):
    tracemalloc.start()
    try:
        with pytest.raises(ActscopeError):
            read_layers(content)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=60))
@settings(max_examples=300)
def test_noise_is_refused(content):
    with pytest.raises(ActscopeError):
        read_layers(b"\x80\x03" + content)


# Bytes that instructions of the machine begin with, so that more than the first one is reached.
_WORDS = st.sampled_from(
    [code + b"\x01" for code in (pickle.BININT1, pickle.BINGET, pickle.BINPUT)]
    + [b"(", b"t", b"\x85", b"\x86", b"}", b"s", b"u", b"N", b"R", b"b", b"\x94", b"\x93", b")"]
    + [b"cnumpy\ndtype\n", b"cnumpy\nndarray\n", b"cnumpy.core.multiarray\n_reconstruct\n"]
    + [b"cflax.core.frozen_dict\nFrozenDict\n", b"X" + struct.pack("<I", 6) + b"params"]
)


@given(st.lists(_WORDS, max_size=30))
@settings(max_examples=500)
def test_sense_in_any_order_is_refused_or_empty(words):
    try:
        found = read_layers(b"".join(words) + b".")
    except ActscopeError:
        return
    assert found == {}  # {"params": {}} is all that these words can say
