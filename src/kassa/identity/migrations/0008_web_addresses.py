"""Addresses that pages link to are those of the web, and never run anything."""

from django.db import migrations, models

from kassa.core.migrations._web_addresses import clean

PATTERN = r"^https?://[^\s/?#@]+([/?#]\S*)?$"


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_invitations")]

    operations = [
        migrations.RunSQL(clean("identity_user", "avatar"), migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=(models.Q(avatar="") | models.Q(avatar__regex=PATTERN)),
                name="identity_user_web_addresses",
            ),
        ),
    ]
