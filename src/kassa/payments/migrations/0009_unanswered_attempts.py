"""Attempts say since when their provider has not answered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_what_reduces_sales")]

    operations = [
        migrations.AddField(
            model_name="paymentattempt",
            name="unanswered_since",
            field=models.DateTimeField(null=True),
        ),
    ]
