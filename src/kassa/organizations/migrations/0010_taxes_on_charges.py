"""How the service fee and shipping are taxed: as the goods, by a rule, or not at all."""

import django.db.models.deletion
from django.db import migrations, models

import kassa.core.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("organizations", "0009_header_image"),
    ]

    operations = [
        migrations.AddField(
            model_name="organizationsettings",
            name="fee_tax_rule",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="catalog.taxrule",
            ),
        ),
        migrations.AddField(
            model_name="organizationsettings",
            name="fee_taxation",
            field=models.CharField(
                choices=[("as_goods", "As Goods"), ("rule", "Rule"), ("none", "None")],
                db_default="as_goods",
                default="as_goods",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="organizationsettings",
            name="shipping_tax_rule",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="catalog.taxrule",
            ),
        ),
        migrations.AddField(
            model_name="organizationsettings",
            name="shipping_taxation",
            field=models.CharField(
                choices=[("as_goods", "As Goods"), ("rule", "Rule"), ("none", "None")],
                db_default="as_goods",
                default="as_goods",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee_taxation__in", ["as_goods", "rule", "none"])),
                name="organizations_settings_fee_taxation",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("shipping_taxation__in", ["as_goods", "rule", "none"])),
                name="organizations_settings_shipping_taxation",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            ("fee_taxation", "rule"), models.Q(("fee_tax_rule__isnull", True), _negated=True)
                        ),
                        models.Q(
                            models.Q(("fee_taxation", "rule"), _negated=True), ("fee_tax_rule__isnull", True)
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(
                            ("shipping_taxation", "rule"),
                            models.Q(("shipping_tax_rule__isnull", True), _negated=True),
                        ),
                        models.Q(
                            models.Q(("shipping_taxation", "rule"), _negated=True),
                            ("shipping_tax_rule__isnull", True),
                        ),
                        _connector="OR",
                    ),
                ),
                name="organizations_settings_charge_tax_rules",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False,
                field="fee_tax_rule",
                name="organizations_settings_fee_tax_rule",
                to="catalog_taxrule",
            ),
        ),
        migrations.AddConstraint(
            model_name="organizationsettings",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False,
                field="shipping_tax_rule",
                name="organizations_settings_shipping_tax_rule",
                to="catalog_taxrule",
            ),
        ),
    ]
