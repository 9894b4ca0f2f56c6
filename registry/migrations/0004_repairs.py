from django.db import migrations, models

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_article")]
    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        *(
            migrations.AddField(model, name, field)
            for model in ("modelentry", "verificationrun")
            for name, field in (
                ("repaired", models.BooleanField(default=False)),
                ("repairs", models.JSONField(blank=True, default=list)),
            )
        ),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
