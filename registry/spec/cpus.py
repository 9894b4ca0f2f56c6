"""Families of processors, as far as the name of a model tells its maker and generation."""

import re


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
# The generation of Xeon Scalable is the second digit of its number; of EPYC it is the last.
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (_rule(r"Apple (M[0-9])\b"), "Apple {0}"),
    (_rule(r"Apple\b"), "Apple"),
    (_rule(r"\bEPYC [0-9][0-9A-Z][0-9A-Z]([1-6])[A-Z]?\b"), "AMD EPYC, {0:th} generation"),
    (_rule(r"\bEPYC\b"), "AMD EPYC"),
    (_rule(r"\bRyzen\b.{0,30}?\b([1-9])[0-9]{3}[A-Z0-9]{0,3}\b"), "AMD Ryzen {0}000"),
    (_rule(r"\bRyzen\b"), "AMD Ryzen"),
    (_rule(r"\b(?:AuthenticAMD|AMD)\b"), "AMD"),
    (
        _rule(r"\bXeon\b.{0,30}?\b(?:Platinum|Gold|Silver|Bronze) [3-9]([1-6])[0-9]{2}"),
        "Intel Xeon, {0:th} generation",
    ),
    (_rule(r"\bXeon\b.{0,30}?\b(E[357])-[0-9]{4}[A-Z]? (v[2-6])\b"), "Intel Xeon {0} {1}"),
    (_rule(r"\bXeon\b"), "Intel Xeon"),
    (_rule(r"\bCore\b.{0,10}? Ultra\b"), "Intel Core Ultra"),
    (
        _rule(r"\bi[3579]-(1[0-9](?=[0-9]{2})|[2-9](?=[0-9]{3}))[0-9]{2,3}[A-Z0-9]{0,3}\b"),
        "Intel Core, {0:th} generation",
    ),
    (_rule(r"\b(?:Intel|GenuineIntel)\b"), "Intel"),
    (_rule(r"\bNeoverse[- ]([A-Z][0-9])\b"), "ARM Neoverse {0}"),
    (_rule(r"\b(?:ARM|ARMv[78]|aarch64|arm64|Cortex|Neoverse|Graviton)"), "ARM"),
    (_rule(r"\b(?:POWER[0-9]*|ppc64le)\b"), "POWER"),
    (_rule(r"\b(?:x86_64|AMD64)\b"), "x86-64, model not told"),
)
_LONGEST = 300


class _Number(int):
    """A number that a rule may ask for as an ordinal: 2nd."""

    def __format__(self, spec: str) -> str:
        ordinal = _ORDINALS.get(int(self), f"{int(self)}th")
        return ordinal if spec == "th" else str(int(self))


def cpu_family(model: str) -> str:
    """The family of a processor's model name: “Intel Xeon, 3rd generation”, “Apple M2”, “ARM”."""
    name = re.sub(r"\((?:R|TM|C)\)", "", model[:_LONGEST], flags=re.IGNORECASE)
    for pattern, family in _RULES:
        if found := pattern.search(name):
            parts = (_Number(part) if part.isdigit() else part for part in found.groups())
            return family.format(*parts)
    return "unknown"
