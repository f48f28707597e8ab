"""Rules about the hosts that a source connects to: which, whether by an encrypted way, and with whom the credentials end up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._egress_addresses import is_plain, plain_addresses
from panoply_testing.review._egress_certificates import unchecked_certificates
from panoply_testing.review._egress_headers import carried_headers
from panoply_testing.review._egress_trees import named_at
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._pytest_facts import Ran, contract_of
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
    claim="A header with a credential does not go along when the far end redirects to another host.",
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
    """Judge what the code says.

    Args:
        texts: the source's files.
        configs: what CONFIG says, as JSON has it, by the path of its module.
    """
    findings = (*_plain(texts, configs), *_unchecked_certificates(texts), *_carried(texts))
    return Outcome(judged=(ENCRYPTED.name, CHECKED.name, CARRIED.name), findings=findings)


def _at(rule: Rule, place: Place, found: str, fix: str = "") -> Finding:
    key = f"{place.path}:{place.what}"
    return Finding(rule=rule.name, found=found, path=place.path, line=place.line, column=place.column, fix=fix, key=key)


def _plain(texts: Mapping[str, str], configs: Mapping[str, Any]) -> Iterator[Finding]:
    told = set()
    for place, address in plain_addresses(texts):
        told.add(address)
        yield _at(ENCRYPTED, place, f"{place.what} is spoken to without encryption.")
    for path, config in configs.items():
        params = config.get("params") if isinstance(config, dict) else None
        for param in params if isinstance(params, list) else ():
            default = param.get("default") if isinstance(param, dict) else None
            if isinstance(default, str) and default.strip() not in told and is_plain(default):
                name = str(param.get("name"))
                found = f"The default of the param {name} leads to another machine without encryption."
                yield Finding(rule=ENCRYPTED.name, found=found, path=path, key=name)


def _unchecked_certificates(texts: Mapping[str, str]) -> Iterator[Finding]:
    for place in unchecked_certificates(texts):
        yield _at(CHECKED, place, f"{place.what} turns off what makes sure that it is the right far end.")


_INSTEAD: Final = {
    "urllib.request": "Use request.add_unredirected_header(), which a redirect does not take along.",
    "httpx": "Leave follow_redirects off, or follow those only that stay at the same host.",
}


def _carried(texts: Mapping[str, str]) -> Iterator[Finding]:
    for place, library in carried_headers(texts):
        found = f"The header {place.what} is sent on by {library} to whatever host the far end redirects to."
        yield _at(CARRIED, place, found, _INSTEAD.get(library, ""))


def judge_run(ran: Ran, texts: Mapping[str, str]) -> Outcome:
    """Judge where the contract's runs were heading."""
    findings, others = [], []
    for where in dict.fromkeys(each.where for each in ran.refused):
        host = where.rpartition(":")[0] if where.count(":") == 1 else where
        place = named_at(texts, host)
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
    if NOBODY.name not in site.names:
        return outcome
    reason = missing or ("the module cannot be imported" if any(each.problem for each in modules) else "")
    ran = None if reason else site.fact(contract_of)
    if ran is None or not ran.sources:
        reason = reason or f"pytest {ran.problem if ran and ran.problem else 'checked no source'}"
        return outcome + Outcome(unchecked=(Unchecked(rule=NOBODY.name, reason=reason),))
    return outcome + judge_run(ran, texts)
