from django.db import migrations, models

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_repairs")]
    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        migrations.AddField("modelversion", "plan", models.JSONField(blank=True, default=dict)),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
