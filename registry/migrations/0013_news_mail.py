from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0012_aliases"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="notification", name="notification_unread"),
        migrations.RemoveIndex(model_name="notification", name="notification_to_mail"),
        migrations.AddField(
            model_name="notification",
            name="on_site",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail_tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("on_site", True), ("read_at", None)),
                fields=["user"],
                name="notification_unread",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("mailed_at", None), models.Q(("mail", "never"), _negated=True)),
                fields=["mail_at"],
                name="notification_to_mail",
            ),
        ),
    ]
