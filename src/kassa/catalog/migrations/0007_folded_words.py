"""The words of events are looked for in the form that all texts are looked for in."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models.functions import Left

from kassa.catalog.search import FoldedWords

COLUMNS = ("title", "short_description", "category", "venue_name", "city", "origin", "destination")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_limits_per_customer"), ("core", "0005_fold")]

    operations = [
        migrations.RemoveIndex(model_name="event", name="catalog_event_words"),
        migrations.AddIndex(
            model_name="event",
            index=GinIndex(FoldedWords(*COLUMNS, Left("description", 20000)), name="catalog_event_words"),
        ),
    ]
