"""Goods are given back by the piece, and refunds say which."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import kassa.core.fields
import kassa.core.ids
import kassa.core.tenancy


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0020_taxes_on_charges"),
        ("organizations", "0010_taxes_on_charges"),
        ("payments", "0009_unanswered_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefundedGoods",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=kassa.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("quantity", models.PositiveIntegerField()),
                ("is_restocked", models.BooleanField()),
                ("amount", kassa.core.fields.MoneyField(decimal_places=3, max_digits=14)),
            ],
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="refund",
            name="payments_refund_kind",
        ),
        migrations.AlterField(
            model_name="refund",
            name="kind",
            field=models.CharField(
                choices=[
                    ("tickets", "Tickets"),
                    ("goods", "Goods"),
                    ("amount", "Amount"),
                    ("everything", "Everything"),
                    ("cancellation", "Cancellation"),
                    ("late", "Late"),
                    ("surplus", "Surplus"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["tickets", "goods", "amount", "everything", "cancellation", "late", "surplus"],
                    )
                ),
                name="payments_refund_kind",
            ),
        ),
        migrations.AddField(
            model_name="refundedgoods",
            name="item",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orders.orderitem",
            ),
        ),
        migrations.AddField(
            model_name="refundedgoods",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.organization",
            ),
        ),
        migrations.AddField(
            model_name="refundedgoods",
            name="refund",
            field=kassa.core.tenancy.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="goods",
                to="payments.refund",
            ),
        ),
        migrations.AddIndex(
            model_name="refundedgoods",
            index=models.Index(fields=["organization", "refund"], name="payments_refundedgoods_list"),
        ),
        migrations.AddIndex(
            model_name="refundedgoods",
            index=models.Index(fields=["organization", "item"], name="payments_refundedgoods_of_item"),
        ),
        migrations.AddConstraint(
            model_name="refundedgoods",
            constraint=kassa.core.tenancy.TenantKey(name="payments_refundedgoods_key"),
        ),
        migrations.AddConstraint(
            model_name="refundedgoods",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=False, field="refund", name="payments_refundedgoods_refund", to="payments_refund"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundedgoods",
            constraint=kassa.core.tenancy.TenantReference(
                cascade=True, field="item", name="payments_refundedgoods_item", to="orders_orderitem"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundedgoods",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="payments_refundedgoods_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="refundedgoods",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="payments_refundedgoods_amount"
            ),
        ),
    ]
