from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_folded_words")]

    operations = [
        migrations.AddField(
            model_name="tickettype",
            name="names_required",
            field=models.BooleanField(db_default=False, default=False),
        )
    ]
