"""The JSON-LD contexts of a crate, cut down to the terms that crates of ours may use.

The validator reads contexts from the web, which tests do not reach. What each term means is taken
from RO-Crate 1.1 (CC0-1.0) and from the terms of Workflow Run Crate (Apache-2.0), compared with the
published files on 2026-10-01. A term that does not stand here is unknown to the validator, so that
a crate that used one would be refused: write it here only after looking it up.
"""

SCHEMA_TERMS = """
    ActivateAction CreateAction CreativeWork Dataset Organization PropertyValue SoftwareApplication
    SoftwareSourceCode about actionStatus additionalType agent alternateName author codeRepository
    contentSize contentUrl dateModified datePublished description encodingFormat endTime error
    hasPart identifier instrument isBasedOn license mainEntity mentions name object publisher
    result softwareVersion startTime url value version
"""
RUN_TERMS = "ContainerImage DockerImage containerImage environment registry sha256 tag"
CRATE = {
    **{term: f"http://schema.org/{term}" for term in SCHEMA_TERMS.split()},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}
RUNS = {term: f"https://w3id.org/ro/terms/workflow-run#{term}" for term in RUN_TERMS.split()}
CONTEXTS = {
    "https://w3id.org/ro/crate/1.1/context": CRATE,
    "https://w3id.org/ro/terms/workflow-run/context": RUNS,
}
