"""The codes that a ticket had go by position, not by moments: those of two machines need not agree."""

from django.db import migrations, models

NUMBER = """
UPDATE tickets_formercode f SET position = numbered.position
FROM (SELECT organization_id, id, row_number() OVER (
          PARTITION BY organization_id, ticket_id ORDER BY ended_at, id) AS position
      FROM tickets_formercode) AS numbered
WHERE f.organization_id = numbered.organization_id AND f.id = numbered.id;
WITH accepted AS (
    SELECT organization_id, ticket_id, id, row_number() OVER (
        PARTITION BY organization_id, ticket_id ORDER BY ended_at, id) AS nth
    FROM tickets_transfer WHERE status = 'accepted'
), ended AS (
    SELECT organization_id, ticket_id, position, row_number() OVER (
        PARTITION BY organization_id, ticket_id ORDER BY position) AS nth
    FROM tickets_formercode WHERE reason = 'transferred'
)
UPDATE tickets_transfer t SET ended_code_position = ended.position
FROM accepted JOIN ended USING (organization_id, ticket_id, nth)
WHERE t.organization_id = accepted.organization_id AND t.id = accepted.id
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_link_generation")]

    operations = [
        migrations.AddField(
            model_name="formercode",
            name="position",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="transfer",
            name="ended_code_position",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.RunSQL(NUMBER, migrations.RunSQL.noop),
        migrations.AlterField(model_name="formercode", name="position", field=models.PositiveIntegerField()),
        migrations.AddConstraint(
            model_name="formercode",
            constraint=models.UniqueConstraint(
                fields=["organization", "ticket", "position"], name="tickets_formercode_position"
            ),
        ),
        migrations.RemoveIndex(model_name="formercode", name="tickets_formercode_of_ticket"),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_code_position__isnull", False), ("status", "accepted")),
                    models.Q(
                        models.Q(("status", "accepted"), _negated=True),
                        ("ended_code_position__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="tickets_transfer_ended_code",
            ),
        ),
    ]
