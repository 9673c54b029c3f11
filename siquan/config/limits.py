"""Which addresses are limited, how much (settings `SIQUAN_LIMIT_…`), and counted for whom.

`METHOD room:name` is one address, `METHOD room:` every other one of that room.
"""

from __future__ import annotations

from siquan.base.web.limits import Rule, network, person, token

LIMITS = {
    "POST api-1:report": Rule("reports", network, is_placed=True),
    "POST portal:report": Rule("reports", network, is_placed=True),
    "POST portal:": Rule("remarks", network, is_placed=True),
    "POST accounts:sign_in": Rule("sign-ins", network),
    "POST accounts:second_step": Rule("sign-ins", network),
    "GET portal:window": Rule("searches", network),
    "GET portal:find": Rule("searches", network),
    "GET places:search": Rule("searches", person),
    "GET places:here": Rule("searches", person),
    "GET cases:list": Rule("searches", person),
    "GET cases:map": Rule("searches", person),
    "GET cases:export": Rule("exports", person),
    "GET rates:export": Rule("exports", person),
    "GET api-1:": Rule("calls", token),
    "POST api-1:": Rule("calls", token),
    "PUT api-1:": Rule("calls", token),
    "DELETE api-1:": Rule("calls", token),
}
