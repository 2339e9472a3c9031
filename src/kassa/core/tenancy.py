"""Tenancy in the tables: keys and references that carry the organisation.

Django goes on seeing ``id`` as the key. In the database the key is ``(id, organization_id)``
and references between tenant rows carry both columns, so that PostgreSQL itself refuses a row
of one organisation that points at a row of another.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint

from kassa.core.ids import new_id

T = TypeVar("T", bound=models.Model)


class _TableConstraint(BaseConstraint):
    """A constraint that lives in the database alone and is added after its table."""

    def _identity(self) -> tuple[Any, ...]:
        return (self.name,)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, type(self)):
            return self._identity() == other._identity()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Iterable[str] | None = None,
        using: str = "default",
    ) -> None:
        """Leave the check to the database, which cannot be gone around."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Defer the constraint: an empty text adds nothing to the table's own statement."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return self._sql(model, schema_editor)

    @abstractmethod
    def _sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> str:
        """Return the statement that adds the constraint."""


class TenantKey(_TableConstraint):
    """The primary key ``(id, organization_id)``."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Defer the key, before all references, which may point at it."""
        schema_editor.deferred_sql.insert(0, self.create_sql(model, schema_editor))
        return ""

    def _sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        key = schema_editor.quote_name(f"{model._meta.db_table}_pkey")
        return (
            f"ALTER TABLE {table} DROP CONSTRAINT {key}, "
            f"ADD CONSTRAINT {key} PRIMARY KEY (id, organization_id)"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        key = schema_editor.quote_name(f"{model._meta.db_table}_pkey")
        return f"ALTER TABLE {table} DROP CONSTRAINT {key}, ADD CONSTRAINT {key} PRIMARY KEY (id)"


class TenantReference(_TableConstraint):
    """A foreign key ``(field, organization_id)`` to the tenant key of another table.

    The Django field beside it says ``db_constraint=False``, or is a plain UUID where the table is of a
    package above. Not deferrable: a violation is seen at its statement. When the other row is deleted, the
    database refuses that, deletes this row as well (``cascade``), or clears the column (``set_null``).
    """

    name: str

    def __init__(
        self, *, field: str, to: str, cascade: bool = False, set_null: bool = False, name: str
    ) -> None:
        super().__init__(name=name)
        self.field = field
        self.to = to
        self.cascade = cascade
        self.set_null = set_null

    def _identity(self) -> tuple[Any, ...]:
        return (self.name, self.field, self.to, self.cascade, self.set_null)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"field": self.field, "to": self.to, "cascade": self.cascade}
        return path, tuple(args), {**kwargs, "set_null": True} if self.set_null else kwargs

    def _sql(self, model: Any, schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        column = model._meta.get_field(self.field).column
        action = " ON DELETE CASCADE" if self.cascade else ""
        if self.set_null:  # the organisation stays
            action = f" ON DELETE SET NULL ({quote(column)})"
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} ADD CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({quote(column)}, organization_id) "
            f"REFERENCES {quote(self.to)} (id, organization_id){action}"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"


class UnscopedQuery(RuntimeError):
    """A query of tenant data did not say whose data it wants: a mistake of ours, never a client's."""


class TenantManager(models.Manager[T]):
    """The way to tenant rows: ``Model.objects.of(organization_id)`` and no other."""

    def of(self, organization_id: UUID) -> models.QuerySet[T]:
        """Return the rows of one organisation."""
        return super().get_queryset().filter(organization_id=organization_id)

    def get_queryset(self) -> models.QuerySet[T]:
        raise UnscopedQuery(f"Name the organisation: {self.model.__name__}.objects.of(organization_id).")


class TenantModel(models.Model):
    """The base of every table whose rows belong to one organisation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", db_index=False
    )

    unscoped: ClassVar[models.Manager[Self]] = models.Manager()
    """Every organisation's rows: for Django itself, the worker's sweeps and the audit."""
    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
        base_manager_name = "unscoped"


class TenantPart(TenantModel):
    """The base of rows that belong to another tenant row, such as the items of an order.

    Their :class:`TenantReference` to it carries the organisation, whose existence is thereby
    known: a reference of their own would only be checked once more for every row.
    """

    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta(TenantModel.Meta):
        abstract = True


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key whose database constraint is a :class:`TenantReference` in ``Meta``."""

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)
