"""setup.py and setup.cfg, read and not run."""

import ast
import configparser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from runners.environment.declared.files import MAX_SETUP_BYTES, text_of
from runners.environment.syntax import parsed
from runners.tree import Tree

Value = str | list[str] | dict[str, "Value"]
_MAX_ENTRIES, _MAX_CHARACTERS, _MAX_DEPTH, _MAX_STATEMENTS = 1_000, 20_000, 20, 5_000
_METHODS = {"split", "splitlines", "strip", "copy"}


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a project's own files say of it: requirement lines, as they are written.

    `extras` are offered to whoever installs it, `groups` are for those who work on it.
    """

    origin: str
    name: str = ""
    requires: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: str = ""


def setup_cfg(tree: Tree) -> Metadata | None:
    """The metadata of setup.cfg, None where it has none."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text_of(tree, "setup.cfg", limit=MAX_SETUP_BYTES))
    except configparser.Error as error:
        return Metadata(origin="setup.cfg", broken=str(error).partition("\n")[0])
    if not parser.has_section("metadata") and not parser.has_section("options"):
        return None
    section = "options.extras_require"
    extras = parser.items(section) if parser.has_section(section) else []
    return Metadata(
        origin="setup.cfg",
        name=parser.get("metadata", "name", fallback=""),
        requires=_lines(parser.get("options", "install_requires", fallback="")),
        extras={name: _lines(value) for name, value in extras},
        groups={"test": _lines(parser.get("options", "tests_require", fallback=""))},
    )


def _lines(value: str) -> tuple[str, ...]:
    """The lines of a value; a file that is named (`file: requirements.txt`) is read elsewhere."""
    lines = (line.strip() for line in value.replace(";\n", "\n").splitlines())
    return tuple(line for line in lines if line and not line.startswith(("file:", "#")))


def setup_py(tree: Tree) -> Metadata | None:
    """What setup.py hands to `setup()`, where it stands there or in a variable that it names."""
    if "setup.py" not in tree:
        return None
    module = parsed(text_of(tree, "setup.py", limit=MAX_SETUP_BYTES))
    if module is None:
        return Metadata(origin="setup.py", broken="it is not Python 3")
    told = _arguments(module)
    extras = told.get("extras_require")
    return Metadata(
        origin="setup.py",
        name=_text(told.get("name")),
        requires=_texts(told.get("install_requires")) or _texts(told.get("requires")),
        extras={name: _texts(value) for name, value in extras.items()}
        if isinstance(extras, dict)
        else {},
        groups={"test": _texts(told.get("tests_require"))},
    )


def _arguments(module: ast.Module) -> dict[str, Value]:
    """The arguments of the call of `setup`, as far as they can be told without running it."""
    names: dict[str, Value] = {}
    arguments: dict[str, Value] = {}
    for node in _in_order(module):
        if isinstance(node, ast.Assign):
            _assign(node, names)
        elif isinstance(node, ast.Call) and _called(node) == "setup":
            for keyword in node.keywords:
                value = _value(keyword.value, names)
                if keyword.arg is None and isinstance(value, dict):
                    arguments |= value
                elif keyword.arg is not None and value is not None:
                    arguments[keyword.arg] = value
    return arguments


def _in_order(module: ast.Module) -> Iterator[ast.AST]:
    """Assignments and calls, in the order of the text: a variable holds what it held last."""
    nodes = (node for node in ast.walk(module) if isinstance(node, ast.Assign | ast.Call))
    in_order = sorted(nodes, key=lambda node: (node.lineno, node.col_offset))
    yield from in_order[:_MAX_STATEMENTS]


def _called(call: ast.Call) -> str:
    function = call.func
    named = function.attr if isinstance(function, ast.Attribute) else function
    return named.id if isinstance(named, ast.Name) else str(named)


def _assign(node: ast.Assign, names: dict[str, Value]) -> None:
    value = _value(node.value, names)
    target = node.targets[0]
    if value is None:
        return
    if isinstance(target, ast.Name):
        names[target.id] = value
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        held, key = names.get(target.value.id), _value(target.slice, names)
        if isinstance(held, dict) and isinstance(key, str) and len(held) < _MAX_ENTRIES:
            held[key] = value


def _value(node: ast.AST, names: Mapping[str, Value], depth: int = 0) -> Value | None:
    """The text, list of texts or table that an expression is; None when it takes running."""
    found: Value | None = None
    if depth > _MAX_DEPTH:
        return None
    match node:
        case ast.Constant(value=str(text)):
            found = text[:_MAX_CHARACTERS]
        case ast.Name(id=name):
            found = names.get(name)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            values = (_value(part, names, depth + 1) for part in parts[:_MAX_ENTRIES])
            found = [value for value in values if isinstance(value, str)]
        case ast.Dict(keys=keys, values=parts):
            found = _table(keys, parts, names, depth + 1)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = _sum(_value(left, names, depth + 1), _value(right, names, depth + 1))
        case ast.Subscript(value=inner, slice=index):
            table, key = _value(inner, names, depth + 1), _value(index, names, depth + 1)
            found = table.get(key) if isinstance(table, dict) and isinstance(key, str) else None
        case ast.Call():
            found = _method(node, names, depth + 1)
    return found


def _table(
    keys: list[ast.expr | None], values: list[ast.expr], names: Mapping[str, Value], depth: int
) -> Value:
    table: dict[str, Value] = {}
    for key, part in zip(keys[:_MAX_ENTRIES], values, strict=False):
        name = _value(key, names, depth) if key else None
        value = _value(part, names, depth)
        if isinstance(name, str) and value is not None:
            table[name] = value
    return table


def _sum(left: Value | None, right: Value | None) -> Value | None:
    """The sum, or the part of it that can be told."""
    if isinstance(left, list) and isinstance(right, list):
        return (left + right)[:_MAX_ENTRIES]
    if isinstance(left, str) and isinstance(right, str):
        return (left + right)[:_MAX_CHARACTERS]
    return right if left is None else left


def _method(call: ast.Call, names: Mapping[str, Value], depth: int) -> Value | None:
    """The lines or words of a text: `"…".split()`, `"…".strip().splitlines()`; `list(…)`."""
    if isinstance(call.func, ast.Name) and call.func.id in {"list", "sorted", "set", "dict"}:
        return _value(call.args[0], names, depth) if call.args else None
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _METHODS:
        return None
    value = _value(call.func.value, names, depth)
    if not isinstance(value, str) or call.func.attr in {"strip", "copy"}:
        return value
    by_line = call.func.attr == "splitlines" or call.args
    return (value.splitlines() if by_line else value.split())[:_MAX_ENTRIES]


def _text(value: Value | None) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Value | None) -> tuple[str, ...]:
    """A list of lines; setuptools takes a text of several lines for one too."""
    if isinstance(value, str):
        return _lines(value)
    return tuple(value) if isinstance(value, list) else ()
