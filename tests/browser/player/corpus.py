"""Texts that a renderer of growing Markdown has to get right, by what is difficult in them."""

CORPUS: dict[str, str] = {
    "emphasis": (
        "Some **bold**, *italic*, ***both***, ~~gone~~, `code`, snake_case_name, 2 * 3 * 4 and **bold *in* bold**.\n"
    ),
    "headings": "# One\n\nText\n## Two ##\nText\n\nSetext\n===\n\nAnother\n---\n\n#no heading\n",
    "nested lists": (
        "1. one\n"
        "   - a\n"
        "   - b\n\n"
        "     with a paragraph\n"
        "2. two\n"
        "   1. deep\n"
        "      * deeper\n\n"
        "end\n\n"
        "- loose\n\n"
        "- list\n"
    ),
    "code in a list": (
        "- before\n\n  ```python\n  def f():\n      return **1**\n  ```\n\n- after `a` and ``b`c``\n\n      indented\n"
    ),
    "fences": (
        "```js\n"
        "const a = `x`;\n"
        "// **not bold**\n\n\n"
        "```\n"
        "text\n\n"
        "~~~\n"
        "no language\n"
        "~~~\n\n"
        "````md\n"
        "```\n"
        "````\n\n"
        "    indented code\n\n"
        "    more\n"
    ),
    "open fence": "Start\n\n```python\nprint('never closed')\n",
    "table": (
        "Before\n\n"
        "| a | b | c |\n"
        "|:--|:-:|--:|\n"
        "| 1 | **x** | `y|z` |\n"
        "| 2 | [l](http://e.org) | |\n\n"
        "After | no table\n"
    ),
    "table without edges": "a | b\n--- | ---\n1 | 2\n\n> c | d\n> --- | ---\n> 3 | 4\n\n- e | f\n- g|h\n\nOne | two.\n",
    "pipes in cells": "| a | b |\n|---|---|\n| x \\| y | `p\\|q` |\n| `r|s` | $5 |\n",
    "links": (
        'A [link](http://e.org "title"), <http://auto.org>, http://bare.org/a_b_c, [broken](http://e.org and [x] y.\n'
    ),
    "references": (
        "See [one], [two][2] and [three][].\n\n"
        "More text.\n\n"
        "[one]: http://one.org\n"
        "[2]: http://two.org 'Title'\n"
        "[three]:\n"
        "  http://three.org\n"
    ),
    "references in quotes and lists": "> See [a].\n>\n> [a]: http://a.org 'T'\n\n- [b]\n\n  [b]: http://b.org\n",
    "references by number": (
        "See the [guide][1], [no such][9] and [other *docs*][docs] or [docs][],\n"
        "but a[0][1] and\n[INFO][main] as it is.\n\n"
        "[1]: http://e.org/1\n"
        "[docs]: http://e.org/2\n"
    ),
    "late reference": (
        "A [late] one.\n\n"
        "Filler.\n\n"
        "Filler.\n\n"
        "Filler.\n\n"
        "Filler.\n\n"
        "Filler.\n\n"
        "[late]: http://late.org\n"
        "'with a\n"
        "title'\n\n"
        "End.\n"
    ),
    "footnotes": "A claim[^1].\n\n[^1]: The note.\n\n[^long]: another\n    note\n",
    "quotes": "> one\n> two\nlazy\n>\n> > nested **bold**\n> - list\n\nplain\n\n> ```\n> code\n> ```\n",
    "loose tasks": "- [ ] open\n\n- [x] done\n\n  [ ] none\n",
    "tasks": "- [ ] open\n- [x] done\n- [link](http://e.org)\n- [] neither\n",
    "right to left": "مرحبا **بالعالم** وهذا نص طويل.\n\n- שלום\n- עולם\n",
    "emoji": "Family 👨\u200d👩\u200d👧\u200d👦, flag 🇩🇪, skin 👍🏽, heart ❤️ **👩🏾\u200d💻** end.\n",
    "long line": "word " * 600 + "**end**\n",
    "html": "<b>not bold</b> <script>alert(1)</script>\n\n<div onclick='x()'>\n\n&amp; &copy; &#35;\n",
    "images": (
        "![a cat](http://e.org/cat.png) and ![](data:image/png;base64,AAAA) and [![in](http://e.org"
        "/i.png)](http://e.org)\n"
    ),
    "dangerous": (
        "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](data:text/html,x) [d](vbscript:x) [e](/valu"
        "es) [f](mailto:a@e.org)\n"
    ),
    "streamlit": ":red[x] :material/home: :blue-badge[y] :smile: $x$\n",
    "formulas": (
        "Inline $a_1*b*c_2$ and \\(x_1\\) and $5 or *more* than $6.\n\n"
        "$$\n"
        "\\sum_{i=1}^n\n"
        "= x_i\n"
        "---\n"
        "$$\n\n"
        "After\n\n"
        "\\[\n"
        "a^2_b\n"
        "\\]\n"
    ),
    "breaks": "one  \ntwo\\\nthree\nfour\n\n***\n\n---\n___\n",
    "carriage returns": "a\r\nb\r\n\r\n- c\r- d\r\n",
    "stray markers": "* \n**\n[ and ] and ( and ![ and ` and ``` and _ and ~~ \\* \\\\ <a & b &am\n",
    "list that turns loose": "7. a\n8. b\n   - c\n     - d\n\n       e\n9. f\n\n- g\n- h\n\n  i\n",
    "words of other scripts": "中文**粗体**中文，*斜体*。日本語**太字**です。中*斜*文 2**3 and 5*6*7\n",
    "escaped brackets": (
        "A \\[not a link\\], \\[half](http://e.org), \\(no formula\\), \\(half and \\[1\\].\n\nEnd \\[ alone.\n"
    ),
    "deep": "*a **b " * 300 + "\n\n" + "*a " * 300 + "x" + "*" * 300 + "\n",
    "halves of characters": "a\ud83d",
    "list after text": "Text:\n- a\n- b\n1. x\n2. y\n+ z\nlazy\n\n\n3) p\n4) q\n",
    "numbers": "2024 was a year.\n\n42\n\n1986\\. A year.\n\n7. seven\n8. eight\n",
    "no newline": "The end has **no newline** and `code",
}
