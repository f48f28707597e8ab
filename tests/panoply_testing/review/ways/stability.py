"""The ways in which tests, or the source, pass here by luck."""

from __future__ import annotations

from ways._making import Ways, append, way, write

TESTS = "tests/test_source.py"


def _luck(phrase, code, *steps):
    return way(phrase, append(TESTS, f"\n\n{code}"), *steps, is_thorough=True, is_slow=True)


WAYS = {
    "verdict_is_stable": Ways(
        broken=(
            _luck(
                "the time of day is compared in the machine's own time zone",
                "def test_day():\n    import datetime\n\n    assert datetime.datetime.fromtimestamp(0).hour == datetime.datetime.fromtimestamp(0, datetime.UTC).hour\n",
            ),
            _luck(
                "a file is opened by a path from the project's folder",
                "def test_file():\n    assert open('README.md', encoding='utf-8').read()\n",
            ),
            _luck(
                "a file with letters of another language is read in whatever encoding there is",
                "def test_name():\n    import pathlib\n\n    text = pathlib.Path(__file__).with_name('name.txt').read_text()\n    assert text.strip() == 'Größe'\n",
                write("tests/name.txt", "Größe\n"),
            ),
            _luck(
                "the order of a set",
                "def test_order():\n    import subprocess\n    import sys\n\n    code = \"print(list({'customers', 'orders', 'prices', 'regions', 'tables', 'tokens'}))\"\n    seen = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout\n    import os\n\n    assert os.environ.get('PYTHONHASHSEED') is None or seen.startswith(\"['nothing\")\n",
            ),
            _luck(
                "a test that needs what an earlier one has left behind",
                "SEEN = []\n\n\ndef test_first():\n    SEEN.append(1)\n    assert SEEN\n\n\ndef test_second():\n    assert SEEN == [1]\n",
            ),
        ),
        kept=(
            _luck(
                "the time is compared in a zone that is named",
                "def test_day():\n    import datetime\n\n    assert datetime.datetime.fromtimestamp(0, datetime.UTC).hour == 0\n",
            ),
            _luck(
                "a file is found from where the test is",
                "def test_file():\n    import pathlib\n\n    assert (pathlib.Path(__file__).parents[1] / 'README.md').read_text(encoding='utf-8')\n",
            ),
        ),
    ),
}
