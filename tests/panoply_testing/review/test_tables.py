"""The README names each table that the contract's runs have filled."""

from __future__ import annotations

import pytest
from review_projects import README, site_of

from panoply_testing.review import tables as family
from panoply_testing.review.tables import judge


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("It fills the table `shop_orders`.", ["shop_orders"]),
        ("| `shop_orders` | one order |\n| `shop_customers` | one |", ["shop_orders", "shop_customers"]),
        ("Rows go to the tables `shop_RESOURCE`.", ["shop_orders", "shop_customers"]),
        ("Tables: shop_{resource}.", ["shop_orders"]),
        ("Tables: shop_<resource>_v2", ["shop_orders_v2"]),
        ("Tables: `shop_*`", ["shop_orders"]),
        ("One table for the orders, one for the Customers.", ["shop_orders", "shop_customers"]),
        ("One for orders, one for old ones: offers.", ["shop_orders", "shop_offers"]),
        ("The Shop Orders.", ["shop_orders"]),
        ("# Shop", ["Shop"]),
        ("Nothing.", ["{__table}"]),
    ],
)
def test_a_readme_that_names_each_table_is_right(text, tables):
    assert judge(text, tables).findings == ()


@pytest.mark.parametrize(
    ("text", "tables", "missing"),
    [
        ("It reads your workshop_orders.", ["shop_orders"], "shop_orders"),
        ("It fills `shop_orders`.", ["shop_orders", "shop_customers"], "shop_customers"),
        ("It fills `shop_orders_old`.", ["shop_orders_new"], "shop_orders_new"),
        ("The API of SHOP is read with a TOKEN.", ["acme_orders"], "acme_orders"),
        ("`pip install acme-*`", ["shop_orders"], "shop_orders"),
        ("# A source", ["{id}", "orders"], "orders"),
        ("", [f"t{number}" for number in range(10)], "and 2 more"),
    ],
)
def test_a_table_that_is_not_named_is_told(text, tables, missing):
    (finding,) = judge(text, tables).findings
    assert missing in finding.found
    assert "shop_orders," not in finding.found


def test_the_contract_s_runs_tell_which_tables_there_are(project, tmp_path):
    folder = project(
        {
            "README.md": README.replace("It fills the table `shop`.", "")
            .replace("Shop", "Store")
            .replace("shop", "store")
        }
    )
    (finding,) = family.look(site_of(folder, tmp_path / "scratch", "readme_names_each_table")).findings
    assert finding.found == "The README does not name the table shop."
