"""Settings: each that is missing or wrong is named with its mend."""

from pathlib import Path

import pytest

from bot.settings import BadSettingsError, read_database_settings, read_settings

GIVEN = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from this machine: neither from its environment nor from a .env."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DATABASE_URL", "ADMINS", "COMMAND_PREFIX", "DAILY_DM_LIMIT", "HOST", "PORT", "LOG_LEVEL", "LOG_JSON"):
        monkeypatch.delenv(f"BACKSTOP_{name}", raising=False)


def refusal(**changed: object) -> str:
    with pytest.raises(BadSettingsError) as refused:
        read_settings(**(GIVEN | changed))
    return str(refused.value)


def test_two_tokens_are_enough() -> None:
    settings = read_settings(**GIVEN)
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.database_url.get_secret_value() == "sqlite:///backstop.sqlite3"
    assert settings.admins == ()
    assert settings.daily_dm_limit == 3


def test_a_signing_secret_takes_the_place_of_the_app_token() -> None:
    settings = read_settings(SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="s")
    assert settings.slack_app_token is None


def test_a_missing_bot_token_is_named_with_where_to_find_it() -> None:
    with pytest.raises(BadSettingsError, match=r"^SLACK_BOT_TOKEN is not set: copy it from .*OAuth & Permissions"):
        read_settings()


def test_without_a_way_to_hear_slack_both_ways_are_told() -> None:
    with pytest.raises(BadSettingsError, match=r"SLACK_APP_TOKEN is not set: .*SLACK_SIGNING_SECRET"):
        read_settings(SLACK_BOT_TOKEN="xoxb-1")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1", "must be a bot token, which begins with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1", "must be an app-level token, which begins with xapp-"),
        ("SLACK_API_URL", "http://slack.example/api/", "must be https://…"),
        ("BACKSTOP_DATABASE_URL", "mysql://there/db", "mysql is not supported; use sqlite:///file or postgresql://…"),
        ("BACKSTOP_DATABASE_URL", "sqlite://", "must be a file"),
        ("BACKSTOP_ADMINS", "U012AB3CD, ramon", "'ramon' is not a Slack member id"),
        ("BACKSTOP_COMMAND_PREFIX", "Care ", "may hold a–z, 0–9, - and _"),
        ("BACKSTOP_DAILY_DM_LIMIT", "0", "greater than or equal to 1"),
        ("BACKSTOP_PORT", "http", "valid integer"),
        ("BACKSTOP_LOG_LEVEL", "loud", "must be DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_wrong_setting_is_named_with_its_mend(name: str, value: str, mend: str) -> None:
    sentence = refusal(**{name: value})
    assert sentence.startswith(f"{name} ")
    assert mend in sentence
    assert len(sentence.splitlines()) == 1


def test_every_wrong_setting_has_its_line() -> None:
    lines = refusal(SLACK_BOT_TOKEN="nonsense", BACKSTOP_PORT="-1").splitlines()
    assert [line.split()[0] for line in lines] == ["SLACK_BOT_TOKEN", "BACKSTOP_PORT"]


def test_a_refusal_repeats_no_secret() -> None:
    told = refusal(SLACK_BOT_TOKEN="hunter2-token", BACKSTOP_DATABASE_URL="mysql://root:hunter2@there/db")
    assert "hunter2" not in told


def test_settings_come_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-file\nBACKSTOP_PORT=8001\nSLACK_APP_TOKEN=xapp-file\n")
    monkeypatch.setenv("BACKSTOP_PORT", "8002")
    settings = read_settings()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-file"
    assert settings.port == 8002


def test_the_tokens_of_slack_run_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-file\nSLACK_APP_TOKEN=xapp-file\n")
    monkeypatch.setenv("SLACK_CLI_XOXB", "xoxb-run")
    monkeypatch.setenv("SLACK_CLI_XAPP", "xapp-run")
    settings = read_settings()
    assert settings.slack_bot_token.get_secret_value() == "xoxb-run"
    assert settings.slack_app_token is not None
    assert settings.slack_app_token.get_secret_value() == "xapp-run"


def test_a_wrong_token_of_slack_run_is_told_under_the_name_that_people_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLI_XOXB", "nonsense")
    with pytest.raises(BadSettingsError, match=r"^SLACK_BOT_TOKEN must be a bot token"):
        read_settings(SLACK_APP_TOKEN="xapp-1")


def test_admins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_ADMINS", " U012AB3CD ,W2XY,")
    assert read_settings(**GIVEN).admins == ("U012AB3CD", "W2XY")


def test_an_api_url_ends_in_a_slash() -> None:
    assert (
        read_settings(**GIVEN, SLACK_API_URL="http://127.0.0.1:8400/api").slack_api_url == "http://127.0.0.1:8400/api/"
    )


def test_migrating_needs_no_token() -> None:
    assert read_database_settings(BACKSTOP_DATABASE_URL="sqlite:///a.sqlite3").database_url.get_secret_value()


def test_settings_show_no_secret_when_printed() -> None:
    settings = read_settings(**GIVEN, BACKSTOP_DATABASE_URL="postgresql://u:hunter2@there/db")
    assert "xoxb-1" not in repr(settings)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.evil.example/api/",
        "http://127.0.0.1@evil.example/api/",
        "http://localhost.evil.example/",
        "http://[::1",
        "ftp://127.0.0.1/",
        "https:///api/",
    ],
)
def test_the_token_goes_to_no_other_machine_in_clear_text(url: str) -> None:
    with pytest.raises(BadSettingsError, match="SLACK_API_URL must be https://"):
        read_settings(SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", SLACK_API_URL=url)


def test_an_empty_signing_secret_is_named_and_not_taken_for_one() -> None:
    with pytest.raises(BadSettingsError, match="SLACK_SIGNING_SECRET is empty"):
        read_settings(SLACK_BOT_TOKEN="xoxb-1", SLACK_SIGNING_SECRET="")
