"""By what each param of a source can be given on the command line and in the environment: names alone, no values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panoply._param_shapes import dashed, env_names, is_bool

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from panoply.config import Param

__all__ = ["Flag", "flags"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """How one param is given.

    Attributes:
        names: the flags, the first of which is shown; none where they mean something else to `panoply run`.
        negative: the flag that turns a switch off, if there is one.
        env: the environment variable.
        file: for a credential, the flag that takes the file which holds it; empty where there is none.
        file_env: likewise the environment variable that holds the file's name.
    """

    param: Param
    names: tuple[str, ...]
    negative: str
    env: str
    file: str = ""
    file_env: str = ""

    @property
    def usage(self) -> str:
        """How to give it, for an error message."""
        value = "" if is_bool(self.param) else " VALUE"
        return f"{self.names[0]}{value}" if self.names else f"--param {self.param.name}=VALUE"

    @property
    def ways(self) -> str:
        """All ways to give it but the params file, the safest first."""
        env = f"the environment variable {self.env}"
        if not self.param.is_credential:
            return f"{self.usage}, or {env}"
        return f"{env}, {self.file} FILE, or {self.usage}" if self.file else f"{env}, or {self.usage}"


def flags(params: Sequence[Param], taken: Collection[str]) -> tuple[Flag, ...]:
    """Work out the flags of each param: `--api-token` and `--api_token`, `--client-id` and `--clientId`.

    A param's exact name is always its own; the form with dashes only where no other param comes out the same, and what is
    made of a name (`--no-cache`, `--api-token-file`) only where no param is called so.

    Args:
        params: of the source.
        taken: flags that mean something else.
    """
    spelled = [(dashed(param.name), param.name) for param in params]
    envs = env_names(param.name for param in params)
    claims = Counter(name for pair in spelled for name in set(pair))
    result = []
    for param, (short, exact) in zip(params, spelled, strict=True):
        names = [name for name in dict.fromkeys((short, exact)) if name == exact or (name and claims[name] == 1)]
        usable = [f"--{name}" for name in names if f"--{name}" not in taken]
        negative, file, file_env = f"no-{names[0]}", f"{names[0]}-file", f"{envs[exact]}_FILE"
        secret = param.is_credential and not is_bool(param)
        result.append(
            Flag(
                param=param,
                names=tuple(usable),
                negative=f"--{negative}" if is_bool(param) and usable and _free(negative, claims, taken) else "",
                env=envs[exact],
                file=f"--{file}" if secret and _free(file, claims, taken) else "",
                file_env=file_env if secret and file_env not in envs.values() else "",
            )
        )
    return tuple(result)


def _free(name: str, claims: Collection[str], taken: Collection[str]) -> bool:
    return name not in claims and f"--{name}" not in taken
