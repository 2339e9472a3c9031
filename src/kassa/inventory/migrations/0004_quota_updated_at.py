"""Quotas say when they were changed, as everything does that several people change."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_places_from_one"),
    ]

    operations = [
        migrations.AddField(
            model_name="quota",
            name="updated_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
