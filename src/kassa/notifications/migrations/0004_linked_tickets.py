"""Messages remember that their tickets were too large to go with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_one_form_of_addresses")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="links_tickets",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
