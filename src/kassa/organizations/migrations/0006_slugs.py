"""A slug that an organisation has or had is its own for good."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

RESERVE = """
CREATE FUNCTION organizations_reserve_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO organizations_organizationslug (slug, organization_id) VALUES (NEW.slug, NEW.id)
        ON CONFLICT (slug) DO NOTHING;
    IF NOT EXISTS (SELECT FROM organizations_organizationslug
                   WHERE slug = NEW.slug AND organization_id = NEW.id) THEN
        RAISE EXCEPTION 'The slug % is or was that of another organisation.', NEW.slug
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'organizations_slug_reserved';
    END IF;
    RETURN NULL;
END $$;
INSERT INTO organizations_organizationslug (slug, organization_id, created_at)
    SELECT slug, id, created_at FROM organizations_organization;
CREATE TRIGGER organizations_reserve_slug AFTER INSERT OR UPDATE OF slug ON organizations_organization
    FOR EACH ROW EXECUTE FUNCTION organizations_reserve_slug();
"""


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_embed_sites")]

    operations = [
        migrations.CreateModel(
            name="OrganizationSlug",
            fields=[
                ("slug", models.SlugField(max_length=80, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slugs",
                        to="organizations.organization",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            RESERVE,
            """
            DROP TRIGGER organizations_reserve_slug ON organizations_organization;
            DROP FUNCTION organizations_reserve_slug();
            """,
        ),
    ]
