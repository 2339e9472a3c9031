"""Addresses that pages link to are those of the web, and never run anything."""

from django.db import migrations, models

from kassa.core.migrations._web_addresses import clean

PATTERN = r"^https?://[^\s/?#@]+([/?#]\S*)?$"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_addons_and_reduced_prices")]

    operations = [
        migrations.RunSQL(clean("catalog_event", "virtual_event_url"), migrations.RunSQL.noop),
        migrations.RunSQL(clean("catalog_event", "featured_image"), migrations.RunSQL.noop),
        migrations.RunSQL(clean("catalog_product", "image"), migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=(models.Q(virtual_event_url="") | models.Q(virtual_event_url__regex=PATTERN))
                & (models.Q(featured_image="") | models.Q(featured_image__regex=PATTERN)),
                name="catalog_event_web_addresses",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=(models.Q(image="") | models.Q(image__regex=PATTERN)),
                name="catalog_product_web_addresses",
            ),
        ),
    ]
