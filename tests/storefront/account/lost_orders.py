"""The worker's part in finding lost orders, done by the tests themselves."""

from __future__ import annotations

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.storefront.account import order_links, tasks


def forget_requests() -> None:
    """Drop what the worker was asked for by this test or one before."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = %s", [order_links.SEND_ORDER_LINKS])


def answer_requests() -> None:
    """Do what the worker was asked for."""
    jobs = ProcrastinateJob.objects.filter(task_name=order_links.SEND_ORDER_LINKS).order_by("id")
    for job in list(jobs):
        tasks.send_order_links(**job.args)
    forget_requests()
