"""Contrast by WCAG 2: of texts as a browser shows them, and of colours.

https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

# For each text that is seen: what it says, its colour, how opaque, its ground, size and weight.
# Of a drawing, the ground of a text is the mark below its middle: the whole page is in view.
_TEXTS = """() => {
  const clear = (colour) => !colour || colour === "none" || /, 0\\)$/.test(colour);
  const chain = (element) => element ? [element, ...chain(element.parentElement)] : [];
  const ground = (element) => {
    if (element instanceof SVGElement) {
      const { left, top, width, height } = element.getBoundingClientRect();
      for (const below of document.elementsFromPoint(left + width / 2, top + height / 2)) {
        if (!(below instanceof SVGElement) || below.tagName === "text") continue;
        const { fill, fillOpacity } = getComputedStyle(below);
        if (!clear(fill) && fillOpacity !== "0") return fill;
      }
    }
    const grounds = chain(element).map((each) => getComputedStyle(each).backgroundColor);
    return grounds.find((each) => !clear(each)) ?? "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const colour = element instanceof SVGElement ? style.fill : style.color;
    const opacity = chain(element).reduce((all, each) => all * getComputedStyle(each).opacity, 1);
    const size = parseFloat(style.fontSize);
    found.push([text, colour, opacity, ground(element), size, +style.fontWeight]);
  }
  return found;
}"""


def faint(tab) -> list[tuple[str, float]]:
    """The texts of a page whose contrast is below AA, and it."""
    found = tab.evaluate(_TEXTS)
    assert found
    measured = []
    for text, colour, opacity, ground, size, weight in found:
        below = _channels(ground)
        shown = [
            opacity * a + (1 - opacity) * b for a, b in zip(_channels(colour), below, strict=True)
        ]
        large = size >= 24 or (size >= 18.66 and weight >= 700)
        if (contrast := _contrast(shown, below)) < (3 if large else 4.5):
            measured.append((text, round(contrast, 2)))
    return measured


def contrast(one: str, other: str) -> float:
    """Of two colours, each `#RRGGBB` or `rgb(…)`."""
    return _contrast(_channels(one), _channels(other))


def _channels(colour: str) -> list[float]:
    if colour.startswith("#"):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    assert colour.startswith("rgb("), colour  # nothing else is half transparent
    return [float(each) for each in colour[4:-1].split(",")]


def _contrast(one: list[float], other: list[float]) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(channels: list[float]) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in channels)
    ]
    return sum(k * each for k, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
