"""Markdown that grows: the finished picture is that of the whole text, and no half syntax is seen on the way."""

import random
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tests.browser.player.corpus import CORPUS

pytestmark = pytest.mark.browser

GROW = """([texts, size]) => texts.map((text) => {
    const element = document.createElement("div");
    const growing = new GrowingMarkdown(element);
    const seen = [];
    for (let at = 0; at < text.length; at += size) {
        growing.append(text.slice(at, at + size));
        seen.push([...element.querySelectorAll("code, .sl-math")].reduce((s, e) => s.replace(e.textContent, ""),
                                                                         element.textContent));
    }
    growing.finish();
    return { html: element.innerHTML, seen, links: element.querySelectorAll("a").length };
})"""
WHOLE = """texts => texts.map((text) => {
    const element = document.createElement("div");
    drawMarkdown(element, text);
    return element.innerHTML;
})"""
REFERENCE = """texts => texts.map((text) => {
    const parser = new MarkdownIt({ html: false, linkify: true });
    parser.linkify.set({ fuzzyLink: false });
    const element = document.createElement("div");
    element.innerHTML = parser.render(text);
    const shape = (node) => node.nodeType === 3 ? node.data.trim() && node.data.trim().replace(/\\s+/g, " ")
        : [node.localName, ...[...node.childNodes].map(shape).filter(Boolean)];
    const other = document.createElement("div");
    drawMarkdown(other, text);
    for (const code of other.querySelectorAll(".sl-code")) code.replaceWith(code.querySelector("pre"));
    return [JSON.stringify(shape(element)), JSON.stringify(shape(other))];
})"""
BACK_AND_FORTH = """([texts, ends]) => texts.map((text) => {
    const element = document.createElement("div");
    const growing = new GrowingMarkdown(element);
    for (const end of ends) {
        const whole = text.slice(0, Math.round(end * text.length));
        growing.replace(whole);
        if (end > 0.5) growing.append(text.slice(whole.length));
        if (end > 0.8) growing.finish();
    }
    growing.replace(text);
    growing.finish();
    return element.innerHTML;
})"""
FRAGMENTS = [
    *("**", "*", "_", "`", "``", "```", "~~~", "~~", "\n", "\n\n", "- ", "1. ", "> ", "# ", "    ", "\t", "---", "==="),
    *("[", "]", "(", ")", "http://e.org", "[a]", "[a]: ", "![", "'t'", "<", ">", "&amp;", "&", "\\", ":", "0", "\0"),
    *("|", "|-|-|\n", "| a | b |\n", "$", "$$", "\\(", "\\)", "\\[", "\\]", " ", "word", "word ", "- [ ] ", "```js\n"),
    *("\r\n", "\r", "🇩🇪", "👨‍👩‍👧", "مرحبا"),
]
OWN_FORM = {"images", "tasks", "loose tasks", "formulas", "streamlit", "dangerous", "deep"}
"""Texts that are deliberately drawn in another way than CommonMark and GFM say."""


def test_the_finished_picture_does_not_depend_on_the_size_of_the_pieces(harness: Page) -> None:
    whole = dict(zip(CORPUS, harness.evaluate(WHOLE, list(CORPUS.values())), strict=True))

    for size in (1, 3, 7, 10_000):
        grown = harness.evaluate(GROW, [list(CORPUS.values()), size])
        assert dict(zip(CORPUS, (found["html"] for found in grown), strict=True)) == whole, f"pieces of {size}"


def test_random_mixtures_of_syntax_give_the_picture_of_the_whole_text(harness: Page) -> None:
    choose = random.Random(20)
    texts = ["".join(choose.choices(FRAGMENTS, k=choose.randint(3, 60))) for _ in range(300)]
    whole = harness.evaluate(WHOLE, texts)

    for size in (1, 3):
        for text, found, wanted in zip(texts, harness.evaluate(GROW, [texts, size]), whole, strict=True):
            assert found["html"] == wanted, repr(text)


def test_a_text_that_goes_back_and_comes_again_has_the_same_picture(harness: Page) -> None:
    """Corpus texts and mixtures of syntax: what is kept of a longer text must not be seen in the end."""
    choose = random.Random(21)
    mixtures = ["".join(choose.choices(FRAGMENTS, k=choose.randint(3, 80))) for _ in range(300)]
    texts = [*CORPUS.values(), *mixtures]
    whole = harness.evaluate(WHOLE, texts)
    ends = [1, 0.4, 0.9, 0.6, 0.1, 0.7, 0.55, 0.85, 0.3]

    for text, found, wanted in zip(texts, harness.evaluate(BACK_AND_FORTH, [texts, ends]), whole, strict=True):
        assert found == wanted, repr(text)


def test_the_picture_is_the_one_of_commonmark_and_gfm(harness: Page) -> None:
    texts = {name: text for name, text in CORPUS.items() if name not in OWN_FORM}

    for name, (wanted, drawn) in zip(texts, harness.evaluate(REFERENCE, list(texts.values())), strict=True):
        assert drawn == wanted, name


HALF_SYNTAX = {
    "Some **bold**, *italic*, ***both*** and **bold *in* it**.": r"\*",
    "A **`code` in bold** and __under__ and _one_.": r"\*|_",
    "So ~~much~~ more ~~`to` do~~.": "~",
    "With `code` and ``a ` tick`` in it.": "`",
    "A [link](http://e.org/path 'title') and [**bold** one](http://e.org).": r"\[|\]|\(|http",
    "A [wiki](http://e.org/A_(b)) and [titled](http://e.org (a title)).": r"\[|\]|\(|http",
    "An ![image **x**](http://e.org/a.png).": r"\[|!|\*",
    "# Title\n\n## Second\n\n- item **one**\n- item\n\n1. first\n2. second\n\n> quote\n": r"#|-|\*|>|\d",
    "Before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n": r"\||-",
    "Text\n\n```python\nprint(1)\n```\n\nAfter\n": "`",
    "Heading\n===\n\nMore\n\n---\n\nEnd": "=|-",
    "See [one](http://one.org).\n\n[1]: http://one.org\n": r"\[|\]:|http",
    "Text.\n\n[docs]: http://docs.org\n[other one]: http://one.org 'T'\n": "docs|other",
    "| a | b | c |\n|---|---|---|\n| [l](http://e.org) | ~~x~~ | **y** |\n| **z** | ok | `c` |\n": r"\||-|\[|\(|~|\*|`",
    "Here it is:\n| a | b |\n|---|---|\n| 1 | 2 |\n": r"\||-",
    "> | a | b |\n> |---|---|\n> | 1 | 2 |\n\n- item\n\n  | c | d |\n  |---|---|\n": r"\||-",
    "- [ ] open\n- [x] done\n": r"\[|x|\]",
    "> ```python\n> code\n\n- ```python\n  code\n": r"`|\bp(?!ythonCopy)",
    "See <http://auto.org/a> or ftp://f.org/a there.": r"<|>|\(",
    "Rest\n\n_ _ _\n\nEnd": "_",
    "So $$\\{a_1*b_2*c\\}$$ it is.": r"\{",
    "Compare:\n\nName | Age\n:--- | ---\n**Ada** | `36`\n\na|b\n-|-\n": r"\||-|\*|`",
    "> a | b\n> --- | ---\n> 1 | 2\n\n- item\n\n  a | b\n  --- | ---\n": r"\||-",
    "| a | b |\n|---|---|\n| x | `p\\|q` |\n": r"\\",
    "> Quote.\n>\n> [docs]: http://docs.org 'T'\n> [b]: http://b.org\n": r"\[|docs|http",
    "- Item\n\n  [docs]: http://docs.org\n": r"\[|docs|http",
    "# Title\n[docs]:\n  http://docs.org\n": r"\[|docs|http",
    "See the [guide][1] and [*all* docs][docs].\n\n[1]: http://e.org\n[docs]: http://e.org\n": r"\[|\]",
    "Here is ![a cat][].\n\n[a cat]: http://e.org\n": r"\[|\]|!",
    "A [wiki](http://e.org/a_(b_(c))) and [a [b] c](http://e.org).": r"\(|http|\[[^b]",
    "[![Build **1**](http://e.org/b.svg)](http://ci.org) now": r"\[|\]|!|\*|ci",
    "An \\[escaped bracket\\] and \\(another one\\) and \\[half](no link).": r"\\",
    "Now \\(x_1\\), \\[ \\sum_i x_i \\] and $a_1*b*c_2$ it is.": r"\\|\$|[*]",
    "中文**粗体**中文，日本語**太字**です。中*斜*文 and un**believ**able": r"\*",
    "- [ ] open\n\n- [x] done\n\n1. - 2. x\n": r"\[|\]|\d",
    "One &CounterClockwiseContourIntegral; and &amp; more": r"&\w",
}
"""Texts, and what of them must never be in sight."""


def test_no_half_syntax_is_seen_while_a_text_grows(harness: Page) -> None:
    grown = harness.evaluate(GROW, [list(HALF_SYNTAX), 1])

    for raw, found in zip(HALF_SYNTAX.values(), grown, strict=True):
        assert [shown for shown in found["seen"] if re.search(raw, shown)] == []


def test_a_sign_made_of_several_characters_is_shown_whole(harness: Page) -> None:
    text = "Flags 🇩🇪🇫🇷, family 👨\u200d👩\u200d👧, skin 👍🏽, work 👩🏾\u200d💻 and heart ❤️."
    halves = harness.evaluate(
        """text => {
            const box = document.createElement("div");
            const growing = new GrowingMarkdown(box);
            const whole = new Set([...new Intl.Segmenter().segment(text)].map(({ segment }) => segment));
            return [...text.split("")].flatMap((unit) => {
                growing.append(unit);
                return [...new Intl.Segmenter().segment(box.textContent)].map(({ segment }) => segment);
            }).filter((segment) => !whole.has(segment));
        }""",
        text,
    )

    assert halves == []


def test_a_list_in_json_is_shown_from_its_first_character_on(harness: Page) -> None:
    (grown,) = harness.evaluate(GROW, [['[{"name": "Ada"}, {"name": "Alan"}]'], 1])

    assert grown["seen"][1:3] == ["{", '{"']


STEADY = {
    "quotes": "Text\n> quote\n\n- item\n  > quote\n\n> a\n>\n> > b\n",
    "references": "See [a] and [b].\n\n- [a]\n\n> [b]\n\n[a]: http://a.org\n[b]: http://b.org 'B'\n\nEnd\n",
    "footnotes": "A claim[^1] and[^note].\n\n[^1]: http://source.org\n[^note]: http://other.org\n",
    "lists": "- a\n- b\n\n- c\n\n  d\n\n1. a\n   - b\n   - c\n\n2. d\n   ```\n   x\n   ```\n\n   e\n\n- [ ] f\n\n- g\n",
    "tables": "A | b\n--- | ---\n1 | 2\n\n| c | d |\n|---|---|\n| 3 | 4 |\n",
    "rules": "Text\n\n_ _ _ _\n\n***\n\n---\n",
}
"""Texts without anything that becomes smaller when it is complete."""

HEIGHTS = """texts => texts.map((text) => {
    const box = document.createElement("div");
    box.className = "sl-markdown";
    element.classList.add("sl-player");
    element.replaceChildren(box);
    const growing = new GrowingMarkdown(box);
    return [...text].map((piece) => {
        growing.append(piece);
        return box.offsetHeight;
    });
})"""


def test_the_layout_never_jumps_back_while_a_text_grows(harness: Page) -> None:
    heights = harness.evaluate(HEIGHTS, list(STEADY.values()))

    for name, grown in zip(STEADY, heights, strict=True):
        jumps = [(at, *pair) for at, pair in enumerate(pairwise(grown)) if pair[1] < pair[0]]
        assert jumps == [], (name, STEADY[name][: jumps[0][0] + 2])


def test_each_block_has_the_direction_of_its_own_text(harness: Page) -> None:
    lists = "- مرحبا (x)!\n- English.\n\n1. one\n2. اثنان\n\n"
    text = f"English.\n\n{lists}> שלום.\n\n| א | b |\n|---|---|\n\n```js\nx\n```\n"
    directions = harness.evaluate(
        """text => {
            element.classList.add("sl-player");
            const box = element.appendChild(document.createElement("div"));
            box.className = "sl-markdown";
            drawMarkdown(box, text);
            const found = [...box.querySelectorAll("ul, blockquote, table, ol, pre")];
            const items = [...box.querySelectorAll("li")].map((item) => getComputedStyle(item).textAlign);
            return [found.map((one) => getComputedStyle(one).direction), items];
        }""",
        text,
    )

    assert directions == [["rtl", "ltr", "rtl", "rtl", "ltr"], ["right", "right", "left", "left"]]


def test_a_line_of_blanks_does_not_block_the_page(harness: Page) -> None:
    """A pattern with three ways to read a blank took minutes for it, and cannot be interrupted."""
    blanks = " " * 5_000

    texts = [f"a\n{blanks}b", f"[a]: x {blanks}b", f"a\n>{blanks}b", f"| a |\n{blanks}b"]
    pictures = harness.evaluate(GROW, [texts, 10_000])

    assert all(re.search(r"b\s*</", found["html"]) for found in pictures)


SEARCHED = """texts => texts.map((text) => {
    let searched = 0;
    const names = ["includes", "indexOf", "lastIndexOf"];
    const own = names.map((name) => String.prototype[name]);
    for (const [index, name] of names.entries()) {
        String.prototype[name] = function (wanted, from = 0) {
            searched += this.length - (name === "lastIndexOf" ? 0 : from);
            return own[index].apply(this, arguments);
        };
    }
    drawMarkdown(document.createElement("div"), text);
    for (const [index, name] of names.entries()) String.prototype[name] = own[index];
    return searched / text.length;
})"""


def test_openers_without_an_end_are_not_each_looked_for_through_the_whole_text(harness: Page) -> None:
    openers = [mark * 5_000 for mark in ("\\(", "\\[x ", "[a](", "![")]

    assert [times for times in harness.evaluate(SEARCHED, openers) if times > 50] == []


PARSED = """text => {
    const blocks = new MarkdownIt().block.constructor.prototype;
    const { parse } = blocks;
    let parsed = 0;
    blocks.parse = function (source, ...others) {
        parsed += source.length;
        return parse.call(this, source, ...others);
    };
    drawMarkdown(document.createElement("div"), text);
    blocks.parse = parse;
    return parsed / text.length;
}"""


def test_a_long_list_that_comes_at_once_is_parsed_a_few_times(harness: Page) -> None:
    assert harness.evaluate(PARSED, "- item\n" * 10_000) < 6


def test_a_list_that_comes_at_once_gets_its_direction_when_it_is_complete(harness: Page) -> None:
    """A browser looks at the children of an element with `dir="auto"` again with each that is added."""
    items = harness.evaluate(
        """text => {
        const { setAttribute } = Element.prototype;
        const seen = [];
        Element.prototype.setAttribute = function (name, value) {
            if (name === "dir" && this.localName === "ul") seen.push(this.childElementCount);
            setAttribute.call(this, name, value);
        };
        drawMarkdown(document.createElement("div"), text);
        Element.prototype.setAttribute = setAttribute;
        return seen;
    }""",
        "- item\n" * 50,
    )

    assert items
    assert set(items) == {50}


def test_html_images_and_dangerous_addresses_are_text(harness: Page) -> None:
    texts = [CORPUS[name] for name in ("html", "images", "dangerous", "streamlit")]

    html = "".join(harness.evaluate(WHOLE, texts))

    tags = set(re.findall(r"<([a-z0-9]+)", html))
    assert tags <= {"p", "a", "span", "code"}
    assert set(re.findall(r'href="([a-z]+):', html)) == {"http", "mailto"}
    assert html.count("<a ") == html.count('target="_blank" rel="noopener noreferrer"')
    assert "a cat (http://e.org/cat.png)" in html
    assert ":red[x] :material/home:" in html


def test_a_selection_survives_while_the_text_grows(harness: Page) -> None:
    selected = harness.evaluate("""() => {
        const growing = new GrowingMarkdown(element);
        growing.append("First paragraph.\\n\\nThe second gr");
        getSelection().selectAllChildren(element);
        const before = String(getSelection());
        for (const piece of ["ows", " and **goes", " on**", ".\\n\\nA third"]) growing.append(piece);
        return [before, String(getSelection())];
    }""")

    assert selected[1].startswith(selected[0].rstrip())


def test_finished_blocks_are_not_touched_again(harness: Page) -> None:
    touched = harness.evaluate("""async () => {
        const growing = new GrowingMarkdown(element);
        growing.append("# Title\\n\\nA **first** paragraph.\\n\\nThe second");
        const changes = [];
        const observer = new MutationObserver((records) => changes.push(...records));
        for (const block of [...element.children].slice(0, 2)) {
            observer.observe(block, { childList: true, characterData: true, attributes: true, subtree: true });
        }
        for (let i = 0; i < 50; i++) growing.append(" more words\\n\\nand");
        growing.finish();
        await frame();
        return changes.length;
    }""")

    assert touched == 0
