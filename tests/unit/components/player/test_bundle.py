"""The modules become one script, in which every name is that of its module, or the joiner refuses."""

from pathlib import Path

import pytest

from components.player.bundle import ENTRIES, UnknownModuleSyntax, join, player_script


def write(folder: Path, **modules: str) -> Path:
    for name, source in modules.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return folder


def test_module_comes_once_and_before_those_that_import_it(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main='import { a } from "./a.js";\nimport { b } from "./sub/b.js";\nexport const both = a + b;\n',
        a='import "./base.js";\nexport const a = 1;\n',
        sub__b='import { base as ground } from "../base.js";\nexport const b = ground;\n',
        base="const secret = 2;\nexport { secret as base };\n",
    )
    script = join(["main.js"], folder=folder)
    assert [line.split()[1] for line in script.splitlines() if line.startswith("const $")] == [
        "$base",
        "$a",
        "$sub_b",
        "$main",
    ]
    assert "const { base: ground }=$base;" in script
    assert "return { base: secret };" in script


def test_default_and_passed_on_exports_keep_their_names(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main='import thing from "./lib.js";\nexport { other } from "./lib.js";\n'
        "export function use() { return thing; }\n",
        lib="const x = 1, other = 2;\nexport { x as default, other };\n",
    )
    script = join(["main.js"], folder=folder)
    assert "const { default: thing }=$lib;" in script
    assert "return { other: $lib.other, use };" in script


def test_indentation_and_line_breaks_go_where_no_string_has_several_lines(tmp_path: Path) -> None:
    lines = "export const a = [\n  `one`,\n];\n"
    folder = write(tmp_path, main=f'import "./b.js";\nimport "./c.js";\n{lines}', b="const b = `two\n  lines`;\n")
    (folder / "c.js").write_text("const c = 'two \\\n  lines';\n")
    script = join(["main.js"], folder=folder)
    assert "const a=[\n`one`,];" in script
    assert "`two\n  lines`" in script
    assert "\\\n  lines'" in script


def test_spaces_beside_signs_go_and_those_of_a_text_stay(tmp_path: Path) -> None:
    folder = write(tmp_path, main='export const f = (a) => { return a && "b = c" + `d => ${a}`; };\n')
    assert 'const f=(a)=>{ return a&&"b = c" + `d => ${a}`; };' in join(["main.js"], folder=folder)


def test_a_line_that_may_end_in_a_comment_is_not_joined_with_the_next(tmp_path: Path) -> None:
    folder = write(tmp_path, main="const a = 1; // one;\nexport const b = 2;\n")
    assert "// one;\nconst b=2;" in join(["main.js"], folder=folder)


def test_licence_stays_and_other_comments_go(tmp_path: Path) -> None:
    folder = write(
        tmp_path, main="/*! a licence */\n/** a note\n * of two lines */\n// a line\nexport const a = 'x // y';\n"
    )
    (folder / "main.js").write_text(
        f"{(folder / 'main.js').read_text()}/** @type {{string}} */ (a).at(0);\n/** the end */\n"
    )
    script = join(["main.js"], folder=folder)
    assert "(a).at(0);" in script, "only what is a comment goes from a line that begins with one"
    assert "a licence" in script
    assert "note" not in script
    assert "a line\n" not in script
    assert "'x // y'" in script


@pytest.mark.parametrize(
    "source",
    [
        'import * as all from "./a.js";\n',
        "export default function () {}\n",
        'export * from "./a.js";\n',
        "export let changing = 1;\n",
        'const late = () => import("./a.js");\n',
        "const address = new URL('a.js', import.meta.url);\n",
    ],
)
def test_unknown_form_is_refused_with_its_file_and_line(tmp_path: Path, source: str) -> None:
    write(tmp_path, main=f"/**\n * A comment.\n */\n\n{source}", a="export const a = 1;\n")
    with pytest.raises(UnknownModuleSyntax, match=r"main\.js, line 5: “.*(import|export)"):
        join(["main.js"], folder=tmp_path)


def test_circle_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
    )
    with pytest.raises(UnknownModuleSyntax, match=r"a\.js imports b\.js imports a\.js"):
        join(["a.js"], folder=tmp_path)


def test_script_of_the_player_gives_every_entry() -> None:
    script = player_script()
    assert all(f'"{entry}": $' in script for entry in ENTRIES)
    assert "markdown-it 15.0.3" in script, "the licence line of the vendored library"


def test_module_that_is_left_out_exports_nothing_and_brings_nothing_along(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        main='import { large } from "./large.js";\nexport const main = 1;\n',
        large='import { larger } from "./larger.js";\nexport const large = larger;\n',
        larger="export const larger = 2;\n",
    )
    script = join(["main.js"], folder=folder, without=["large.js"])
    assert "const $large = {};" in script
    assert "larger" not in script
