"""Places are counted from one on; only goods may have none in stock.

What was made with none before stays as it is, and is never sold: to open it here would sell what was closed.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_hot_rows")]

    operations = [
        AddConstraintNotValid(
            model_name="quota",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "product"), ("capacity__gte", 1), _connector="OR"),
                name="inventory_quota_capacity",
            ),
        )
    ]
