"""Sub-addresses of one mailbox count as one customer, unless an organisation says otherwise."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0006_slugs"),
    ]

    operations = [
        migrations.AddField(
            model_name="organizationsettings",
            name="merge_sub_addresses",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
