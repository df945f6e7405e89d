"""A page's form as it is sent: url-encoded, a few fields, nothing else. Files are never taken."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request

_KIND = "application/x-www-form-urlencoded"
_MOST_FIELDS = 3_000
"""A draw's list has one for every ticket."""

Fields = ImmutableMultiDict[str, str]


async def form_of(request: Request) -> Fields:
    """The fields of a request; none when it is no form, or one of too many fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        return Fields([])
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return Fields(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return Fields([])
