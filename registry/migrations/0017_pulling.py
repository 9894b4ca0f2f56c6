import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0016_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkExport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                ("signature", models.TextField(blank=True, default="")),
                ("made_at", models.DateTimeField()),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to="registry.blob",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at", "name"),
            },
        ),
        migrations.CreateModel(
            name="Calculation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("command", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "Done"),
                            ("failed", "The model ended with an error"),
                            ("errored", "Could not be run"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("explanation", models.TextField(blank=True, default="")),
                ("hint", models.TextField(blank=True, default="")),
                ("log", models.TextField(blank=True, default="")),
                ("seconds", models.FloatField(blank=True, null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("cancel_requested_at", models.DateTimeField(blank=True, null=True)),
                ("queued_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("removed_after", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calculations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calculations",
                        to="registry.verificationrun",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="CalculationFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_output", models.BooleanField()),
                ("path", models.CharField(max_length=500)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calculation_files",
                        to="registry.blob",
                    ),
                ),
                (
                    "calculation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="registry.calculation",
                    ),
                ),
            ],
            options={
                "ordering": ("is_output", "path"),
            },
        ),
        migrations.CreateModel(
            name="EntryCalculations",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calculations_open",
                        serialize=False,
                        to="registry.modelentry",
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("request_digest", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PullCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("archive", "Source archives"),
                            ("file", "Single files"),
                            ("hub", "Hugging Face clients"),
                            ("git", "git"),
                            ("image", "Images"),
                            ("evidence", "Evidence and RO-Crates"),
                            ("calculation", "Calculations here"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "puller",
                    models.CharField(
                        choices=[
                            ("person", "People and their programs"),
                            ("robot", "Robots"),
                            ("ci", "Continuous integration"),
                            ("own", "This portal itself"),
                        ],
                        max_length=8,
                    ),
                ),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pulls",
                        to="registry.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PushedImage",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="pushed_image",
                        serialize=False,
                        to="registry.verificationrun",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("ready", "Ready"),
                            ("failed", "Could not be made"),
                            ("removed", "Removed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("repository", models.CharField(blank=True, default="", max_length=255)),
                ("tag", models.CharField(blank=True, default="", max_length=128)),
                ("digest", models.CharField(blank=True, default="", max_length=100)),
                ("size", models.BigIntegerField(blank=True, null=True)),
                ("failure", models.CharField(blank=True, default="", max_length=1000)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("pushed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["sent_at"],
                        name="push_waiting",
                    ),
                    models.Index(fields=["repository", "tag"], name="pushed_image_named"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(
                                models.Q(("repository", ""), _negated=True),
                                models.Q(("digest", ""), _negated=True),
                                ("pushed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pushed_image_ready_is_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedImage",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="saved_image",
                        serialize=False,
                        to="registry.verificationrun",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("ready", "Ready"),
                            ("failed", "Could not be made"),
                            ("removed", "Removed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("failure", models.CharField(blank=True, default="", max_length=1000)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "blob",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_images",
                        to="registry.blob",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceArchive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("commit", models.CharField(max_length=40)),
                ("folder", models.CharField(blank=True, default="", max_length=500)),
                ("format", models.CharField(max_length=10)),
                ("made_at", models.DateTimeField()),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archives",
                        to="registry.blob",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="archives",
                        to="registry.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Webhook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=2000)),
                ("events", models.JSONField(default=list)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("is_active", models.BooleanField(default=True)),
                ("failure", models.CharField(blank=True, default="", max_length=500)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to="registry.modelentry",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhooks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.UUIDField(default=uuid.uuid4)),
                ("event", models.CharField(max_length=50)),
                ("cause", models.CharField(max_length=200)),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting"),
                            ("taken", "Taken"),
                            ("failed", "Given up"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=1000)),
                ("created_at", models.DateTimeField()),
                (
                    "webhook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="registry.webhook",
                    ),
                ),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.AddIndex(
            model_name="calculation",
            index=models.Index(fields=["asked_by", "-queued_at"], name="calculation_of_person"),
        ),
        migrations.AddIndex(
            model_name="calculation",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["sent_at"],
                name="calculation_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="calculation",
            index=models.Index(
                condition=models.Q(("state", "running")),
                fields=["lease_expires_at"],
                name="calculation_leased",
            ),
        ),
        migrations.AddIndex(
            model_name="calculation",
            index=models.Index(fields=["removed_after"], name="calculation_by_end"),
        ),
        migrations.AddConstraint(
            model_name="calculation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("finished_at__isnull", False),
                        ("outcome__in", ["done", "failed", "errored", "cancelled"]),
                        ("state", "finished"),
                    ),
                    models.Q(
                        models.Q(("state", "finished"), _negated=True),
                        ("finished_at", None),
                        ("outcome", ""),
                    ),
                    _connector="OR",
                ),
                name="calculation_finished_iff_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="calculation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lease_expires_at__isnull", False),
                        ("lease_token__isnull", False),
                        ("state", "running"),
                    ),
                    models.Q(
                        models.Q(("state", "running"), _negated=True),
                        ("lease_expires_at", None),
                        ("lease_token", None),
                    ),
                    _connector="OR",
                ),
                name="calculation_running_iff_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="calculationfile",
            constraint=models.UniqueConstraint(
                fields=("calculation", "is_output", "path"), name="calculation_file_once"
            ),
        ),
        migrations.AddIndex(
            model_name="keptanswer",
            index=models.Index(fields=["created_at"], name="kept_answer_by_age"),
        ),
        migrations.AddConstraint(
            model_name="keptanswer",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="kept_answer_once"),
        ),
        migrations.AddIndex(
            model_name="pullcount",
            index=models.Index(fields=["day"], name="pull_count_by_day"),
        ),
        migrations.AddConstraint(
            model_name="pullcount",
            constraint=models.UniqueConstraint(
                fields=("version", "day", "kind", "puller"), name="pull_count_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pullcount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["archive", "file", "hub", "git", "image", "evidence", "calculation"],
                    ),
                    ("puller__in", ["person", "robot", "ci", "own"]),
                ),
                name="pull_count_known",
            ),
        ),
        migrations.AddIndex(
            model_name="savedimage",
            index=models.Index(
                condition=models.Q(("state", "pending")), fields=["sent_at"], name="save_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedimage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("blob__isnull", False), ("made_at__isnull", False), ("state", "ready")
                    ),
                    models.Q(models.Q(("state", "ready"), _negated=True), ("blob", None)),
                    _connector="OR",
                ),
                name="saved_image_ready_iff_blob",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcearchive",
            constraint=models.UniqueConstraint(
                fields=("version", "commit", "folder", "format"), name="archive_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcearchive",
            constraint=models.CheckConstraint(
                condition=models.Q(("commit__regex", "\\A[0-9a-f]{40}\\Z")),
                name="archive_commit_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcearchive",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["tar.gz", "tar.zst", "zip"])),
                name="archive_format_known",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["due_at"],
                name="webhook_delivery_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["webhook", "-created_at"], name="webhook_delivery_recent"),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.UniqueConstraint(
                fields=("webhook", "cause"), name="webhook_delivery_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "taken", "failed"])),
                name="webhook_delivery_state_known",
            ),
        ),
    ]
