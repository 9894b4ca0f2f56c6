"""Snakefile: a Snakemake workflow, run by Snakemake itself where the environment has it."""

import ast
import re
import warnings

from registry.spec.manifest import Output, Proposal
from runners.manifest import plain
from runners.manifest.commands.said import MOST_FILES, NOTHING, Said, is_file_name
from runners.tree import Tree

COMMAND = "snakemake --cores 1"
# In the order in which Snakemake itself looks for one.
NAMES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
_DECLARED_IN = re.compile(
    r"(?:\.?binder/)?(?:requirements[\w.-]*\.(?:txt|in)|environment\.ya?ml)|pyproject\.toml"
    r"|setup\.(?:py|cfg)|Pipfile|(?:poetry|uv|pixi|Pipfile)\.lock|pixi\.toml"
)
_SNAKEMAKE = re.compile(r"\bsnakemake(?:-minimal)?\b")
_OWN_SOFTWARE = re.compile(
    r"^[ \t]*(conda|container|containerized|singularity|wrapper)[ \t]*:", re.MULTILINE
)
_RULE = re.compile(r"^rule[ \t]+(?:\w+[ \t]*)?:", re.MULTILINE)
_MOST_CHARACTERS = 20_000
_NEXT = re.compile(r"^(?=\S)", re.MULTILINE)
_INPUT = re.compile(r"^[ \t]+input[ \t]*:", re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]+\w+[ \t]*:", re.MULTILINE)


def read_snakefile(tree: Tree) -> Said:
    """`snakemake`, and the files that the first rule asks for, as it makes them by default."""
    name = next((name for name in NAMES if name in tree), None)
    text = plain.content(tree, name) if name else ""
    if not name or not _RULE.search(text):
        return NOTHING
    files = _targets(text)
    own = _OWN_SOFTWARE.search(text)
    if own:
        return _left_out(name, files, f"its rules bring software of their own (“{own[1]}”)")
    if not _has_snakemake(tree):
        return _left_out(name, files, "snakemake is not among the packages that are declared")
    return Said(run=COMMAND, outputs=tuple(Output(path=path) for path in files))


def _has_snakemake(tree: Tree) -> bool:
    names = (e.path for e in tree.entries if _DECLARED_IN.fullmatch(e.path))
    return any(_SNAKEMAKE.search(plain.content(tree, name)) for name in names)


def _left_out(name: str, files: tuple[str, ...], reason: str) -> Said:
    sentence = (
        f"The workflow in {name} was not taken over: {reason}. Declare all that it needs as "
        "packages of the repository, or name a command without it as run in reprise.toml."
    )
    proposal = Proposal(command=COMMAND, outputs=files, why=f"{name} is there, but {reason}.")
    return Said(missing=(sentence,), proposals=(proposal,))


def _targets(text: str) -> tuple[str, ...]:
    """The files that the first rule's `input` names in so many words; no computed ones."""
    start = _RULE.search(text)
    body = text[start.end() :] if start else ""
    end = _NEXT.search(body, 1)
    body = body[: end.start()] if end else body
    given = _INPUT.search(body)
    if given is None:
        return ()
    rest = body[given.end() :][:_MOST_CHARACTERS]
    after = _DIRECTIVE.search(rest)
    literal = _literals(rest[: after.start()] if after else rest)
    return tuple(dict.fromkeys(path for path in literal if _is_target(path)))[:MOST_FILES]


def _literals(arguments: str) -> list[str]:
    """The texts among the arguments of a call, alone or in a list."""
    try:
        with warnings.catch_warnings():  # of old spellings in the author's code
            warnings.simplefilter("ignore")
            call = ast.parse(f"f({arguments}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    given = (
        [*call.args, *(one.value for one in call.keywords)] if isinstance(call, ast.Call) else []
    )
    lists = (one.elts if isinstance(one, ast.List | ast.Tuple) else [one] for one in given)
    single = (one for several in lists for one in several)
    values = (one.value for one in single if isinstance(one, ast.Constant))
    return [value for value in values if isinstance(value, str)]


def _is_target(path: str) -> bool:
    return is_file_name(path) and "{" not in path
