"""Addresses that pages link to are those of the web, and never run anything."""

from django.db import migrations, models

from kassa.core.migrations._web_addresses import clean

PATTERN = r"^https?://[^\s/?#@]+([/?#]\S*)?$"


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_merge_sub_addresses")]

    operations = [
        migrations.RunSQL(clean("organizations_organization", "website"), migrations.RunSQL.noop),
        migrations.RunSQL(clean("organizations_organization", "logo"), migrations.RunSQL.noop),
        migrations.RunSQL(
            clean("organizations_organizationsettings", "privacy_policy_url"), migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            clean("organizations_organizationsettings", "terms_of_service_url"), migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=(models.Q(website="") | models.Q(website__regex=PATTERN))
                & (models.Q(logo="") | models.Q(logo__regex=PATTERN)),
                name="organizations_organization_web_addresses",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=models.CheckConstraint(
                condition=(models.Q(privacy_policy_url="") | models.Q(privacy_policy_url__regex=PATTERN))
                & (models.Q(terms_of_service_url="") | models.Q(terms_of_service_url__regex=PATTERN)),
                name="organizations_settings_web_addresses",
            ),
        ),
    ]
