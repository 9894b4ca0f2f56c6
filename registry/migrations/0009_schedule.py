from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("registry", "0008_bisections")]
    operations = [
        migrations.AddIndex(
            model_name="modelentry",
            index=models.Index(
                fields=["verify_at"],
                condition=Q(verify_at__isnull=False),
                name="entry_due",
            ),
        ),
    ]
