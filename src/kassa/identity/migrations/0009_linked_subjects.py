"""People are found by the reference that a client names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_web_addresses")]

    operations = [
        migrations.AddIndex(
            model_name="linkedidentity",
            index=models.Index(fields=["subject"], name="identity_linked_subject"),
        ),
    ]
