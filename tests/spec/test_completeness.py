"""How complete what is told of a model is."""

from dataclasses import fields, replace

import pytest

from registry.spec.completeness import POINTS, Told, completeness

ALL = Told(
    title="Kuramoto oscillators",
    summary="Synchronisation of coupled phase oscillators on a ring.",
    description="word " * 60,
    authors=2,
    orcids=1,
    licence="MIT",
    article=True,
    subjects=1,
    readme=True,
    tests=True,
    run=True,
    expected=True,
    claims=3,
)


def test_the_weights_are_of_a_hundred():
    assert sum(point.weight for point in POINTS) == 100
    assert completeness(ALL).score == 100
    assert completeness(ALL).missing == ()
    assert completeness(Told()).score == 0


@pytest.mark.parametrize("name", [field.name for field in fields(Told)])
def test_each_thing_left_untold_costs_its_weight_and_says_how_to_mend_it(name):
    found = completeness(replace(ALL, **{name: getattr(Told(), name)}))
    (missing,) = found.missing
    assert found.score == 100 - missing.weight
    assert missing.mend.endswith(".")


def test_no_licence_granted_counts_as_none():
    assert [point.name for point in completeness(replace(ALL, licence="NONE")).missing] == [
        "a licence"
    ]


def test_the_weightiest_comes_first():
    weights = [point.weight for point in completeness(Told()).missing]
    assert weights == sorted(weights, reverse=True)
