from django.db import migrations

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(triggers_install, triggers_remove)]
