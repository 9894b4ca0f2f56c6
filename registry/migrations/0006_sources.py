from django.conf import settings
from django.db import migrations, models
from django.db.models import PROTECT, Q

from registry.models.triggers import triggers_install, triggers_remove


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_plan")]
    operations = [
        migrations.RunPython(triggers_remove, triggers_install),
        migrations.AddField(
            "modelversion", "folder", models.CharField(blank=True, default="", max_length=500)
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("created_at", models.DateTimeField()),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="uploads", to="registry.blob"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="uploads",
                        to="registry.modelentry",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="uploads", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("entry", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("entry", "number"), name="upload_number"),
                    models.CheckConstraint(
                        condition=Q(number__gt=0), name="upload_number_positive"
                    ),
                ],
            },
        ),
        migrations.RunPython(triggers_install, triggers_remove),
    ]
