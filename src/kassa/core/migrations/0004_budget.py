"""Budgets of shared rate limits: written often, and worth nothing after a crash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_outbox_order")]

    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("tat", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE core_budget SET UNLOGGED, SET (fillfactor = 50)",
            "ALTER TABLE core_budget SET LOGGED, RESET (fillfactor)",
        ),
    ]
