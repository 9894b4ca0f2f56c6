"""What a run saw, as JSON."""

from typing import Any

from rest_framework import serializers

from registry.api.serializers.linked import FailureSerializer
from registry.api.serializers.words import STATISTICAL_TESTS
from registry.models import PushedImage
from registry.selectors.images import image_reference
from registry.spec.evidence import Comparison


class TestsSerializer(serializers.Serializer[Any]):
    """What the repository's tests report of themselves."""

    __test__ = False

    runner = serializers.CharField(default="")
    why = serializers.CharField(default="")
    collected = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    skipped = serializers.IntegerField()
    exit_code = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField()


class WorstRowSerializer(serializers.Serializer[Any]):
    """One of the places that differ most; both sides as a reader is shown them."""

    where = serializers.CharField()
    produced = serializers.CharField()
    expected = serializers.CharField()
    absolute_error = serializers.FloatField(allow_null=True)


class FigureSerializer(serializers.Serializer[Any]):
    """A drawing of a comparison: the name of the artifact, and what it shows in words."""

    name = serializers.CharField()
    caption = serializers.CharField()
    alternative = serializers.CharField()


class StatisticSerializer(serializers.Serializer[Any]):
    """The outcome of a declared statistical test. `samples` counts numbers: ours, theirs.

    `value` is null where it is infinite: two means without any spread.
    """

    test = serializers.ChoiceField(choices=STATISTICAL_TESTS)
    value = serializers.FloatField(allow_null=True)
    p_value = serializers.FloatField()
    samples = serializers.ListField(child=serializers.IntegerField())


class ComparisonSerializer(serializers.Serializer[Comparison]):
    """One output held against its expected values, or against the other run's.

    `differs` says what kind of thing differs between two runs, where that can be told.
    """

    path = serializers.CharField()
    against = serializers.ChoiceField(choices=["expected", "repeat"])
    repetition = serializers.IntegerField(default=1)
    kind = serializers.CharField()
    identical = serializers.BooleanField()
    agrees = serializers.BooleanField()
    rtol = serializers.FloatField()
    atol = serializers.FloatField()
    compared = serializers.IntegerField()
    mismatched = serializers.IntegerField()
    max_absolute_error = serializers.FloatField(allow_null=True)
    max_relative_error = serializers.FloatField(allow_null=True)
    where = serializers.CharField(allow_null=True)
    message = serializers.CharField()
    differs = serializers.CharField(default="")
    statistic = StatisticSerializer(allow_null=True, default=None)
    worst = WorstRowSerializer(many=True, default=list)
    figures = FigureSerializer(many=True, default=list)


class ClaimSerializer(serializers.Serializer[Any]):
    """A value of the article, and what the output holds in its place; null when no number is."""

    path = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class
    at = serializers.CharField()
    value = serializers.FloatField()
    tolerance = serializers.FloatField()
    unit = serializers.CharField()
    seen = serializers.FloatField(allow_null=True)
    agrees = serializers.BooleanField()
    message = serializers.CharField()


class InferenceSerializer(serializers.Serializer[Any]):
    """One run of the declared command. Those of one sample share their `repetition`."""

    repetition = serializers.IntegerField()
    seed = serializers.IntegerField(allow_null=True, default=None)
    exit_code = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField()
    failure = FailureSerializer(allow_null=True, default=None)


class ImageSerializer(serializers.Serializer[Any]):
    """A verified image at the portal's registry. `size` is what a pull of all takes, in bytes."""

    reference = serializers.SerializerMethodField(help_text="What `docker pull` is given.")
    digest = serializers.CharField()
    size = serializers.IntegerField()

    def get_reference(self, image: PushedImage) -> str:
        """By digest: these very bytes."""
        return image_reference(image)
