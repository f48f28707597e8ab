# ruff: noqa: INP001 - cookiecutter wants it in this very folder
"""What the template needs to know about names and answers: filters for its files, and reasons to refuse an answer.

Cookiecutter loads this file because `cookiecutter.json` names it; `panoply new` loads it to check each answer as it is
typed. It needs nothing but Python and Jinja, which cookiecutter brings along.
"""

from __future__ import annotations

import datetime as dt
import keyword
import re
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2.ext import Extension
from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

__all__ = ["Filters", "class_name", "package_name", "package_problem", "problem", "problems", "text_problem"]

# Client libraries that a source is likely to be named after, and which it would hide from itself, by the names they are
# imported by; and vendors whose libraries have come and gone under their bare name.
CLIENTS = frozenset(  # a table of words is easier to read and to add to
    """
    ably adjust adobe adyen aioboto3 airbyte aircall airtable algoliasearch alpaca amplitude amplitude_analytics analytics
    anthropic apify apify_client appium appsflyer arango asana assemblyai atlassian atproto auth0 authzed avalara axiom
    azure bamboohr basecamp baserow bigcommerce bigquery binance bingads bitbucket boto3 botocore box box_sdk_gen boxsdk
    braintree braze brevo buildkite calendly cassandra chargebee chartmogul clickhouse_connect clickhouse_driver clickup
    close closeio cloudant cloudflare cloudinary cohere coinbase configcat confluence contentful contentful_management
    copper couchbase couchdb crisp customerio databricks datadog datadog_api_client deepl delighted descope discogs_client
    discord docker docusign domo drift drip dropbox dropbox_sign duckdb dwolla e2b ebaysdk elasticsearch etsy eventbrite
    exchangelib facebook facebook_business fastly figma firebase_admin firecrawl fireworks flagsmith freshbooks freshdesk
    fullstory ga4 gcloud github gitlab gocardless gong google googleads googleapiclient googlemaps gorgias greenhouse groq
    gspread harvest heap helpscout hotjar hubspot huggingface_hub hvac ibm_db imaplib influxdb influxdb_client instagram
    intercom iterable jenkins jira jotform kafka keen klarna klaviyo klaviyo_api kubernetes kustomer lago langfuse
    launchdarkly ldclient lever linear linkedin livechat looker looker_sdk magento mailbox mailchimp mailchimp_marketing
    mailerlite mailersend mailgun mailjet mandrill mapbox marketo matomo mattermost meilisearch meraki messagebird microsoft
    minio miro mistralai mixpanel modern_treasury mollie monday mongoengine motor msal mux_python mysql neo4j netsuite
    newrelic notion notion_client nylas okta onepassword onfido openai opsgenie opsgenie_sdk optimizely oracledb outreach
    paddle paddle_billing pagerduty paylocity paypal paypalrestsdk pdpyras pendo personio pika pinecone pinterest pipedrive
    plaid plivo podio posthog postmark postmarker praw prefect prestodb profitwell psycopg2 pulsar pusher pyairtable
    pygsheets pymongo pymssql pymysql pyodbc pyzoom qdrant_client quickbooks raygun razorpay recharge recurly reddit redis
    replicate requests resend ringcentral rollbar rudderstack sailthru salesforce samsara segment sendgrid sendinblue sentry
    sentry_sdk serpapi servicenow shippo shipstation shopify sib_api_v3_sdk sift simple_salesforce sinch singular slack
    slack_bolt slack_sdk smartsheet snapchat snowflake snowplow_tracker sodapy sparkpost splunklib spotify spotipy
    sqlalchemy square squareup stackadapt statsig storyblok stripe stytch supabase superset surveymonkey svix tableau
    tableauserverclient taboola tavily taxjar telegram telesign telethon telnyx temporalio tenjin teradatasql tiktok
    together toggl trello trino trustpilot tweepy twilio twitch twitter typeform typesense unbounce upstash_redis urllib3
    vercel vertica_python vimeo vonage wandb watson weaviate webexteamssdk webflow wikipedia wistia wix woocommerce
    wordpress workday workos wrike xero xero_python yfinance yotpo youtube zeep zendesk zenpy zoho zoom zoomus zulip zuora
    """.split()  # noqa: SIM905
)

# What a project from this template imports or runs in its own folder, and folders that are left out of what is built.
OWN = frozenset(
    """
    anyio build conftest coverage dist hatchling httpx hypothesis mypy panoply panoply_testing pre_commit psycopg pytest
    pytest_httpserver ruff stamina test tests werkzeug
    """.split()  # noqa: SIM905
)

TAKEN = CLIENTS | OWN

# Control characters, halves of characters, line and paragraph separators: none can be seen, and no file format here
# takes all of them. Joiners (Cf) are let through: emoji are made of them.
INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})

# These turn around what follows them, also behind the text that they are in: code would not read as it runs.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

LONGEST_PACKAGE = 50


class Filters(Extension):
    """Adds what is below to the filters that the template's files can use."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters.update(
            class_name=class_name,
            import_order=import_order,
            markdown=markdown,
            package_name=package_name,
            problems=problems,
            python=python,
            title_words=title_words,
            today=today,
            toml=toml,
        )


def package_name(title: object) -> str:
    """Derive the package's name from the title; it is never a name that means something else already."""
    slug = slugify(str(title), separator="_", max_length=40, word_boundary=True, save_order=True)
    if not slug or not slug[0].isalpha() or reserved(slug):
        slug = f"source_{slug}"
    return slug.strip("_")


def class_name(package: object) -> str:
    """Derive the beginning of class names from the package's name: AcmeCrm."""
    return "".join(part[:1].upper() + part[1:] for part in str(package).split("_"))


def import_order(names: list[str]) -> list[str]:
    """Put the names of an import into the order that `ruff check` wants: constants, classes, the others."""

    def key(name: str) -> tuple[int, list[tuple[int, int, str]]]:
        kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
        # Numbers count as such: A2 comes before A10.
        parts = re.findall(r"[0-9]+|[^0-9]", name.lower())
        return kind, [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]

    return sorted(names, key=key)


def title_words(package: object) -> list[str]:
    """List the words that people may look for the source by."""
    words = [word for word in dict.fromkeys(str(package).split("_")) if word]
    # "source" stands before names that are taken, and before those that begin with a digit.
    return [word for word in words if word != "source"][:5] or [str(package)]


def today(_: object) -> str:
    """Write the date as ISO 8601 does."""
    return dt.datetime.now().astimezone().date().isoformat()


def python(text: object) -> str:
    """Write a text as a Python string, in the quotes that `ruff format` would choose."""
    text = str(text)
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def toml(text: object) -> str:
    """Write a text as a basic string of TOML."""
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def markdown(text: object) -> str:
    """Write a text so that Markdown shows it as it is: a backslash may stand before any punctuation that means something."""
    return re.sub(r"([\\`*_\[\]<>#|~&$])", r"\\\1", str(text))


def problems(answers: Mapping[str, Any]) -> list[str]:
    """Tell all that is wrong with the answers: of each what, why, and what to type instead."""
    found = [problem(question, answers) for question in ("title", "package", "author")]
    return [each for each in found if each]


def problem(question: str, answers: Mapping[str, Any]) -> str | None:
    """Tell what is wrong with the answer to a question; those that come after it need not be among the answers."""
    if question == "title":
        return text_problem("title", answers["title"], "Acme CRM")
    if question == "author":
        return text_problem("author", answers["author"], "Jane Doe")
    if question == "package":
        # Whoever makes the project anew over itself may have it installed.
        own = Path(str(answers.get("_output_dir") or ".")) / str(answers.get("__project_slug") or "")
        return package_problem(answers["package"], own)
    return None  # the others are chosen from a list


def text_problem(what: str, text: object, example: str) -> str | None:
    """Tell what is wrong with a line of text that a person will read."""
    if not isinstance(text, str) or all(unicodedata.category(each) in {"Cf", "Zs"} for each in text.strip()):
        return f"{what} is blank. Type a name that people will recognise, for example {example}."
    for character in text.strip():
        if unicodedata.category(character) in INVISIBLE or character in TURNING:
            return f"{what} holds {character!a}, which cannot be seen. Type it as one line of plain text, for example {example}."
    return None


def package_problem(package: object, own: Path | None = None) -> str | None:
    """Tell why the package cannot have this name. What is installed from the folder `own` is no reason."""
    if not isinstance(package, str) or not re.fullmatch("[a-z][a-z0-9_]*", package):
        instead = re.sub("[^a-z0-9]+", "_", str(package).lower()).strip("_")
        # What is proposed must not be refused in its turn.
        usable = instead[:1].isalpha() and reserved(instead) is None
        instead = instead if usable else f"source_{instead}".strip("_")
        return f"package is {package!r}, which is no name for a Python package: lower-case a-z first, then a-z, 0-9 and _. Type, for example, {instead}."
    if len(package) > LONGEST_PACKAGE:
        return f"package has {len(package)} characters. Type a name of at most {LONGEST_PACKAGE}."
    reason = reserved(package)
    if reason is None and is_installed(package, own):
        reason = "a module that is installed here, which the source would hide"
    return reason and f"package is {package!r}, {reason}. Type another name, for example source_{package}."


def reserved(package: str) -> str | None:
    """Tell what else the name stands for everywhere."""
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        return "a word of the Python language"
    if package in sys.stdlib_module_names:
        return "a module of Python's standard library"
    if package in TAKEN:
        return "a name that a well-known library or folder has, which the source would hide"
    return None


def is_installed(package: str, own: Path | None = None) -> bool:
    """Tell whether `import PACKAGE` would find something else here than the project in the folder `own`."""
    here = Path(__file__).resolve().parent
    kept = list(sys.path)
    sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != here]
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):  # what was put among the loaded modules by hand
        return True
    finally:
        sys.path[:] = kept
    if spec is None:
        return False
    places = [spec.origin] if spec.origin else list(spec.submodule_search_locations or ())
    return own is None or not all(Path(place).resolve().is_relative_to(own.resolve()) for place in places)
