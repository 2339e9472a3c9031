"""The header picture is at an address of the web, as the website and the logo are."""

from django.db import migrations, models

from kassa.core.migrations._web_addresses import clean

PATTERN = r"^https?://[^\s/?#@]+([/?#]\S*)?$"
NAME = "organizations_organization_web_addresses"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0010_taxes_on_charges")]

    operations = [
        migrations.RunSQL(clean("organizations_organization", "header_image"), migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="organization", name=NAME),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=(models.Q(website="") | models.Q(website__regex=PATTERN))
                & (models.Q(logo="") | models.Q(logo__regex=PATTERN))
                & (models.Q(header_image="") | models.Q(header_image__regex=PATTERN)),
                name=NAME,
            ),
        ),
    ]
