"""Which params are changed so that a source connects to a proxy, and that all the others stay as they are."""

from __future__ import annotations

import copy
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panoply_testing._locators import relocated
from panoply_testing._reroute import declared_ports, named, rerouted

FAR = "10.0.0.5:5432"
NAMES = {
    "db": ["10.0.0.5"],
    "db.acme.com": ["10.0.0.6", "10.0.0.5"],
    "localhost": ["127.0.0.1", "::1"],
    "other": ["10.0.0.9"],
}


class Resolver:
    """Knows a few names, and remembers for which it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        return NAMES.get(name, [])


def lead(params, *, far=FAR, declared=None):
    return rerouted(params, {far: 4001}, Resolver(), declared or {})


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"host": "db", "port": 5432}, {"host": "127.0.0.1", "port": 4001}),
        ({"host": " db ", "port": " 5432 "}, {"host": "127.0.0.1", "port": "4001"}),
        ({"db_host": "db", "db_port": "5432"}, {"db_host": "127.0.0.1", "db_port": "4001"}),
        ({"dbHost": "10.0.0.5", "dbPort": 5432}, {"dbHost": "127.0.0.1", "dbPort": 4001}),
        ({"dbhost": "db", "dbport": 5432}, {"dbhost": "127.0.0.1", "dbport": 4001}),
        ({"server": "db.acme.com", "db_port": 5432}, {"server": "127.0.0.1", "db_port": 4001}),
        ({"host_name": "db", "port_number": 5432}, {"host_name": "127.0.0.1", "port_number": 4001}),
        ({"ip_address": "::ffff:10.0.0.5", "port": 5432}, {"ip_address": "127.0.0.1", "port": 4001}),
        ({"hosts": ["db", "db"], "port": 5432}, {"hosts": ["127.0.0.1", "127.0.0.1"], "port": 4001}),
        ({"hosts": ["other:5432", "db:5432"]}, {"hosts": ["other:5432", "127.0.0.1:4001"]}),
        ({"hosts": ("db:5432",)}, {"hosts": ("127.0.0.1:4001",)}),
        ({"a": [{"host": "db", "port": 5432}]}, {"a": [{"host": "127.0.0.1", "port": 4001}]}),
        (
            {"ssh_host": "other", "ssh_port": 5432, "db_host": "db", "db_port": 5432},
            {"ssh_host": "other", "ssh_port": 5432, "db_host": "127.0.0.1", "db_port": 4001},
        ),
    ],
)
def test_params_for_host_and_port_are_changed_together(params, expected):
    given = copy.deepcopy(params)
    found = lead(params)
    assert found.params == expected
    assert found.reached == (FAR,)
    assert found.reason == ""
    assert params == given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p@db:5432/x?sslmode=require", "postgresql://u:p@127.0.0.1:4001/x?sslmode=require"),
        ("postgresql+psycopg2://u:db:5432@db:5432/x", "postgresql+psycopg2://u:db:5432@127.0.0.1:4001/x"),
        ("postgres://u@db/x", "postgres://u@127.0.0.1:4001/x"),
        ("postgresql://other:5432,db:5432/x", "postgresql://other:5432,127.0.0.1:4001/x"),
        ("postgresql://u:p@[::ffff:10.0.0.5]:5432", "postgresql://u:p@127.0.0.1:4001"),
        ("postgresql:///x?host=db&port=5432&user=a", "postgresql:///x?host=127.0.0.1&port=4001&user=a"),
        ("postgresql:///x?host=db#f", "postgresql:///x?host=127.0.0.1&port=4001#f"),
        ("host=db port=5432 dbname=x", "host=127.0.0.1 port=4001 dbname=x"),
        ("dbname=x host='db' port = '5432'", "dbname=x host='127.0.0.1' port = '4001'"),
        ("host=db dbname=x", "host=127.0.0.1 dbname=x port=4001"),
        ("host=other,db port=5432", "host=other,127.0.0.1 port=5432,4001"),
        ("host=other,db port=5433,5432", "host=other,127.0.0.1 port=5433,4001"),
        (
            r"password='host=db \' port=5432' host=db port=5432",
            r"password='host=db \' port=5432' host=127.0.0.1 port=4001",
        ),
        ("Server=db;Port=5432;Uid=a;Pwd={x;Server=db};", "Server=127.0.0.1;Port=4001;Uid=a;Pwd={x;Server=db};"),
        ("Server=db;Uid=a", "Server=127.0.0.1;Uid=a;Port=4001"),
        ("Server=db;Uid=a;", "Server=127.0.0.1;Uid=a;Port=4001;"),
        ("Data Source=tcp:db,5432;User ID=a", "Data Source=tcp:127.0.0.1,4001;User ID=a"),
        (
            "Driver={ODBC Driver 18 for SQL Server};Server=db;",
            "Driver={ODBC Driver 18 for SQL Server};Server=127.0.0.1,4001;",
        ),
        ("jdbc:postgresql://db:5432/x?user=a", "jdbc:postgresql://127.0.0.1:4001/x?user=a"),
        ("jdbc:sqlserver://db:5432;databaseName=x", "jdbc:sqlserver://127.0.0.1:4001;databaseName=x"),
        ("jdbc:oracle:thin:@db:5432:sid", "jdbc:oracle:thin:@127.0.0.1:4001:sid"),
        ("scott/tiger@db:5432/x", "scott/tiger@127.0.0.1:4001/x"),
        (
            "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=5432))(CONNECT_DATA=(SID=x)))",
            "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=127.0.0.1)(PORT=4001))(CONNECT_DATA=(SID=x)))",
        ),
        ("db:5432", "127.0.0.1:4001"),
        ("other:5432, db:5432", "other:5432, 127.0.0.1:4001"),
        ("db,5432", "127.0.0.1,4001"),
    ],
)
def test_a_text_keeps_all_but_host_and_port(text, expected):
    found = lead({"at": text, "list": [text]})
    assert found.params == {"at": expected, "list": [expected]}
    assert found.changed == ("at", "list[0]")


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"x": 1, "y": None, "z": [True], "port": 5432},
        {"host": "db", "port": 5433},
        {"host": "10.0.0.9", "port": 5432},
        {"host": "db", "port": True},
        {"url": "https://db/x"},
        {"url": "postgresql://u:p@db:5433/x"},
        {"url": "mongodb+srv://db/x"},
        {"dsn": "password='host=db port=5432'"},
        {"password": "db:5432"},
        {"text": "call db:5432 now"},
        {"user": "db"},
    ],
)
def test_other_params_stay_as_they_are(params):
    found = lead(params)
    assert found.params == params
    assert found.reached == found.changed == ()
    assert found.reason


def test_nothing_is_looked_up_but_hosts_that_may_be_meant():
    resolve = Resolver()
    params = {"user": "ada", "password": "secret", "token": "tk:5432", "url": "https://api/x", "at": "web:443"}
    rerouted({**params, "host": "db", "port": 5432}, {FAR: 1}, resolve)
    assert resolve.asked == ["db"]


def test_a_name_is_looked_up_once():
    resolve = Resolver()
    rerouted({"a": "db:5432", "b": "db:5432", "host": "db", "port": 5432}, {FAR: 1}, resolve)
    assert resolve.asked == ["db"]


def test_a_name_whose_address_has_changed_is_known_by_the_port_if_it_is_the_only_one():
    assert lead({"host": "pool", "port": 5432}).params == {"host": "127.0.0.1", "port": 4001}
    assert lead({"host": "pool", "port": 5432, "at": "pond:5432"}).reached == ()
    assert lead({"host": "10.9.9.9", "port": 5432}).reached == ()


def test_a_far_end_is_named_by_its_address_and_its_port_and_nothing_less():
    resolve = {"db.acme.test": ("10.0.0.5",)}.get
    addresses = ("10.0.0.5:5432", "10.0.0.6:5432", "10.0.0.5:5433")
    for params in (
        {"host": "db.acme.test", "port": 5432},
        {"url": "postgresql://ada@db.acme.test:5432/shop"},
        {"host": "10.0.0.5", "port": "5432"},
    ):
        assert named(params, addresses, lambda name: resolve(name, ())) == ("10.0.0.5:5432",)
    assert named({"port": 5432}, addresses, lambda name: ()) == ()


def test_a_name_that_stands_for_a_list_of_hosts_has_no_port_to_change():
    found = lead({"url": "mongodb+srv://db/x"}, far="10.0.0.5:27017")
    assert found.params == {"url": "mongodb+srv://db/x"}


def test_a_far_end_may_be_known_by_its_name():
    params = {"host": "10.0.0.5", "port": 5432, "at": "db.acme.com:5432", "other": "gone:5433"}
    found = rerouted(params, {"db:5432": 1, "gone:5433": 2}, Resolver())
    assert found.params == {"host": "127.0.0.1", "port": 1, "at": "127.0.0.1:1", "other": "127.0.0.1:2"}


def test_each_far_end_gets_its_own_port():
    params = {"host": "db", "port": 5432, "replica": "[::1]:5433", "url": "http://other:8123/x"}
    found = rerouted(params, {FAR: 1, "[::1]:5433": 2, "10.0.0.9:8123": 3}, Resolver())
    assert found.params == {"host": "127.0.0.1", "port": 1, "replica": "127.0.0.1:2", "url": "http://127.0.0.1:3/x"}
    assert found.reached == (FAR, "[::1]:5433", "10.0.0.9:8123")


def test_where_a_host_has_several_ports_the_schemes_own_is_meant():
    found = rerouted({"url": "postgresql://db/x"}, {"10.0.0.5:9042": 1, FAR: 2}, Resolver())
    assert found.params == {"url": "postgresql://127.0.0.1:2/x"}
    assert found.reached == (FAR,)
    assert "10.0.0.5:9042" in found.reason


# ---------------------------------------------------------------------- what is lacking


def test_a_port_that_config_declares_is_added():
    config = {"params": [{"name": "host"}, {"name": "port", "type": "number"}, {"name": "report", "type": "text"}]}
    assert lead({"host": "db"}, declared=declared_ports(config)).params == {"host": "127.0.0.1", "port": 4001}
    config = {"params": [{"name": "db_port", "type": "text"}]}
    assert lead({"db_host": "db"}, declared=declared_ports(config)).params == {
        "db_host": "127.0.0.1",
        "db_port": "4001",
    }


@pytest.mark.parametrize("config", [None, {}, {"params": None}, {"params": [1, {}, {"name": 1}, {"name": "host"}]}])
def test_a_config_of_any_kind_may_declare_none(config):
    assert declared_ports(config) == {}


def test_a_host_without_a_port_is_named_with_what_to_do():
    found = lead({"db": {"host": "db"}, "password": "pw-12345"})
    assert found.params == {"db": {"host": "db"}, "password": "pw-12345"}
    assert found.reason == (
        "The param db.host names the host of 10.0.0.5:5432, and none its port: declare a param for the port in CONFIG, such "
        'as {"name": "port"}, let the source connect to it, and give it (5432).'
    )


def test_a_port_that_is_not_that_of_one_host_alone_is_named():
    found = rerouted({"hosts": ["db", "other"], "port": 5432}, {FAR: 1, "10.0.0.9:5432": 2}, Resolver())
    assert found.reached == ()
    assert found.reason.startswith("The param port is the port of more than one host")


def test_a_host_that_no_param_names_is_asked_for():
    reason = lead({"password": "pw-12345", "url": "x"}).reason
    assert reason.startswith("No param names the host and the port of 10.0.0.5:5432. Have the source take")
    assert "pw-12345" not in reason


def test_params_are_not_in_the_repr():
    assert "pw-12345" not in repr(lead({"password": "pw-12345", "host": "db", "port": 5432}))


# ---------------------------------------------------------------------- any text

WORDS = st.text(string.ascii_letters + string.digits + "-_.~!$%()*+ ", max_size=12)


@given(
    user=WORDS,
    password=st.text(max_size=20).filter(
        lambda text: not set(text) & set("/?#\\'\";@") and not any(map(str.isspace, text))
    ),
    rest=st.text(max_size=30),
)
def test_a_url_keeps_all_but_host_and_port(user, password, rest):
    start, end = f"postgresql://{user.replace(' ', '')}:{password}@", f"/{rest.replace('=', '')}"
    assert lead({"at": f"{start}db:5432{end}"}).params == {"at": f"{start}127.0.0.1:4001{end}"}


@given(before=st.lists(st.text(max_size=12), max_size=3), after=st.lists(st.text(max_size=12), max_size=3))
def test_a_dsn_keeps_all_but_host_and_port(before, after):
    def pairs(values, name):
        quoted = [value.replace("\\", "\\\\").replace("'", "\\'") for value in values]
        return [f"{name}{index}='{value}'" for index, value in enumerate(quoted)]

    def dsn(host, port):
        return " ".join(["user=ada", *pairs(before, "a"), f"host={host}", *pairs(after, "b"), f"port={port}"])

    assert lead({"at": dsn("db", 5432)}).params == {"at": dsn("127.0.0.1", 4001)}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=10,
    )
)
def test_whatever_the_params_are_what_names_nobody_stays(value):
    params = {"value": value, "host": "db", "port": 5432}
    found = lead(params)
    assert found.params == {"value": value, "host": "127.0.0.1", "port": 4001}


@given(st.text(max_size=60) | st.text("db:5432=;@/,.[](){}'\" hostp", max_size=40))
def test_any_text_stays_where_nobody_is_led_elsewhere(text):
    assert relocated(text, lambda *_: None) == text
