"""``/organization/domain``: how the organisation proves that its domain is its own."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Field, Router, Schema, Status

from kassa.api.auth import Requires
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.core.permissions import Permission
from kassa.organizations.domain.check_domains import request_check
from kassa.organizations.domain.domain_proof import FILE_PATH, RECORD, format_proof
from kassa.organizations.domain.domains import get_domain
from kassa.organizations.enums import DomainProblem, DomainProof
from kassa.organizations.errors import DomainMissing
from kassa.organizations.models import OrganizationDomain

router = Router(tags=["Organisation"])

PROBLEMS = {
    DomainProblem.NOT_FOUND: "Neither the record nor the file was found. New records take some minutes, "
    "and up to a day with some providers.",
    DomainProblem.UNREACHABLE: "The domain's name servers did not answer, and the file could not be fetched.",
    DomainProblem.TAKEN: "Another organisation has proven this domain, and its proof is still there. "
    "If the domain is yours, set the DNS record and remove theirs.",
    DomainProblem.RESERVED: "This domain is reserved by the operator of this Kassa.",
}


class DnsRecordOut(Schema):
    """A record in the domain name system."""

    type: Literal["TXT"]
    name: str = Field(description="The full name of the record.", examples=["_kassa.tickets.example.org"])
    value: str = Field(description="What the record holds.")


class DomainFileOut(Schema):
    """A file on the web server that the domain leads to now."""

    url: str = Field(description="Where the file has to be; `http://` will do as well. No redirections.")
    content: str = Field(description="A line of the file.")


class DomainOut(Schema):
    """The organisation's domain, how it is proven, and what the last check found."""

    domain: str | None = Field(description="`custom_domain` of the organisation. Null: none is set.")
    is_verified: bool = Field(description="Whether it is proven, and the shop is served there.")
    proof: DomainProof | None = Field(
        description="How it was proven. `operator`: the operator of this Kassa vouches for it; `upgrade`: it "
        "was in use before domains had to be proven. Null: it is not."
    )
    dns_record: DnsRecordOut | None = Field(
        description="The record that proves it. Null: there is no domain."
    )
    file: DomainFileOut | None = Field(
        description="The file that proves it as well, before the domain leads to Kassa. Null: no domain."
    )
    verified_at: datetime | None = Field(description="Since when it is proven. Null: it is not.")
    checked_at: datetime | None = Field(description="When it was last checked. Null: not yet.")
    failing_since: datetime | None = Field(
        description="Since when its proof is gone; after seven days it is no longer served. "
        "Null: it is there."
    )
    problem: DomainProblem | None = Field(description="What the last check lacked. Null: nothing.")
    problem_detail: str | None = Field(description="The same in a sentence. Null: nothing.")


@router.get(
    "/organization/domain",
    response=DomainOut,
    auth=Requires(Permission.ORGANIZATION_READ),
    openapi_extra=reading(),
    summary="Read how the organisation's domain is proven",
)
def read_domain(request: ApiRequest) -> DomainOut:
    try:
        return _serialize(get_domain(request.auth.organization_id))
    except DomainMissing:
        return _serialize(None)


@router.post(
    "/organization/domain/check",
    response={202: DomainOut},
    auth=Requires(request_check),
    openapi_extra=writing(DomainMissing),
    summary="Check the organisation's domain now",
    description="The worker looks for the record and the file within seconds. Read the domain again to see "
    "what it has found.",
)
def check_domain(request: ApiRequest) -> Status[DomainOut]:
    return Status(202, _serialize(request_check(command_context(request))))


def _serialize(domain: OrganizationDomain | None) -> DomainOut:
    if domain is None:
        empty = dict.fromkeys(DomainOut.model_fields)
        return DomainOut.model_validate({**empty, "is_verified": False})
    value = format_proof(domain.token)
    problem = DomainProblem(domain.problem) if domain.problem else None
    return DomainOut(
        domain=domain.name,
        is_verified=domain.verified_at is not None,
        proof=DomainProof(domain.proof) if domain.proof else None,
        dns_record=DnsRecordOut(type="TXT", name=f"{RECORD}.{domain.name}", value=value),
        file=DomainFileOut(url=f"https://{domain.name}{FILE_PATH}", content=value),
        verified_at=domain.verified_at,
        checked_at=domain.checked_at,
        failing_since=domain.failing_since,
        problem=problem,
        problem_detail=PROBLEMS[problem] if problem else None,
    )
