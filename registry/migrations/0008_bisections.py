from functools import partial

import msgspec
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from registry.models.triggers import triggers_install, triggers_remove
from registry.spec.evidence import Report
from registry.spec.frameworks import frameworks_of

AT_ONCE = 200


def runs_fill(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Say of each finished run what its report says."""
    runs = apps.get_model("registry", "VerificationRun").objects
    last, found = 0, True
    while found:
        found = list(runs.filter(pk__gt=last, report__isnull=False).order_by("pk")[:AT_ONCE])
        for run in found:
            report = msgspec.convert(run.report, Report)
            run.python = (report.environment.python or "")[:20]
            run.frameworks = list(frameworks_of(report))
            last = run.pk
        runs.bulk_update(found, ["python", "frameworks"])


def add(model: str, name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField(model, name, field)


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_evidence")]
    operations = [
        add("bisection", "attempt", models.PositiveSmallIntegerField(default=0)),
        add("bisection", "lease_token", models.UUIDField(blank=True, null=True)),
        migrations.RunPython(triggers_remove, triggers_install),
        *map(
            partial(add, "verificationrun"),
            ("python", "frameworks"),
            (
                models.CharField(blank=True, default="", max_length=20),
                models.JSONField(blank=True, default=list),
            ),
        ),
        migrations.RunPython(runs_fill, migrations.RunPython.noop),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
