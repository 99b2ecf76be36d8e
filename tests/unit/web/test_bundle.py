import pytest

from guestwire.web import bundle, pages

FILES = {
    "js/a.js": 'import { one, two as deux } from "./b.js";\nimport big from "../vendor/c.js";\n\n'
    "const local = 1; // a remark that stays\n// one that goes\n"
    "console.log(JSON.stringify([one(), deux, new big().size, local]));\n",
    "js/b.js": 'import { three } from "./d.js";\nconst local = 2;\n'
    "export function one() {\n  return [local, three];\n}\nexport const two = 4;\n",
    "vendor/c.js": "var Big = class { size = 7 };\nexport default Big;\n",
    "js/d.js": "export const three = 3;\nexport class Four {}\nexport async function five() {}\n",
}


def test_modules_come_after_those_that_they_import():
    assert bundle.modules("js/a.js", FILES.__getitem__) == ["js/d.js", "js/b.js", "vendor/c.js", "js/a.js"]


def test_modules_in_a_circle_are_refused():
    files = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js: imports itself by way of b\.js"):
        bundle.modules("a.js", files.__getitem__)


def test_names_of_one_module_do_not_reach_another():
    text = bundle.script("js/a.js", FILES.__getitem__)
    assert "import " not in text
    assert "export " not in text
    assert "const { one, two: deux } = $m1;" in text
    assert "Object.assign($m0, { three, Four, five });" in text
    assert "Object.assign($m2, { default: Big });" in text
    assert "one that goes" not in text


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_script_of_every_page_is_whole(page):
    assets = pages.assets()
    names = bundle.modules(f"js/pages/{page.name}.js", assets.text)
    text = assets.text(f"page/{page.name}.js")
    assert text.count("\n{\n") >= len(names)
    assert "\nimport " not in text
    assert "\nexport " not in text


def test_styles_lose_remarks_and_keep_licenses():
    files = {"a.css": "/* one\n two */\na { }\n", "b.css": "/*! license */\nb { }\n"}
    assert bundle.style(["a.css", "b.css"], files.__getitem__) == "a { }\n/*! license */\nb { }\n"
