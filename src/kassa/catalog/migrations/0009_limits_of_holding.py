"""How many unpaid tickets of an event one visitor holds at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_names_required"),
        ("inventory", "0003_places_from_one"),
        ("organizations", "0012_domain_proof"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="max_held_per_address",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="max_held_per_network",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_held_per_address__isnull", True), ("max_held_per_address__gte", 1), _connector="OR"
                ),
                name="catalog_event_held_per_address",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_held_per_network__isnull", True), ("max_held_per_network__gte", 1), _connector="OR"
                ),
                name="catalog_event_held_per_network",
            ),
        ),
    ]
