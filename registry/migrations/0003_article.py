from django.db import migrations, models

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_triggers")]
    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        migrations.RenameField("citation", "publisher", "journal"),
        migrations.AlterField(
            "citation", "journal", models.CharField(blank=True, default="", max_length=300)
        ),
        migrations.AddField(
            "citation", "volume", models.CharField(blank=True, default="", max_length=50)
        ),
        migrations.AddField(
            "citation", "pages", models.CharField(blank=True, default="", max_length=50)
        ),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
