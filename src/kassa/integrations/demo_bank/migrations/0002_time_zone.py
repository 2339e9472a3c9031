from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demo_bank", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="demopayment",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
    ]
