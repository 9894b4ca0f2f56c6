from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_schedule")]
    operations = [
        migrations.AddIndex(
            model_name="verificationrun",
            index=models.Index(
                fields=["version", "finished_at", "level"],
                condition=Q(level__isnull=False),
                name="run_decided",
            ),
        ),
    ]
