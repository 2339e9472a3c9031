from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0015_fulfilment"),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="cart_id",
            field=models.UUIDField(null=True),
        ),
    ]
