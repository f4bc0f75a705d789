"""Charts as files of pictures, drawn by a library that ends the whole process at a character that XML does not have."""

import re
from typing import Any

import vl_convert

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def svg_of(chart: Any) -> str:
    """The chart as SVG."""
    return str(vl_convert.vegalite_to_svg(_drawable(chart.to_dict())))


def png_of(chart: Any) -> bytes:
    """The chart as PNG, with two pixels for one."""
    return bytes(vl_convert.vegalite_to_png(_drawable(chart.to_dict()), scale=2))


def _drawable(value: Any) -> Any:
    """The specification with � for such characters: names of nodes and models come from anywhere."""
    if isinstance(value, str):
        return _NOT_IN_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_drawable(name): _drawable(part) for name, part in value.items()}
    return [_drawable(part) for part in value] if isinstance(value, list) else value
