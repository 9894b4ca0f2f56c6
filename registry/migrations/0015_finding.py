import django.utils.timezone
from django.db import migrations, models

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    """The index of words lists its words; a saved search knows since when matches are new."""

    dependencies = [("registry", "0014_findable_dois")]

    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        migrations.RemoveField(model_name="savedsearch", name="seen_accession"),
        migrations.AddField(
            model_name="savedsearch",
            name="seen_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
