"""What works with the network, library by library, and how each of them takes a time limit. Tables, and nothing imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from panoply_testing.review._code_libraries import HTTP_CALL

__all__ = ["LIMITS", "Limit", "limit_of", "works"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How some calls take a time limit.

    Attributes:
        calls: their names, as a pattern.
        keywords: arguments any of which sets it.
        position: where it may be given without a keyword; -1: nowhere.
        default: whether there is one that is right; then only `None` is wrong.
        is_set_on: where else it may be set, in words for a message.
        never: there is no such argument at all.
        is_std: whether `socket.setdefaulttimeout` holds for it.
    """

    calls: re.Pattern[str]
    keywords: tuple[str, ...] = ("timeout",)
    position: int = -1
    default: bool = False
    never: bool = False
    is_std: bool = False


def _limit(
    calls: str,
    *keywords: str,
    position: int = -1,
    default: bool = False,
    never: bool = False,
    is_std: bool = False,
) -> Limit:
    return Limit(
        calls=re.compile(calls),
        keywords=keywords or ("timeout",),
        position=position,
        default=default,
        never=never,
        is_std=is_std,
    )


_VERBS: Final = "get|post|put|patch|delete|head|options|request|send"

LIMITS: Final = (
    _limit(rf"requests\.(?:{_VERBS})|requests\.Session\(\)\.(?:{_VERBS})"),
    _limit(
        rf"httpx\.(?:{_VERBS}|stream)|httpx\.(?:Async)?Client\(\)\.(?:{_VERBS}|stream)|httpx\.(?:Async)?Client",
        default=True,
    ),
    _limit(rf"aiohttp\.ClientSession\(\)\.(?:{_VERBS})|aiohttp\.request|aiohttp\.ClientSession", default=True),
    _limit(r"aiohttp\.ClientTimeout", "total", "sock_read", position=0, default=True),
    _limit(r"httpx\.Timeout", "timeout", "read", position=0, default=True),
    _limit(r"urllib\.request\.urlopen", position=2, is_std=True),
    _limit(r"urllib\.request\.(?:build_opener|OpenerDirector)\(\)\.open", position=2, is_std=True),
    _limit(r"urllib\.request\.urlretrieve", never=True, is_std=True),
    _limit(
        r"urllib3\.request|urllib3\.(?:PoolManager|ProxyManager|HTTPS?ConnectionPool)\(\)\.(?:request|urlopen|request_encode_\w+)"
    ),
    _limit(r"http\.client\.HTTPS?Connection", position=2, is_std=True),
    _limit(r"xmlrpc\.client\.ServerProxy", never=True, is_std=True),
    _limit(r"socket\.create_connection", position=1, is_std=True),
    _limit(r"psycopg2?\.(?:Async)?(?:Connection\.)?connect", "connect_timeout"),
    _limit(r"pg8000\.(?:dbapi\.|native\.|legacy\.)?(?:connect|Connection)"),
    _limit(r"asyncpg\.(?:connect|create_pool)", default=True),
    _limit(r"(?:pymysql|MySQLdb|aiomysql)\.(?:connect|Connect|Connection|connections\.Connection)", "read_timeout"),
    _limit(r"mysql\.connector\.(?:connect|MySQLConnection)", "connection_timeout", "connect_timeout", default=True),
    _limit(r"pyodbc\.connect|pymssql\.connect", "timeout", "login_timeout"),
    _limit(r"redis\.(?:Strict)?Redis(?:\.from_url)?|redis\.from_url", "socket_timeout"),
    _limit(r"smtplib\.(?:SMTP|SMTP_SSL)", position=3, is_std=True),
    _limit(r"ftplib\.FTP(?:_TLS)?", position=4, is_std=True),
    _limit(r"imaplib\.IMAP4(?:_SSL)?|poplib\.POP3(?:_SSL)?|telnetlib\.Telnet", position=2, is_std=True),
    _limit(r"paramiko\.(?:client\.)?SSHClient\(\)\.connect"),
    _limit(r"asyncssh\.connect", "connect_timeout", "login_timeout", default=True),
    _limit(r"websocket\.create_connection"),
    _limit(
        r"botocore\.(?:config|client)\.Config|boto3\.session\.Config", "read_timeout", "connect_timeout", default=True
    ),
    _limit(r"zeep\.transports\.Transport|zeep\.Transport", "operation_timeout"),
)

# What asks the network or takes its time, apart from these.
_WORKS: Final = re.compile(
    r"""(?x)
    time\.sleep | asyncio\.sleep | (?:[\w.]+\(\)\.)?cursor\(\)\.(?:execute|executemany|fetch\w+)
    | (?:psycopg2?|pg8000|pymysql|MySQLdb|pyodbc|pymssql|sqlite3|cx_Oracle|oracledb)[\w.]*\(\)\.(?:execute|cursor\(\)\.\w+|run)
    | sqlalchemy\.create_engine\(\)\.(?:connect|begin|execute)
    | boto3\.(?:client|resource)\(\)\.(?!exceptions|meta|get_paginator|get_waiter|can_paginate|close|generate_presigned)\w+
    | socket\.(?:gethostbyname|getaddrinfo|gethostbyaddr) | socket\.socket\(\)\.(?:connect|recv|sendall)
    | subprocess\.(?:run|call|check_call|check_output|getoutput) | os\.system
    | snowflake\.connector\.connect | pymongo\.MongoClient\(\)\.(?:server_info|list_database_names) | ldap3\.Connection
    | http\.client\.HTTPS?Connection\(\)\.(?:request|connect|getresponse)
    """
)

# Making these asks nobody yet.
_LAZY: Final = re.compile(
    r"httpx\.(?:(?:Async)?Client|Timeout)|aiohttp\.Client(?:Session|Timeout)|http\.client\.HTTPS?Connection|botocore[\w.]*Config|boto3\.session\.Config"
    r"|redis\.(?:Strict)?Redis(?:\.from_url)?|redis\.from_url|xmlrpc\.client\.ServerProxy|zeep[\w.]*Transport|asyncpg\.create_pool"
)


@lru_cache(maxsize=4096)
def limit_of(name: str) -> Limit | None:
    """How a call takes a time limit; None: it is not known to need one."""
    return next((limit for limit in LIMITS if limit.calls.fullmatch(name)), None)


@lru_cache(maxsize=4096)
def works(name: str) -> bool:
    """Whether a call asks the network, waits, or starts a process."""
    if _LAZY.fullmatch(name):
        return False
    return bool(HTTP_CALL.fullmatch(name) or _WORKS.fullmatch(name)) or limit_of(name) is not None
