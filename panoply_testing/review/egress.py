"""Rules about the hosts that a source connects to: which, whether by an encrypted way, and with whom the credentials end up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._egress_addresses import is_plain, plain_addresses
from panoply_testing.review._egress_certificates import unchecked_certificates
from panoply_testing.review._egress_headers import carried_headers
from panoply_testing.review._egress_redirects import Tried, tried
from panoply_testing.review._egress_trees import named_at
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._pytest_facts import How, Ran, contract_of, run_pytest
from panoply_testing.review._recorder import CONTRACT
from panoply_testing.review._site import Site, source_texts
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply_testing.review._egress_trees import Place

__all__ = ["RULES", "judge_code", "judge_run", "look"]

ENCRYPTED: Final = Rule(
    name="connections_are_encrypted",
    group="egress",
    level="MUST",
    claim="No address in the code, or in CONFIG's defaults, leads to another machine by plain http, ws or ftp.",
    why="Whoever is on the way reads the credentials and the data, and can change them.",
    fix="Use https, wss or ftps.",
)
CHECKED: Final = Rule(
    name="certificates_are_checked",
    group="egress",
    level="MUST",
    claim="Nothing turns off the checks of certificates and host names.",
    why="Without them an encrypted connection is one with anybody, who then has the credentials.",
    fix="Leave the checks on. For a far end with a certificate of its own making, take its authority as a param, and check against that.",
)
CARRIED: Final = Rule(
    name="redirects_carry_no_credentials",
    group="egress",
    level="SHOULD",
    claim="No credential goes along when the far end redirects to another host.",
    why="Whoever can make the far end answer with a redirect, gets the credentials.",
    fix="Do not follow redirects (allow_redirects=False), or not to another host.",
)
NOBODY: Final = Rule(
    name="runs_reach_nobody_else",
    group="egress",
    level="SHOULD",
    claim="In the contract's runs the source reaches for no host of its own choice, only for the one that the params lead to.",
    why="A host that no param names gets something from each customer's collection without their knowing.",
    fix="Take the address from a param or an option, so that tests can lead it to this machine; leave out what nobody has asked for.",
)

RULES: Final = (ENCRYPTED, CHECKED, CARRIED, NOBODY)


def judge_code(texts: Mapping[str, str], configs: Mapping[str, Any]) -> Outcome:
    """Judge what the code says, of all but redirects.

    Args:
        texts: the source's files.
        configs: what CONFIG says, as JSON has it, by the path of its module.
    """
    findings = (*_plain(texts, configs), *_unchecked_certificates(texts))
    return Outcome(judged=(ENCRYPTED.name, CHECKED.name), findings=findings)


def judge_redirects(texts: Mapping[str, str], runs: Tried | None = None) -> Outcome:
    """Judge with whom the credentials end up: by what runs have shown, and for the rest by what the code says.

    Args:
        texts: the source's files.
        runs: what came of redirecting the source; None: nobody wanted to know.
    """
    runs = runs or Tried()
    carried = tuple(carried_headers(texts))
    instead = {place.what.lower(): _INSTEAD.get(library, "") for place, library in carried}
    shown = tuple(
        Finding(
            rule=CARRIED.name,
            found=each.found,
            path=each.path,
            line=each.line,
            fix=instead.get(each.header.lower(), "") or _BY_PART.get(each.part, ""),
            key=f"{each.path}:{each.name or each.part}",
        )
        for each in runs.taken
    )
    known = runs.kept | {each.header.lower() for each in runs.taken}
    read = (_sent_on(place, library) for place, library in carried if place.what.lower() not in known)
    speaks = any(_HTTP.search(text) for text in texts.values())
    unchecked = (Unchecked(rule=CARRIED.name, reason=f"by running: {runs.reason}"),) if runs.reason and speaks else ()
    return Outcome(judged=(CARRIED.name,), findings=(*shown, *read), unchecked=unchecked)


# What a source imports that has something to be redirected.
_HTTP: Final = re.compile(
    r"(?m)^\s*(?:import|from)\s+(?:requests|httpx|aiohttp|urllib3?|http\.client|httplib2|pycurl|curl_cffi|niquests|treq|tornado|asks)\b"
)

_BY_PART: Final = {
    "query": "Do not follow redirects (allow_redirects=False), or not to another host; or send it in the header Authorization, "
    "if the far end takes it there.",
    "body": "Do not follow redirects of such a request (allow_redirects=False): no token endpoint has to redirect.",
}


def _at(rule: Rule, place: Place, found: str, fix: str = "") -> Finding:
    key = f"{place.path}:{place.what}"
    return Finding(rule=rule.name, found=found, path=place.path, line=place.line, column=place.column, fix=fix, key=key)


def _plain(texts: Mapping[str, str], configs: Mapping[str, Any]) -> Iterator[Finding]:
    told = set()
    for place, address in plain_addresses(texts):
        told.add(address)
        yield _at(ENCRYPTED, place, f"{place.what} is spoken to without encryption.")
    for path, config in configs.items():
        for name, default in _defaults(config):
            if default.strip() not in told and is_plain(default):
                found = f"The default of the param {name} leads to another machine without encryption."
                yield Finding(rule=ENCRYPTED.name, found=found, path=path, key=name)


def _defaults(config: Any) -> Iterator[tuple[str, str]]:
    """The params that have text as their default, each with it."""
    params = config.get("params") if isinstance(config, dict) else None
    for param in params if isinstance(params, list) else ():
        default = param.get("default") if isinstance(param, dict) else None
        if isinstance(default, str):
            yield str(param.get("name")), default


def _unchecked_certificates(texts: Mapping[str, str]) -> Iterator[Finding]:
    for place in unchecked_certificates(texts):
        yield _at(CHECKED, place, f"{place.what} turns off what makes sure that it is the right far end.")


_INSTEAD: Final = {
    "urllib.request": "Use request.add_unredirected_header(), which a redirect does not take along.",
    "httpx": "Leave follow_redirects off, or follow those only that stay at the same host.",
}


def _sent_on(place: Place, library: str) -> Finding:
    found = f"The header {place.what} is sent on by {library} to whatever host the far end redirects to."
    return _at(CARRIED, place, found, _INSTEAD.get(library, ""))


# Checks that leave out a param, or all but a few: what stands in for it then is what the source takes where a user leaves it out.
_WITHOUT_PARAMS: Final = ("constructor_rejects_bad_params", "config_values_resolve")


def judge_run(ran: Ran, texts: Mapping[str, str], configs: Mapping[str, Any] | None = None) -> Outcome:
    """Judge where the contract's runs were heading.

    Args:
        ran: the contract's run.
        texts: the source's files.
        configs: as for `judge_code`.
    """
    findings, others = [], []
    defaults = [text for config in (configs or {}).values() for _, text in _defaults(config)]
    for where in dict.fromkeys(each.where for each in ran.refused if not each.test.endswith(_WITHOUT_PARAMS)):
        host = where.rpartition(":")[0] if where.count(":") == 1 else where
        place = None if any(host in text for text in defaults) else named_at(texts, host)
        if place is None:
            # Perhaps the params for a refusal name it, or a library does on its own.
            others.append(where)
        else:
            findings.append(_at(NOBODY, place, f"The source reaches for {where}, which is named here and by no param."))
    reached = f"In the contract's runs there were connections to {', '.join(ran.reached)}" if ran.reached else ""
    refused = f"{', '.join(others)}, which the code does not name, could not be reached" if others else ""
    text = "; ".join(each for each in (reached, refused) if each)
    notes = (Note(rule=NOBODY.name, text=f"{text}."),) if text else ()
    return Outcome(judged=(NOBODY.name,), findings=tuple(findings), notes=notes)


def look(site: Site) -> Outcome:
    """Read the code, and look at what the contract's runs were heading for."""
    texts = site.fact(source_texts)
    missing = site.fact(needs_of).missing
    modules = () if missing else site.fact(module_of)
    configs = {path: module.view for path, module in zip(site.project.paths, modules, strict=False)}
    outcome = judge_code(texts, configs)
    if not site.names & {NOBODY.name, CARRIED.name}:
        return outcome + judge_redirects(texts)
    reason = missing or ("the module cannot be imported" if any(each.problem for each in modules) else "")
    ran = None if reason else site.fact(contract_of if site.names & _OF_THE_CONTRACT else _redirected_only)
    if ran is None or not ran.sources:
        reason = reason or f"pytest {ran.problem if ran and ran.problem else 'checked no source'}"
    outcome += judge_redirects(texts, _tried(ran, texts, reason) if CARRIED.name in site.names else None)
    if NOBODY.name not in site.names:
        return outcome
    if ran is None or reason:
        return outcome + Outcome(unchecked=(Unchecked(rule=NOBODY.name, reason=reason),))
    return outcome + judge_run(ran, texts, configs)


def _tried(ran: Ran | None, texts: Mapping[str, str], reason: str) -> Tried:
    return Tried(reason=reason) if ran is None or reason else tried(ran.redirects, texts)


# Where one of these is asked for, all of the contract is run; else only as much of it as is needed to know what there is
# to be redirected.
_OF_THE_CONTRACT: Final = frozenset({"contract_is_kept", NOBODY.name, "verdict_is_stable", "mistakes_are_noticed"})


def _redirected_only(site: Site) -> Ran:
    return run_pytest(site, CONTRACT, How(label="redirects", words=("-k", "read_ends_with_none"), measures=True))
