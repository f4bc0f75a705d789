"""Which charsets of a provider are believed: Python has some that take seconds for a megabyte."""

from email.message import Message

KNOWN = frozenset(
    {
        *("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "iso-8859-15", "windows-1252"),
        *("cp1252", "utf-16", "utf-16le", "utf-16be", "utf-16-le", "utf-16-be", "utf-32", "utf-32le", "utf-32be"),
        *("utf-32-le", "utf-32-be", "windows-1251", "koi8-r", "gb2312", "gbk", "gb18030", "big5", "shift_jis"),
        *("shift-jis", "euc-jp", "euc-kr"),
    }
)
"""Each is read at more than 10 MB a second, and a key of ASCII is found in each."""

_MAX_CHARS = 200
"""Of a longer type the parameters are not read: Python takes quadratic time for them."""


def with_known_charset(content_type: str, *, is_error: bool) -> str:
    """The type of a response, with UTF-8 in place of a charset that is not known.

    Only an error, which is short, may be in another charset: the JSON of an answer tells its own.
    """
    if is_error and len(content_type) <= _MAX_CHARS:
        message = Message()
        message["content-type"] = content_type
        charset = message.get_content_charset()
        if charset is None or charset in KNOWN:
            return content_type
    if "charset" not in content_type.lower() and len(content_type) <= _MAX_CHARS:
        return content_type
    return f"{content_type.partition(';')[0].strip()}; charset=utf-8"
