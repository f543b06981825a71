from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.outcomes import RunEnd
from tests.adapters.sandbox.projects import HERE, tree

CONFIGURED = '[tool.mypy]\nstrict = true\n[tool.black]\n[tool.ruff.lint]\nselect = ["F", "C4"]\n'
SOURCE = "import os\n\n\ndef f(x: int) -> str:\n    return x\n\n\ny = list([1  ])\n"


async def test_says_what_the_projects_own_settings_find(sandbox: ProcessSandbox) -> None:
    files = {"pyproject.toml": CONFIGURED, "shop.py": SOURCE, "other.py": "import sys\n"}
    async with sandbox.open(tree(files), HERE) as workspace:
        ruff = await workspace.run_tool("ruff", ["shop.py"])
        mypy = await workspace.run_tool("mypy", ["shop.py"])
        black = await workspace.run_tool("black", ["shop.py"])
    assert ruff.end is RunEnd.COMPLETED, ruff
    assert min(ruff.messages).startswith("shop.py: C410 ")
    assert ruff.messages["shop.py: F401 `os` imported but unused"] == 1
    assert mypy.messages == {
        'shop.py: Incompatible return value type (got "int", expected "str")  [return-value]': 1
    }
    assert black.messages == {"would reformat shop.py": 1}


async def test_without_settings_ruff_looks_for_mistakes_and_the_others_are_not_run(
    sandbox: ProcessSandbox,
) -> None:
    async with sandbox.open(tree({"shop.py": SOURCE}), HERE) as workspace:
        ruff = await workspace.run_tool("ruff", ["shop.py"])
        mypy = await workspace.run_tool("mypy", ["shop.py"])
        black = await workspace.run_tool("black", ["shop.py"])
    assert list(ruff.messages) == ["shop.py: F401 `os` imported but unused"]
    assert (mypy.end, mypy.why) == (RunEnd.NOT_AVAILABLE, "not configured")
    assert (black.end, black.why) == (RunEnd.NOT_AVAILABLE, "not configured")


async def test_settings_that_a_tool_cannot_read_are_no_pass(sandbox: ProcessSandbox) -> None:
    files = {"pyproject.toml": '[tool.ruff]\nselect = 3\n[tool.black]\nline-length = "x"\n'}
    async with sandbox.open(tree({**files, "shop.py": SOURCE}), HERE) as workspace:
        ruff = await workspace.run_tool("ruff", ["shop.py"])
        black = await workspace.run_tool("black", ["shop.py"])
    assert ruff.end is RunEnd.CRASHED
    assert "expected a sequence" in ruff.why
    assert black.end is RunEnd.CRASHED
