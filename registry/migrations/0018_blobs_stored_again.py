"""Let a blob's row say when its bytes were last stored."""

from django.db import migrations

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    """The guard of blobs anew."""

    dependencies = [("registry", "0017_pulling")]
    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
