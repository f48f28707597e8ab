"""CONFIG is judged as it is handed in, and texts by whether they are about the same source."""

from __future__ import annotations

import pytest
from review_projects import CONFIG, PYPROJECT, README, site_of

from panoply_testing.review import config as family
from panoply_testing.review._module_facts import ModuleFacts
from panoply_testing.review._project import find_project
from panoply_testing.review.config import are_related, judge_template, judge_words


@pytest.fixture
def look(tmp_path):
    def look(folder, *names):
        return family.look(site_of(folder, tmp_path / "scratch", *names))

    return look


def rules(outcome):
    return [each.rule for each in outcome.findings]


def test_a_right_project_has_no_finding(project, look):
    outcome = look(project())
    assert (outcome.findings, outcome.unchecked, outcome.notes) == ((), (), ())
    assert set(outcome.judged) == {rule.name for rule in family.RULES}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"categories": ["APIS"],', "", "CONFIG: categories"),
        ('"createdAt": "2024-05-01",', "", "CONFIG: createdAt"),
        ('"title": "Region"', '"help": "Where"', "params[1]"),
        ('"icon"', '"x-icon"', "CONFIG: icon: found nothing"),
        ('"keywords": ["shop"],', "", "CONFIG: keywords"),
    ],
)
def test_advice_is_an_error_in_a_review(project, look, old, new, said):
    outcome = look(project({"shop/config.py": CONFIG.replace(old, new)}), "contract_is_kept")
    assert rules(outcome) == ["config_is_ready"]
    assert said in outcome.findings[0].found
    assert outcome.findings[0].fix


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"title": "Shop"', '"title": ""'),
        ('"type": "password", ', ""),
        ("data:image/svg+xml;utf8,", "data:image/png;base64,aaaa"),
    ],
)
def test_what_the_contract_says_is_not_said_twice(project, look, old, new):
    folder = project({"shop/config.py": CONFIG.replace(old, new)})
    assert rules(look(folder, "contract_is_kept")) == []
    assert "config_is_ready" in rules(look(folder))


def test_what_the_schema_does_not_know_is_worth_knowing(project, look):
    outcome = look(project({"shop/config.py": CONFIG.replace('"categories"', '"extras": 1, "categories"')}))
    assert outcome.findings == ()
    assert "extras" in outcome.notes[0].text


def test_a_source_that_cannot_be_imported_is_not_judged(project, look):
    outcome = look(project({"shop/source.py": "import no_such_module\n"}))
    assert outcome.findings == ()
    assert {each.rule for each in outcome.unchecked} == {"config_is_ready", "texts_are_about_this_source"}
    assert "no_such_module" in outcome.unchecked[0].reason


# ---------------------------------------------------------------------- the template


@pytest.mark.parametrize(
    "text",
    [
        "# {{ cookiecutter.title }}\n",
        "{% if cookiecutter.ci == 'none' %}\n",
        "x = {{cookiecutter.package|upper}}\n",
        "cookiecutter.title }}\n",
    ],
)
def test_what_was_not_filled_in_is_told(text):
    (finding,) = judge_template({"README.md": f"first\n{text}"}).findings
    assert (finding.rule, finding.path, finding.line) == ("template_is_filled_in", "README.md", 2)


def test_a_name_that_was_not_filled_in_is_told():
    assert rules(judge_template({"{{ cookiecutter.package }}/x.py": ""})) == ["template_is_filled_in"]


@pytest.mark.parametrize(
    "text",
    ["{{ user.name }}", "f'{{{name}}}'", "Made with cookiecutter.", "{% raw %}", "see cookiecutter.readthedocs.io"],
)
def test_other_templates_are_none_of_ours(text):
    assert rules(judge_template({"shop/page.html": text})) == []


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Shop", "shop_source"),
        ("Google Analytics 4", "ga4"),
        ("Help Scout", "helpscout"),
        ("Яндекс Метрика", "iandeks_metrika"),
        ("PostgreSQL", "postgres"),
        ("The Data Source", "shop"),
        ("Facebook Ads", "facebook_marketing"),
        ("LinkedIn", "linked-in-source"),
    ],
)
def test_names_of_the_same_thing_are_related(one, other):
    assert are_related(one, other)
    assert are_related(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Stripe", "mailchimp"), ("Acme CRM", "shop"), ("Zendesk Support", "typeform_source")]
)
def test_names_of_other_things_are_not(one, other):
    assert not are_related(one, other)


@pytest.fixture
def judged(project):
    def judged(*, title="Shop", keywords=("shop",), readme=README, description="Panoply data source: Shop"):
        pyproject = PYPROJECT.replace("Panoply data source: Shop", description)
        found = find_project(project({"pyproject.toml": pyproject}))
        return judge_words(found, ModuleFacts(name="shop", title=title, keywords=keywords), readme)

    return judged


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"title": "Stripe"}, "CONFIG's title is 'Stripe'"),
        ({"keywords": ("shop", "Mailchimp")}, "the keyword 'Mailchimp'"),
        ({"readme": "# Acme CRM\n\nIt reads customers.\n"}, "heading is 'Acme CRM'"),
        ({"readme": "Zendesk\n=======\n\nIt reads tickets.\n"}, "heading is 'Zendesk'"),
        ({"description": "Reads Stripe"}, "speaks of stripe"),
    ],
)
def test_words_of_another_source_are_told(judged, texts, said):
    outcome = judged(**texts)
    assert said in " ".join(each.found for each in outcome.findings)
    assert set(rules(outcome)) == {"texts_are_about_this_source"}


@pytest.mark.parametrize(
    "texts",
    [
        {"title": "Shop Orders"},
        {"keywords": ("orders", "e-commerce", "sales")},
        {"readme": "# Getting started\n\nThe source for Shop.\n"},
        {"readme": "No heading.\n"},
        {"readme": "# Shop, which works like Stripe\n"},
        {"keywords": ("shop", "stripe"), "readme": "# Shop\n\nIt is paid through Stripe.\n"},
        {"description": "Reads the shop's orders, like Stripe's"},
        {"title": ""},
    ],
)
def test_words_of_its_own_are_right(judged, texts):
    assert rules(judged(**texts)) == []
