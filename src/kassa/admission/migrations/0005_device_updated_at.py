"""Devices say when they were changed, as everything does that several people change."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("admission", "0004_actor_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="updated_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
    ]
