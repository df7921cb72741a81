"""The `backstop` command."""

import asyncio
import importlib
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bot import garbage
from bot import manifest as manifests
from bot.helpdesks.csv_files.values import Order
from bot.settings import BadSettingsError, Settings, read_database_settings, read_settings
from storage import migrating
from storage.backups import BackupFailedError, copy_sqlite
from storage.store import DatabaseAwayError, async_url, file_of

cli = typer.Typer(
    help="Backstop: the support team’s bot in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks print local variables, tokens among them
)


def main() -> None:
    cli()


@cli.command()
def run() -> None:
    """Connects to Slack and serves until it is told to stop (Ctrl-C, SIGTERM)."""
    with garbage.not_looked_for():
        from bot.clock import SystemClock
        from bot.logs import keep_logs
        from bot.serving import CannotStartError, serve

    settings = _settings()
    keep_logs(level=settings.log_level, as_json=settings.log_json)
    try:
        asyncio.run(serve(settings, SystemClock()))
    except CannotStartError as error:
        _give_up(str(error), code=1)


@cli.command()
def doctor(
    *,
    retry: Annotated[
        bool, typer.Option("--retry", help="Also runs again what failed too often and was set aside.")
    ] = False,
) -> None:
    """Says what is wrong with this installation and how to mend it; exit code 1 if anything is."""
    from bot.clock import SystemClock
    from bot.doctor import examine, table_of

    findings = asyncio.run(examine(SystemClock(), retry=retry))
    Console().print(table_of(findings))
    if any(finding.is_bad for finding in findings):
        raise typer.Exit(1)


@cli.command()
def migrate(
    to: Annotated[
        str | None, typer.Option(help="Instead: moves the SQLite database into this empty one, postgresql://…")
    ] = None,
) -> None:
    """Brings the database to this version (a SQLite file is copied first)."""
    url = _database_url()
    if to is not None:
        _move(url, to)
        return
    try:
        waiting = migrating.pending(url)
        migrating.upgrade(url, told=lambda line: typer.echo(line, err=True))
    except (
        DatabaseAwayError,
        BackupFailedError,
        migrating.NewerDatabaseError,
        migrating.MigrationRefusedError,
    ) as error:
        _give_up(f"Nothing was changed: {error}", code=1)
    for applied in waiting:
        typer.echo(f"applied {applied}")
    typer.echo("The database is up to date.")


@cli.command()
def manifest(
    prefix: Annotated[str, typer.Option(help="Begins every command’s name, e.g. care- for /care-escalate.")] = "",
    url: Annotated[str, typer.Option(help="For HTTP mode: the https:// address at which Slack reaches the bot.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON rather than YAML.")] = False,
    source: Annotated[str, typer.Option(hidden=True)] = "",  # noqa: ARG001  # `slack run` adds it to its hook's command
) -> None:
    """Prints the app’s manifest, to paste at https://api.slack.com/apps › Create New App › From a manifest."""
    try:
        written = manifests.as_json(prefix, url) if as_json else manifests.as_yaml(prefix, url)
    except ValueError as error:
        _give_up(str(error), code=2)
    typer.echo(written, nl=False)


@cli.command()
def digest(
    team: Annotated[str, typer.Option(help="The team’s name.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Prints it; needed, for it is sent at its own hour.")
    ] = False,
    weekly: Annotated[bool, typer.Option("--weekly", help="The weekly report instead of the daily digest.")] = False,
    for_managers: Annotated[bool, typer.Option("--managers", help="The managers’ copy, not the channel’s.")] = False,
) -> None:
    """Prints what a team’s digest would say now. Nothing is sent."""
    from bot.clock import SystemClock
    from bot.digests import NoSuchTeamError, print_digest

    if not dry_run:
        _give_up("A digest is sent at its team’s hour. To see what it would say now, add --dry-run.", code=2)
    copy = "managers" if for_managers else "channel"
    try:
        typer.echo(asyncio.run(print_digest(_database_url(), SystemClock(), team, weekly=weekly, copy=copy)))
    except (NoSuchTeamError, DatabaseAwayError) as error:
        _give_up(str(error), code=1)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the page is served, on this machine only.")] = 8400,
) -> None:
    """Runs the bot in a workspace of its own, on this machine alone: nothing to install, nothing to sign up for."""
    simulation = importlib.import_module("simulator.demo")  # a development tool: loaded by nothing else
    asyncio.run(simulation.run(port=port))


@cli.command()
def backup(target: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copies the SQLite database, also while the bot is running (for PostgreSQL use pg_dump)."""
    url = async_url(_database_url())
    if url.get_backend_name() != "sqlite":
        _give_up("This copies SQLite files; use pg_dump for PostgreSQL.", code=2)
    try:
        copy_sqlite(file_of(url), target)
    except BackupFailedError as error:
        _give_up(str(error), code=1)
    typer.echo(f"Copied to {target}.")


@cli.command(name="import")
def import_tickets(
    file: Annotated[Path, typer.Argument(help="A CSV file, as your help desk or a spreadsheet exports it.")],
    *,
    team: Annotated[str | None, typer.Option(help="Whose tickets these are; without it, by the file’s groups.")] = None,
    maps: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN where the guess is wrong; FIELD= for none.")
    ] = None,
    statuses: Annotated[
        list[str] | None, typer.Option("--status", help="WORD=STATUS for a status of your own, e.g. 'Triage=open'.")
    ] = None,
    zone: Annotated[str, typer.Option(help="Of times that don’t say theirs, e.g. Europe/Dublin.")] = "UTC",
    dates: Annotated[Order | None, typer.Option(help="What 03/04/2026 means, if no date in it shows that.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Keeps this desk’s ticket numbers apart from another’s of the same team.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only shows how the file would be read.")] = False,
) -> None:
    """Imports tickets and ratings from a CSV file. Twice the same file is as once."""
    from bot.clock import SystemClock
    from bot.importing import CannotImportError, Wish
    from bot.importing import run as import_file

    wish = Wish(file, team, tuple(maps or ()), tuple(statuses or ()), zone, dates, source, dry_run)
    try:
        import_file(wish, _database_url(), now=SystemClock().now(), console=Console())
    except CannotImportError as error:
        _give_up(str(error), code=1)


def _move(source: str, target: str) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    from storage.moving import CannotMoveError, move
    from storage.store import UnknownDatabaseError

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    ) as progress:
        bars: dict[str, TaskID] = {}

        def told(table: str, done: int, wanted: int) -> None:
            if table not in bars:
                bars[table] = progress.add_task(table, total=wanted)
            progress.update(bars[table], completed=done)

        try:
            counts = move(source, target, told=told)
        except (
            CannotMoveError,
            UnknownDatabaseError,
            DatabaseAwayError,
            migrating.NewerDatabaseError,
            migrating.MigrationRefusedError,
        ) as error:
            progress.stop()
            _give_up(f"Nothing was moved: {error}", code=1)
    typer.echo(f"{sum(counts.values())} rows of {len(counts)} tables moved, and counted on both sides.")
    typer.echo("Set BACKSTOP_DATABASE_URL to the new address before the next start; the SQLite file is as it was.")


def _settings() -> Settings:
    try:
        return read_settings()
    except BadSettingsError as error:
        _give_up(str(error), code=2)


def _database_url() -> str:
    try:
        return read_database_settings().database_url.get_secret_value()
    except BadSettingsError as error:
        _give_up(str(error), code=2)


def _give_up(sentences: str, *, code: int) -> NoReturn:
    for sentence in sentences.splitlines():
        typer.echo(sentence, err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
