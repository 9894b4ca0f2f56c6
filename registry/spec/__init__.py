"""The words and rules of Reprise in plain Python: levels, causes, evidence, manifest, verdict.

Nothing here knows Django, Docker, git or the network, so the rules can be read, tested and
reused by themselves. Values are frozen; msgspec converts and validates them at every border.
"""
