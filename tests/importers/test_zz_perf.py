import time


def test_perf(old):
    old.let_capacity_be(1000000)
    from kassa.inventory.models import Quota
    Quota.unscoped.update(capacity=1000000)
    add=[old.ticket(f"T{n}", purchase_reference=f"P{n//3}", customer_email=f"u{n//3}@x.com") for n in range(60000)]
    import random; random.Random(1).shuffle(add)
    p=old.write(*add)
    t=time.time(); print(old.import_file("tickets",p,is_rehearsal=True), time.time()-t)
    t=time.time(); print(old.import_file("tickets",p), time.time()-t)
    t=time.time(); print(old.import_file("tickets",p), time.time()-t)
