"""A table of models that somebody sent is kept as lookups are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_finding")]

    operations = [
        migrations.AlterField(
            model_name="lookup",
            name="kind",
            field=models.CharField(
                choices=[
                    ("article", "The article of a DOI"),
                    ("model", "The description of a model at another portal"),
                    ("refs", "The tags and branches of a repository"),
                    ("table", "A table of models that somebody sent"),
                ],
                max_length=10,
            ),
        ),
    ]
