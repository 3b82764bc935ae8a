"""Still pictures."""

import re
from urllib.parse import unquote

from actscope.pages import heat
from actscope.pages._still import still
from pages.conftest import HOSTILE
from pages.drawing import MEANS


def picture(title):
    rows = [row | {"level": row["where"], "shown": "0.125"} for row in MEANS]
    return still({**heat(x=title, title="accuracy"), "data": {"values": rows}})


def test_a_picture_is_the_same_each_time():
    first, second = picture("depth"), picture("depth")
    assert first == second
    kind, _, drawing = first.partition(",")
    assert kind == "data:image/svg+xml"
    assert "url(#gradient_0)" in unquote(drawing)
    assert 'id="gradient_0"' in unquote(drawing)


def test_places_are_rounded_and_words_are_not():
    drawing = unquote(picture("0.123456"))
    assert ">0.125<" in drawing
    assert ">0.123456<" in drawing
    assert not re.search(r' (d|transform)="[^"]*\.\d\d', drawing)


def test_an_address_ends_no_attribute(tmp_path):
    found = picture(HOSTILE)
    assert found.isascii()
    assert not {'"', "#", "&"} & {*found}
    assert "<img" not in found
