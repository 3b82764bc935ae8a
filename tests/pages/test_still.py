"""Still pictures."""

import base64

from actscope.pages import heat
from actscope.pages._still import still
from pages.drawing import MEANS


def test_a_picture_is_the_same_each_time():
    rows = [row | {"level": row["where"], "shown": "1", "light": True} for row in MEANS]
    spec = {**heat(x="depth", title="accuracy"), "data": {"values": rows}}
    first, second = still(spec), still(spec)
    assert first == second
    kind, _, content = first.partition(";base64,")
    assert kind == "data:image/svg+xml"
    drawing = base64.b64decode(content).decode()
    assert "url(#gradient_0)" in drawing
    assert 'id="gradient_0"' in drawing
