"""Files that a program writes, as far as their names stand in it in so many words."""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping

from runners.discovery.files import Files

MAX_OUTPUTS = 8
# Which argument of a call names the file that it writes. Methods and functions by their last name.
_WRITERS: Mapping[str, int] = {
    "savefig": 0, "imsave": 0, "to_csv": 0, "to_json": 0, "to_excel": 0, "to_pickle": 0,
    "to_parquet": 0, "to_hdf": 0, "to_netcdf": 0, "savetxt": 0, "savez": 0, "savez_compressed": 0,
    "savemat": 0, "write_csv": 0, "write_image": 0, "write_html": 0, "imwrite": 0,
}  # fmt: skip
# Calls of these names write for some libraries only: `np.save`, `torch.save(model, "m.pt")`.
_OF_MODULES: Mapping[tuple[str, str], int] = {
    ("np", "save"): 0, ("numpy", "save"): 0, ("jnp", "save"): 0, ("torch", "save"): 1,
    ("plt", "imsave"): 0,
}  # fmt: skip
_KEYWORDS = {"fname", "file", "path_or_buf", "filename"}
_SUFFIX = re.compile(r"[\w. /+-]{0,150}[\w+-]\.[A-Za-z][A-Za-z0-9]{0,7}")
# What other languages write, by the suffix of their sources.
_QUOTED = r"[\"']([\w./+-]{1,120})[\"']"
_OTHERS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    ".c": (re.compile(rf"\bfopen *\( *{_QUOTED} *, *\"[wa]"),),
    ".cpp": (
        re.compile(rf"\bfopen *\( *{_QUOTED} *, *\"[wa]"),
        re.compile(rf"\bofstream +\w{{1,60}} *[({{] *{_QUOTED}"),
    ),
    ".r": (
        re.compile(rf"\b(?:ggsave|pdf|png|sink|saveRDS|fwrite) *\( *{_QUOTED}"),
        re.compile(
            rf"\b(?:write\.csv|write\.table|saveRDS|fwrite) *\([^,\n()]{{1,80}}, *{_QUOTED}"
        ),
    ),
    ".jl": (re.compile(rf"\b(?:savefig|CSV\.write|writedlm|save) *\( *{_QUOTED}"),),
    ".hoc": (re.compile(rf"\bwopen *\( *{_QUOTED}"),),
    ".sh": (re.compile(r"(?<![0-9&>])>>? *([\w./+-]{1,120}\.\w{1,8})\b"),),
    ".f90": (re.compile(rf"\bfile *= *{_QUOTED}", re.IGNORECASE),),
}
_ALIASES = {".cc": ".cpp", ".cxx": ".cpp", ".bash": ".sh", ".f": ".f90", ".f95": ".f90"}


def outputs_of(files: Files, path: str) -> tuple[str, ...]:
    """The files that the source at `path` writes, from the folder in which it is started."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix == ".py":
        module = files.module(path)
        return _kept(_written(module)) if module else ()
    patterns = _OTHERS.get(_ALIASES.get(suffix, suffix), ())
    found = (match[1] for pattern in patterns for match in pattern.finditer(files.text(path)))
    return _kept(found)


def _kept(names: Iterator[str]) -> tuple[str, ...]:
    """Relative paths that stay inside, each once."""
    inside = (
        posixpath.normpath(name) for name in names if name and not name.startswith(("/", "~"))
    )
    sound = [name for name in dict.fromkeys(inside) if not name.startswith("..") and name != "."]
    return tuple(sound[:MAX_OUTPUTS])


def _written(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = _target(node)
            if name and _SUFFIX.fullmatch(name):
                yield name


def _target(call: ast.Call) -> str | None:
    """The file that a call writes, where it is named literally; None where it is not."""
    name, module = _names(call.func)
    place = _OF_MODULES.get((module, name), _WRITERS.get(name))
    if name in {"open", "File"} and _writes(call):
        place = 0
    if place is None:
        return None
    named = [keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS]
    literal = call.args[place] if len(call.args) > place else next(iter(named), None)
    is_text = isinstance(literal, ast.Constant) and isinstance(literal.value, str)
    return str(literal.value) if is_text and isinstance(literal, ast.Constant) else None


def _writes(call: ast.Call) -> bool:
    """Whether a file is opened for writing: its mode begins with w, a or x."""
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    mode = call.args[1] if len(call.args) > 1 else next(iter(modes), None)
    return isinstance(mode, ast.Constant) and str(mode.value)[:1] in {"w", "a", "x"}


def _names(function: ast.expr) -> tuple[str, str]:
    """The last name of what is called, and the name before it."""
    if isinstance(function, ast.Attribute):
        before = function.value
        return function.attr, before.id if isinstance(before, ast.Name) else ""
    return (function.id, "") if isinstance(function, ast.Name) else ("", "")
