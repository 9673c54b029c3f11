"""The `siquan` command: one table of commands, each a line of help and the Django command that does it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from siquan.config import env
from siquan.config.secrets import NoKeys, sealing_keys

# Words typed → (Django command, what it does). Commands about the database start the embedded one if needed.
COMMANDS: dict[str, tuple[str, str]] = {
    "people add": ("people_add", "add a person with a duty, and print the first password"),
    "second-factor reset": (
        "second_factor_reset",
        "remove the second factors of a person who has lost theirs",
    ),
    "token": ("token", "make a key with which a program acts as a person"),
    "worker": ("worker", "run what follows from the journal and what is due by the clock"),
    "migrate": ("migrate", "bring the database's tables up to date"),
    "places load": ("places_load", "load divisions and sites from a folder, in force from a day"),
    "places locate": ("places_locate", "say where points lie: lines lon,lat[,datum] in, JSON lines out"),
    "places find": ("places_find", "say which place texts mean: lines of text in, JSON lines out"),
    "places basemap": ("places_basemap", "make the offline base map from a folder of geography files"),
    "deadline": ("deadline", "say when a limit ends and why, on the working calendar"),
    "rules check": ("rules_check", "list the errors, gaps and ambiguities of a rule pack"),
    "rules load": ("rules_load", "load a rule pack with its units and calendar"),
    "cases import": ("cases_import", "make cases of a file of hotline tickets (CSV or XLSX)"),
    "cases train": ("cases_train", "learn categories from labelled letters and write a model"),
    "cases evaluate": ("cases_evaluate", "say how good suggested categories are on labelled letters"),
    "cases suggest": ("cases_suggest", "suggest a category for each text: JSON lines in, JSON lines out"),
    "rules export": ("rules_export", "write a rule pack out as files"),
    "privacy retention": (
        "privacy_retention",
        "remove personal data whose time is over (--dry-run counts it)",
    ),
    "files rotate-keys": (
        "files_rotate_keys",
        "seal the keys of originals with the newest key of the keyring",
    ),
    "privacy rotate-keys": ("privacy_rotate_keys", "seal personal data with the newest key of the keyring"),
    "privacy export": ("privacy_export", "write everything held about a person into a ZIP"),
    "privacy erase": ("privacy_erase", "erase what is held about a person; the cases stay"),
    "rates check": ("rates_check", "list what is wrong with a formula pack of the three rates"),
    "rates load": ("rates_load", "load a formula pack of the three rates"),
    "rates compute": ("rates_compute", "reckon the three rates of a month, a quarter or a year"),
    "journal verify": ("journal_verify", "find and locate a changed, missing or reordered journal entry"),
}
WITHOUT_DATABASE = {"makemigrations", "makemessages", "collectstatic", "check"}
WITHOUT_DATABASE |= {"places_basemap", "rates_check"}
WITHOUT_DATABASE |= {"cases_evaluate", "cases_suggest"}
# These ask the database only when one of these words is among theirs.
DATABASE_IF_ASKED = {"deadline": {"--loaded"}, "rules_check": {"--loaded", "--here"}}
DATABASE_IF_ASKED |= {"cases_train": {"--from-corrections"}}


def _demo(words: Sequence[str]) -> int:
    from siquan.config import launch

    return launch.demo(words)


def _serve(words: Sequence[str]) -> int:
    from siquan.config import launch

    return launch.serve(words)


def _new_key(words: Sequence[str]) -> int:
    from siquan.base.kernel import sealing

    try:
        key = sealing.new_key(words[0] if words else str(date.today()))
        sealing.parse_keys(key)
    except sealing.SealingError as error:
        print(f"siquan: {error}", file=sys.stderr)
        return 2
    print(key)
    return 0


def _replay_draw(words: Sequence[str]) -> int:
    from siquan.base.kernel import replays

    return replays.main(words)


PROGRAMS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "demo": (_demo, "create the demo district if there is none, start web server and worker"),
    "serve": (_serve, "start web server and worker of this installation"),
    "draws replay": (_replay_draw, "replay a random draw from its file, without a database"),
    "keys new": (_new_key, "print a new key that seals personal data and originals (keys new NAME names it)"),
}


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "siquan.config.settings")
    words = _choose_folder(words)
    if not words or words[0] in {"-h", "--help", "help"}:
        print(overview())
        return 0
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in PROGRAMS:
            return PROGRAMS[name][0](words[length:])
        if name in COMMANDS:
            return _django(COMMANDS[name][0], name, words[length:])
    if words[0] == "django":  # the developer's door to every Django command
        return _django(words[1], f"django {words[1]}", words[2:])
    print(f"siquan: no command “{' '.join(words[:2])}”. What there is:\n\n{overview()}", file=sys.stderr)
    return 2


def _choose_folder(words: Sequence[str]) -> list[str]:
    """Take `--dir DIR`, which every command understands, out of the words typed."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name == "--dir":
            os.environ["SIQUAN_DIR"] = str(Path(value if equals else next(rest, ".")).absolute())
        else:
            kept.append(word)
    return kept


def overview() -> str:
    """Return every command with its line of help."""
    lines = {name: text for name, (_, text) in PROGRAMS.items()} | {n: t for n, (_, t) in COMMANDS.items()}
    width = max(map(len, lines))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, text in lines.items())
    return (
        "siquan (四全): the daily work of a city district\n\nusage: siquan COMMAND [options]\n\n"
        f"{listed}\n\nsiquan COMMAND --help tells more. "
        "--dir DIR (or SIQUAN_DIR) names the installation; without it, .siquan."
    )


def _suggest(typed: str, words: Sequence[str]) -> int:
    """Suggest categories without starting the rooms, which would take longer than a thousand letters."""
    from siquan.work.cases.management.commands import cases_suggest

    try:
        cases_suggest.Command().run_from_argv(["siquan", typed, *words])
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else 1
    return 0


def _django(command: str, typed: str, words: Sequence[str]) -> int:
    if command == "cases_suggest":
        return _suggest(typed, words)
    try:
        sealing_keys()
    except NoKeys as error:
        print(f"siquan: {error}", file=sys.stderr)
        return 1
    with database(needed=_needs_database(command, set(words))):
        import django
        from django.core.management import get_commands, load_command_class

        django.setup()
        app = get_commands().get(command)
        if app is None:
            print(f"siquan: no Django command “{command}”.", file=sys.stderr)
            return 2
        loaded = load_command_class(app, command) if isinstance(app, str) else app
        try:
            loaded.run_from_argv(["siquan", typed, *words])
        except SystemExit as stopped:
            return stopped.code if isinstance(stopped.code, int) else 1
    return 0


def _needs_database(command: str, words: set[str]) -> bool:
    if command in WITHOUT_DATABASE or words & {"-h", "--help"}:
        return False
    return command not in DATABASE_IF_ASKED or bool(words & DATABASE_IF_ASKED[command])


@contextmanager
def database(*, needed: bool = True) -> Iterator[None]:
    """Have a database while the block runs: the one of `DATABASE_URL`, or the embedded one."""
    if not needed or os.environ.get("DATABASE_URL"):
        yield
        return
    from siquan.config.cluster import Cluster, ClusterError

    try:
        cluster = Cluster(env.folder())
        was_running = cluster.is_running()
        os.environ["DATABASE_URL"] = cluster.start()
    except ClusterError as error:
        print(f"siquan: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    try:
        yield
    finally:
        if not was_running:
            cluster.stop()
